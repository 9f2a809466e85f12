"""The days of a time zone: which one a moment lies in, and when each begins (pure)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import available_timezones


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Return the IANA names of the time zones known here."""
    return frozenset(available_timezones())


def day_of(moment: datetime, time_zone: tzinfo) -> date:
    """Return the day on which an aware moment lies.

    >>> from zoneinfo import ZoneInfo
    >>> day_of(datetime(2026, 6, 30, 14, 30, tzinfo=UTC), ZoneInfo("Australia/Sydney")).isoformat()
    '2026-07-01'
    """
    return moment.astimezone(time_zone).date()


def start_of(day: date, time_zone: tzinfo) -> datetime:
    """Return the moment (UTC) at which a day begins: of a repeated midnight the first.

    Where clocks are put forward at midnight the day begins with the change.

    >>> from zoneinfo import ZoneInfo
    >>> start_of(date(2026, 7, 1), ZoneInfo("Australia/Sydney")).isoformat()
    '2026-06-30T14:00:00+00:00'
    """
    return datetime.combine(day, time(), time_zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DayStarts:
    """Consecutive days and the moments at which they begin; `starts[n]` is that of `first` + n."""

    first: date
    starts: list[datetime]

    @classmethod
    def between(cls, first: datetime, last: datetime, time_zone: tzinfo) -> "DayStarts":
        """Return the days that the moments from `first` to `last` lie in."""
        day, end = day_of(first, time_zone), day_of(last, time_zone)
        length = (end - day).days + 1
        return cls(day, [start_of(day + timedelta(days=number), time_zone) for number in range(length)])
