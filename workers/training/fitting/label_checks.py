"""Checks of a question's labels, and why they refuse to train on them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import norm

from scorecards.arrays import FloatArray, IntArray
from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.definitions.form import Question
from workers.training.fitting.examples import Example, Refusal

LEARNABLE = frozenset({"yes_no", "scale", "single"})
MIN_LABELS = 40
MIN_LABELS_OF_CLASS = 8
MIN_GROUPS = 10
"""Distinct interactions, duplicates counted once, below which none can be held out."""
MIN_LABELS_OF_REVIEWER = 15
"""Labels of one reviewer from which they are compared with a model of all others' labels."""

_SIGNAL_ALPHA = 0.05
"""Family-wise probability of accepting random labels."""
_CONFLICT_ALPHA = 0.01
"""Family-wise probability of naming a reviewer whose labels are merely unrelated to those of others."""
_MIN_DUPLICATES = 10
_MAX_PAIRED = 50
_MAX_SUSPECT_KAPPA = 0.1
"""Out-of-fold kappa above which a reviewer is not tested."""

Predict = Callable[[IntArray, IntArray], IntArray]
"""Takes the indices of the labels to train on and of those to predict, and returns the predicted classes."""


@dataclass(frozen=True, slots=True)
class EncodedLabels:
    """The usable labels of one question.

    Attributes
    ----------
    rows : ndarray of shape (n_labels,), dtype int64
        The example of each label.
    labels : ndarray of shape (n_labels,), dtype int64
        Indices into `classes`.
    classes : tuple of str
        Option keys and "n/a" with enough labels.
    untrained_classes : tuple of str
        Those with too few.
    reviewers : tuple of str
        The reviewer of each label.
    """

    rows: IntArray
    labels: IntArray
    classes: tuple[str, ...]
    untrained_classes: tuple[str, ...]
    reviewers: tuple[str, ...]


def encode_labels(
    examples: Sequence[Example], groups: IntArray, key: QuestionKey, question: Question
) -> EncodedLabels | Refusal:
    """Encode the labels of classes with enough of them; answers that are no longer an option are left out."""
    if question.kind not in LEARNABLE:
        return Refusal("not_learnable", "Only answers chosen among options are learned.")
    names = [option.key for option in question.options] + [NOT_APPLICABLE] * question.na_allowed
    given = [(row, each.labels[key]) for row, each in enumerate(examples) if key in each.labels]
    given = [(row, label) for row, label in given if label.name in names]
    counts = Counter(label.name for _, label in given)
    if len(given) < MIN_LABELS:
        return Refusal("too_few_labels", f"There are {len(given)} labels; learning starts at {MIN_LABELS}.")
    if len(counts) < 2:
        return Refusal("one_class", f"Every label says '{given[0][1].name}'; there is nothing to tell apart.")
    classes = tuple(name for name in names if counts[name] >= MIN_LABELS_OF_CLASS)
    kept = [(row, label) for row, label in given if label.name in classes]
    if len(classes) < 2 or len(kept) < MIN_LABELS:
        return Refusal(
            "too_few_labels",
            f"Two answers need {MIN_LABELS_OF_CLASS} labels each, and {MIN_LABELS} together; "
            + ", ".join(f"'{name}' has {counts[name]}" for name in names if counts[name])
            + ".",
        )
    rows = np.array([row for row, _ in kept], dtype=np.int64)
    if len(np.unique(groups[rows])) < MIN_GROUPS:
        return Refusal("too_few_labels", f"The labels are of fewer than {MIN_GROUPS} different interactions.")
    return EncodedLabels(
        rows=rows,
        labels=np.array([classes.index(label.name) for _, label in kept], dtype=np.int64),
        classes=classes,
        untrained_classes=tuple(name for name in names if name not in classes),
        reviewers=tuple(label.reviewer for _, label in kept),
    )


def kappa(first: IntArray, second: IntArray) -> float:
    """Return Cohen's kappa, (p_o - p_e) / (1 - p_e); 0 where the expected agreement p_e is 1.

    Parameters
    ----------
    first, second : ndarray of shape (n,), dtype int64
        Class indices of two raters.

    Examples
    --------
    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]))
    0.5
    """
    return kappa_and_error(first, second)[0]


def kappa_and_error(first: IntArray, second: IntArray) -> tuple[float, float]:
    """Return Cohen's kappa and its standard error, sqrt(p_o (1 - p_o) / n) / (1 - p_e).

    p_o (1 - p_o) is at least that of one disagreement, so that a few labels that happen to agree are not
    significant.

    Parameters
    ----------
    first, second : ndarray of shape (n,), dtype int64
        Class indices of two raters.

    Examples
    --------
    >>> kappa_and_error(np.array([0, 1] * 8), np.array([1, 0] * 8))
    (-1.0, 0.12103072956898178)
    """
    size = int(max(first.max(), second.max())) + 1
    count = len(first)
    expected = float(np.bincount(first, minlength=size) @ np.bincount(second, minlength=size)) / count**2
    if expected >= 1.0:
        return 0.0, 1.0
    observed = float(np.mean(first == second))
    variance = max(observed * (1.0 - observed), (count - 1) / count**2)
    return (observed - expected) / (1.0 - expected), float(np.sqrt(variance / count)) / (1.0 - expected)


def balanced_predictions(scores: FloatArray, labels: IntArray) -> IntArray:
    """Return predictions that give each class about as often as it is labelled.

    A rare class seldom has the highest score, however well the scores rank it. So each score is compared with
    the quantile of its class's scores at the class's prevalence, in standard deviations.

    Parameters
    ----------
    scores : ndarray of shape (n_labels, n_classes), dtype float64
    labels : ndarray of shape (n_labels,), dtype int64

    Returns
    -------
    ndarray of shape (n_labels,), dtype int64
    """
    shares = np.bincount(labels, minlength=scores.shape[1]) / len(labels)
    centred = scores - scores.mean(axis=1, keepdims=True)
    cutoffs = np.array([np.quantile(centred[:, index], 1.0 - share) for index, share in enumerate(shares)])
    predictions: IntArray = ((centred - cutoffs) / np.maximum(centred.std(axis=0), 1e-9)).argmax(axis=1)
    return predictions


def no_signal(
    labels: IntArray, content_ids: IntArray, out_of_fold_scores: Sequence[FloatArray]
) -> Refusal | None:
    """Refuse labels whose duplicates disagree, or that no out-of-fold scores predict better than chance.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,), dtype int64
    content_ids : ndarray of shape (n_labels,), dtype int64
        Equal for conversations with the same words, numbers apart.
    out_of_fold_scores : sequence of ndarray of shape (n_labels, n_classes), dtype float64
        Scores of several predictors; the best kappa is tested with Bonferroni's correction.
    """
    if refusal := _duplicates_disagree(labels, content_ids):
        return refusal
    found = [kappa_and_error(labels, balanced_predictions(scores, labels)) for scores in out_of_fold_scores]
    best, error = max(found, key=lambda each: each[0] / each[1])
    if best > float(norm.isf(_SIGNAL_ALPHA / len(found))) * error:
        return None
    return Refusal(
        "contradictory",
        "What is learned from one part of the labels predicts the rest no better than chance "
        f"(kappa {best:.2f}, standard error {error:.2f}).",
    )


def _duplicates_disagree(labels: IntArray, content_ids: IntArray) -> Refusal | None:
    """Refuse labels whose duplicates differ as often as the labels of any two conversations.

    The expected disagreement, 1 - sum of squared class shares, is that of all labels: duplicates alone may
    hold one class only.
    """
    by_content: defaultdict[int, list[int]] = defaultdict(list)
    for content, label in zip(content_ids.tolist(), labels.tolist(), strict=True):
        by_content[content].append(label)
    duplicates = [each for each in by_content.values() if len(each) > 1]
    pairs = [pair for each in duplicates for pair in combinations(each[:_MAX_PAIRED], 2)]
    if sum(len(each) for each in duplicates) < _MIN_DUPLICATES:
        return None
    differing = sum(first != second for first, second in pairs)
    shares = np.bincount(labels) / len(labels)
    expected = float(1.0 - np.square(shares).sum())
    if not differing or differing / len(pairs) < expected:
        return None
    return Refusal(
        "contradictory",
        f"{differing} of {len(pairs)} pairs of labels of conversations with the same words differ, "
        "which is as often as chance would have it.",
    )


def conflicting_reviewers(encoded: EncodedLabels, scores: FloatArray, predict: Predict) -> Refusal | None:
    """Refuse labels of which some reviewers' contradict those of all others, and name these reviewers.

    A model of the others' labels then agrees with the reviewer significantly less than expected, at a
    family-wise level of 0.01: accusing a person takes more than doubting a question. At first only reviewers
    whose labels are hardly predicted out of fold are tested; if one of them is found all are tested, because
    two may contradict each other and it is unknown who is right.

    Parameters
    ----------
    encoded : EncodedLabels
    scores : ndarray of shape (n_labels, n_classes), dtype float64
        Out-of-fold scores.
    predict : callable
        Predicts some labels from others.
    """
    predictions = balanced_predictions(scores, encoded.labels)
    testable = _testable_reviewers(encoded)
    suspects = {
        reviewer: own
        for reviewer, own in testable.items()
        if kappa(encoded.labels[own], predictions[own]) <= _MAX_SUSPECT_KAPPA
    }
    named = _contradicting(encoded, suspects, predict)
    if not named:
        return None
    named = _contradicting(encoded, testable, predict) or named
    return Refusal("poisoned", f"Labels contradict what all the others teach: {', '.join(named)}.")


def _testable_reviewers(encoded: EncodedLabels) -> dict[str, IntArray]:
    """Return the label indices of each reviewer who has enough labels while the others have enough, too."""
    reviewers = np.array(encoded.reviewers)
    own = {reviewer: np.flatnonzero(reviewers == reviewer) for reviewer in sorted(set(encoded.reviewers))}
    return {
        reviewer: rows
        for reviewer, rows in own.items()
        if len(rows) >= MIN_LABELS_OF_REVIEWER
        and len(reviewers) - len(rows) >= MIN_LABELS
        and len(np.unique(encoded.labels[reviewers != reviewer])) > 1
    }


def _contradicting(encoded: EncodedLabels, reviewers: Mapping[str, IntArray], predict: Predict) -> list[str]:
    """Describe the reviewers whose kappa with a model of the others' labels is significantly below 0."""
    z = float(norm.isf(_CONFLICT_ALPHA / max(1, len(reviewers))))
    named = []
    for reviewer, own in reviewers.items():
        others = np.setdiff1d(np.arange(len(encoded.labels)), own)
        found, error = kappa_and_error(encoded.labels[own], predict(others, own))
        if found + z * error < 0.0:
            named.append(f"{reviewer} (kappa {found:.2f} on {len(own)} labels)")
    return named
