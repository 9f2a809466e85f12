"""The difference estimator: equals its formulas, is withheld by a rule blind to scores, keeps its limits."""

import math
from collections import defaultdict
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.statistics.confidence_intervals import UNKNOWN, t_quantile, wilson_limits
from scorecards.statistics.difference_estimator import (
    MIN_REVIEWS,
    effective_size,
    enough_reviews,
    estimate,
)
from scorecards.statistics.strata import Stratum

NAN = math.nan
WIDE = 1000.0
"""An interval limit that withholds nothing."""


def sample(seed=1, n=80, *, missing=0.0, noise=12.0):
    """Scores of n reviewed interactions of three strata, reviewed as far as a queue is worked off."""
    generator = np.random.default_rng(seed)
    human = np.clip(generator.normal(70, 15, n), 1, 99)
    machine = np.clip(human + generator.normal(4, noise, n), 0, 100)
    human = np.where(generator.random(n) < missing, NAN, human)
    machine = np.where(generator.random(n) < missing, NAN, machine)
    rate = np.resize([0.1, 0.1, 0.3, 0.5], n)
    return human, machine, rate * np.resize([0.5, 1.0, 0.8], n), rate


def strata(mean=75.0, n=1000, defined=1.0):
    """Return three strata that have together n interactions."""
    return [
        Stratum(rate, size, int(size * defined), int(size * defined) * mean)
        for rate, size in ((0.1, n * 7 // 10), (0.3, n * 2 // 10), (0.5, n // 10))
    ]


def one_stratum(mean=75.0, n=1000, defined=None):
    defined = n if defined is None else defined
    return [Stratum(0.1, n, defined, mean * defined)]


# The formulas, as plainly as they can be written


class Plain:
    """The estimate by sums over lists, one stratum after the other; scores in [0, 1]."""

    def __init__(self, everything, human, machine, probability, rate, slope=None):
        self.groups = defaultdict(list)
        for h, f, p, r in zip(human, machine, probability, rate, strict=True):
            d, m = not math.isnan(h), not math.isnan(f)
            self.groups[r].append((d, h / 100 if d else 0.0, m, f / 100 if m else 0.0, p))
        self.everything = {each.rate: each for each in everything}
        self.total = sum(each.n for each in everything)
        self.n = len(human)
        above = sum(self.share(r) * self.mean(r, lambda u: u[1]) for r in self.groups)
        self.theta0 = above / sum(self.share(r) * self.mean(r, lambda u: u[0]) for r in self.groups)
        self.slope = self.fitted_slope() if slope is None else slope
        parts = {r: self.part(r) for r in self.groups}
        below = sum(self.share(r) * b for r, (_, b) in parts.items())
        self.theta = sum(self.share(r) * a for r, (a, _) in parts.items()) / below
        self.shares = {r: self.share(r) * b / below for r, (_, b) in parts.items()}
        self.means = {r: min(max(a / b, 0.0), 1.0) for r, (a, b) in parts.items()}
        self.below, self.parts = below, parts

    def share(self, r):
        return self.everything[r].n / self.total

    def weight(self, r):
        return sum(1 / u[4] for u in self.groups[r])

    def mean(self, r, value):
        return sum(value(u) / u[4] for u in self.groups[r]) / self.weight(r)

    def unit_weight(self, r, u):
        return (self.share(r) / self.weight(r)) ** 2 * (1 - u[4]) / u[4] ** 2

    def fitted_slope(self):
        cross = square = 0.0
        for r, units in self.groups.items():
            a = [u[0] * (u[1] - self.theta0) for u in units]
            b = [u[2] * (u[3] - self.theta0) for u in units]
            mean_a, mean_b = (
                sum(x / u[4] for x, u in zip(values, units, strict=True)) / self.weight(r)
                for values in (a, b)
            )
            for x, y, u in zip(a, b, units, strict=True):
                cross += self.unit_weight(r, u) * (x - mean_a) * (y - mean_b)
                square += self.unit_weight(r, u) * (y - mean_b) ** 2
        return min(max(cross / square, 0.0), 1.5)

    def part(self, r):
        whole = self.everything[r]
        above = whole.total / 100 / whole.n - self.mean(r, lambda u: u[3])
        below = whole.defined / whole.n - self.mean(r, lambda u: u[2])
        return (
            self.mean(r, lambda u: u[1]) + self.slope * above,
            self.mean(r, lambda u: u[0]) + self.slope * below,
        )

    def variance(self, r, values, lost=1.0):
        units = self.groups[r]
        mean = sum(x / u[4] for x, u in zip(values, units, strict=True)) / self.weight(r)
        v = [(1 - u[4]) / u[4] ** 2 for u in units]
        square = sum(a * (x - mean) ** 2 for a, x in zip(v, values, strict=True)) / sum(v)
        return lost * square * len(units) / (len(units) - 1)

    def size(self, r):
        units, whole = self.groups[r], self.everything[r].n
        drawn = self.weight(r) ** 2 / sum((1 - u[4]) / u[4] ** 2 for u in units)
        return min(drawn, len(units) * (whole - 1) / (whole - len(units)))

    def farthest(self):
        return max(u[0] * (u[1] - self.means[r]) ** 2 for r in self.groups for u in self.groups[r])

    def trials(self, r):
        units, mu, known = self.groups[r], self.means[r], self.mean(r, lambda u: u[0])
        values = [u[0] * (u[1] - mu) - self.slope * u[2] * (u[3] - mu) for u in units]
        fitted = self.n - len(self.groups)
        variance = self.variance(r, values, fitted / (fitted - 1) if self.slope else 1.0)
        own = variance * known / self.parts[r][1] ** 2 / (mu * (1 - mu))
        kappa = (len(units) * own + self.farthest() / (mu * (1 - mu))) / (len(units) + 1)
        kappa = min(kappa, max(own, 1.0))
        return self.size(r) * known / kappa

    def undefined(self, r):
        varies = self.variance(r, [float(u[0]) for u in self.groups[r]]) / self.size(r)
        return varies * ((self.means[r] - self.theta) * self.share(r) / self.below) ** 2

    def quantile(self):
        q = [self.unit_weight(r, u) for r in self.groups for u in self.groups[r]]
        mean = sum(q) / len(q)
        spread = sum((each - mean) ** 2 for each in q) * len(q) / (len(q) - 1)
        scored = sum(u[0] for units in self.groups.values() for u in units)
        return t_quantile(max(min(2 * sum(q) ** 2 / spread, scored - 2), 3))

    def limits(self):
        below = above = 0.0
        for r in self.groups:
            low, high = wilson_limits(self.means[r], self.trials(r), self.quantile())
            rest = self.quantile() ** 2 * self.undefined(r)
            below += (self.shares[r] * (self.means[r] - low)) ** 2 + rest
            above += (self.shares[r] * (high - self.means[r])) ** 2 + rest
        return 100 * (self.theta - math.sqrt(below)), 100 * (self.theta + math.sqrt(above))


@pytest.mark.parametrize("missing", [0.0, 0.25])
@pytest.mark.parametrize("seed", range(5))
def test_estimate_equals_its_formulas(seed, missing):
    rows, everything = sample(seed, missing=missing), strata(defined=1 - missing)
    found, plain = estimate(everything, *rows, interval_limit=WIDE), Plain(everything, *rows)
    assert 0 < found.lambda_ < 1.5
    assert found.lambda_ == pytest.approx(plain.slope, rel=1e-12)
    assert found.estimate == pytest.approx(100 * plain.theta, rel=1e-12)
    assert (found.low, found.high) == pytest.approx(plain.limits(), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_human_only_estimate_equals_the_formulas_without_the_machine(seed):
    rows = sample(seed)
    found = estimate(strata(), *rows, interval_limit=WIDE).human_only
    plain = Plain(strata(), *rows, slope=0.0)
    assert found.estimate == pytest.approx(100 * plain.theta, rel=1e-12)
    assert (found.low, found.high) == pytest.approx(plain.limits(), rel=1e-9)


def test_of_0_and_100_in_one_stratum_the_interval_is_wilsons_with_the_finite_population():
    human = [100.0] * 80 + [0.0] * 20
    found = estimate([Stratum(0.1, 400)], human, [NAN] * 100, [0.25] * 100, interval_limit=WIDE)
    kappa = 100 / 99
    low, high = wilson_limits(0.8, 100 * 399 / 300 / kappa, t_quantile(98))
    assert (found.low, found.high) == pytest.approx((100 * low, 100 * high))


def test_shifting_human_and_machine_scores_shifts_the_estimate():
    h, f, p, rate = sample(4)
    first = estimate(strata(70), h, f, p, rate, interval_limit=WIDE)
    second = estimate(strata(60), h - 10, f - 10, p, rate, interval_limit=WIDE)
    assert second.estimate == pytest.approx(first.estimate - 10)


# Methods and statuses


def test_correlated_machine_narrows_interval_and_raises_effective_n():
    found = estimate(strata(), *sample(noise=4), interval_limit=WIDE)
    assert found.method == "difference"
    assert found.high - found.low < found.human_only.width
    assert found.effective_n > 1.5 * found.n
    assert (found.machine_only, found.status) == (75, "verified")


def test_anticorrelated_machine_falls_back_to_human_only():
    h, f, p, rate = sample()
    found = estimate(strata(), h, 100 - f, p, rate, interval_limit=WIDE)
    assert (found.method, found.lambda_, found.effective_n) == ("human_only", 0, found.n)
    assert (found.estimate, found.low, found.high) == (
        found.human_only.estimate,
        found.human_only.low,
        found.human_only.high,
    )


def test_without_machine_scores_people_alone_decide():
    h, f, p, _ = sample()
    found = estimate([Stratum(0.1, 1000)], h, np.full_like(f, NAN), p, interval_limit=WIDE)
    assert (found.method, found.machine_only) == ("human_only", None)
    assert found.estimate == pytest.approx(np.sum(h / p) / np.sum(1 / p))


def test_without_reviews_the_machine_is_reported_unverified():
    found = estimate(strata(), [], [], [], [])
    assert (found.estimate, found.low, found.high) == (75, None, None)
    assert (found.anytime_low, found.anytime_high) == (None, None)
    assert (found.method, found.status, found.human_only) == ("machine_only", "unverified", UNKNOWN)


def test_estimate_of_empty_population_is_none():
    found = estimate([], [], [], [])
    assert (found.estimate, found.status, found.machine_only) == (None, "unverified", None)


def test_the_gain_that_a_dozen_lucky_reviews_suggest_is_not_believed():
    human = [60, 80, 70, 90, 50, 75, 85, 65, 95, 70, 55, 80]
    machine = [70, 85, 75, 90, 65, 80, 85, 75, 95, 80, 60, 85]
    p = [0.25, 0.05, 0.25, 0.05, 0.25, 0.1, 0.05, 0.25, 0.05, 0.1, 0.25, 0.1]
    found = estimate([Stratum(0.1, 200, 200, 16_000.0)], human, machine, p, interval_limit=WIDE)
    assert 12 <= found.effective_n < 40


# Whether a number is shown


def test_a_number_needs_so_many_reviews_that_its_interval_can_be_expected_to_be_narrow_enough():
    h, f, p, rate = sample(n=200)
    asked = [n for n in range(1, 201) if estimate(strata(), h[:n], f[:n], p[:n], rate[:n]).low is not None]
    sizes = [effective_size(strata(), p[:n], rate[:n]) for n in range(1, 201)]
    assert asked == [n for n, size in enumerate(sizes, 1) if enough_reviews(size, n, 10.0)]
    assert 25 <= asked[0] <= 60


def test_fewer_than_minimum_reviews_suppress_estimate_even_if_identical():
    n = MIN_REVIEWS - 1
    assert estimate(one_stratum(), [80.0] * n, [80.0] * n, [1.0] * n).status == "too_few_reviews"
    more = [80.0] * n + [NAN] * 50
    assert estimate(one_stratum(), more, [80.0] * (n + 50), [1.0] * (n + 50)).estimate is None


def test_reviews_without_human_scores_suppress_the_estimate():
    found = estimate(one_stratum(), [NAN] * 30, [70.0] * 30, [0.1] * 30)
    assert (found.estimate, found.status, found.n) == (None, "too_few_reviews", 30)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_one_to_five_reviews_give_too_few_reviews(n):
    assert estimate(strata(), *sample(n=n), interval_limit=WIDE).status == "too_few_reviews"


@pytest.mark.parametrize("unreviewed", [5, 500])
def test_no_number_is_shown_while_nothing_of_one_rate_was_reviewed(unreviewed):
    everything = [Stratum(0.05, unreviewed), Stratum(1.0, 60)]
    found = estimate(everything, [0.0, 100.0] * 30, [NAN] * 60, [1.0] * 60, [1.0] * 60, interval_limit=20)
    assert found.status == "too_few_reviews"


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(1, 60), st.floats(2, 40))
def test_whether_a_number_is_shown_never_depends_on_the_scores(data, n, limit):
    rate = np.array(data.draw(st.lists(st.sampled_from([0.1, 0.3, 0.5]), min_size=n, max_size=n)))
    p = rate * np.array(data.draw(st.lists(st.sampled_from([0.3, 0.7, 1.0]), min_size=n, max_size=n)))
    points = st.lists(st.sampled_from([0.0, 50.0, 90.0, 100.0]) | st.floats(0, 100), min_size=n, max_size=n)
    shown = {
        estimate(strata(data.draw(st.floats(0, 100))), data.draw(points), data.draw(points), p, rate).status
        for _ in range(2)
    }
    limited = {
        estimate(strata(), data.draw(points), data.draw(points), p, rate, interval_limit=limit).status
        for _ in range(2)
    }
    assert len(shown) == len(limited) == 1


# Limits


def test_when_everything_was_reviewed_the_interval_has_no_width():
    h, f, _, _ = sample(n=50)
    found = estimate([Stratum(0.1, 50, 50, float(f.sum()))], h, f, np.ones(50))
    assert found.low == pytest.approx(found.estimate) == found.high == pytest.approx(h.mean())
    assert found.anytime_low == pytest.approx(found.anytime_high)
    assert found.status == "verified"


def test_with_all_probabilities_1_and_something_unreviewed_the_interval_has_a_width():
    h, f, _, _ = sample(n=50)
    found = estimate([Stratum(1.0, 51, 51, 3825.0)], h, f, np.ones(50))
    assert found.high - found.low > 0.5


def test_15_of_200_reviewed_at_base_rate_1_are_as_uncertain_as_15_of_200():
    h = np.linspace(30, 95, 15)
    tau = 15 / 200
    found = estimate([Stratum(1.0, 200)], h, [NAN] * 15, [tau] * 15, interval_limit=WIDE)
    assert 15 < found.high - found.low < 35


@pytest.mark.parametrize("score", [0.0, 40.0, 100.0])
def test_scores_that_are_all_alike_still_have_an_interval(score):
    found = estimate(one_stratum(), [score] * 100, [60.0] * 100, [0.1] * 100, interval_limit=WIDE)
    assert found.estimate == pytest.approx(score)
    assert 0 <= found.low <= score <= found.high <= 100
    assert found.high - found.low > 1


def test_a_stratum_without_a_failure_so_far_keeps_the_width_that_failures_would_give():
    everything = [Stratum(0.05, 900), Stratum(1.0, 30)]
    human = [100.0] * 45 + [0.0] * 20 + [100.0] * 10
    rate = [0.05] * 45 + [1.0] * 30
    found = estimate(everything, human, [NAN] * 75, rate, rate, interval_limit=WIDE)
    assert found.estimate == pytest.approx(100 * 910 / 930)
    assert found.low < 94
    assert found.high < 100


def test_estimate_outside_score_range_is_clamped():
    h = np.array([1.0] * 30 + [0.0] * 30)
    f = np.array([90.0] * 30 + [80.0] * 30)
    found = estimate(one_stratum(0.0), h, f, np.full(60, 0.1), interval_limit=WIDE)
    assert 0 <= found.low <= found.estimate <= found.high


def test_anytime_interval_holds_the_ordinary_one():
    found = estimate(strata(), *sample(), interval_limit=WIDE)
    assert found.anytime_low < found.low < found.high < found.anytime_high
    assert 1.4 < (found.anytime_high - found.anytime_low) / (found.high - found.low) < 1.8


scores = st.one_of(st.just(NAN), st.sampled_from([0.0, 50.0, 100.0]), st.floats(0, 100))
units = st.lists(
    st.tuples(scores, scores, st.sampled_from([0.05, 0.3, 1.0]), st.floats(1e-3, 1)), max_size=40
)


def columns(rows):
    """Return human, machine, probability and rate; the probability is at most the rate."""
    human, machine, rate, share = (np.array([row[place] for row in rows], dtype=float) for place in range(4))
    return human, machine, rate * share, rate


def around(rows, more, share, mean):
    """Return strata with so many interactions more than the reviews."""
    rates = [row[2] for row in rows]
    return [
        Stratum(rate, n, int(share * n), mean * int(share * n))
        for rate in (0.05, 0.3, 1.0)
        if (n := rates.count(rate) + more)
    ]


@settings(max_examples=400, deadline=None)
@given(units, st.integers(0, 700), st.floats(0, 1), st.floats(0, 100), st.sampled_from([1.0, 5.0, 100.0]))
def test_estimate_satisfies_its_invariants_for_any_input(rows, more, share, mean, top):
    h, f, p, rate = columns(rows)
    everything = around(rows, more, share, mean * top / 100)
    found = estimate(everything, h * top / 100, f * top / 100, p, rate, interval_limit=WIDE, top=top)
    for figure in (found, found.human_only):
        if figure.low is not None:
            assert 0 <= figure.low <= figure.estimate + 1e-9
            assert figure.estimate - 1e-9 <= figure.high <= top
    if found.low is not None:
        assert 0 <= found.anytime_low <= found.low + 1e-9
        assert found.high - 1e-9 <= found.anytime_high <= top
        assert found.high - found.low > 1e-9 * top or not more
    defined = sum(each.defined for each in everything)
    assert found.status in {"verified", "too_few_reviews", "unverified"}
    assert (found.estimate is None) == (found.status == "too_few_reviews" or (not rows and not defined))
    assert 0 <= found.lambda_ <= 1.5
    assert math.isfinite(found.effective_n)


@settings(max_examples=100, deadline=None)
@given(units, st.integers(1, 300), st.randoms(use_true_random=False))
def test_the_order_of_reviews_and_strata_makes_no_difference(rows, more, random):
    everything = around(rows, more, 0.9, 70.0)
    mixed = random.sample(rows, len(rows))
    first = estimate(everything, *columns(rows), interval_limit=WIDE)
    second = estimate(random.sample(everything, len(everything)), *columns(mixed), interval_limit=WIDE)
    assert first.status == second.status
    for name in ("estimate", "low", "high", "anytime_low", "anytime_high", "lambda_"):
        one, other = getattr(first, name), getattr(second, name)
        assert one == other or one == pytest.approx(other, abs=1e-6)


# Input


@pytest.mark.parametrize("p", [[0.0], [1.1], [NAN], [-0.5]])
def test_estimate_rejects_inclusion_probability_outside_0_1(p):
    with pytest.raises(ValueError, match="probabilities"):
        estimate(one_stratum(), [50.0], [50.0], p)


def test_estimate_rejects_columns_of_unequal_length():
    with pytest.raises(ValueError, match="go together"):
        estimate(one_stratum(), [50.0], [50.0, 60.0], [0.1])


def test_estimate_of_several_strata_asks_for_the_rate_of_each_review():
    with pytest.raises(ValueError, match="sampling rate"):
        estimate(strata(), [50.0], [50.0], [0.1])


def test_estimate_of_50000_reviews_takes_under_one_second():
    h, f, p, rate = sample(n=50_000)
    began = process_time()
    estimate(strata(n=500_000), h, f, p, rate)
    assert process_time() - began < 1
