"""Comparisons within cells: against least squares with dummies, and how often intervals hold the truth."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from scorecards.statistics.matched_association import Cell, Mean, difference_within, slope_within

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 100), st.integers(1, 5)), min_size=45, max_size=120
)


def cells_of(rows):
    grouped = {}
    for cell, x, y in rows:
        grouped.setdefault(cell, []).append((x, y))
    return [
        Cell(
            len(own),
            *(sum(x**a * y**b for x, y in own) for a, b in ((1, 0), (2, 0), (0, 1), (0, 2), (1, 1))),
        )
        for own in grouped.values()
    ]


@given(ROWS)
def test_the_slope_is_least_squares_with_an_intercept_for_each_cell(rows):
    cell, x, y = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    used = np.isin(cell, [value for value in set(cell) if (cell == value).sum() > 1])
    cell, x, y = cell[used], x[used], y[used]
    values = np.unique(cell)
    design = np.column_stack([x, *(cell == value for value in values)])
    assume(np.linalg.matrix_rank(design) == design.shape[1])
    solved = np.linalg.lstsq(design, y, rcond=None)[0]
    degrees = len(y) - design.shape[1]
    variance = ((y - design @ solved) ** 2).sum() / degrees * np.linalg.inv(design.T @ design)[0, 0]

    found = slope_within(cells_of(rows))

    assert found.interval.estimate == pytest.approx(solved[0], abs=1e-8)
    half = stats.t.ppf(0.975, degrees) * variance**0.5
    assert found.interval.high - found.interval.estimate == pytest.approx(half, rel=1e-5, abs=1e-7)
    assert (found.n, found.cells) == (len(y), len(values))


@pytest.mark.filterwarnings("ignore:Precision loss occurred")  # of SciPy, where a side has one value only
@given(ROWS, st.lists(st.booleans(), min_size=120, max_size=120))
def test_a_difference_of_one_cell_is_students_two_sample_test(rows, sides):
    values = [
        [y for (_, _, y), side in zip(rows, sides, strict=False) if side is want] for want in (False, True)
    ]
    assume(min(map(len, values)) >= 2)
    before, after = (Mean(len(own), sum(own), sum(y * y for y in own)) for own in values)

    found = difference_within([(before, after)])

    expected = stats.ttest_ind(values[1], values[0]).confidence_interval()
    assert found.interval.low == pytest.approx(expected.low, abs=1e-6)
    assert found.interval.high == pytest.approx(expected.high, abs=1e-6)


@pytest.mark.parametrize("binary", [False, True])
def test_the_interval_holds_the_truth_where_cells_differ_in_both(binary):
    """Cells with more empathy have less satisfaction: without cells the sign would be wrong."""
    draw, held, naive = np.random.default_rng(3), 0, []
    for _ in range(300):
        cell = draw.integers(0, 8, 300)
        x = np.clip(draw.normal(30 + 5 * cell, 15), 0, 100)
        level = 0.9 - 0.1 * cell + 0.004 * (x - 30 - 5 * cell)
        y = (draw.random(300) < np.clip(level, 0, 1)) if binary else level + draw.normal(0, 0.3, 300)
        found = slope_within(cells_of(zip(cell, x, y.astype(float), strict=True)))
        held += found.interval.low <= 0.004 <= found.interval.high
        naive.append(np.polyfit(x, y.astype(float), 1)[0])

    assert 0.9 <= held / 300 <= 0.99
    assert np.mean(naive) < 0


def test_a_changed_mixture_alone_is_no_difference():
    good, bad = (50, 200, 850), (50, 100, 250)
    fewer_bad = (5, 10, 25)

    found = difference_within([(Mean(*good), Mean(*good)), (Mean(*bad), Mean(*fewer_bad))])

    assert found.interval.estimate == 0.0


def test_too_few_tell_nothing():
    assert slope_within([Cell(30, 30, 60, 30, 60, 45)]) is None
    assert slope_within([Cell(40, 40, 40, 80, 200, 80)]) is None
    assert difference_within([(Mean(15, 15, 15), Mean(16, 16, 16))]) is None
    assert difference_within([]) is None
