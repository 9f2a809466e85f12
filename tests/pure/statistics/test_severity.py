"""Severity: recovered by simulation within its interval, with missing answers, and honest where unknown."""

import numpy as np
import pytest

from scorecards.statistics.agreement_change import agreement_change
from scorecards.statistics.severity import severities

TRUTH = np.array([-6.0, -2.0, 0.0, 3.0, 5.0])
NOISE = np.array([3.0, 6.0, 9.0, 4.0, 12.0])


def session(generator, units=12, missing=0.0):
    truth = generator.normal(70, 15, size=(units, 1))
    scores = truth + TRUTH + generator.normal(size=(units, 5)) * NOISE
    return np.where(generator.random(scores.shape) < missing, np.nan, scores)


def share_within(repeats, missing, reference=(), seed=7):
    generator, inside, known = np.random.default_rng(seed), 0, 0
    zero = TRUTH[list(reference)].mean() if reference else TRUTH.mean()
    for _ in range(repeats):
        found = severities(session(generator, missing=missing), reference)
        for rater in set(range(5)) - set(reference):
            interval = found.interval(rater)
            if interval.estimate is not None:
                known += 1
                inside += interval.low <= TRUTH[rater] - zero <= interval.high
    return inside / known


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("reference", [(), (2,)])
def test_severity_lies_within_its_interval(missing, reference):
    assert 0.92 < share_within(200, missing, reference) < 0.99


@pytest.mark.slow
@pytest.mark.parametrize("missing", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("reference", [(), (2,)])
def test_severity_lies_within_its_interval_in_full(missing, reference):
    assert 0.935 < share_within(4000, missing, reference) < 0.98


def test_missing_scores_of_easy_units_do_not_make_a_rater_severe():
    """A rater who was given the hardest units only is compared with the others on those."""
    generator = np.random.default_rng(3)
    truth = np.sort(generator.normal(60, 20, size=(40, 1)), axis=0)
    scores = truth + generator.normal(size=(40, 3))
    scores[20:, 0] = np.nan

    found = severities(scores)

    assert np.abs(found.values).max() < 1


def test_raters_without_shared_units_or_reference_have_no_severity():
    alone = np.full((6, 3), np.nan)
    alone[:3, 0], alone[3:, 1] = 50.0, 60.0
    pairs = np.full((6, 4), np.nan)
    pairs[:3, :2], pairs[3:, 2:] = 50.0, 60.0

    assert np.isnan(severities(alone).values).all()
    assert np.isnan(severities(pairs, [0]).values).tolist() == [False, False, True, True]
    assert np.isnan(severities(pairs, [0]).interval(2).estimate or np.nan)
    assert severities(np.empty((0, 2))).units == (0, 0)


def test_without_spread_nobody_is_said_to_be_surely_severe():
    same_step = np.array([[60.0, 80.0], [40.0, 60.0], [80.0, 100.0], [20.0, 40.0], [60.0, 80.0]])
    few, enough = severities(same_step), severities(np.vstack([same_step, [[0.0, 20.0]]]))

    assert few.values.round(6).tolist() == enough.values.round(6).tolist() == [-10, 10]
    assert [(each.low, each.high) for each in map(few.interval, (0, 1))] == [(None, None)] * 2
    assert enough.interval(0).high == pytest.approx(-10)


def test_experts_are_the_zero():
    generator = np.random.default_rng(5)
    found = severities(session(generator, units=200), [4])

    assert found.values[4] == pytest.approx(0)
    assert found.values[0] == pytest.approx(-11, abs=3)


def false_alarms(repeats, seed=11):
    generator, alarms = np.random.default_rng(seed), 0
    for _ in range(repeats):
        before, after = (list(generator.choice([1.0, 0.6, 0.4], 12, p=[0.6, 0.2, 0.2])) for _ in range(2))
        alarms += agreement_change(before, after).verdict != "not_shown"
    return alarms / repeats


def test_a_rewording_that_changed_nothing_is_not_said_to_have_helped():
    assert false_alarms(1000) < 0.06
