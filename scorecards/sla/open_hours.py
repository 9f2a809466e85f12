"""The open hours of one year as UTC intervals, with daylight saving time and holidays applied (pure)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY = 86_400


class Shift(NamedTuple):
    """Opening and closing time in minutes after local midnight; above 1440 is the next day."""

    opens: int
    closes: int


Hours = tuple[tuple[Shift, ...], ...]
"""The shifts of each weekday, Monday first."""

SpecialHours = tuple[tuple[date, tuple[Shift, ...]], ...]
"""Dates with shifts of their own, ascending."""


class OpenYear(NamedTuple):
    """The open intervals of one UTC year.

    Attributes
    ----------
    starts, ends : tuple of int
        Whole seconds since 1970, ascending and disjoint.
    before : tuple of int
        Open seconds of the year before each interval.
    total : int
        Open seconds of the year.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int


class _OffsetPeriod(NamedTuple):
    """A period [start, end) in UTC seconds with one offset of the time zone (seconds east of UTC)."""

    start: int
    end: int
    offset: int


@lru_cache(maxsize=2048)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a year, days off in lieu included."""
    days = holidays.country_holidays(country, subdiv=subdivision, years=year)
    return frozenset(day for day in days if day.year == year)


@lru_cache(maxsize=512)
def open_year(
    time_zone: str,
    hours: Hours,
    *,
    country: str | None,
    subdivision: str | None,
    closed: frozenset[date],
    special: SpecialHours = (),
    year: int,
) -> OpenYear:
    """Return the open intervals of a UTC year.

    Parameters
    ----------
    time_zone
        IANA name of the zone in which `hours` are given.
    hours
        Shifts of each weekday, Monday first.
    country, subdivision
        ISO 3166 codes whose public holidays are closed days; None for none.
    closed
        Further closed days; no shift begins on them.
    special
        Shifts of single dates, in place of those of their weekday, holiday or not.
    year
        UTC year from 1 to 9999.

    Returns
    -------
    OpenYear
        Intervals that touch or overlap are merged.
    """
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1
    periods = _offset_periods(time_zone, (first - _EPOCH_DAY) * _DAY, (last - _EPOCH_DAY) * _DAY)
    spans: list[list[int]] = []
    own_hours = dict(special)
    for ordinal in range(max(first - 2, 1), min(last + 2, date.max.toordinal() + 1)):
        shifts, day = hours[(ordinal - 1) % 7], date.fromordinal(ordinal)
        if day in own_hours:
            shifts = own_hours[day]
        elif shifts and (
            day in closed or (country and day in public_holidays(country, subdivision, day.year))
        ):
            continue
        if shifts:
            spans.extend(_in_utc(shifts, (ordinal - _EPOCH_DAY) * _DAY, periods))
    merged = _merged(spans)
    before = tuple(accumulate((end - start for start, end in merged), initial=0))
    return OpenYear(tuple(s for s, _ in merged), tuple(e for _, e in merged), before[:-1], before[-1])


def _in_utc(shifts: tuple[Shift, ...], midnight: int, periods: list[_OffsetPeriod]) -> Iterator[list[int]]:
    """Yield each shift in UTC seconds, once for each period of constant offset in which its hours exist."""
    for shift in shifts:
        for period in periods:
            opens = max(period.start, midnight + shift.opens * 60 - period.offset)
            closes = min(period.end, midnight + shift.closes * 60 - period.offset)
            if opens < closes:
                yield [opens, closes]


def _merged(spans: list[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _offset_periods(time_zone: str, first: int, last: int) -> list[_OffsetPeriod]:
    """Split the UTC seconds [first, last) where the zone's offset changes, by bisection within a day."""
    zone = ZoneInfo(time_zone)

    def offset(at: int) -> int:
        moment = (_EPOCH + timedelta(seconds=at)).astimezone(zone)
        return round((moment.utcoffset() or timedelta()).total_seconds())

    periods, start, current = [], first, offset(first)
    for day in range(first + _DAY, last + 1, _DAY):
        low, high = day - _DAY, min(day, last - 1)
        if offset(high) == current:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == current else (low, middle)
        periods.append(_OffsetPeriod(start, high, current))
        start, current = high, offset(high)
    return [*periods, _OffsetPeriod(start, last, current)]
