"""The periods that reports are frozen of, months and weeks, and the dates that a schedule fixes (pure)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

from qm.reports.report_request import Period
from tenants.days import day_of, start_of
from tenants.http.faults import Fault, Invalid

MAX_DAYS_AFTER = 60
"""So many days after the end of its period a report may be frozen."""


def unit_of(period: Period) -> str | None:
    """Return what a period is: a calendar month, a week from Monday to Sunday, or None for any other days.

    >>> unit_of(Period(date(2026, 7, 1), date(2026, 7, 31)))
    'month'
    >>> unit_of(Period(date(2026, 7, 6), date(2026, 7, 12)))
    'week'
    >>> unit_of(Period(date(2026, 7, 1), date(2026, 7, 28)))
    """
    if period.first.day == 1 and period.last == _last_of(period.first, "month"):
        return "month"
    return "week" if period.is_week else None


def checked_period(first: date, last: date, time_zone: tzinfo, now: datetime) -> Period:
    """Return a period that may be frozen.

    Raises
    ------
    Invalid
        For days that are no whole month or week, and for a period that is not over in the time zone.
    """
    if first > last:
        raise Invalid([Fault("/from", "after_to", f"The period ends before it begins: {last}.")])
    period = Period(first, last, time_zone)
    if unit_of(period) is None:
        detail = (
            "Reports are frozen of whole calendar months, or of weeks from Monday to Sunday: of periods that "
            "were fixed beforehand and do not overlap."
        )
        raise Invalid([Fault("/to", "no_fixed_period", detail)])
    if period.end > now:
        detail = f"This period is not over: it ends with {last} in the client's time zone."
        raise Invalid([Fault("/to", "not_over", detail)])
    return period


def due_periods(
    unit: str, days_after: int, *, since: datetime, now: datetime, time_zone: tzinfo
) -> Iterator[tuple[Period, datetime]]:
    """Yield the periods that ended after `since` and whose date has come, oldest first, each with its date.

    So a date is fixed before its period is over and anybody knows the number. It is the beginning of a day in
    the client's time zone, after `days_after` whole days. What was missed because nothing ran is among them.

    >>> from datetime import UTC
    >>> made, today = datetime(2026, 7, 20, tzinfo=UTC), datetime(2026, 9, 4, tzinfo=UTC)
    >>> for period, at in due_periods("month", 2, since=made, now=today, time_zone=UTC):
    ...     print(period.first, period.last, at.date())
    2026-07-01 2026-07-31 2026-08-03
    2026-08-01 2026-08-31 2026-09-03
    """
    first = _first_of(day_of(since, time_zone), unit)
    while True:
        last = _last_of(first, unit)
        due_at = start_of(last + timedelta(days=1 + days_after), time_zone)
        if due_at > now:
            return
        period = Period(first, last, time_zone)
        if period.end > since:
            yield period, due_at
        first = last + timedelta(days=1)


def next_due(unit: str, days_after: int, *, since: datetime, time_zone: tzinfo) -> tuple[Period, datetime]:
    """Return the period that is frozen first of a schedule that is made at a moment, and its date."""
    far = since + timedelta(days=2 * (31 + MAX_DAYS_AFTER))
    return next(due_periods(unit, days_after, since=since, now=far, time_zone=time_zone))


def _first_of(day: date, unit: str) -> date:
    return day.replace(day=1) if unit == "month" else day - timedelta(days=day.weekday())


def _last_of(first: date, unit: str) -> date:
    if unit == "week":
        return first + timedelta(days=6)
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
