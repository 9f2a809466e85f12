"""Published examples of agreement coefficients, to three decimals."""

import math

import numpy as np
import pytest

from scorecards.statistics.agreement import gwet
from scorecards.statistics.gwet import ac1_of_many, resampled_ac1
from scorecards.statistics.krippendorff import alpha, alpha_interval, smoothed_alphas

# K. Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: twelve units, four
# observers, five values, 0 is missing. K. L. Gwet's cac.raw4raters has the same ratings.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
COUNTS = np.array([[np.sum(unit == value) for value in range(1, 6)] for unit in np.array(OBSERVERS).T])


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example_has_the_published_alpha(level, published):
    assert round(alpha(COUNTS, level, [1, 2, 3, 4, 5]), 3) == published


def test_gwets_example_has_the_published_ac1():
    assert round(gwet(COUNTS), 3) == 0.775
    assert round(ac1_of_many(COUNTS).estimate, 3) == 0.775


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_intervals_contain_their_estimates_and_repeat(level):
    one, other = (alpha_interval(COUNTS, level, [1, 2, 3, 4, 5]) for _ in range(2))

    assert one == other
    assert -1 < one.low <= one.estimate <= one.high <= 1


def test_alpha_of_a_ratio_scale_takes_two_zeros_for_the_same():
    assert alpha([[2, 0], [0, 2], [1, 1]], "ratio", [0, 1]) == pytest.approx(
        alpha([[2, 0], [0, 2], [1, 1]], "nominal")
    )


def test_resamples_of_every_unit_once_are_the_coefficient():
    assert resampled_ac1(COUNTS, np.ones((1, len(COUNTS))))[0] == pytest.approx(gwet(COUNTS))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_draws_of_many_units_lie_around_alpha(level):
    many, values, generator = np.tile(COUNTS, (400, 1)), [1, 2, 3, 4, 5], np.random.default_rng(4)
    weights = generator.standard_gamma(1.0, size=(200, len(many)))
    drawn = smoothed_alphas(many, weights, generator, level, values)

    assert np.mean(drawn) == pytest.approx(alpha(many, level, values), abs=0.005)


def test_one_rater_or_one_category_has_no_coefficient_and_says_so():
    one_rater, one_category = [[1, 0], [0, 1], [1, 0]], [[3, 0]] * 6

    assert ac1_of_many(one_rater).estimate is None
    assert alpha_interval(one_rater).estimate is None
    assert alpha_interval(one_category).estimate is None
    assert ac1_of_many([[3], [3]]).estimate is None
    perfect = ac1_of_many(one_category)
    assert perfect.estimate == 1
    assert 0 < perfect.low < 1
    assert math.isnan(smoothed_alphas(one_rater, np.ones((1, 3)), np.random.default_rng(1))[0])
