"""Repeats that differ now and then are no contradiction; those that differ as chance would have it are."""

import numpy as np

from workers.training.fitting.label_checks import _repeats_disagree


def repeats(rare, *, differing):
    """Labels of 200 conversations said twice, and of 200 said once of which `rare` have the other answer."""
    answers = [0] * 400 + [1] * rare + [0] * (200 - rare)
    contents = [place // 2 for place in range(400)] + list(range(1000, 1200))
    for place in range(differing):
        answers[2 * place] = 1
    return np.array(answers), np.array(contents)


def test_one_slip_among_repeats_of_a_common_answer_is_no_contradiction():
    assert _repeats_disagree(*repeats(30, differing=1)) is None


def test_repeats_that_differ_as_often_as_any_two_conversations_are_a_contradiction():
    found = _repeats_disagree(*repeats(30, differing=100))
    assert (found.code, "100 of 200 pairs" in found.detail) == ("contradictory", True)
