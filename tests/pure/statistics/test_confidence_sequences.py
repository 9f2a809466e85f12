"""Confidence sequences: wider than an interval for a fixed time, and right for whoever stops at will."""

import numpy as np
import pytest

from scorecards.statistics.confidence_intervals import normal_quantile
from scorecards.statistics.confidence_sequences import TIGHTEST_AT, sequence_quantile
from scorecards.statistics.difference_estimator import estimate
from scorecards.statistics.strata import Stratum
from tests.sizes import short_and_whole

FIRST, LAST, INTERACTIONS = 30, 200, 2000


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_sequence_is_wider_than_a_fixed_interval_and_narrowest_where_it_was_tuned(level):
    found = {n: sequence_quantile(n, level) for n in (10, TIGHTEST_AT // 2, TIGHTEST_AT, 1000, 100_000)}
    assert min(found.values()) > normal_quantile(level)
    assert found[TIGHTEST_AT] <= min(found[10], found[1000], found[100_000])


def stops_when_liked(generator):
    """Watch the report from 30 to 200 reviews and stop as soon as the lower end has passed the truth.

    Returns whether the ordinary and the anytime interval held the truth then; they do so at the end where
    nobody stopped.
    """
    human = np.clip(generator.normal(75, 14, INTERACTIONS), 0, 100)
    machine = np.clip(0.6 * human + generator.normal(25, 10, INTERACTIONS), 0, 100)
    rank = generator.random(INTERACTIONS)
    order, truth = np.argsort(rank), human.mean()
    everything = [Stratum(1.0, INTERACTIONS, INTERACTIONS, float(machine.sum()))]
    held = {"low": True, "anytime_low": True}
    for n in range(FIRST, LAST + 1, 2):
        done = order[:n]
        found = estimate(everything, human[done], machine[done], np.full(n, rank[order[n]]))
        for name in held:
            held[name] &= getattr(found, name) <= truth
    return held["low"] and found.high >= truth, held["anytime_low"] and found.anytime_high >= truth


@pytest.mark.parametrize("times", short_and_whole(150, 1000))
def test_whoever_stops_when_they_like_the_number_beats_the_ordinary_interval_but_not_the_anytime_one(times):
    generator = np.random.default_rng(20_261_129)
    ordinary, anytime = np.mean([stops_when_liked(generator) for _ in range(times)], axis=0)
    print(f"stopping when liked: ordinary {ordinary:.3f}, anytime {anytime:.3f}")
    assert ordinary < 0.92
    assert anytime >= 0.93
