"""Differences between groups: reference values, and the false-positive rate without any difference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm.reports.fairness_groups import Scores, build_groups, compare_groups
from scorecards.statistics.group_differences import LARGE_GROUP, group_differences, holm_rejects
from tests.sizes import short_and_whole


def sampling_error(pages):
    """Return what chance may add to 5 % in so many pages."""
    return 1.96 * math.sqrt(0.05 * 0.95 / pages)


def difference(group, group_weights, rest, rest_weights, tests=1):
    inside = np.arange(len(group) + len(rest)) < len(group)
    found = group_differences([*group, *rest], [*group_weights, *rest_weights], [inside], tests=tests)
    return found[0]


def test_group_means_are_weighted_by_inverse_inclusion_probability():
    """Ten drawn surely at 0 and ten with p = 0.25 at 10: the mean is 40 * 10 / 50 = 8."""
    found = difference([0] * 10 + [10] * 10, [1] * 10 + [4] * 10, [1, 3] * 10, [1] * 20)

    assert [round(each, 9) for each in (found.group, found.rest, found.estimate)] == [8.0, 2.0, 6.0]


def test_welch_worked_by_hand():
    """v = 1 / 2999 and 4 / 2999: t = 0.05 / sqrt(5 / 2999) = 1.2246, p = 0.2208."""
    half = LARGE_GROUP // 2
    found = difference([-0.95, 1.05] * half, [1] * LARGE_GROUP, [-2, 2] * half, [1] * LARGE_GROUP)

    assert (round(found.estimate, 9), round(found.p_value, 4)) == (0.05, 0.2208)


def test_permutation_interval_agrees_with_welch_on_normal_values():
    rng = np.random.default_rng(4)
    found = difference(rng.normal(1, 2, 200), [1] * 200, rng.normal(0, 2, 300), [1] * 300)
    half = 1.965 * np.sqrt(4 / 200 + 4 / 300)

    assert abs((found.high - found.low) / 2 / half - 1) < 0.08


def test_group_differences_are_deterministic():
    rng = np.random.default_rng(4)
    values, weights = rng.normal(0, 1, 80), rng.choice([2, 10], 80)
    found = [group_differences(values, weights, [np.arange(80) < 30], tests=90) for _ in range(2)]

    assert found[0] == found[1]


def test_zero_variance_groups_are_compared():
    found = difference([50] * 20, [1] * 20, [80] * 20, [1] * 20)
    same = difference([50] * 20, [1] * 20, [50] * 20, [1] * 20)

    assert (round(found.low, 9), round(found.high, 9), found.p_value) == (-30, -30, 0.001)
    assert (same.estimate, same.p_value) == (0, 1)


@given(st.integers(0, 25))
def test_groups_smaller_than_ten_are_not_compared(n):
    found = difference([1.0] * n, [1] * n, [2.0] * (25 - n), [1] * (25 - n))

    assert (found is None) == (n < 10 or n > 15)


def test_the_interval_excludes_zero_where_the_difference_is_significant():
    rng = np.random.default_rng(7)
    for shift in (0, 2, 4, 6, 8):
        found = difference(rng.normal(shift, 10, 60), [1] * 60, rng.normal(0, 10, 90), [1] * 90)

        assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_holm_rejects_only_smallest_p_values_below_5_percent(p_values):
    flags = holm_rejects(p_values)

    assert all(p <= 0.05 for p, flag in zip(p_values, flags, strict=True) if flag)
    kept = [p for p, flag in zip(p_values, flags, strict=True) if flag]
    left = [p for p, flag in zip(p_values, flags, strict=True) if not flag]
    assert not kept or not left or max(kept) <= min(left)


# How often chance alone is flagged ---------------------------------------------------------------------


def ceiling_scores(rng, n):
    """Four of five forms are perfect, as on many scorecards; the machine misses one in ten badly."""
    human = np.where(rng.random(n) < 0.8, 100.0, rng.integers(0, 80, n))
    return human, np.clip(human - np.where(rng.random(n) < 0.1, rng.integers(20, 100, n), 0), 0, 100)


def normal_scores(rng, n):
    human = rng.normal(70, 15, n)
    return human, human + rng.normal(-3, 10, n)


def sampled_uniformly(rng, human, group):
    return np.full(human.size, 0.1)


def sampled_by_risk(rng, human, group):
    """Low scores are drawn ten times as often, and one group always."""
    return np.where(group == 0, 1.0, np.where(human < 70, 0.5, 0.05))


@pytest.mark.parametrize("pages", short_and_whole(30, 120))
@pytest.mark.parametrize("scores", [normal_scores, ceiling_scores])
@pytest.mark.parametrize("drawn", [sampled_uniformly, sampled_by_risk])
def test_familywise_error_rate_without_group_differences_is_at_most_5_percent(scores, drawn, pages):
    rng, flagged = np.random.default_rng(9), 0
    for _ in range(pages):
        human, machine = scores(rng, 150)
        labels = [rng.permutation(np.repeat(range(4), (15, 25, 45, 65))) for _ in range(2)]
        page = compare_groups(
            [
                group
                for place, each in enumerate(labels)
                for group in build_groups(str(place), each.astype(str))
            ],
            Scores(drawn(rng, human, labels[0]), machine, human, human),
        )
        assert page.tests == 24
        flagged += bool(page.flagged)

    assert flagged / pages <= 0.05 + sampling_error(pages)


def test_a_real_difference_is_found_among_many_comparisons():
    rng = np.random.default_rng(9)
    found = [
        difference(rng.normal(12, 15, 60), np.full(60, 10), rng.normal(0, 15, 300), np.full(300, 10), 30)
        for _ in range(40)
    ]
    assert np.mean([holm_rejects([each.p_value] + [1.0] * 29)[0] for each in found]) > 0.95


def test_two_groups_of_a_dimension_are_one_comparison():
    rng = np.random.default_rng(3)
    human = rng.normal(70, 10, 80)
    page = compare_groups(
        build_groups("channel", ["chat"] * 40 + ["email"] * 40),
        Scores(np.full(80, 0.2), human - 5, human, human),
    )
    one, other = page.rows

    assert page.tests == 3
    assert one["human_p_value"] == other["human_p_value"]
    assert round(one["human_difference"] + other["human_difference"], 9) == 0


def test_unbiased_but_noisy_machine_error_is_flagged_in_distance_only():
    rng = np.random.default_rng(3)
    human = rng.normal(70, 10, 120)
    machine = human + np.where(np.arange(120) < 60, rng.choice([-20, 20], 120), rng.choice([-2, 2], 120))
    page = compare_groups(
        build_groups("language", ["de"] * 60 + ["en"] * 60), Scores(np.full(120, 0.2), machine, human, human)
    )

    assert [page.rows[0][f"{name}_exceeds"] for name in ("error", "distance", "human")] == [
        False,
        True,
        False,
    ]


def test_interaction_without_machine_score_counts_in_human_mean():
    rng = np.random.default_rng(3)
    human = rng.normal(70, 10, 80)
    machine = np.where(np.arange(80) % 4 == 0, np.nan, human - 5)
    scores = Scores(np.full(80, 0.2), machine, human, human)
    one, _ = compare_groups(build_groups("channel", ["chat"] * 40 + ["email"] * 40), scores).rows

    assert (one["n"], one["compared"], round(one["error"], 9)) == (40, 30, -5)
    assert one["human"] == pytest.approx(human[:40].mean())


def test_group_with_few_machine_scores_is_compared_by_human_scores_only():
    human = np.random.default_rng(3).normal(70, 10, 80)
    machine = np.where(np.arange(80) < 31, np.nan, human - 5)
    scores = Scores(np.full(80, 0.2), machine, human, human)
    page = compare_groups(build_groups("channel", ["chat"] * 40 + ["email"] * 40), scores)
    one = page.rows[0]

    assert (page.tests, one["compared"], one["status"]) == (1, 9, "as_chance")
    assert (one.get("error"), one["error_exceeds"], "human_difference" in one) == (None, False, True)
