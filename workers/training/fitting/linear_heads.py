"""Scorers of conversations and of sentences: linear support vectors over sparse n-grams."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from workers.training.fitting.ngram_matrix import Doubles, Places, Sparse

REGULARIZATION_C = 0.3
"""C of the scorers, by measurement."""
_SURE = 2.0
_FLATTEST = 0.01
_MOST_STEPS = 1_000
_NEAR_ENOUGH = 1e-2
MAX_NEGATIVES = 4_000
"""Distinct sentences that are no evidence, from which a witness is learned; more teach nothing new."""


@dataclass(frozen=True, slots=True)
class LinearHeads:
    """Linear heads: scores = rows @ weights.T + offsets."""

    weights: Doubles
    intercepts: Doubles

    def scaled(self, scales: Doubles) -> "LinearHeads":
        """Return the heads with each score s taken to scales[0] * s + scales[1]."""
        return LinearHeads(self.weights * scales[:, :1], self.intercepts * scales[:, 0] + scales[:, 1])

    def decision_function(self, rows: Sparse) -> Doubles:
        """Return the margins of rows."""
        return np.asarray(rows @ self.weights.T) + self.intercepts


def margins(rows: Sparse, answers: Places, classes: int) -> LinearHeads:
    """Fit the margin of every class over the first; a class without examples is held unlikely."""
    weights, offsets = np.zeros((classes, rows.shape[1])), np.full(classes, -_SURE)
    for place in range(classes):
        head = _head(rows, answers == place)
        weights[place], offsets[place] = head.weights[0], head.intercepts[0]
        if classes == 2:
            return LinearHeads(-head.weights, -head.intercepts)
    return LinearHeads(weights[1:] - weights[0], offsets[1:] - offsets[0])


def evidence_classifier(rows: Sparse, for_it: Doubles, against: Doubles) -> LinearHeads:
    """Fit how much a sentence is evidence from how often each distinct one was and was not."""
    positive, negative = np.flatnonzero(for_it), np.flatnonzero(against)
    if len(negative) > MAX_NEGATIVES:
        negative = negative[np.linspace(0, len(negative) - 1, MAX_NEGATIVES).astype(np.int64)]
    both = np.concatenate([positive, negative])
    answers = np.repeat([True, False], [len(positive), len(negative)])
    return _head(rows[both], answers, np.concatenate([for_it[positive], against[negative]]))


def platt_scaling(scores: Doubles, shown: Places) -> tuple[float, float]:
    """Return what takes scores out of fold to log-odds of being evidence: 1 in `shown`, against 0."""
    known = shown >= 0
    if len(np.unique(shown[known])) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1.0).fit(scores[known][:, None], shown[known])
    return max(float(fitted.coef_[0, 0]), _FLATTEST), float(fitted.intercept_[0])


def _head(rows: Sparse, answers: NDArray[np.bool_], counts: Doubles | None = None) -> LinearHeads:
    if answers.all() or not answers.any() or not rows.shape[1]:
        sure = _SURE if answers.any() else -_SURE
        return LinearHeads(np.zeros((1, rows.shape[1])), np.array([sure]))
    fitted = LinearSVC(C=REGULARIZATION_C, dual=False, tol=_NEAR_ENOUGH, max_iter=_MOST_STEPS).fit(
        rows, answers, sample_weight=counts
    )
    return LinearHeads(fitted.coef_, fitted.intercept_)
