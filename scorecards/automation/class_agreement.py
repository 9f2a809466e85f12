"""Answers to a question as classes: which there are, which contradict, how well two raters agree (pure)."""

from collections.abc import Iterable, Sequence

import numpy as np

from scorecards.arrays import FloatArray
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import counts_of
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval
from scorecards.statistics.gwet import ac1_interval
from scorecards.statistics.krippendorff import alpha_interval

NOT_APPLICABLE = "n/a"
MAX_SCALE_DISTANCE = 0.25
"""Answers on a scale whose question scores differ by at most this count as agreement."""
_ROUNDING = 1e-9


def disagree(question: Question, one: str, other: str) -> bool:
    """Tell whether two answers disagree.

    Parameters
    ----------
    question
        The question; on a scale, question scores that differ by at most `MAX_SCALE_DISTANCE` agree.
    one, other
        Classes: option keys or "n/a".

    Examples
    --------
    >>> from scorecards.definitions.form import Option
    >>> five = Question("care", "?", "scale", options=tuple(Option(str(i), str(i), i / 4) for i in range(5)))
    >>> disagree(five, "3", "4"), disagree(five, "2", "4"), disagree(five, "4", "n/a")
    (False, True, True)
    """
    if one == other:
        return False
    first, second = question.values.get(one), question.values.get(other)
    if question.kind != "scale" or first is None or second is None:
        return True
    return abs(first - second) > MAX_SCALE_DISTANCE + _ROUNDING


def agreement(question: Question, names: Sequence[str], table: FloatArray) -> tuple[Interval, Interval]:
    """Return Krippendorff's alpha and Gwet's AC1 of a confusion matrix, each with its 95 % interval.

    Parameters
    ----------
    question
        On a scale, alpha is ordinal and over the scored classes only, as N/A has no rank; otherwise nominal.
    names : sequence of str, length q
        Class names, as of `classes`.
    table : ndarray of float64, shape (q, q)
        Confusion matrix.
    """
    if question.kind != "scale":
        return alpha_interval(counts_of(table)), ac1_interval(table)
    scored = sorted(
        (question.values[name], index) for index, name in enumerate(names) if name in question.values
    )
    ordered = [index for _, index in scored]
    counts = counts_of(table[np.ix_(ordered, ordered)])
    return alpha_interval(counts, "ordinal") if counts.size else UNKNOWN, ac1_interval(table)


def classes(question: Question, chosen: Iterable[str]) -> list[str]:
    """Return the classes of the question's present version, then those of earlier versions that occur."""
    present = [option.key for option in question.options] + [NOT_APPLICABLE] * question.na_allowed
    return present + sorted(set(chosen).difference(present))
