"""Agreement coefficients against published and hand-worked examples, and their invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.agreement import (
    agreement_weights,
    cohens_kappa,
    confusion,
    counts_of,
    direction,
    gwet,
    percent_agreement,
    zone,
)
from scorecards.statistics.krippendorff import alpha, alpha_interval

# Krippendorff (2011), example C: four coders, twelve units, five categories.
CODERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def krippendorff_example_c():
    counts = np.zeros((12, 5))
    for coder in CODERS:
        for unit, rating in enumerate(coder):
            if rating is not None:
                counts[unit, rating - 1] += 1
    return counts


def pairwise_alpha(counts, distance):
    """Krippendorff's definition written out over all pairs of ratings."""
    units = [[k for k, n in enumerate(row) for _ in range(int(n))] for row in counts]
    units = [unit for unit in units if len(unit) > 1]
    ratings = [rating for unit in units for rating in unit]
    within = sum(
        distance(one, other) / (len(unit) - 1)
        for unit in units
        for i, one in enumerate(unit)
        for j, other in enumerate(unit)
        if i != j
    )
    among = sum(distance(one, other) for one in ratings for other in ratings)
    return None if not among else 1 - (len(ratings) - 1) * within / among


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_of_the_canonical_example_is_as_published(level, published):
    found = alpha(krippendorff_example_c(), level, [1, 2, 3, 4, 5] if level == "interval" else None)

    assert round(found, 3) == published


def test_gwets_ac1_of_the_same_ratings_is_as_published():
    assert round(gwet(krippendorff_example_c()), 5) == 0.77544


def test_percent_agreement_of_the_same_ratings_is_as_published():
    assert round(percent_agreement(krippendorff_example_c()), 5) == 0.81818


def test_krippendorff_alpha_matches_published_binary_example():
    """Krippendorff (2011), example A: ten units, binary, alpha 0.095."""
    table = confusion([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0], 2)

    assert round(alpha(counts_of(table)), 3) == 0.095


def test_kappa_collapses_where_ac1_does_not():
    """Gwet (2002): 118 and 0 agreed, 5 and 2 not; kappa -0.023, AC1 0.941."""
    table = [[118, 5], [2, 0]]

    assert (round(cohens_kappa(table), 3), round(gwet(counts_of(table)), 3)) == (-0.023, 0.941)


def test_ac2_worked_by_hand():
    """Three grades, quadratic: p_a = (8 + 2 * 0.75) / 10, pi = (.4, .3, .3), T_w = 6: p_e = 0.66."""
    counts = counts_of([[3, 1, 0], [1, 2, 0], [0, 0, 3]])
    weights = agreement_weights([0, 1, 2], "quadratic")

    assert gwet(counts, weights) == pytest.approx((0.95 - 0.66) / (1 - 0.66))


def test_single_category_leaves_alpha_and_kappa_undefined():
    counts = counts_of([[20, 0], [0, 0]])

    assert (alpha(counts), cohens_kappa([[20, 0], [0, 0]]), gwet(counts)) == (None, None, 1.0)


@pytest.mark.parametrize("counts", [[], [[]], [[1, 0], [0, 1]], np.empty((0, 3))])
def test_agreement_is_undefined_without_paired_ratings(counts):
    interval = alpha_interval(counts)

    assert (alpha(counts), percent_agreement(counts), gwet(counts), interval.low) == (None,) * 4


def test_alpha_interval_of_few_perfect_units_is_wide():
    few, many = alpha_interval([[2, 0], [0, 2]] * 5), alpha_interval([[2, 0], [0, 2]] * 500)

    assert (few.estimate, few.high) == (1.0, 1.0)
    assert few.low < 0.6
    assert many.low > 0.99


def test_alpha_bootstrap_interval_is_deterministic():
    assert alpha_interval(krippendorff_example_c(), "ordinal") == alpha_interval(
        krippendorff_example_c(), "ordinal"
    )


def test_alpha_interval_coverage_is_near_nominal():
    rng = np.random.default_rng(5)
    share, kept, repeats = 0.4, 0.75, 200  # the second copies the first or draws anew: alpha is `kept`
    covered = 0
    for _ in range(repeats):
        first = (rng.random(120) < share).astype(int)
        anew = (rng.random(120) < share).astype(int)
        second = np.where(rng.random(120) < kept, first, anew)
        found = alpha_interval(counts_of(confusion(first, second, 2)), repeats=400)
        covered += found.low <= kept <= found.high
    assert 0.9 <= covered / repeats <= 0.99


RATINGS = st.lists(st.lists(st.integers(0, 4), max_size=4), min_size=1, max_size=12).map(
    lambda units: [[unit.count(k) for k in range(5)] for unit in units]
)


@given(RATINGS)
def test_alpha_equals_pairwise_definition(counts):
    for level, distance in (("nominal", lambda a, b: a != b), ("interval", lambda a, b: (a - b) ** 2)):
        assert alpha(counts, level) == pytest.approx(pairwise_alpha(counts, distance))


@given(RATINGS, st.integers(-50, 50), st.integers(1, 9))
def test_interval_alpha_is_invariant_to_shift_and_scale(counts, shift, scale):
    moved = [shift + scale * value for value in range(5)]

    assert alpha(counts, "interval", moved) == pytest.approx(alpha(counts, "interval"))


@given(RATINGS)
def test_ordinal_alpha_is_invariant_to_reversed_order(counts):
    backwards = [row[::-1] for row in counts]

    assert alpha(backwards, "ordinal") == pytest.approx(alpha(counts, "ordinal"))


@given(RATINGS, st.permutations(range(5)))
def test_nominal_alpha_and_ac1_are_invariant_to_relabelling(counts, order):
    renamed = [[row[place] for place in order] for row in counts]

    assert alpha(renamed) == pytest.approx(alpha(counts))
    assert gwet(renamed) == pytest.approx(gwet(counts))


@given(RATINGS)
def test_agreement_is_at_most_one_and_interval_contains_estimate(counts):
    found = alpha_interval(counts, repeats=50)
    for each in (found.estimate, gwet(counts), percent_agreement(counts)):
        assert each is None or each <= 1 + 1e-12
    if found.estimate is not None and found.low is not None:
        assert found.low <= found.estimate <= found.high


@given(RATINGS)
def test_ac2_with_identity_weights_is_ac1(counts):
    assert gwet(counts, agreement_weights(range(5), "identity")) == pytest.approx(gwet(counts))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_cohen_kappa_is_symmetric_in_raters(pairs):
    first, second = [one for one, _ in pairs], [other for _, other in pairs]

    assert cohens_kappa(confusion(first, second, 3)) == pytest.approx(
        cohens_kappa(confusion(second, first, 3))
    )


@given(st.lists(st.floats(-1, 1)))
def test_direction_is_antisymmetric_in_differences(differences):
    one, other = direction(differences), direction([-each for each in differences])

    assert (one.higher, one.lower, one.p_value) == (other.lower, other.higher, other.p_value)


def test_direction_verdict_requires_a_significant_sign_test():
    assert [direction([1] * n).verdict for n in (5, 6)] == ["none", "higher"]
    assert direction([-1] * 6).verdict == "lower"


def test_zones_begin_where_krippendorff_says():
    assert [zone(value, 10) for value in (-0.2, 0.6669, 0.667, 0.7999, 0.8, 1.0)] == [
        "tentative",
        "tentative",
        "usable",
        "usable",
        "reliable",
        "reliable",
    ]
