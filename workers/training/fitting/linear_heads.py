"""Linear heads over TF-IDF n-grams: support vector classifiers of conversations and of sentences."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from scorecards.arrays import BoolArray, FloatArray, IntArray
from workers.training.fitting.ngram_matrix import SparseMatrix

REGULARIZATION_C = 0.3
"""C of the support vector classifiers, by measurement."""
_CONSTANT_MARGIN = 2.0
_MIN_SLOPE = 0.01
_MAX_ITERATIONS = 1_000
_TOLERANCE = 1e-2
MAX_NEGATIVES = 4_000
"""Distinct negative sentences an evidence classifier is trained on; more do not improve it."""


@dataclass(frozen=True, slots=True)
class LinearHeads:
    """Linear heads: scores = rows @ weights.T + intercepts.

    Attributes
    ----------
    weights : ndarray of shape (n_heads, n_ngrams), dtype float64
    intercepts : ndarray of shape (n_heads,), dtype float64
    """

    weights: FloatArray
    intercepts: FloatArray

    def scaled(self, scales: FloatArray) -> "LinearHeads":
        """Return heads with scores scales[:, 0] * score + scales[:, 1]; `scales` has shape (n_heads, 2)."""
        return LinearHeads(self.weights * scales[:, :1], self.intercepts * scales[:, 0] + scales[:, 1])

    def decision_function(self, rows: SparseMatrix) -> FloatArray:
        """Return the scores of rows, an array of shape (n_rows, n_heads)."""
        return np.asarray(rows @ self.weights.T) + self.intercepts


def fit_margins(rows: SparseMatrix, labels: IntArray, n_classes: int) -> LinearHeads:
    """Fit the margin of every class but the first over the first; a class without examples scores low.

    Parameters
    ----------
    rows : sparse matrix of shape (n_examples, n_ngrams)
    labels : ndarray of shape (n_examples,), dtype int64
        Class indices.
    n_classes : int
        Number of classes, at least 2.

    Returns
    -------
    LinearHeads
        n_classes - 1 heads.
    """
    weights, intercepts = np.zeros((n_classes, rows.shape[1])), np.full(n_classes, -_CONSTANT_MARGIN)
    for index in range(n_classes):
        head = _fit_head(rows, labels == index)
        weights[index], intercepts[index] = head.weights[0], head.intercepts[0]
        if n_classes == 2:
            return LinearHeads(-head.weights, -head.intercepts)
    return LinearHeads(weights[1:] - weights[0], intercepts[1:] - intercepts[0])


def fit_evidence_classifier(
    rows: SparseMatrix, positive_counts: FloatArray, negative_counts: FloatArray
) -> LinearHeads:
    """Fit one head that tells evidence from other sentences, weighted by how often each was either.

    Parameters
    ----------
    rows : sparse matrix of shape (n_distinct_sentences, n_ngrams)
    positive_counts, negative_counts : ndarray of shape (n_distinct_sentences,), dtype float64
        How often each distinct sentence was evidence, and was not.
    """
    positive, negative = np.flatnonzero(positive_counts), np.flatnonzero(negative_counts)
    if len(negative) > MAX_NEGATIVES:
        negative = negative[np.linspace(0, len(negative) - 1, MAX_NEGATIVES).astype(np.int64)]
    both = np.concatenate([positive, negative])
    labels = np.repeat([True, False], [len(positive), len(negative)])
    counts = np.concatenate([positive_counts[positive], negative_counts[negative]])
    return _fit_head(rows[both], labels, counts)


def platt_scaling(scores: FloatArray, evidence: IntArray) -> tuple[float, float]:
    """Return the slope and intercept that take out-of-fold scores to log-odds of being evidence.

    Parameters
    ----------
    scores : ndarray of shape (n_sentences,), dtype float64
    evidence : ndarray of shape (n_sentences,), dtype int64
        1 is evidence, 0 is not, -1 is unknown.
    """
    known = evidence >= 0
    if len(np.unique(evidence[known])) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1.0).fit(scores[known][:, None], evidence[known])
    return max(float(fitted.coef_[0, 0]), _MIN_SLOPE), float(fitted.intercept_[0])


def _fit_head(rows: SparseMatrix, labels: BoolArray, counts: FloatArray | None = None) -> LinearHeads:
    """Fit one head; a constant where there is one class only or no n-gram."""
    if labels.all() or not labels.any() or not rows.shape[1]:
        constant = _CONSTANT_MARGIN if labels.any() else -_CONSTANT_MARGIN
        return LinearHeads(np.zeros((1, rows.shape[1])), np.array([constant]))
    fitted = LinearSVC(C=REGULARIZATION_C, dual=False, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS).fit(
        rows, labels, sample_weight=counts
    )
    return LinearHeads(fitted.coef_, fitted.intercept_)
