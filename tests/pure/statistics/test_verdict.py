"""Verdicts on goals: never more than the interval says, and enough reviews to know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.confidence_intervals import Interval
from scorecards.statistics.verdict import MET, MISSED, OPEN, Verdict, verdict_on

POINTS = st.floats(0, 100).map(lambda value: round(value, 3))


@given(st.tuples(POINTS, POINTS, POINTS).map(sorted), POINTS, st.integers(1, 400), st.integers(0, 4000))
def test_a_verdict_is_what_the_whole_interval_says_and_turns_round_with_the_direction(limits, goal, n, more):
    low, estimate, high = limits
    found = Interval(estimate, low, high)
    counts = {"n": n, "population": n + more}

    higher = verdict_on(found, goal, **counts)
    lower = verdict_on(found, goal, **counts, lower_is_better=True)

    assert (higher.verdict == MET) == (low >= goal)
    assert (higher.verdict == MISSED) == (high < goal)
    if low < goal < high:
        assert higher == lower
        assert higher.verdict == OPEN
    mirrored = Interval(100 - estimate, 100 - high, 100 - low)
    if goal not in {low, high}:
        assert verdict_on(mirrored, 100 - goal, **counts, lower_is_better=True).verdict == higher.verdict


@given(POINTS, st.floats(0.01, 40), st.floats(0.01, 1), st.integers(10, 400), st.integers(0, 10**6))
def test_so_many_more_reviews_narrow_the_interval_to_the_goal_and_one_less_does_not(
    estimate, half, share, n, more
):
    goal = estimate - half * share
    found = verdict_on(Interval(estimate, estimate - half, estimate + half), goal, n=n, population=n + more)

    if found.verdict != OPEN or found.missing in {None, more}:
        assert found.verdict == MET or (half * (n / (n + more)) ** 0.5 >= half * share * (1 - 1e-9))
        return
    assert 1 <= found.missing < more
    assert half * (n / (n + found.missing)) ** 0.5 <= half * share * (1 + 1e-6)
    if found.missing > 1:
        assert half * (n / (n + found.missing - 1)) ** 0.5 > half * share * (1 - 1e-6)


@pytest.mark.parametrize("found", [Interval(), Interval(80.0), Interval(80.0, 70.0, None)])
def test_without_an_interval_nothing_is_met_missed_or_promised(found):
    assert verdict_on(found, 75, n=3, population=40) == Verdict(OPEN, None)


def test_an_estimate_at_its_goal_is_known_when_everything_is_reviewed():
    assert verdict_on(Interval(75.0, 70.0, 80.0), 75, n=30, population=400) == Verdict(OPEN, 370)
    assert verdict_on(Interval(75.0, 70.0, 80.0), 75, n=400, population=400) == Verdict(OPEN, None)
