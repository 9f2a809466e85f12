"""The load beyond which a score falls: by least squares, under simulation, and where it cannot be told."""

import numpy as np
import pytest

from scorecards.statistics.load_threshold import load_threshold
from scorecards.statistics.matched_association import Mean


def cells_of(rows):
    """Sum rows of cell, load and score."""
    cells = {}
    for cell, load, score in rows:
        cells.setdefault(cell, {}).setdefault(load, []).append(score)
    return [
        {load: Mean(len(ys), sum(ys), sum(y * y for y in ys)) for load, ys in loads.items()}
        for loads in cells.values()
    ]


def drawn(random, n, *, fall=0.0, after=3):
    """Cells differ in level and in how busy they are: the mixture alone would rise with load."""
    cell = random.integers(0, 3, n)
    load = np.minimum(1 + random.poisson(1.0 + cell), 8)
    score = 60 + 8 * cell - fall * (load > after) + random.normal(0, 15, n)
    return list(zip(cell.tolist(), load.tolist(), score.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_the_difference_at_the_cut_is_that_of_least_squares_with_an_intercept_for_each_cell(seed):
    rows = drawn(np.random.default_rng(seed), 400, fall=9)
    found = load_threshold(cells_of(rows))

    cell, load, score = (np.array(each) for each in zip(*rows, strict=True))
    design = np.column_stack([load > found.threshold, *(cell == each for each in range(3))]).astype(float)
    solved, *_ = np.linalg.lstsq(design, score, rcond=None)
    fits = {}
    for cut in range(1, load.max()):
        columns = np.column_stack([load > cut, *(cell == each for each in range(3))]).astype(float)
        fits[cut] = np.linalg.lstsq(columns, score, rcond=None)[1][0]
    assert found.difference.estimate == pytest.approx(solved[0])
    assert min(fits, key=fits.get) == found.threshold
    assert found.low <= found.threshold <= found.high


def test_under_simulation_it_seldom_sees_a_fall_that_is_none_and_its_limits_hold_the_true_one():
    random = np.random.default_rng(11)
    false_alarms = sum(load_threshold(cells_of(drawn(random, 300))).falls for _ in range(200))
    found = [load_threshold(cells_of(drawn(random, 600, fall=10))) for _ in range(200)]
    told = [each for each in found if each.falls]

    assert false_alarms <= 10
    assert len(told) >= 195
    assert sum(each.low <= 3 <= each.high for each in told) >= 0.95 * len(told)
    assert sum(each.difference.low <= -10 <= each.difference.high for each in found) >= 0.95 * len(found)


def test_a_rise_is_no_fall_and_without_enough_to_compare_nothing_is_told():
    random = np.random.default_rng(3)
    rise = load_threshold(cells_of(drawn(random, 300, fall=-12)))

    assert rise.falls is False
    assert rise.threshold is None
    assert load_threshold([]) is None
    far = cells_of([(load > 4, load, 50.0 + number % 7) for load in (1, 2, 8, 9) for number in range(20)])
    assert load_threshold(far).falls is False
    assert load_threshold(cells_of(drawn(random, 20, fall=10))) is None
    assert load_threshold(cells_of([(cell, 1 + cell, 50.0) for cell in range(3) for _ in range(40)])) is None
