"""Domains shrunk towards their common mean: properties, and coverage beside the unshrunk estimate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.confidence_intervals import t_quantile
from scorecards.statistics.domain_estimates import MIN_DOMAINS, shrink

domains = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 400)), min_size=MIN_DOMAINS, max_size=30).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


@given(domains)
def test_a_shrunk_estimate_lies_between_its_own_and_the_others_and_within_its_limits(given_domains):
    direct, variance = given_domains
    for y, each in zip(direct, shrink(direct, variance, degrees=50), strict=True):
        interval = each.interval
        assert 0 <= interval.low <= interval.estimate <= interval.high <= 100
        assert direct.min() - 1e-6 <= interval.estimate <= direct.max() + 1e-6
        assert 0 <= each.own <= 1
        if each.own > 0.999999:
            assert interval.estimate == pytest.approx(y, abs=0.01)


@given(domains, st.randoms(use_true_random=False))
def test_neither_order_nor_a_common_shift_matters(given_domains, random):
    direct, variance = given_domains[0] / 2 + 20, given_domains[1]
    order = list(range(direct.size))
    random.shuffle(order)
    found = [each.interval.estimate for each in shrink(direct, variance, degrees=50)]
    shuffled = shrink(direct[order], variance[order], degrees=50)
    shifted = shrink(direct + 10, variance, degrees=50)

    assert [each.interval.estimate for each in shuffled] == pytest.approx([found[place] for place in order])
    assert [each.interval.estimate - 10 for each in shifted] == pytest.approx(found, abs=1e-6)


def test_the_less_certain_a_domain_the_more_it_is_shrunk_and_a_census_not_at_all():
    direct = np.array([50.0, 60.0, 70.0, 80.0, 90.0, 90.0, 90.0])
    found = shrink(direct, np.array([1.0, 1.0, 1.0, 1.0, 0.0, 25.0, 400.0]), degrees=100)

    census, some, few = (each.interval.estimate for each in found[-3:])
    assert census == pytest.approx(90)
    assert 72 < few < some < census
    assert shrink(direct[:3], np.ones(3), degrees=10) == []


@pytest.mark.parametrize("between", [0.0, 3.0, 12.0])
@pytest.mark.parametrize("agents", [5, 40])
def test_coverage_and_error_beside_the_unshrunk_estimate(agents, between):
    """1 to 20 reviews of each agent, with a standard deviation of 15 points."""
    random = np.random.default_rng(1)
    held, errors = [], {"direct": [], "shrunk": []}
    for _ in range(60):
        n = random.integers(1, 21, agents)
        truth = 70 + between * random.standard_normal(agents)
        reviews = [mean + 15 * random.standard_normal(size) for mean, size in zip(truth, n, strict=True)]
        direct = np.clip([each.mean() for each in reviews], 0, 100)
        degrees = float((n - 1).sum())
        pooled = sum(((each - each.mean()) ** 2).sum() for each in reviews) / degrees
        found = [each.interval for each in shrink(direct, pooled / n, degrees=degrees)]
        held += [each.low <= true <= each.high for each, true in zip(found, truth, strict=True)]
        errors["direct"] += list((direct - truth) ** 2)
        errors["shrunk"] += [(each.estimate - true) ** 2 for each, true in zip(found, truth, strict=True)]
        narrow = 2 * t_quantile(degrees) * np.sqrt(pooled / n)
        assert np.mean([each.width for each in found]) < np.mean(narrow)

    assert np.mean(held) >= 0.93
    assert np.mean(errors["shrunk"]) < 0.85 * np.mean(errors["direct"])
