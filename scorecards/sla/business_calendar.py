"""Business calendars: open hours, and the open time between two moments (pure)."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import holidays

from scorecards.definitions.body_parser import BodyParser
from scorecards.sla.open_hours import Hours, OpenYear, Shift, SpecialHours, open_year
from tenants.days import time_zones

ALWAYS_KEY = "always"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_YEARS = 40
"""How many years ahead a due time is searched."""

_FIELDS = ("key", "time_zone", "hours", "holidays", "closed", "special_hours")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES_A_DAY = 1440
_SECONDS_A_DAY = 86_400
_MICRO = 1_000_000


def parse_hours(text: str) -> Shift:
    """Parse one shift.

    Parameters
    ----------
    text
        "HH:MM-HH:MM". "24:00" closes at midnight; an end before the start closes on the next day.

    Returns
    -------
    Shift
        In minutes after midnight.

    Raises
    ------
    ValueError
        With a sentence for users, when the text is no shift or has no length.

    Examples
    --------
    >>> parse_hours("09:00-12:30")
    Shift(opens=540, closes=750)
    >>> parse_hours("22:00-06:00")
    Shift(opens=1320, closes=1800)
    """
    parts = text.split("-")
    if len(parts) != 2:
        raise ValueError(f"'{text}' is no shift; write it like 09:00-17:00.")
    opens, closes = (_minutes(part.strip(), text) for part in parts)
    if opens in {closes, _MINUTES_A_DAY}:
        raise ValueError(f"'{text}' has no length; a whole day is 00:00-24:00.")
    return Shift(opens, closes if closes > opens else closes + _MINUTES_A_DAY)


def _minutes(clock: str, text: str) -> int:
    hours, colon, minutes = clock.partition(":")
    well_formed = colon and len(hours) in {1, 2} and len(minutes) == 2 and (hours + minutes).isdecimal()
    if not well_formed or int(minutes) > 59 or int(hours) * 60 + int(minutes) > _MINUTES_A_DAY:
        raise ValueError(f"'{text}' is no shift; write it like 09:00-17:00.")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries(include_aliases=True))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open hours of a desk in its own time zone.

    Open hours are local time: an hour that is repeated when daylight saving time ends counts twice, one that
    is skipped when it begins counts nothing. A shift belongs to the day on which it begins: on a holiday or
    closed date no shift begins, but one that began the evening before runs to its end.

    Attributes
    ----------
    time_zone : str
        IANA name.
    hours : tuple of tuple of Shift
        Shifts of each weekday, Monday first.
    country, subdivision : str or None
        ISO 3166 codes whose public holidays are closed days.
    closed : frozenset of date
        Further closed days.
    special : tuple of (date, tuple of Shift)
        Dates with shifts of their own, ascending: half days, or a holiday on which the desk is open.
    always : bool
        Whether it is open at every moment, whatever the rest says.
    """

    key: str
    time_zone: str
    hours: Hours
    country: str | None = None
    subdivision: str | None = None
    closed: frozenset[date] = frozenset()
    special: SpecialHours = ()
    always: bool = False
    _years: dict[int, OpenYear] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def weekly_seconds(self) -> int:
        """Open seconds of a week without holidays (overlapping shifts count twice)."""
        return 60 * sum(shift.closes - shift.opens for day in self.hours for shift in day)

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two moments.

        Parameters
        ----------
        start, end
            Aware moments.

        Returns
        -------
        float
            Exact to the microsecond; 0 when `end` is not after `start`. Additive:
            elapsed(a, c) = elapsed(a, b) + elapsed(b, c) for a <= b <= c.

        Examples
        --------
        >>> ALWAYS.elapsed(datetime(2026, 3, 6, 16, 30, tzinfo=UTC), datetime(2026, 3, 6, 17, tzinfo=UTC))
        1800.0
        """
        begins, ends = _micros(start), _micros(end)
        if ends <= begins:
            return 0.0
        if self.always:
            return (ends - begins) / _MICRO
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        between = sum(self._year(year).total for year in range(first, last)) * _MICRO
        return (between + self._open_before(last, ends) - self._open_before(first, begins)) / _MICRO

    def add(self, start: datetime, seconds: float) -> datetime:
        """Return the first moment (UTC) at which `seconds` of open time have passed since `start`.

        Parameters
        ----------
        start
            Aware moment.
        seconds
            Open time, exact to the microsecond. Zero or less is due at `start`, open or not.

        Returns
        -------
        datetime
            At closing time, not at the next opening, when the time is used up exactly then.

        Raises
        ------
        OverflowError
            When that moment lies more than `SEARCH_YEARS` ahead.

        Examples
        --------
        >>> office = from_body({"key": "o", "time_zone": "Europe/London", "hours": {"fri": ["09:00-17:00"],
        ...                     "mon": ["09:00-17:00"]}}, "", BodyParser())
        >>> office.add(datetime(2026, 3, 6, 16, 30, tzinfo=UTC), 3600).isoformat()
        '2026-03-09T09:30:00+00:00'
        """
        start, micros = start.astimezone(UTC), round(seconds * _MICRO)
        if self.always or micros <= 0:
            return start + timedelta(microseconds=max(micros, 0))
        goal = self._open_before(start.year, _micros(start)) + micros
        for number in range(start.year, start.year + SEARCH_YEARS):
            year = self._year(number)
            if goal <= year.total * _MICRO:
                span = bisect_right(year.before, (goal - 1) // _MICRO) - 1
                return _EPOCH + timedelta(
                    microseconds=year.starts[span] * _MICRO + goal - year.before[span] * _MICRO
                )
            goal -= year.total * _MICRO
        raise OverflowError(f"{seconds:g} open seconds take more than {SEARCH_YEARS} years in '{self.key}'.")

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the desk is open at an aware moment."""
        if self.always:
            return True
        year, at = self._year(moment.astimezone(UTC).year), _micros(moment)
        span = bisect_right(year.starts, at // _MICRO) - 1
        return span >= 0 and at < year.ends[span] * _MICRO

    def _open_before(self, number: int, at: int) -> int:
        """Return the open microseconds from the start of UTC year `number` to `at`."""
        year = self._year(number)
        span = bisect_right(year.starts, at // _MICRO) - 1
        if span < 0:
            return 0
        return year.before[span] * _MICRO + min(at, year.ends[span] * _MICRO) - year.starts[span] * _MICRO

    def _year(self, number: int) -> OpenYear:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = open_year(
                self.time_zone,
                self.hours,
                country=self.country,
                subdivision=self.subdivision,
                closed=self.closed,
                special=self.special,
                year=number,
            )
        return year


ALWAYS = Calendar(ALWAYS_KEY, "UTC", ((Shift(0, _MINUTES_A_DAY),),) * 7, always=True)


def _micros(moment: datetime) -> int:
    # The epoch is in UTC: two datetimes of the same other zone would be subtracted as local times.
    since = moment - _EPOCH
    return (since.days * _SECONDS_A_DAY + since.seconds) * _MICRO + since.microseconds


def from_body(body: Any, pointer: str, parser: BodyParser) -> Calendar:
    """Parse one calendar of an SLA policy; faults are added to `parser`."""
    given = parser.mapping(body, pointer, _FIELDS)
    key, time_zone = parser.text(given, "key", pointer), parser.text(given, "time_zone", pointer)
    if key == ALWAYS_KEY:
        parser.fault(f"{pointer}/key", "reserved", "'always' is the key of the calendar that never closes.")
    if time_zone and time_zone not in time_zones():
        parser.fault(f"{pointer}/time_zone", "unknown_time_zone", f"There is no time zone '{time_zone}'.")
        time_zone = "UTC"
    hours = _read_hours(given.get("hours"), f"{pointer}/hours", parser)
    country, subdivision = _read_holidays(given.get("holidays"), f"{pointer}/holidays", parser)
    closed = _read_closed(given.get("closed"), f"{pointer}/closed", parser)
    special = _read_special(given.get("special_hours"), f"{pointer}/special_hours", closed, parser)
    return Calendar(key, time_zone or "UTC", hours, country, subdivision, closed, special)


def _read_hours(value: Any, pointer: str, parser: BodyParser) -> Hours:
    before = len(parser.faults)
    given = parser.mapping({} if value is None else value, pointer, WEEKDAYS)
    week = tuple(_read_day(given.get(day), f"{pointer}/{day}", parser) for day in WEEKDAYS)
    if not any(week) and len(parser.faults) == before:
        parser.fault(pointer, "never_open", "This calendar is never open, so no clock in it could run.")
    return week


def _read_day(value: Any, pointer: str, parser: BodyParser) -> tuple[Shift, ...]:
    shifts = []
    for index, text in enumerate(parser.sequence(value, pointer)):
        try:
            shifts.append(parse_hours(str(text)))
        except ValueError as error:
            parser.fault(f"{pointer}/{index}", "not_hours", str(error))
    shifts.sort()
    for earlier, later in pairwise(shifts):
        if later.opens < earlier.closes:
            parser.fault(pointer, "overlapping_hours", "Two shifts of this day overlap.")
    return tuple(shifts)


def _read_holidays(value: Any, pointer: str, parser: BodyParser) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    given = parser.mapping(value, pointer, ("country", "subdivision"))
    country, subdivision = parser.text(given, "country", pointer), given.get("subdivision")
    if country and country not in _countries():
        parser.fault(f"{pointer}/country", "unknown_country", f"No holidays are known for '{country}'.")
        return None, None
    if country and subdivision is not None and subdivision not in _countries()[country]:
        parser.fault(f"{pointer}/subdivision", "unknown_subdivision", f"'{country}' has no '{subdivision}'.")
        return None, None
    return country or None, subdivision


def _read_closed(value: Any, pointer: str, parser: BodyParser) -> frozenset[date]:
    days = (
        _read_date(day, f"{pointer}/{index}", parser)
        for index, day in enumerate(parser.sequence(value, pointer))
    )
    return frozenset(day for day in days if day is not None)


def _read_date(value: Any, pointer: str, parser: BodyParser) -> date | None:
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        parser.fault(pointer, "not_a_date", f"'{value}' is no date like 2026-12-24.")
        return None


def _read_special(value: Any, pointer: str, closed: frozenset[date], parser: BodyParser) -> SpecialHours:
    given = {} if value is None else value
    special: dict[date, tuple[Shift, ...]] = {}
    for name, hours in parser.mapping(given, pointer, given if isinstance(given, Mapping) else ()).items():
        place = f"{pointer}/{name}"
        day, before = _read_date(name, place, parser), len(parser.faults)
        shifts = _read_day(hours, place, parser)
        if day is None:
            continue
        if day in special:
            parser.fault(place, "duplicate", f"{day} is there twice.")
        if day in closed:
            parser.fault(place, "closed_and_open", f"{day} is listed under closed as well.")
        if not shifts and len(parser.faults) == before:
            parser.fault(place, "required", "This day has no hours; list it under closed instead.")
        special[day] = shifts
    return tuple(sorted(special.items()))
