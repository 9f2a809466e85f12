"""The request of a report: client, period, breakdown, filters and small-count suppression."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from qm.disclosure import is_small, suppressed_groups, suppressed_parts, visible_count
from tenants.days import start_of
from tenants.models import Client

PERIODS = ("day", "week", "month")
GROUP_DIMENSIONS = ("channel", "program", "queue", "agent")
GROUPINGS = PERIODS + GROUP_DIMENSIONS
FILTERS = ("channel", "program", "queue")
DEFAULT_DAYS = 28
MAX_DAYS = 1098


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a time zone, both ends included."""

    first: date
    last: date
    time_zone: tzinfo = field(default=UTC, repr=False)

    @property
    def days(self) -> int:
        """The number of days.

        >>> Period(date(2026, 7, 1), date(2026, 7, 28)).days
        28
        """
        return (self.last - self.first).days + 1

    @property
    def is_week(self) -> bool:
        """Whether it is one week from Monday to Sunday."""
        return self.days == 7 and self.first.weekday() == 0

    @property
    def start(self) -> datetime:
        """The time at which it begins."""
        return start_of(self.first, self.time_zone)

    @property
    def end(self) -> datetime:
        """The time at which it ends, exclusive."""
        return start_of(self.last + timedelta(days=1), self.time_zone)

    @property
    def day_starts(self) -> list[datetime]:
        """The time at which each of its days begins."""
        return [start_of(day, self.time_zone) for day in self._each_day()]

    def previous(self) -> "Period":
        """Return the period of the same length that ends where this one begins.

        >>> Period(date(2026, 7, 1), date(2026, 7, 28)).previous()
        Period(first=datetime.date(2026, 6, 3), last=datetime.date(2026, 6, 30))
        """
        length = timedelta(days=self.days)
        return replace(self, first=self.first - length, last=self.last - length)

    def previous_months(self) -> "Period":
        """Return as many whole months as this one has, before it.

        >>> Period(date(2026, 7, 1), date(2026, 8, 31)).previous_months()
        Period(first=datetime.date(2026, 5, 1), last=datetime.date(2026, 6, 30))
        """
        last = self.first - timedelta(days=1)
        first = self.first
        for _ in self.names("month"):
            first = (first - timedelta(days=1)).replace(day=1)
        return replace(self, first=first, last=last)

    def names(self, unit: str) -> Sequence[str]:
        """Return the names of all days, weeks or months it touches, in order.

        >>> Period(date(2026, 7, 31), date(2026, 8, 3)).names("week")
        ('2026-W31', '2026-W32')
        """
        return tuple(dict.fromkeys(period_name(day, unit) for day in self._each_day()))

    def _each_day(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


NOTHING_SCORED = "No interaction of this period has been scored: choose another period, or wait."


def noted(count: int, missing: str, note: str) -> str:
    """Return the note of a report, behind what is missing and what to do where it counts nothing."""
    return note if count else f"{missing} {note}"


def period_name(day: date, unit: str) -> str:
    """Return the name of the day, ISO week or month that a day lies in.

    >>> [period_name(date(2027, 1, 1), unit) for unit in ("day", "week", "month")]
    ['2027-01-01', '2026-W53', '2027-01']
    """
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}" if unit == "month" else day.isoformat()


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The request of one report; `suppress_small` for callers who may not see small counts.

    With `anytime` all estimates have the intervals that hold whoever chose the moment, and when.
    """

    client: Client
    period: Period
    group_by: str
    now: datetime
    filters: Mapping[str, str] = field(default_factory=dict)
    suppress_small: bool = False
    anytime: bool = False

    @property
    def by_period(self) -> bool:
        """Whether the breakdown is by time."""
        return self.group_by in PERIODS

    @property
    def dimension(self) -> str:
        """The rollup dimension of the breakdown."""
        return "day" if self.by_period else self.group_by

    def scored_in_group(self, sums: Mapping[str, float]) -> int:
        """Return how many scored interactions a group with these sums has.

        One in which several agents spoke counts for each of them; in all it counts once.
        """
        scored, judged = int(sums.get("scored", 0)), int(sums.get("judged", 0))
        return max(scored, judged) if self.dimension == "agent" else scored

    def group_of(self, value: date | str | int) -> str:
        """Return the group that a value of `dimension` belongs to."""
        return period_name(value, self.group_by) if isinstance(value, date) else str(value)

    def groups(self, values: Sequence[str]) -> Sequence[str]:
        """Return the groups of the report: every day, week or month, or the given values in order."""
        return self.period.names(self.group_by) if self.by_period else sorted(set(values))

    def previous(self) -> "ReportRequest":
        """Return the same request for the previous period; whole months where small counts are suppressed.

        Only a frozen report is of a week there: then it is the week before.
        """
        by_month = self.suppress_small and not self.period.is_week
        before = self.period.previous_months() if by_month else self.period.previous()
        return replace(self, period=before)

    def suppresses(self, count: int) -> bool:
        """Whether a figure of this many interactions is suppressed."""
        return self.suppress_small and is_small(count)

    def visible_count(self, count: int, of: int) -> int | None:
        """Return a count out of `of`; None where it, or the count of all others, is suppressed."""
        return visible_count(count, of) if self.suppress_small else count

    def suppressed_groups(self, counts: Mapping[str, int]) -> frozenset[str]:
        """Return the groups to suppress, so that the total does not disclose them."""
        return suppressed_groups(counts) if self.suppress_small else frozenset()

    def suppressed_periods(self, counts: Mapping[str, int]) -> frozenset[str]:
        """Return the groups of the breakdown to suppress: of days too few even beside their weeks."""
        if not self.suppress_small or self.group_by != "day":
            return self.suppressed_groups(counts)
        return suppressed_parts(counts, {day: period_name(date.fromisoformat(day), "week") for day in counts})
