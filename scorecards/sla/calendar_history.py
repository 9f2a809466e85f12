"""A calendar whose open hours were changed: every moment is counted by the version then in force (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scorecards.sla.business_calendar import Calendar
from scorecards.sla.policy import SlaPolicy


class PolicyChange(NamedTuple):
    """A later version of an SLA policy, and the moment from which it is in force."""

    at: datetime
    policy: SlaPolicy


@dataclass(frozen=True, slots=True)
class CalendarHistory:
    """Versions of one calendar, one after the other.

    Attributes
    ----------
    first : Calendar
        In force before the first change.
    changes : sequence of (datetime, Calendar)
        Ascending by the moment from which each is in force.
    """

    first: Calendar
    changes: Sequence[tuple[datetime, Calendar]]

    @property
    def key(self) -> str:
        """The key that all versions share."""
        return self.first.key

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two moments; 0 when `end` is not after `start`."""
        return round(
            sum(
                calendar.elapsed(max(start, since), end if until is None else min(end, until))
                for since, until, calendar in self._periods(start)
            ),
            6,
        )

    def add(self, start: datetime, seconds: float) -> datetime:
        """Return the first moment (UTC) at which `seconds` of open time have passed since `start`."""
        left = seconds
        for since, until, calendar in self._periods(start):
            begin = max(start, since)
            within = None if until is None else calendar.elapsed(begin, until)
            if within is None or left <= within:
                return calendar.add(begin, left)
            left = round(left - within, 6)
        raise AssertionError("the last version has no end")

    def _periods(self, start: datetime) -> Iterator[tuple[datetime, datetime | None, Calendar]]:
        """Yield from when until when each version that is in force after `start` applies."""
        since, calendar = start, self.first
        for at, changed in self.changes:
            if at > start:
                yield since, at, calendar
                since = at
            calendar = changed
        yield since, None, calendar


def calendar_in_time(calendar: Calendar, changes: Sequence[PolicyChange]) -> Calendar | CalendarHistory:
    """Return a rule's calendar with what later versions of the policy make of it.

    A version that does not have the calendar any more leaves it as it was.
    """
    changed, latest = [], calendar
    for at, policy in changes:
        found = policy.calendars.get(calendar.key, latest)
        if found != latest:
            changed.append((at, found))
            latest = found
    return CalendarHistory(calendar, tuple(changed)) if changed else calendar
