"""Recognition in the demo: switched on, with a goal of each team, and what the reviewers have earned."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.demo.api_client import Api

_GOAL = 85
_NO_CHECK: Mapping[str, Any] = {"n": 0, "agreement": {"estimate": None}}
_NOTHING: Mapping[str, Any] = {"golden": _NO_CHECK, "re_reviews": _NO_CHECK}


def recognize(manager: Api, reviewers: Mapping[str, Api], slugs: Sequence[str]) -> Mapping[str, Any]:
    """Switch recognition on, set goals; return how far each reviewer agrees and what they earned."""
    manager.call("PUT", "/v1/recognition", json={"enabled": True})
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(days=28)), "to": str(today + timedelta(days=28))}
    for slug in slugs:
        goal = {"measure": "golden_agreement", "target": _GOAL, **days}
        manager.call("POST", f"/v1/clients/{slug}/team-goals", json=goal)
    quality = {
        each["user"]["name"]: each for each in manager.call("GET", "/v1/reviewers/quality")["reviewers"]
    }
    return {"reviewers": [_shown(api, quality) for api in reviewers.values()]}


def _shown(api: Api, quality: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    name = api.call("GET", "/v1/me")["name"]
    found = quality.get(name, _NOTHING)
    earned = api.call("GET", "/v1/recognition")["badges"]
    checks = {
        kind: {"n": found[kind]["n"], "estimate": found[kind]["agreement"]["estimate"]}
        for kind in ("golden", "re_reviews")
    }
    return {"name": name, **checks, "badges": ", ".join(each["kind"].replace("_", " ") for each in earned)}
