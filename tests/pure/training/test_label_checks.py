"""Conflicting labels of duplicates: rare disagreement is tolerated, chance-level disagreement is not."""

import numpy as np

from workers.training.fitting.label_checks import _duplicates_disagree


def repeats(rare, *, differing):
    """Labels of 200 conversations said twice, and of 200 said once of which `rare` have the other answer."""
    answers = [0] * 400 + [1] * rare + [0] * (200 - rare)
    contents = [place // 2 for place in range(400)] + list(range(1000, 1200))
    for place in range(differing):
        answers[2 * place] = 1
    return np.array(answers), np.array(contents)


def test_single_label_error_among_duplicates_is_not_contradictory():
    assert _duplicates_disagree(*repeats(30, differing=1)) is None


def test_duplicates_disagreeing_at_chance_rate_are_contradictory():
    found = _duplicates_disagree(*repeats(30, differing=100))
    assert (found.code, "100 of 200 pairs" in found.detail) == ("contradictory", True)
