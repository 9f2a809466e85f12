"""Confidence intervals: known values, limits, and that they never leave their range."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scorecards.statistics.confidence_intervals import (
    UNKNOWN,
    logit_interval,
    normal_quantile,
    t_quantile,
    wilson,
)


@pytest.mark.parametrize(("share", "n"), [(0.0, 10), (0.3, 20), (0.5, 7.5), (1.0, 3)])
def test_wilson_ends_solve_the_score_equation(share, n):
    found, z = wilson(share, n), normal_quantile()
    for end in (found.low, found.high):
        if end not in {0.0, 1.0}:
            assert abs(share - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n))


@pytest.mark.parametrize("successes", [0, 1, 5, 20])
def test_wilson_agrees_with_scipy(successes):
    known = stats.binomtest(successes, 20).proportion_ci(method="wilson")
    found = wilson(successes / 20, 20)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


@given(st.floats(0, 1), st.floats(0.01, 1e9))
def test_wilson_holds_its_estimate_and_stays_in_range(share, n):
    found = wilson(share, n)
    assert 0 <= found.low <= share <= found.high <= 1
    assert found.width > 0


def test_wilson_interval_without_observations_is_unknown():
    assert wilson(0.5, 0) == UNKNOWN
    assert UNKNOWN.width == math.inf


def test_more_observations_narrow_an_interval():
    assert wilson(0.2, 1000).width < wilson(0.2, 100).width < wilson(0.2, 10).width


@given(st.floats(0.001, 0.999), st.floats(0, 10), st.floats(0.1, 20))
def test_a_logit_interval_holds_its_estimate_and_stays_in_range(share, standard_error, quantile):
    found = logit_interval(share, standard_error, quantile)
    assert 0 <= found.low <= share + 1e-12
    assert share - 1e-12 <= found.high <= 1


@pytest.mark.parametrize("degrees", [1, 3.7, 30, 1e6])
def test_t_quantiles_agree_with_scipy(degrees):
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees))
