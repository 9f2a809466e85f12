"""An SLA policy: calendars, and rules with targets; the first rule that matches applies (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scorecards.definitions.body_parser import BodyParser
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, STATUSES, Conversation
from scorecards.sla import business_calendar
from scorecards.sla.business_calendar import ALWAYS, ALWAYS_KEY, Calendar

TARGETS = ("first_response", "next_response", "resolution")
DONE = frozenset({"resolved", "closed"})
PAUSABLE = tuple(status for status in STATUSES if status not in DONE)
DEFAULT_GOAL = 0.9
MAX_WAIT_WEEKS = 260
"""A target longer than so many ordinary weeks of its calendar is refused as a mistake."""

_SHORT = re.compile(r"(\d{1,9})([smhd])")
_ISO = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ISO_SECONDS = (604_800, 86_400, 3600, 60, 1)


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """The interactions a rule applies to; an empty set means all of them."""

    channels: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()

    def matches(self, conversation: Conversation) -> bool:
        """Tell whether every set that is not empty contains the conversation's value."""
        return (
            (not self.channels or conversation.channel in self.channels)
            and (not self.priorities or conversation.priority in self.priorities)
            and (not self.programs or conversation.program in self.programs)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """SLA targets for some interactions.

    Attributes
    ----------
    targets : mapping of str to int
        By name in `TARGETS`, the time limit in open seconds of the calendar.
    pause_on : frozenset of str
        Statuses in which the clocks are paused.
    goal : float
        Share of clocks that should be met, in (0, 1].
    """

    key: str
    match: RuleMatch
    calendar: Calendar
    targets: Mapping[str, int]
    pause_on: frozenset[str] = frozenset()
    goal: float = DEFAULT_GOAL


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """The rules in the order in which they are tried, and the calendars by key."""

    rules: tuple[Rule, ...]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def rule_for(self, conversation: Conversation) -> Rule | None:
        """Return the first rule that matches, or None: then no clock runs."""
        return next((rule for rule in self.rules if rule.match.matches(conversation)), None)


def parse_duration(text: str) -> int:
    """Parse a duration into whole seconds.

    Parameters
    ----------
    text
        A number with s, m, h or d, or an ISO 8601 duration of weeks, days, hours, minutes and seconds. A day
        is 24 open hours of the calendar; months and years have no fixed length and are refused.

    Returns
    -------
    int
        Seconds, > 0.

    Raises
    ------
    ValueError
        With a sentence for users, when the text is no duration or is zero.

    Examples
    --------
    >>> [parse_duration(text) for text in ("60s", "30m", "4h", "2d", "PT1H30M", "P1W")]
    [60, 1800, 14400, 172800, 5400, 604800]
    """
    short, iso = _SHORT.fullmatch(text), _ISO.fullmatch(text)
    if short:
        seconds = int(short[1]) * _UNIT_SECONDS[short[2]]
    elif iso and not text.endswith("T"):
        seconds = sum(int(part or 0) * unit for part, unit in zip(iso.groups(), _ISO_SECONDS, strict=True))
    else:
        raise ValueError(f"'{text}' is no duration; write it like 60s, 30m, 4h, 2d or PT4H.")
    if not seconds:
        raise ValueError(f"'{text}' lasts no time.")
    return seconds


def from_body(body: Any) -> SlaPolicy:
    """Parse the body of an SLA policy.

    Raises
    ------
    Invalid
        With every fault found.
    """
    parser = BodyParser()
    given = parser.mapping(body, "", ("calendars", "rules"))
    known = {ALWAYS_KEY: ALWAYS}
    for index, each in enumerate(parser.sequence(given.get("calendars"), "/calendars")):
        calendar = business_calendar.from_body(each, f"/calendars/{index}", parser)
        if calendar.key in known and calendar.key != ALWAYS_KEY:
            parser.fault(
                f"/calendars/{index}/key", "duplicate", f"Two calendars are called '{calendar.key}'."
            )
        known.setdefault(calendar.key, calendar)
    bodies = parser.sequence(given.get("rules"), "/rules")
    rules = tuple(_read_rule(each, f"/rules/{index}", known, parser) for index, each in enumerate(bodies))
    if not rules:
        parser.fault("/rules", "required", "An SLA policy needs at least one rule.")
    keys = [rule.key for rule in rules]
    for index, key in enumerate(keys):
        if key and key in keys[:index]:
            parser.fault(f"/rules/{index}/key", "duplicate", f"Two rules are called '{key}'.")
    parser.finish()
    return SlaPolicy(rules, known)


def _read_rule(body: Any, pointer: str, known: Mapping[str, Calendar], parser: BodyParser) -> Rule:
    given = parser.mapping(body, pointer, ("key", "match", "calendar", "targets", "pause_on", "goal"))
    name = given.get("calendar", ALWAYS_KEY)
    calendar = known.get(name) if isinstance(name, str) else None
    if calendar is None:
        parser.fault(f"{pointer}/calendar", "unknown_calendar", f"No calendar is called '{name}'.")
    return Rule(
        key=parser.text(given, "key", pointer),
        match=_read_match(given.get("match"), f"{pointer}/match", parser),
        calendar=calendar or ALWAYS,
        targets=_read_targets(given.get("targets"), f"{pointer}/targets", calendar, parser),
        pause_on=parser.words(given.get("pause_on"), f"{pointer}/pause_on", PAUSABLE),
        goal=parser.number(given, "goal", pointer, above=0, up_to=1, default=DEFAULT_GOAL),
    )


def _read_match(value: Any, pointer: str, parser: BodyParser) -> RuleMatch:
    given = parser.mapping({} if value is None else value, pointer, ("channels", "priorities", "programs"))
    return RuleMatch(
        parser.words(given.get("channels"), f"{pointer}/channels", CHANNELS),
        parser.words(given.get("priorities"), f"{pointer}/priorities", PRIORITIES),
        parser.words(given.get("programs"), f"{pointer}/programs", None),
    )


def _read_targets(
    value: Any, pointer: str, calendar: Calendar | None, parser: BodyParser
) -> Mapping[str, int]:
    given = parser.mapping({} if value is None else value, pointer, TARGETS)
    if not given and (value is None or isinstance(value, Mapping)):
        parser.fault(pointer, "required", "A rule needs at least one target.")
    targets = {}
    for name in TARGETS:
        if name not in given:
            continue
        try:
            targets[name] = parse_duration(str(given[name]))
        except ValueError as error:
            parser.fault(f"{pointer}/{name}", "not_a_duration", str(error))
            continue
        if calendar and targets[name] > calendar.weekly_seconds * MAX_WAIT_WEEKS and calendar.weekly_seconds:
            detail = f"'{given[name]}' takes more than five years of open time in '{calendar.key}'."
            parser.fault(f"{pointer}/{name}", "out_of_range", detail)
    return targets
