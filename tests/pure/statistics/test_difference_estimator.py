"""The difference estimator: equals its reference formula, and is suppressed with too few reviews."""

import math
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.statistics.confidence_intervals import UNKNOWN, t_quantile
from scorecards.statistics.difference_estimator import MIN_REVIEWS, Population, estimate

NAN = math.nan


def sample(seed=1, n=80, *, missing=0.0, noise=12.0):
    """Scores of n reviewed interactions out of 1,000, with unequal probabilities."""
    generator = np.random.default_rng(seed)
    human = np.clip(generator.normal(70, 15, n), 1, 99)
    machine = np.clip(human + generator.normal(4, noise, n), 0, 100)
    human = np.where(generator.random(n) < missing, NAN, human)
    machine = np.where(generator.random(n) < missing, NAN, machine)
    return human, machine, generator.uniform(0.04, 0.5, n)


def population(mean=75.0, n=1000, defined=1000):
    return Population(n, defined, mean * defined)


# The design's formulas, as plainly as they can be written


def plain_lambda(h, f, p):
    v = [(1 - each) / each**2 for each in p]
    mean_h = sum(a * b for a, b in zip(v, h, strict=True)) / sum(v)
    mean_f = sum(a * b for a, b in zip(v, f, strict=True)) / sum(v)
    cross = sum(a * (x - mean_h) * (y - mean_f) for a, x, y in zip(v, h, f, strict=True))
    square = sum(a * (y - mean_f) ** 2 for a, y in zip(v, f, strict=True))
    return min(max(cross / square, 0.0), 1.5)


def plain_theta(h, f, p, mean_f, slope):
    w = [1 / each for each in p]
    return slope * mean_f + sum(a * (x - slope * y) for a, x, y in zip(w, h, f, strict=True)) / sum(w)


def plain_estimate(h, f, p, mean_f):
    """Return theta, low, high with a jackknife that really refits n times."""
    n = len(h)
    slope = plain_lambda(h, f, p)
    theta = plain_theta(h, f, p, mean_f, slope)
    without = []
    for i in range(n):
        rest = [np.delete(each, i) for each in (h, f, p)]
        without.append(plain_theta(*rest, mean_f, plain_lambda(*rest)))
    mean = sum(without) / n
    variance = (n - 1) / n * sum((1 - p[i]) * (without[i] - mean) ** 2 for i in range(n))
    w = [1 / each for each in p]
    e = [x - slope * y for x, y in zip(h, f, strict=True)]
    mean_e = sum(a * b for a, b in zip(w, e, strict=True)) / sum(w)
    q = [(1 - p[i]) * (w[i] * (e[i] - mean_e) / sum(w)) ** 2 for i in range(n)]
    mean_q = sum(q) / n
    degrees = 2 * sum(q) ** 2 / (sum((each - mean_q) ** 2 for each in q) * n / (n - 1))
    quantile = t_quantile(min(max(degrees, 3), n - 2))
    share = theta / 100
    half = quantile * math.sqrt(variance) / 100 / (share * (1 - share))
    ends = [100 / (1 + math.exp(-(math.log(share / (1 - share)) + side * half))) for side in (-1, 1)]
    return theta, *ends, slope


@pytest.mark.parametrize("seed", range(5))
def test_difference_estimate_equals_reference_formula_without_missing_scores(seed):
    h, f, p = sample(seed)
    found = estimate(population(), h, f, p, interval_limit=100)
    theta, low, high, slope = plain_estimate(h, f, p, 75.0)
    assert found.lambda_ == pytest.approx(slope, rel=1e-12)
    assert found.estimate == pytest.approx(theta, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def plain_ratio(h, f, p, sums, slope):
    d, m, w = ~np.isnan(h), ~np.isnan(f), 1 / p
    h, f = np.where(d, h, 0), np.where(m, f, 0)
    above = slope * sums.total / sums.n + np.sum(w * (h - slope * f)) / w.sum()
    return above / (slope * sums.defined / sums.n + np.sum(w * (d - slope * m)) / w.sum())


@pytest.mark.parametrize("seed", range(5))
def test_difference_estimate_is_a_ratio_estimator_with_missing_scores(seed):
    h, f, p = sample(seed, missing=0.3)
    sums = population(defined=700)
    found = estimate(sums, h, f, p, interval_limit=100)
    assert 0 < found.lambda_ < 1.5
    assert found.estimate == pytest.approx(plain_ratio(h, f, p, sums, found.lambda_), rel=1e-12)


def test_interval_width_matches_leave_one_out_jackknife():
    h, f, p = sample(3, n=20, missing=0.2)
    sums, n = population(defined=800), 20
    found = estimate(sums, h, f, p, interval_limit=100)
    without = np.array(
        [
            estimate(sums, *(np.delete(each, i) for each in (h, f, p)), interval_limit=1e9).estimate
            for i in range(n)
        ]
    )
    variance = (n - 1) / n * np.sum((1 - p) * (without - without.mean()) ** 2)
    share = found.estimate / 100
    half = (math.log(found.high / (100 - found.high)) - math.log(found.low / (100 - found.low))) / 2
    quantile = half * share * (1 - share) * 100 / math.sqrt(variance)
    assert t_quantile(n - 2) <= quantile <= t_quantile(3)


def test_shifting_human_and_machine_scores_shifts_the_estimate():
    h, f, p = sample(4)
    first = estimate(population(70), h, f, p, interval_limit=100)
    second = estimate(population(60), h - 10, f - 10, p, interval_limit=100)
    assert second.estimate == pytest.approx(first.estimate - 10)


# Methods and statuses


def test_correlated_machine_narrows_interval_and_raises_effective_n():
    found = estimate(population(), *sample(noise=4), interval_limit=100)
    assert found.method == "difference"
    assert found.high - found.low < found.human_only.width
    assert found.effective_n > 2 * found.n
    assert (found.machine_only, found.status) == (75, "verified")


def test_anticorrelated_machine_falls_back_to_human_only():
    h, f, p = sample()
    found = estimate(population(), h, 100 - f, p, interval_limit=100)
    assert (found.method, found.lambda_, found.effective_n) == ("human_only", 0, found.n)
    assert (found.estimate, found.low, found.high) == (
        found.human_only.estimate,
        found.human_only.low,
        found.human_only.high,
    )


def test_without_machine_scores_people_alone_decide():
    h, f, p = sample()
    found = estimate(Population(1000, 0, 0.0), h, np.full_like(f, NAN), p, interval_limit=100)
    assert (found.method, found.machine_only) == ("human_only", None)
    assert found.estimate == pytest.approx(np.sum(h / p) / np.sum(1 / p))


def test_without_reviews_the_machine_is_reported_unverified():
    found = estimate(population(), [], [], [])
    assert (found.estimate, found.low, found.high) == (75, None, None)
    assert (found.method, found.status, found.human_only) == ("machine_only", "unverified", UNKNOWN)


def test_estimate_of_empty_population_is_none():
    found = estimate(Population(0, 0, 0.0), [], [], [])
    assert (found.estimate, found.status, found.machine_only) == (None, "unverified", None)


def test_interval_wider_than_limit_suppresses_the_estimate():
    h, f, p = sample(n=20, noise=60)
    found = estimate(population(), h, f, p, interval_limit=3)
    assert (found.estimate, found.low, found.high, found.status) == (None, None, None, "too_few_reviews")
    assert found.human_only == UNKNOWN
    assert found.n == 20


def test_human_only_figure_is_suppressed_by_its_own_interval_width():
    h, f, p = sample(n=60, noise=3)
    wide = estimate(population(), h, f, p, interval_limit=100)
    limit = (wide.high - wide.low + wide.human_only.width) / 2
    found = estimate(population(), h, f, p, interval_limit=limit)
    assert (found.status, found.human_only) == ("verified", UNKNOWN)


def test_fewer_than_minimum_reviews_suppress_estimate_even_if_identical():
    n = MIN_REVIEWS - 1
    assert estimate(population(), [80.0] * n, [80.0] * n, [1.0] * n).status == "too_few_reviews"
    assert (
        estimate(population(), [80.0] * n + [NAN] * 50, [80.0] * (n + 50), [1.0] * (n + 50)).estimate is None
    )


def test_reviews_without_human_scores_suppress_the_estimate():
    found = estimate(population(), [NAN] * 30, [70.0] * 30, [0.1] * 30)
    assert (found.estimate, found.status, found.n) == (None, "too_few_reviews", 30)


# Limits


def test_when_everything_was_reviewed_the_interval_has_no_width():
    h, f, _ = sample(n=50)
    found = estimate(Population(50, 50, float(f.sum())), h, f, np.ones(50))
    assert found.low == found.estimate == found.high == pytest.approx(h.mean())
    assert found.status == "verified"


@pytest.mark.parametrize("score", [0.0, 40.0, 100.0])
def test_scores_that_are_all_alike_still_have_an_interval(score):
    found = estimate(population(), [score] * 100, [60.0] * 100, [0.1] * 100, interval_limit=100)
    assert found.estimate == pytest.approx(score)
    assert 0 <= found.low <= score <= found.high <= 100
    assert found.high - found.low > 1


def test_zero_count_bound_uses_the_lowest_inclusion_probability():
    often, rarely = [0.5] * 50, [0.05] * 50
    fair = estimate(population(), [0.0] * 100, [0.0] * 100, [0.1] * 100, interval_limit=100)
    uneven = estimate(population(), [0.0] * 100, [0.0] * 100, often + rarely, interval_limit=100)
    assert fair.low == uneven.low == 0
    assert uneven.high > fair.high


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_one_to_five_reviews_give_too_few_reviews(n):
    h, f, p = sample(n=n)
    assert estimate(population(), h, f, p, interval_limit=1e9).status == "too_few_reviews"


def test_estimate_outside_score_range_is_clamped():
    h = np.array([1.0] * 30 + [0.0] * 30)
    f = np.array([90.0] * 30 + [80.0] * 30)
    found = estimate(population(0.0), h, f, np.full(60, 0.1), interval_limit=100)
    assert found.estimate >= 0
    assert 0 <= found.low <= found.estimate <= found.high


scores = st.one_of(st.just(NAN), st.sampled_from([0.0, 50.0, 100.0]), st.floats(0, 100))
units = st.lists(st.tuples(scores, scores, st.sampled_from([1.0, 0.5]) | st.floats(1e-4, 1)), max_size=40)


@settings(max_examples=400, deadline=None)
@given(units, st.integers(0, 2000), st.floats(0, 1), st.floats(0, 100))
def test_estimate_satisfies_its_invariants_for_any_input(rows, more, share, mean):
    h, f, p = ([row[column] for row in rows] for column in range(3))
    n = len(rows) + more
    defined = int(share * n)
    found = estimate(Population(n, defined, mean * defined), h, f, p, interval_limit=1000)
    for figure in (found, found.human_only):
        if figure.low is not None:
            assert 0 <= figure.low <= figure.estimate + 1e-9
            assert figure.estimate - 1e-9 <= figure.high <= 100
    assert found.status in {"verified", "too_few_reviews", "unverified"}
    assert (found.estimate is None) == (found.status == "too_few_reviews" or (not rows and not defined))
    assert 0 <= found.lambda_ <= 1.5
    assert math.isfinite(found.effective_n)


@pytest.mark.parametrize("p", [[0.0], [1.1], [NAN], [-0.5]])
def test_estimate_rejects_inclusion_probability_outside_0_1(p):
    with pytest.raises(ValueError, match="probabilities"):
        estimate(population(), [50.0], [50.0], p)


def test_estimate_rejects_columns_of_unequal_length():
    with pytest.raises(ValueError, match="go together"):
        estimate(population(), [50.0], [50.0, 60.0], [0.1])


def test_estimate_of_50000_reviews_takes_under_one_second():
    h, f, p = sample(n=50_000)
    began = process_time()
    estimate(population(n=500_000, defined=500_000), h, f, p)
    assert process_time() - began < 1
