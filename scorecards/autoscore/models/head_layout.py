"""Where the numbers of each question stand in the arrays of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, compress

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.score_cache import Numbers

QuestionKey = tuple[str, str]
"""(scorecard, question), across their versions."""

Places = NDArray[np.int64]
SIDES = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class QuestionHeads:
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
    untrained_classes: tuple[str, ...]
    option_values: Mapping[str, float]
    evidence_classes: Mapping[str, tuple[str, ...]]
    prior_log_odds: Mapping[str, tuple[float, ...]]
    n_labels: int


@dataclass(frozen=True, slots=True)
class HeadLayout:
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

    index: Mapping[QuestionKey, int]
    n_margins: int
    n_evidence_heads: Mapping[str, int]
    class_columns: Places
    evidence_column: Mapping[str, Places]
    prior_log_odds: Mapping[str, Numbers]
    margin_column: Places
    explained_by_margin: NDArray[np.bool_]
    n_classes: Numbers
    first_margins: Places
    margin_group: Places
    first_rule_feature: tuple[int, ...]
    no_rule_features: Numbers


def head_layout(questions: Mapping[QuestionKey, QuestionHeads]) -> HeadLayout:
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
    return HeadLayout(
        index={key: number for number, key in enumerate(questions)},
        n_margins=sum(count - 1 for count in counts),
        n_evidence_heads={side: sum(len(each.evidence_classes[side]) for each in asked) for side in SIDES},
        class_columns=classes,
        evidence_column={side: _evidence_columns(asked, side, classes.shape) for side in SIDES},
        prior_log_odds={
            side: np.array(
                [odds for each in asked for odds in each.prior_log_odds[side]] + [0.0], dtype=np.float32
            )
            for side in SIDES
        },
        margin_column=_margin_columns(firsts, counts, classes.shape),
        explained_by_margin=_explained_by_margin(asked, classes.shape),
        n_classes=np.array(counts, dtype=np.float32),
        first_margins=np.array(list(compress(firsts, several)), dtype=np.int64),
        margin_group=np.cumsum([0, *several], dtype=np.int64)[:-1],
        first_rule_feature=tuple(rules[:-1]),
        no_rule_features=_no_rule_features(counts),
    )


def _margin_columns(firsts: list[int], counts: list[int], shape: tuple[int, int]) -> Places:
    columns = np.full(shape, -1, dtype=np.int64)
    for number, (first, count) in enumerate(zip(firsts, counts, strict=True)):
        columns[number, 1:count] = range(first, first + count - 1)
    return columns


def _explained_by_margin(asked: list[QuestionHeads], shape: tuple[int, int]) -> NDArray[np.bool_]:
    lifted = np.zeros(shape, dtype=np.bool_)
    for number, question in enumerate(asked):
        witnessed = {NOT_APPLICABLE}.union(*question.evidence_classes.values())
        if len(question.classes) > 1:
            lifted[number, : len(question.classes)] = [name not in witnessed for name in question.classes]
    return lifted


def _no_rule_features(counts: list[int]) -> Numbers:
    """Return the features of rules where none of them chose a class."""
    return np.array([value for count in counts for value in (*[0.0] * count, 1.0)], dtype=np.float32)


def _evidence_columns(asked: list[QuestionHeads], side: str, shape: tuple[int, ...]) -> Places:
    columns = np.full(shape, sum(len(each.evidence_classes[side]) for each in asked), dtype=np.int64)
    column = 0
    for number, question in enumerate(asked):
        for name in question.evidence_classes[side]:
            columns[number, question.classes.index(name)] = column
            column += 1
    return columns
