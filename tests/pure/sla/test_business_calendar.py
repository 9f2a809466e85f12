"""Business calendars: open time between two moments, and the moment at which open time is used up."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.definitions.body_parser import BodyParser
from scorecards.sla.business_calendar import ALWAYS, Calendar, from_body, parse_hours
from scorecards.sla.open_hours import Shift

OFFICE_HOURS = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BERLIN = ZoneInfo("Europe/Berlin")


def build(hours=None, time_zone="Europe/Berlin", **more) -> Calendar:
    reading = BodyParser()
    body = {"key": "desk", "time_zone": time_zone, "hours": hours or OFFICE_HOURS, **more}
    calendar = from_body(body, "", reading)
    reading.finish()
    return calendar


def faults(**body):
    reading = BodyParser()
    from_body({"key": "desk", "time_zone": "UTC", "hours": OFFICE_HOURS} | body, "/calendars/0", reading)
    return [(fault.pointer, fault.code) for fault in reading.faults]


def every_day(shifts):
    return dict.fromkeys(EVERY_DAY, shifts)


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold).astimezone(UTC)


def test_due_time_skips_the_weekend():
    assert build().add(berlin(2026, 3, 6, 16, 30), 3600) == berlin(2026, 3, 9, 9, 30)


def test_time_used_up_exactly_at_closing_is_due_at_closing():
    assert build().add(berlin(2026, 3, 6, 16, 0), 3600) == berlin(2026, 3, 6, 17, 0)


def test_closed_lunch_break_does_not_count():
    calendar = build({"mon": ["09:00-12:30", "13:30-17:00"]})
    assert calendar.elapsed(berlin(2026, 3, 9, 12, 0), berlin(2026, 3, 9, 14, 0)) == 3600
    assert calendar.add(berlin(2026, 3, 9, 12, 0), 3600) == berlin(2026, 3, 9, 14, 0)


def test_time_that_starts_outside_hours_starts_to_count_at_opening():
    assert build().add(berlin(2026, 3, 8, 3, 0), 60) == berlin(2026, 3, 9, 9, 1)


def test_regional_holiday_closes_only_its_subdivision():
    start = berlin(2026, 3, 7, 12, 0)  # International Women's Day falls on Sunday 8 March, in Berlin only
    hours = every_day(["09:00-17:00"])
    assert build(hours, holidays={"country": "DE", "subdivision": "BE"}).add(start, 6 * 3600) == berlin(
        2026, 3, 9, 10, 0
    )
    assert build(hours, holidays={"country": "DE"}).add(start, 6 * 3600) == berlin(2026, 3, 8, 10, 0)


def test_a_closed_date_is_closed():
    assert build(closed=["2026-03-09"]).add(berlin(2026, 3, 6, 16, 30), 3600) == berlin(2026, 3, 10, 9, 30)


def test_a_night_shift_runs_into_the_next_day():
    calendar = build({"mon": ["22:00-06:00"]})
    assert calendar.elapsed(berlin(2026, 3, 9, 12, 0), berlin(2026, 3, 10, 12, 0)) == 8 * 3600
    assert calendar.is_open(berlin(2026, 3, 10, 5, 59))
    assert not calendar.is_open(berlin(2026, 3, 10, 6, 0))


def test_a_night_shift_that_began_before_a_closed_date_is_worked_to_its_end():
    calendar = build(every_day(["22:00-06:00"]), closed=["2026-12-25"])
    assert calendar.elapsed(berlin(2026, 12, 25, 0, 0), berlin(2026, 12, 26, 12, 0)) == 6 * 3600


def test_dst_missing_hour_counts_no_open_time():
    calendar = build({"sun": ["01:00-05:00"]})
    assert calendar.elapsed(berlin(2026, 3, 29, 0, 0), berlin(2026, 3, 29, 12, 0)) == 3 * 3600
    assert calendar.add(berlin(2026, 3, 29, 1, 30), 3600) == berlin(2026, 3, 29, 3, 30)


def test_dst_repeated_hour_counts_twice():
    calendar = build({"sun": ["01:00-05:00"]})
    assert calendar.elapsed(berlin(2026, 10, 25, 0, 0), berlin(2026, 10, 25, 12, 0)) == 5 * 3600
    assert calendar.add(berlin(2026, 10, 25, 1, 30), 3600) == berlin(2026, 10, 25, 2, 30, fold=0)
    assert calendar.add(berlin(2026, 10, 25, 1, 30), 7200) == berlin(2026, 10, 25, 2, 30, fold=1)


def test_shift_starting_in_dst_missing_hour_opens_after_the_change():
    calendar = build({"sun": ["02:30-05:00"]})
    assert calendar.add(berlin(2026, 3, 29, 0, 0), 60) == berlin(2026, 3, 29, 3, 1)
    assert calendar.elapsed(berlin(2026, 3, 29, 0, 0), berlin(2026, 3, 29, 12, 0)) == 2 * 3600


def test_due_time_is_found_ten_years_ahead():
    calendar = build({"sun": ["10:00-11:00"]})
    due = calendar.add(berlin(2026, 1, 1), 3600 * 520)
    assert due.year == 2035
    assert calendar.elapsed(berlin(2026, 1, 1), due) == 3600 * 520


def test_due_time_search_is_limited_to_40_years():
    with pytest.raises(OverflowError, match="more than 40 years"):
        build({"sun": ["10:00-11:00"]}).add(berlin(2026, 1, 1), 3600 * 52 * 50)


def test_calendar_equality_includes_closed_dates():
    assert build(closed=["2026-01-02"]) != build()
    assert build().closed == frozenset()
    assert build(closed=[date(2026, 1, 2)]) == build(closed=["2026-01-02"])


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("09:00-12:30", (540, 750)),
        ("22:00-06:00", (1320, 1800)),
        ("00:00-24:00", (0, 1440)),
        ("8:00 - 9:00", (480, 540)),
    ],
)
def test_opening_hours_are_parsed(text, shift):
    assert parse_hours(text) == Shift(*shift)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9-17",
        "09:00",
        "09:60-10:00",
        "25:00-26:00",
        "09:00-09:00",
        "24:00-06:00",
        "a:bc-1:00",
        "09:00-10:00-11:00",
    ],
)
def test_invalid_opening_hours_are_rejected(text):
    with pytest.raises(ValueError, match=r"no shift|no length"):
        parse_hours(text)


def test_a_half_day_closes_early():
    calendar = build(special_hours={"2026-12-24": ["09:00-12:00"]})
    assert calendar.add(berlin(2026, 12, 24, 11, 30), 3600) == berlin(2026, 12, 25, 9, 30)
    assert calendar.elapsed(berlin(2026, 12, 24), berlin(2026, 12, 25)) == 3 * 3600
    assert not calendar.is_open(berlin(2026, 12, 24, 12, 0))
    assert calendar != build()


def test_special_hours_hold_on_holidays_and_on_days_without_hours():
    special = {"2026-12-25": ["10:00-11:00", "14:00-15:00"], "2026-12-27": ["20:00-02:00"]}
    calendar = build(holidays={"country": "DE"}, special_hours=special)
    assert calendar.elapsed(berlin(2026, 12, 25), berlin(2026, 12, 26)) == 2 * 3600
    # A Sunday, whose shift goes on until two o'clock of Monday.
    assert calendar.elapsed(berlin(2026, 12, 27), berlin(2026, 12, 28, 9)) == 6 * 3600


def test_special_hours_on_the_day_clocks_change_follow_the_clock():
    calendar = build(special_hours={"2026-03-29": ["01:00-04:00"], "2026-10-25": ["01:00-04:00"]})
    assert calendar.elapsed(berlin(2026, 3, 29), berlin(2026, 3, 30)) == 2 * 3600
    assert calendar.elapsed(berlin(2026, 10, 25), berlin(2026, 10, 26)) == 4 * 3600


def test_every_fault_of_special_hours_is_reported():
    special = {
        "2026-12-24": ["09:00-12"],
        "2026-12-25": ["09:00-12:00", "11:00-13:00"],
        "2026-12-26": [],
        "2026-12-27": ["09:00-12:00"],
        "20261227": ["09:00-12:00"],
        "Christmas": ["09:00-12:00"],
        "2026-12-31": "09:00-12:00",
    }
    place = "/calendars/0/special_hours"
    assert faults(special_hours=special, closed=["2026-12-25"]) == [
        (f"{place}/2026-12-24/0", "not_hours"),
        (f"{place}/2026-12-25", "overlapping_hours"),
        (f"{place}/2026-12-25", "closed_and_open"),
        (f"{place}/2026-12-26", "required"),
        (f"{place}/20261227", "duplicate"),
        (f"{place}/Christmas", "not_a_date"),
        (f"{place}/2026-12-31", "wrong_type"),
    ]
    assert faults(special_hours=["2026-12-24"]) == [(place, "wrong_type")]


def test_a_calendar_that_is_never_open_is_a_fault():
    assert faults(hours={}) == [("/calendars/0/hours", "never_open")]


def test_every_fault_of_a_calendar_is_reported():
    found = faults(
        key="always",
        time_zone="Mars/Olympus",
        hours={"mon": ["9-17", "09:00-12:00", "11:00-13:00"], "funday": []},
        holidays={"country": "DE", "subdivision": "XX"},
        closed=["tomorrow"],
        colour="red",
    )
    assert found == [
        ("/calendars/0/colour", "unknown_field"),
        ("/calendars/0/key", "reserved"),
        ("/calendars/0/time_zone", "unknown_time_zone"),
        ("/calendars/0/hours/funday", "unknown_field"),
        ("/calendars/0/hours/mon/0", "not_hours"),
        ("/calendars/0/hours/mon", "overlapping_hours"),
        ("/calendars/0/holidays/subdivision", "unknown_subdivision"),
        ("/calendars/0/closed/0", "not_a_date"),
    ]


def test_an_unknown_country_is_a_fault():
    assert faults(holidays={"country": "ZZ"}) == [("/calendars/0/holidays/country", "unknown_country")]


ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "UTC",
)
moments = st.datetimes(datetime(2019, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.integers(0, 1439)


@st.composite
def calendars(draw):
    week = []
    for _ in range(7):
        marks = sorted(draw(st.sets(minutes, min_size=0, max_size=4)))
        shifts = [Shift(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False)]
        if draw(st.booleans()) and len(marks) % 2 == 1:
            shifts.append(Shift(marks[-1], 1440 + draw(minutes) % 600))
        week.append(tuple(shifts))
    week[draw(st.integers(0, 6))] += (Shift(540, 1020),)
    country = draw(st.sampled_from([None, "DE", "US"]))
    return Calendar("any", draw(st.sampled_from(ZONES)), tuple(week), country)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_elapsed_open_time_is_additive_and_at_most_wall_time(calendar, three):
    first, second, third = three
    parts = calendar.elapsed(first, second) + calendar.elapsed(second, third)
    assert calendar.elapsed(first, third) == pytest.approx(parts, abs=1e-5)
    assert 0 <= calendar.elapsed(first, third) <= (third - first).total_seconds()


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(1, 30 * 86_400))
def test_elapsed_inverts_add_at_the_earliest_moment(calendar, start, seconds):
    due = calendar.add(start, seconds)
    assert calendar.elapsed(start, due) == pytest.approx(seconds, abs=1e-5)
    assert calendar.elapsed(start, due - timedelta(seconds=1)) == pytest.approx(seconds - 1, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(0, 86_400), st.integers(0, 86_400))
def test_more_time_is_never_due_earlier(calendar, start, seconds, more):
    assert calendar.add(start, seconds) <= calendar.add(start, seconds + more)
    assert calendar.add(start, seconds) <= calendar.add(start + timedelta(seconds=more), seconds)


@given(moments, moments, st.integers(0, 10**8))
def test_always_open_calendar_equals_wall_time(start, end, seconds):
    assert ALWAYS.elapsed(start, end) == max((end - start).total_seconds(), 0)
    assert ALWAYS.add(start, seconds) == start + timedelta(seconds=seconds)


@settings(max_examples=40, deadline=None)
@given(calendars().filter(lambda each: each.country is None), moments)
def test_is_open_matches_local_wall_clock_hours(calendar, moment):
    zone = ZoneInfo(calendar.time_zone)
    start = moment.replace(second=0, microsecond=0)
    for step in range(0, 3 * 1440, 37):
        at = start + timedelta(minutes=step)
        wall = at.astimezone(zone)
        shown = wall.hour * 60 + wall.minute
        today, yesterday = calendar.hours[wall.weekday()], calendar.hours[(wall.weekday() - 1) % 7]
        expected = any(shift.opens <= shown < shift.closes for shift in today) or any(
            shift.opens <= shown + 1440 < shift.closes for shift in yesterday
        )
        assert calendar.is_open(at) is expected
        assert calendar.elapsed(at, at + timedelta(minutes=1)) == 60 * expected


@pytest.mark.parametrize("transition", [berlin(2026, 3, 29), berlin(2026, 10, 25)])
def test_dst_transition_day_matches_local_wall_clock_by_minute(transition):
    calendar = build(every_day(["00:30-02:15", "02:30-02:45", "23:00-00:10"]))
    start = transition
    open_minutes = 0
    for step in range(1440):
        wall = (start + timedelta(minutes=step)).astimezone(BERLIN)
        shown = wall.hour * 60 + wall.minute
        expected = shown < 10 or 30 <= shown < 135 or 150 <= shown < 165 or shown >= 1380
        assert calendar.is_open(start + timedelta(minutes=step)) is expected
        open_minutes += expected
    assert calendar.elapsed(start, start + timedelta(days=1)) == 60 * open_minutes


def test_elapsed_distinguishes_fold_in_dst_repeated_hour():
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    assert ALWAYS.elapsed(first, second) == build({"sun": ["00:00-24:00"]}).elapsed(first, second) == 3600
