"""What a report is asked: whose, which days, broken down by what, and for whose eyes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from qm.disclosure import is_small, suppressed_groups, visible_count
from tenants.models import Client

PERIODS = ("day", "week", "month")
VALUES = ("channel", "program", "queue", "agent")
GROUPINGS = PERIODS + VALUES
FILTERS = ("channel", "program", "queue")
DEFAULT_DAYS = 28
MAX_DAYS = 1098


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in UTC, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has.

        >>> Period(date(2026, 7, 1), date(2026, 7, 28)).days
        28
        """
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The moment it begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    def before(self) -> "Period":
        """Return the period of the same length that ends where this one begins.

        >>> Period(date(2026, 7, 1), date(2026, 7, 28)).before()
        Period(first=datetime.date(2026, 6, 3), last=datetime.date(2026, 6, 30))
        """
        length = timedelta(days=self.days)
        return Period(self.first - length, self.last - length)

    def names(self, unit: str) -> Sequence[str]:
        """Return the names of all days, weeks or months it touches, in order.

        >>> Period(date(2026, 7, 31), date(2026, 8, 3)).names("week")
        ('2026-W31', '2026-W32')
        """
        return tuple(dict.fromkeys(name_of(day, unit) for day in self._each_day()))

    def _each_day(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


def name_of(day: date, unit: str) -> str:
    """Return the name of the day, ISO week or month that a day lies in.

    >>> [name_of(date(2027, 1, 1), unit) for unit in ("day", "week", "month")]
    ['2027-01-01', '2026-W53', '2027-01']
    """
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}" if unit == "month" else day.isoformat()


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """One report as it was asked for; `guarded` when small figures must not be shown."""

    client: Client
    period: Period
    group_by: str
    now: datetime
    filters: Mapping[str, str] = field(default_factory=dict)
    suppress_small: bool = False

    @property
    def by_period(self) -> bool:
        """Whether the breakdown goes by time."""
        return self.group_by in PERIODS

    @property
    def column(self) -> str:
        """The dimension that the breakdown is made from."""
        return "day" if self.by_period else self.group_by

    def group_of(self, value: date | str) -> str:
        """Return the group that a value of `column` belongs to."""
        return name_of(value, self.group_by) if isinstance(value, date) else value

    def groups(self, found: Sequence[str]) -> Sequence[str]:
        """Return the groups to show: every day, week or month, or the values that were found."""
        return self.period.names(self.group_by) if self.by_period else sorted(set(found))

    def before(self) -> "ReportRequest":
        """Ask the same of the period before."""
        return replace(self, period=self.period.before())

    def suppresses(self, count: int) -> bool:
        """Whether a figure made of so many interactions is kept back."""
        return self.suppress_small and is_small(count)

    def visible_count(self, count: int, of: int) -> int | None:
        """Return how many of so many; None where they, or all the others, are too few to be told of."""
        return visible_count(count, of) if self.suppress_small else count

    def suppressed_groups(self, counts: Mapping[str, int]) -> frozenset[str]:
        """Return the groups to keep back; never just one, which the total would give away."""
        return suppressed_groups(counts) if self.suppress_small else frozenset()
