"""What the demo's manager does with reviewed work: a coaching plan, kudos, and a small language library."""

from collections.abc import Mapping, Sequence
from typing import Any

from infra.demo.api_client import Api

_LIBRARY = 4
_EMOTIONS = ("frustration", "worry", "anger", "disappointment")


def coach(api: Api, slugs: Sequence[str]) -> Mapping[str, int]:
    """Coach, praise and collect at the first client that offers it; return how much of each was done."""
    return {
        "plans": sum(_plan(api, slug) for slug in slugs[:1]),
        "kudos": sum(_praise(api, slug) for slug in slugs[:1]),
        "library": sum(_collect(api, slug) for slug in slugs),
    }


def _plan(api: Api, slug: str) -> int:
    """Make a plan of the first suggestion; the others stay suggestions."""
    found = api.call("GET", f"/v1/clients/{slug}/coaching-suggestions")["data"]
    if not found:
        return 0
    body: dict[str, Any] = {
        "client": slug,
        **{name: found[0][name] for name in ("agent", "scorecard", "evaluations")},
        "questions": [found[0]["question"]],
        "goal": f"One thing at a time: {found[0]['text']}",
        "actions": [
            {"text": "Read the cited conversations together."},
            {"text": "Choose two phrases of the language library and try them."},
        ],
    }
    api.call("POST", "/v1/coaching", json=body)
    return 1


def _praise(api: Api, slug: str) -> int:
    """Confirm the first proposal; the others wait."""
    found = api.call("GET", f"/v1/clients/{slug}/kudos-proposals")["data"]
    for each in found[:1]:
        chosen = {name: each[name] for name in ("interaction", "quote")}
        note = "The customer was heard before anything was solved. Thank you."
        api.call("POST", "/v1/kudos", json={**chosen, "source": "machine", "note": note})
    return min(len(found), 1)


def _collect(api: Api, slug: str) -> int:
    """Put the first proposals into the library."""
    path = f"/v1/clients/{slug}/language-library"
    found = api.call("GET", f"{path}/proposals")["data"][:_LIBRARY]
    for each, emotion in zip(found, _EMOTIONS, strict=False):
        chosen = {name: each[name] for name in ("evaluation", "question", "kind", "place")}
        api.call("POST", path, json={**chosen, "emotion": emotion})
    return len(found)
