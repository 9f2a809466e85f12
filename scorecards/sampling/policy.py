"""Sampling policies: base rate, terms, quotas and capacity, and the parser of their bodies (pure)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecards.definitions.body_parser import BodyParser
from scorecards.sampling.quotas import MAX_SIZE, PERIODS, AgentWeek, FixedSize, Quota

CONDITIONS = ("charged", "sla_breach", "critical", "low_confidence", "abstained", "low_csat", "new_agent")
DEFAULT_FLOOR = 0.5
"""Default of the lowest rate, as a share of the mean rate."""

_THRESHOLDS = {
    "low_confidence": ("below", 1.0),
    "low_csat": ("below", math.inf),
    "new_agent": ("days", math.inf),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A risk condition with the inclusion probability it requires.

    Attributes
    ----------
    when : str
        One of `CONDITIONS`.
    rate : float
        Inclusion probability in (0, 1].
    threshold : float or None
        Confidence, CSAT score or days that the fact must be below; None for conditions without one.
    """

    when: str
    rate: float
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class SamplingPolicy:
    """Base rate in (0, 1], floor as a share of the mean rate, and the terms that raise the rate.

    `quota` bounds how many are drawn; `capacity` how many reviews one person gets in a week. They are due
    `due_within_days` after they were drawn.
    """

    base_rate: float
    floor: float = DEFAULT_FLOOR
    terms: tuple[Term, ...] = ()
    quota: Quota | None = None
    capacity: int | None = None
    due_within_days: int | None = None


def from_body(body: Any) -> SamplingPolicy:
    """Parse the body of a sampling policy.

    Raises
    ------
    Invalid
        With every fault found.
    """
    parser = BodyParser()
    given = parser.mapping(body, "", ("base_rate", "floor", "terms", "quotas", "capacity", "due_within_days"))
    if "base_rate" not in given:
        parser.fault("/base_rate", "required", "Say which share of all interactions is reviewed.")
    base_rate = parser.number(given, "base_rate", "", above=0, up_to=1, default=1)
    floor = parser.number(given, "floor", "", above=0, up_to=1, default=DEFAULT_FLOOR)
    bodies = parser.sequence(given.get("terms"), "/terms")
    terms = tuple(_read_term(each, f"/terms/{index}", parser) for index, each in enumerate(bodies))
    names = [term.when for term in terms]
    for index, term in enumerate(terms):
        if term.when and term.when in names[:index]:
            parser.fault(f"/terms/{index}/when", "duplicate", f"There are two terms for '{term.when}'.")
    quota = _read_quota(given["quotas"], parser) if "quotas" in given else None
    capacity = _read_capacity(given["capacity"], parser) if "capacity" in given else None
    due_within_days = _count(given, "due_within_days", "", parser)
    parser.finish()
    return SamplingPolicy(base_rate, floor, terms, quota, capacity, due_within_days)


def _read_term(body: Any, pointer: str, parser: BodyParser) -> Term:
    given = parser.mapping(body, pointer, ("when", "rate", "below", "days"))
    when, threshold = given.get("when"), None
    if not isinstance(when, str) or when not in CONDITIONS:
        parser.fault(f"{pointer}/when", "unknown_choice", f"'{when}' is none of: {', '.join(CONDITIONS)}.")
        when = ""
    name, highest = _THRESHOLDS.get(when, ("", math.inf))
    if name and name not in given:
        parser.fault(f"{pointer}/{name}", "required", f"A term for '{when}' needs '{name}'.")
    elif name:
        threshold = parser.number(given, name, pointer, above=0, up_to=highest, default=1)
    for other in ("below", "days"):
        if when and other in given and other != name:
            parser.fault(f"{pointer}/{other}", "unknown_field", f"A term for '{when}' has no '{other}'.")
    if "rate" not in given:
        parser.fault(f"{pointer}/rate", "required", "A term needs the rate it asks for.")
    return Term(when, parser.number(given, "rate", pointer, above=0, up_to=1, default=1), threshold)


def _read_quota(body: Any, parser: BodyParser) -> Quota | None:
    given = parser.mapping(body, "/quotas", ("agent_week", "fixed"))
    agent_week = _read_agent_week(given["agent_week"], parser) if "agent_week" in given else None
    fixed = _read_fixed(given["fixed"], parser) if "fixed" in given else None
    if "agent_week" in given and "fixed" in given:
        detail = "Either each agent has bounds or the period has a fixed number: give one of them."
        parser.fault("/quotas/fixed", "two_quotas", detail)
    elif isinstance(body, Mapping) and not body:
        parser.fault("/quotas", "required", "Give agent_week or fixed, or leave quotas out.")
    return agent_week or fixed


def _read_agent_week(body: Any, parser: BodyParser) -> AgentWeek:
    pointer = "/quotas/agent_week"
    given = parser.mapping(body, pointer, ("min", "max"))
    at_least = _count(given, "min", pointer, parser)
    at_most = _count(given, "max", pointer, parser)
    if "min" not in given and "max" not in given:
        parser.fault(pointer, "required", "Give min, max or both.")
    if at_least is not None and at_most is not None and at_least > at_most:
        parser.fault(f"{pointer}/max", "out_of_range", f"The maximum is below the minimum of {at_least}.")
    return AgentWeek(at_least or 0, at_most)


def _read_fixed(body: Any, parser: BodyParser) -> FixedSize:
    pointer = "/quotas/fixed"
    given = parser.mapping(body, pointer, ("size", "per"))
    if "size" not in given:
        parser.fault(f"{pointer}/size", "required", "Say how many are reviewed.")
    size, per = _count(given, "size", pointer, parser), given.get("per", "week")
    if per not in PERIODS:
        parser.fault(f"{pointer}/per", "unknown_choice", f"'{per}' is none of: {', '.join(PERIODS)}.")
        per = "week"
    return FixedSize(size or 1, per)


def _read_capacity(body: Any, parser: BodyParser) -> int | None:
    name = "reviews_per_reviewer_week"
    given = parser.mapping(body, "/capacity", (name,))
    if name not in given:
        parser.fault(f"/capacity/{name}", "required", "Say how many reviews one person gets in a week.")
    return _count(given, name, "/capacity", parser)


def _count(body: Mapping[str, Any], name: str, pointer: str, parser: BodyParser) -> int | None:
    """Return a whole number of at least 1, or None when the field is absent or wrong."""
    if name not in body:
        return None
    number = float(parser.number(body, name, pointer, above=0, up_to=MAX_SIZE, default=1))
    if not number.is_integer():
        parser.fault(f"{pointer}/{name}", "wrong_type", "Expected a whole number.")
    return max(1, int(number))
