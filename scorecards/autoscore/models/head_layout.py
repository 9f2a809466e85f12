"""Which columns of a model's arrays belong to which question."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, compress

import numpy as np

from scorecards.arrays import BoolArray, Float32Array, IntArray
from scorecards.autoscore.models.features import NOT_APPLICABLE

QuestionKey = tuple[str, str]
"""(scorecard, question), across their versions."""

SIDES = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class QuestionHeads:
    """What a model knows of one trained question besides its weights.

    Attributes
    ----------
    classes : tuple of str
        Option keys and "n/a" that can be predicted.
    untrained_classes : tuple of str
        Classes with too few labels; they are never predicted.
    option_values : mapping of str to float
        The score of each option in [0, 1], which maps a rule's verdict to a class.
    evidence_classes : mapping of str to tuple of str
        By side, the classes that have an evidence (rationale) classifier of sentences.
    prior_log_odds : mapping of str to tuple of float
        By side, for each of these the log-odds that any sentence at all is evidence.
    n_labels : int
        Number of labels it was trained on.
    """

    classes: tuple[str, ...]
    untrained_classes: tuple[str, ...]
    option_values: Mapping[str, float]
    evidence_classes: Mapping[str, tuple[str, ...]]
    prior_log_odds: Mapping[str, tuple[float, ...]]
    n_labels: int


@dataclass(frozen=True, slots=True)
class HeadLayout:
    """Columns of the heads, logits and rule features of each question, in order of the questions' keys.

    Classes fill the rows of the (n_questions, max_classes) arrays from the left. A question's first class is
    the reference of its margins, so it has one margin fewer than classes.

    Attributes
    ----------
    index : mapping of (str, str) to int
        The row of each question.
    n_margins : int
        Number of margin heads per side; they are the first columns of a side's scorer.
    n_evidence_heads : mapping of str to int
        By side, the number of evidence classifiers; their columns follow the margins.
    class_columns : ndarray of shape (n_questions, max_classes), dtype int64
        The column of each class among the logits of all questions; one past the end where there is none.
    evidence_column : mapping of str to ndarray of shape (n_questions, max_classes), dtype int64
        By side, the evidence head of each class; one past the end where there is none.
    prior_log_odds : mapping of str to ndarray of shape (n_evidence_heads + 1,), dtype float32
        By side, the log-odds that any sentence is evidence; a zero sentinel for no head comes last.
    margin_column : ndarray of shape (n_questions, max_classes), dtype int64
        The margin head of each class; -1 for the reference class and where there is none.
    explained_by_margin : ndarray of shape (n_questions, max_classes), dtype bool
        Classes without an evidence classifier on either side, n/a excepted: the sentences shown for them are
        the agent's that add most to their margin.
    n_classes : ndarray of shape (n_questions,), dtype float32
        Number of classes.
    first_margins : ndarray of shape (n_questions with several classes,), dtype int64
        The first margin head of each question that has one.
    margin_group : ndarray of shape (n_questions,), dtype int64
        The index of each question in `first_margins`.
    first_rule_feature : tuple of int
        The first of the (number of classes + 1) rule features of each question.
    no_rule_features : ndarray of shape (n_rule_features,), dtype float32
        The rule features where no rule chose a class.
    """

    index: Mapping[QuestionKey, int]
    n_margins: int
    n_evidence_heads: Mapping[str, int]
    class_columns: IntArray
    evidence_column: Mapping[str, IntArray]
    prior_log_odds: Mapping[str, Float32Array]
    margin_column: IntArray
    explained_by_margin: BoolArray
    n_classes: Float32Array
    first_margins: IntArray
    margin_group: IntArray
    first_rule_feature: tuple[int, ...]
    no_rule_features: Float32Array


def head_layout(questions: Mapping[QuestionKey, QuestionHeads]) -> HeadLayout:
    """Assign columns to questions in the order in which they are given."""
    heads = list(questions.values())
    counts = [len(each.classes) for each in heads]
    ends = list(accumulate(counts, initial=0))
    classes = np.full((len(heads), max(counts, default=0)), ends[-1], dtype=np.int64)
    for number, (first, count) in enumerate(zip(ends, counts, strict=False)):
        classes[number, :count] = range(first, first + count)
    rules = list(accumulate([count + 1 for count in counts], initial=0))
    firsts = [first - number for number, first in enumerate(ends[:-1])]
    several = [count > 1 for count in counts]
    return HeadLayout(
        index={key: number for number, key in enumerate(questions)},
        n_margins=sum(count - 1 for count in counts),
        n_evidence_heads={side: sum(len(each.evidence_classes[side]) for each in heads) for side in SIDES},
        class_columns=classes,
        evidence_column={side: _evidence_columns(heads, side, classes.shape) for side in SIDES},
        prior_log_odds={
            side: np.array(
                [odds for each in heads for odds in each.prior_log_odds[side]] + [0.0], dtype=np.float32
            )
            for side in SIDES
        },
        margin_column=_margin_columns(firsts, counts, classes.shape),
        explained_by_margin=_explained_by_margin(heads, classes.shape),
        n_classes=np.array(counts, dtype=np.float32),
        first_margins=np.array(list(compress(firsts, several)), dtype=np.int64),
        margin_group=np.cumsum([0, *several], dtype=np.int64)[:-1],
        first_rule_feature=tuple(rules[:-1]),
        no_rule_features=_no_rule_features(counts),
    )


def _margin_columns(firsts: list[int], counts: list[int], shape: tuple[int, int]) -> IntArray:
    columns = np.full(shape, -1, dtype=np.int64)
    for number, (first, count) in enumerate(zip(firsts, counts, strict=True)):
        columns[number, 1:count] = range(first, first + count - 1)
    return columns


def _explained_by_margin(heads: list[QuestionHeads], shape: tuple[int, int]) -> BoolArray:
    explained = np.zeros(shape, dtype=np.bool_)
    for number, question in enumerate(heads):
        excluded = {NOT_APPLICABLE}.union(*question.evidence_classes.values())
        if len(question.classes) > 1:
            explained[number, : len(question.classes)] = [name not in excluded for name in question.classes]
    return explained


def _no_rule_features(counts: list[int]) -> Float32Array:
    """Return the rule features where no rule chose a class."""
    return np.array([value for count in counts for value in (*[0.0] * count, 1.0)], dtype=np.float32)


def _evidence_columns(heads: list[QuestionHeads], side: str, shape: tuple[int, ...]) -> IntArray:
    columns = np.full(shape, sum(len(each.evidence_classes[side]) for each in heads), dtype=np.int64)
    column = 0
    for number, question in enumerate(heads):
        for name in question.evidence_classes[side]:
            columns[number, question.classes.index(name)] = column
            column += 1
    return columns
