"""Fisher's exact test against its enumeration and against SciPy's."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scorecards.statistics.exact_share import larger_share_p

COUNTS = st.integers(0, 30)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_it_is_the_share_of_all_ways_to_spread_the_events(events, more, other_events, others_more):
    n, others = events + more, other_events + others_more
    found = larger_share_p(events, n, other_events, others)

    if not n or not others:
        assert found == 1.0
        return
    total = events + other_events
    ways = sum(comb(n, k) * comb(others, total - k) for k in range(events, min(n, total) + 1))
    assert found == pytest.approx(ways / comb(n + others, total), rel=1e-9)
    table = [[events, more], [other_events, others_more]]
    assert found == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue, rel=1e-9)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_more_events_in_the_part_are_less_probable(events, more, other_events, others_more):
    n, others = events + more + 1, other_events + 1 + others_more
    fewer = larger_share_p(events, n, other_events + 1, others)

    assert larger_share_p(events + 1, n, other_events, others) <= fewer + 1e-12
