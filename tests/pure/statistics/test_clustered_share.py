import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.clustered_share import clustered_share
from scorecards.statistics.confidence_intervals import Interval

CLUSTER = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.lists(CLUSTER, min_size=3, max_size=40))
def test_the_interval_holds_the_share_and_has_a_width(counts):
    found = clustered_share(counts)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert found.high - found.low > 0


@given(st.lists(CLUSTER, max_size=2))
def test_fewer_than_three_conversations_say_nothing(counts):
    assert clustered_share([*counts, (0, 0)]) == Interval()


def test_answers_that_go_together_say_less_than_independent_ones():
    apart = clustered_share([(9, 10)] * 20)
    together = clustered_share([(10, 10)] * 18 + [(0, 10)] * 2)
    assert apart.estimate == together.estimate == 0.9
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize("share", [0.7, 0.9, 0.97])
@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("clusters", [5, 12, 40])
def test_the_interval_holds_the_truth_in_nine_of_ten_cases_and_more(share, correlation, clusters):
    random, held, cases = np.random.default_rng(7), 0, 600
    for _ in range(cases):
        if correlation:
            spread = 1 / correlation - 1
            each = random.beta(share * spread, (1 - share) * spread, clusters)
        else:
            each = np.full(clusters, share)
        found = clustered_share([(int(hits), 10) for hits in random.binomial(10, each)])
        held += found.low <= share <= found.high
    assert held / cases >= 0.9
