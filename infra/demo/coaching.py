"""What the demo's manager does with reviewed work: a coaching plan, kudos, and a small language library."""

from collections.abc import Mapping, Sequence
from typing import Any

from infra.demo.api_client import Api
from infra.demo.companies import company

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
    """Make a plan of one suggestion; the others stay suggestions."""
    found = api.call("GET", f"/v1/clients/{slug}/coaching-suggestions")["data"]
    if not found:
        return 0
    chosen = _shown_first(slug, found)[0]
    body: dict[str, Any] = {
        "client": slug,
        **{name: chosen[name] for name in ("agent", "scorecard", "evaluations")},
        "questions": [chosen["question"]],
        "goal": f"One thing at a time: {chosen['text']}",
        "actions": [
            {"text": "Read the cited conversations together."},
            {"text": "Choose two phrases of the language library and try them."},
        ],
    }
    api.call("POST", "/v1/coaching", json=body)
    return 1


def _praise(api: Api, slug: str) -> int:
    """Confirm one proposal; the others wait."""
    found = _shown_first(slug, api.call("GET", f"/v1/clients/{slug}/kudos-proposals")["data"])
    for each in found[:1]:
        chosen = {name: each[name] for name in ("interaction", "quote")}
        note = "The customer was heard before anything was solved. Thank you."
        api.call("POST", "/v1/kudos", json={**chosen, "source": "machine", "note": note})
    return min(len(found), 1)


def _shown_first(slug: str, found: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return those of the agent who can be signed in as before the others."""
    shown = company(slug).agents[0].external_id
    return sorted(found, key=lambda each: each["agent"] != shown)


def _collect(api: Api, slug: str) -> int:
    """Put the first proposals into the library."""
    path = f"/v1/clients/{slug}/language-library"
    found = api.call("GET", f"{path}/proposals")["data"][:_LIBRARY]
    for each, emotion in zip(found, _EMOTIONS, strict=False):
        chosen = {name: each[name] for name in ("evaluation", "question", "kind", "place")}
        api.call("POST", path, json={**chosen, "emotion": emotion})
    return len(found)
