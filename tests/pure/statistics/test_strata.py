"""Joining strata: totals are kept, each has reviews enough, and scores have no say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.strata import MIN_STRATUM_REVIEWS, Stratum, join_strata

RATES = (0.05, 0.1, 0.25, 0.5, 1.0)


def join(sizes, reviews):
    """Join strata of these sizes, with so many reviews each, by the rates above."""
    strata = [Stratum(rate, n, n, 70.0 * n) for rate, n in zip(RATES, sizes, strict=False) if n]
    return join_strata(strata, np.repeat(RATES[: len(reviews)], reviews))


def test_strata_with_reviews_enough_stay_apart():
    found = join([100, 50], [5, 8])
    assert found.interactions.tolist() == [100, 50]
    assert found.index.tolist() == [0] * 5 + [1] * 8


def test_a_stratum_with_few_reviews_is_joined_with_the_next_higher_rate():
    found = join([100, 50, 20], [4, 1, 6])
    assert found.interactions.tolist() == [150, 20]
    assert found.index.tolist() == [0] * 5 + [1] * 6


def test_what_remains_at_the_highest_rate_joins_the_one_before():
    assert join([100, 50, 20], [5, 5, 2]).interactions.tolist() == [100, 70]


def test_a_stratum_without_reviews_stays_in_the_totals():
    assert join([100, 0, 20, 30], [8, 0, 0, 6]).interactions.tolist() == [100, 50]


def test_a_stratum_that_was_reviewed_completely_stays_by_itself():
    found = join([100, 3, 20], [9, 3, 9])
    assert sorted(found.interactions.tolist()) == [3, 20, 100]


def test_reviews_of_a_rate_that_no_interaction_has_any_more_are_a_stratum_of_their_own():
    found = join_strata([Stratum(0.1, 50)], np.array([0.1] * 6 + [0.3] * 7))
    assert sorted(found.interactions.tolist()) == [7, 50]


sizes = st.lists(st.integers(0, 60), min_size=5, max_size=5)


@given(sizes, st.data())
def test_joining_keeps_totals_and_gives_each_stratum_reviews(sizes, data):
    reviews = [data.draw(st.integers(0, n)) for n in sizes]
    if not sum(reviews):
        return
    found = join(sizes, reviews)
    assert found.interactions.sum() == sum(sizes)
    assert found.defined.sum() == sum(sizes)
    assert found.total.sum() == 70 * sum(sizes)
    counts = np.bincount(found.index, minlength=found.interactions.size)
    assert counts.sum() == sum(reviews)
    partly = counts < found.interactions
    # Only where all of them together have fewer is a stratum left with few reviews.
    assert np.all(counts[partly] >= MIN_STRATUM_REVIEWS) or partly.sum() == 1
