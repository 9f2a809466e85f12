"""Where the numbers of each question stand in the arrays of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, compress

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.score_cache import Numbers

Key = tuple[str, str]
"""(scorecard, question), across their versions."""

Places = NDArray[np.int64]
SIDES = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class LearnedQuestion:
    """One question as it was learned.

    Attributes
    ----------
    classes : tuple of str
        Option keys and "n/a" that can be predicted.
    unlearned : tuple of str
        Classes with too few labels; they are never predicted.
    worth : mapping of str to float
        The score of each option in [0, 1], to understand a rule's verdict.
    witnesses : mapping of str to tuple of str
        By side, the classes whose evidence is looked for sentence by sentence.
    usual : mapping of str to tuple of float
        By side, for each of them the log-odds that any sentence at all is evidence.
    learned_from : int
        Number of labels.
    """

    classes: tuple[str, ...]
    unlearned: tuple[str, ...]
    worth: Mapping[str, float]
    witnesses: Mapping[str, tuple[str, ...]]
    usual: Mapping[str, tuple[float, ...]]
    learned_from: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by question, in order of their keys.

    `margins` counts the columns of margins per side (one fewer than classes for each question), `witnesses`
    those behind them. `classes` has the place of each class in the answer, `witness` by side the column of
    its witness; where there is none both point one past the end. `margin` has the column of each class's
    margin, -1 where it has none: the first class is what the others are held against. `lifted` tells for
    which classes the agent's sentences are asked by their margins, as they have no witness on either side.
    `counts` is how many classes each question has, `begins` the first margins of those that have several, and
    `group` their places among these. `rules` is the first place of a rule of each question; `unruled` is the
    features of rules where none chose a class.
    """

    place: Mapping[Key, int]
    margins: int
    witnesses: Mapping[str, int]
    classes: Places
    witness: Mapping[str, Places]
    usual: Mapping[str, Numbers]
    margin: Places
    lifted: NDArray[np.bool_]
    counts: Numbers
    begins: Places
    group: Places
    rules: tuple[int, ...]
    unruled: Numbers


def laid_out(questions: Mapping[Key, LearnedQuestion]) -> Layout:
    """Lay questions out in the order in which they are given."""
    asked = list(questions.values())
    counts = [len(each.classes) for each in asked]
    ends = list(accumulate(counts, initial=0))
    classes = np.full((len(asked), max(counts, default=0)), ends[-1], dtype=np.int64)
    for number, (first, count) in enumerate(zip(ends, counts, strict=False)):
        classes[number, :count] = range(first, first + count)
    rules = list(accumulate([count + 1 for count in counts], initial=0))
    firsts = [first - number for number, first in enumerate(ends[:-1])]
    several = [count > 1 for count in counts]
    return Layout(
        place={key: number for number, key in enumerate(questions)},
        margins=sum(count - 1 for count in counts),
        witnesses={side: sum(len(each.witnesses[side]) for each in asked) for side in SIDES},
        classes=classes,
        witness={side: _witness(asked, side, classes.shape) for side in SIDES},
        usual={
            side: np.array([odds for each in asked for odds in each.usual[side]] + [0.0], dtype=np.float32)
            for side in SIDES
        },
        margin=_margin(firsts, counts, classes.shape),
        lifted=_lifted(asked, classes.shape),
        counts=np.array(counts, dtype=np.float32),
        begins=np.array(list(compress(firsts, several)), dtype=np.int64),
        group=np.cumsum([0, *several], dtype=np.int64)[:-1],
        rules=tuple(rules[:-1]),
        unruled=_unruled(counts),
    )


def _margin(firsts: list[int], counts: list[int], shape: tuple[int, int]) -> Places:
    columns = np.full(shape, -1, dtype=np.int64)
    for number, (first, count) in enumerate(zip(firsts, counts, strict=True)):
        columns[number, 1:count] = range(first, first + count - 1)
    return columns


def _lifted(asked: list[LearnedQuestion], shape: tuple[int, int]) -> NDArray[np.bool_]:
    lifted = np.zeros(shape, dtype=np.bool_)
    for number, question in enumerate(asked):
        witnessed = {NOT_APPLICABLE}.union(*question.witnesses.values())
        if len(question.classes) > 1:
            lifted[number, : len(question.classes)] = [name not in witnessed for name in question.classes]
    return lifted


def _unruled(counts: list[int]) -> Numbers:
    """Return the features of rules where none of them chose a class."""
    return np.array([value for count in counts for value in (*[0.0] * count, 1.0)], dtype=np.float32)


def _witness(asked: list[LearnedQuestion], side: str, shape: tuple[int, ...]) -> Places:
    columns = np.full(shape, sum(len(each.witnesses[side]) for each in asked), dtype=np.int64)
    column = 0
    for number, question in enumerate(asked):
        for name in question.witnesses[side]:
            columns[number, question.classes.index(name)] = column
            column += 1
    return columns
