"""The form of a sampling policy: shares in percent, one row per condition, and back to a body (pure)."""

from collections.abc import Mapping
from typing import Any

from scorecards.sampling.policy import CONDITIONS

THRESHOLDS: Mapping[str, str] = {"low_confidence": "below", "low_csat": "below", "new_agent": "days"}
QUOTAS = ("none", "agent_week", "fixed")
_PLACES = 8
_WHOLE = frozenset({"min", "max", "size", "capacity"})


def fields_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of the form that a policy fills.

    >>> fields_of({"base_rate": 0.05, "terms": [{"when": "low_csat", "below": 3, "rate": 0.3}]})
    {'base_rate': '5', 'quota': 'none', 'rate-low_csat': '30', 'threshold-low_csat': '3'}
    >>> fields_of({})
    {'quota': 'none'}
    """
    quotas, capacity = body.get("quotas") or {}, body.get("capacity") or {}
    chosen = next((name for name in QUOTAS[1:] if name in quotas), "none")
    found: dict[str, Any] = {"base_rate": _percent(body.get("base_rate")), "quota": chosen}
    if "floor" in body:
        found["floor"] = _percent(body["floor"])
    for term in body.get("terms") or ():
        found[f"rate-{term['when']}"] = _percent(term.get("rate"))
        if term["when"] in THRESHOLDS:
            found[f"threshold-{term['when']}"] = term.get(THRESHOLDS[term["when"]])
    found |= quotas.get(chosen) or {}
    if capacity:
        found["capacity"] = capacity.get("reviews_per_reviewer_week")
    return {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in found.items()
        if value is not None
    }


def body_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the policy that was typed; what is no number stays as it is, for the schema to refuse.

    >>> body_of({"base_rate": "5 %", "rate-charged": "25", "quota": "fixed", "size": "50", "per": "week"})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'base_rate': 0.05, 'terms': [{'when': 'charged', 'rate': 0.25}],
     'quotas': {'fixed': {'size': 50, 'per': 'week'}}}
    """
    given = {name: text.strip() for name, text in typed.items() if text.strip()}
    body: dict[str, Any] = {}
    for name in ("base_rate", "floor"):
        if name in given:
            body[name] = _share(given[name])
    terms = [_term(when, given) for when in CONDITIONS if f"rate-{when}" in given]
    if terms:
        body["terms"] = terms
    quota = given.get("quota", "none")
    if quota == "agent_week":
        body["quotas"] = {quota: {name: _number(given[name]) for name in ("min", "max") if name in given}}
    elif quota == "fixed":
        size = {"size": _number(given["size"])} if "size" in given else {}
        body["quotas"] = {quota: {**size, "per": given.get("per", "week")}}
    if "capacity" in given:
        body["capacity"] = {"reviews_per_reviewer_week": _number(given["capacity"])}
    return body


def _term(when: str, given: Mapping[str, str]) -> dict[str, Any]:
    term: dict[str, Any] = {"when": when, "rate": _share(given[f"rate-{when}"])}
    threshold = given.get(f"threshold-{when}")
    if when in THRESHOLDS and threshold is not None:
        term[THRESHOLDS[when]] = _number(threshold)
    return term


def places(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the place in a body of each field of the form, at which its faults are told."""
    found = {
        "base_rate": "/base_rate",
        "floor": "/floor",
        "capacity": "/capacity",
        **{name: f"/quotas/agent_week/{name}" for name in ("min", "max")},
        "size": "/quotas/fixed/size",
        "quota": "/quotas",
    }
    for place, term in enumerate(body.get("terms") or ()):
        found[f"rate-{term['when']}"] = f"/terms/{place}/rate"
        if term["when"] in THRESHOLDS:
            found[f"threshold-{term['when']}"] = f"/terms/{place}/{THRESHOLDS[term['when']]}"
    return found


def _percent(share: Any) -> Any:
    return round(100 * share, _PLACES) if isinstance(share, int | float) else share


def _share(text: str) -> Any:
    number = _number(text.removesuffix("%").strip())
    return round(number / 100, _PLACES) if isinstance(number, int | float) else text


def _number(text: str) -> Any:
    try:
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    except (ValueError, OverflowError):
        return text
