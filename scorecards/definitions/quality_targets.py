"""Quality targets of a client: what its figures have to reach, and on which days (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scorecards.definitions.body_parser import BodyParser
from scorecards.definitions.form import AREAS, PILLARS

ERROR_RATES = tuple(f"critical_{area}" for area in AREAS)
"""Shares of interactions with a critical error: a goal is the most they may come to."""
CSAT = "csat"
"""What customers say of themselves, from 1 to 5."""
REVIEWED = ("empathy", *PILLARS, "score", "pass_rate", *ERROR_RATES)
"""Measures that people's reviews confirm: points or shares from 0 to 100."""
MEASURES = (*REVIEWED, CSAT)
"""The measures that a target may be set for."""


@dataclass(frozen=True, slots=True)
class QualityTarget:
    """A goal of one measure, from its first to its last day, both included; None leaves an end open."""

    measure: str
    goal: float
    first: date | None = None
    last: date | None = None

    @property
    def lower_is_better(self) -> bool:
        """Whether the goal is the most that the measure may come to."""
        return self.measure in ERROR_RATES

    def touches(self, first: date, last: date) -> bool:
        """Whether it holds on any day from `first` to `last`, both included.

        >>> july = QualityTarget("empathy", 75, date(2026, 7, 1), date(2026, 7, 31))
        >>> july.touches(date(2026, 7, 31), date(2026, 8, 31))
        True
        """
        return (self.first is None or self.first <= last) and (self.last is None or first <= self.last)


def from_body(body: Any) -> tuple[QualityTarget, ...]:
    """Parse the body of quality targets.

    Raises
    ------
    Invalid
        With every fault found.
    """
    parser = BodyParser()
    given = parser.mapping(body, "", ("targets",))
    bodies = parser.sequence(given.get("targets"), "/targets")
    read = [_read_target(each, f"/targets/{index}", parser) for index, each in enumerate(bodies)]
    for index, target in enumerate(read):
        for other in read[:index]:
            overlap = target.touches(other.first or date.min, other.last or date.max)
            if target.measure and target.measure == other.measure and overlap:
                detail = f"Two goals of '{target.measure}' hold on the same day; end the earlier one before."
                parser.fault(f"/targets/{index}/measure", "overlapping_targets", detail)
                break
    parser.finish()
    return tuple(read)


def _read_target(body: Any, pointer: str, parser: BodyParser) -> QualityTarget:
    given = parser.mapping(body, pointer, ("measure", "goal", "from", "until"))
    measure = given.get("measure")
    if not isinstance(measure, str) or measure not in MEASURES:
        parser.fault(f"{pointer}/measure", "unknown_choice", f"Expected one of: {', '.join(MEASURES)}.")
        measure = ""
    goal = _read_goal(given, measure, pointer, parser)
    first, last = (_read_day(given, name, pointer, parser) for name in ("from", "until"))
    if first is not None and last is not None and last < first:
        parser.fault(f"{pointer}/until", "before_from", f"This is before its first day, {first}.")
    return QualityTarget(measure, goal, first, last)


def _read_goal(given: Mapping[str, Any], measure: str, pointer: str, parser: BodyParser) -> float:
    if "goal" not in given:
        parser.fault(f"{pointer}/goal", "required", "Say what is to be reached.")
        return 0.0
    if measure in ERROR_RATES and given["goal"] == 0:
        return 0.0  # none at all
    lowest, highest = (1, 5) if measure == CSAT else (0, 100)
    return parser.number(given, "goal", pointer, above=lowest, up_to=highest, default=highest)


def _read_day(given: Mapping[str, Any], name: str, pointer: str, parser: BodyParser) -> date | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else _no_day()
    except ValueError:
        parser.fault(f"{pointer}/{name}", "not_a_day", "Expected a day such as 2026-07-01.")
        return None


def _no_day() -> date:
    raise ValueError
