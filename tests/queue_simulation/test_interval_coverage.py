"""Reports of simulated clients whose reviewers work the real queue: short, of `make bench-coverage`."""

from dataclasses import replace

import numpy as np
import pytest

from tests.queue_simulation.coverage import failures, points_without_width, scores
from tests.queue_simulation.desk import Desk
from tests.queue_simulation.grid import simulated_provider
from tests.queue_simulation.repeat import run_repeat
from tests.queue_simulation.settings import BY_NAME

SETTINGS = (
    "a third done, level falls by 8",
    "8 reviewers, two languages",
    "15 % skipped at random",
    "the worst picked by hand",
    "pushed again with other words",
    "rare failures, critical rate 1, half done",
)
SEED, DAYS = 7, 14


@pytest.fixture(scope="module")
def repeats(services):
    """Run each setting once, over two weeks."""
    desk = Desk(simulated_provider(services))
    return {name: run_repeat(desk, short(name), SEED)[0] for name in SETTINGS}


def short(name):
    return replace(BY_NAME[name], days=DAYS, per_day=90.0, per_working_day=8.0, asks=(6, 9, 11, 13))


def seen(repeats, choice):
    return [
        each for moments in repeats.values() for moment in moments for each in moment.seen if choice(each)
    ]


@pytest.mark.parametrize(("choice", "least"), [(scores, 0.88), (failures, 0.85)])
def test_intervals_hold_the_truth_about_95_times_in_100(repeats, choice, least):
    shown = [each for each in seen(repeats, choice) if each.shown]
    share = np.mean([each.covers for each in shown])
    print(f"{choice.__name__}: {share:.3f} of {len(shown)}")
    assert len(shown) > 60
    # Figures of one repeat hang together: 6 repeats are as good as about 80 independent figures.
    assert share >= least


def test_estimates_are_not_biased(repeats):
    shown = [
        [each for moment in moments for each in moment.seen if scores(each) and each.shown]
        for moments in repeats.values()
    ]
    errors = [np.mean([each.estimate - each.truth for each in row]) for row in shown if row]
    assert abs(np.mean(errors)) < 4 * np.std(errors, ddof=1) / np.sqrt(len(errors))


def test_no_interval_is_without_width_while_something_waits(repeats):
    assert points_without_width(list(repeats.values())) == 0


def test_changes_of_all_measures_hold_together(repeats):
    found = seen(repeats, lambda each: each.kind == "changes")
    assert sum(each.covers for each in found) >= len(found) - 1


def test_anytime_limits_are_wider(repeats):
    both = [each for each in seen(repeats, scores) if each.shown and each.anytime[0] is not None]
    assert both
    assert all(each.anytime[0] <= each.low and each.high <= each.anytime[1] for each in both)


def test_worst_case_limits_hold_the_truth_where_low_ones_are_skipped(repeats):
    worst = [moment.worst for moments in repeats.values() for moment in moments if moment.worst is not None]
    assert worst
    assert np.mean(worst) > 0.9
