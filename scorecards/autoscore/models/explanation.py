"""Which sentences to show as evidence for a predicted answer."""

import numpy as np

from scorecards.arrays import Float32Array

MAX_SENTENCES = 3
MINUS_INFINITY = np.float32(-1e9)
"""Stands for log-odds of minus infinity, whose arithmetic gives NaN."""

_MIN_CONTRIBUTION = np.float32(1e-9)
_MAX_LOG_ODDS_GAP = np.float32(np.log(2.0))
"""Further sentences are shown while their odds are at least half of the highest."""


def top_sentences(log_odds: Float32Array) -> list[list[int]]:
    """Return for each question the sentences to show, strongest first: up to three, none at MINUS_INFINITY.

    Parameters
    ----------
    log_odds : ndarray of shape (n_sentences, n_questions), dtype float32
        How much each sentence is evidence for the predicted answer.

    Examples
    --------
    >>> top_sentences(np.array([[0.0, -1e9], [2.0, -1e9], [1.9, -1e9]], dtype=np.float32))
    [[1, 2], []]
    """
    highest = log_odds.max(axis=0)
    near = (log_odds > MINUS_INFINITY) & (log_odds >= highest - _MAX_LOG_ODDS_GAP)
    columns, rows = near.T.nonzero()
    order = np.lexsort((-log_odds[rows, columns], columns))
    shown: list[list[int]] = [[] for _ in highest]
    for column, row in zip(columns[order].tolist(), rows[order].tolist(), strict=True):
        if len(shown[column]) < MAX_SENTENCES:
            shown[column].append(row)
    return shown


def contributions(margins: Float32Array, margin_sums: Float32Array, n_classes: Float32Array) -> Float32Array:
    """Return the log of what each sentence adds to one class beyond the mean of all classes.

    Parameters
    ----------
    margins : ndarray of shape (n_sentences, n_questions), dtype float32
        What each adds to the margin of that class over the first; 0 where it is the first.
    margin_sums : ndarray of shape (n_sentences, n_questions), dtype float32
        What each adds to the margins of all classes over the first.
    n_classes : ndarray of shape (n_questions,), dtype float32
        Number of classes.

    Returns
    -------
    ndarray of shape (n_sentences, n_questions), dtype float32
        MINUS_INFINITY where a sentence adds nothing.

    Examples
    --------
    >>> margins, margin_sums = np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])
    >>> contributions(margins, margin_sums, np.array([2.0])).round(3).tolist()
    [[-0.693], [-1000000000.0]]
    """
    beyond_mean = margins - margin_sums / n_classes
    return np.where(beyond_mean > 0, np.log(np.maximum(beyond_mean, _MIN_CONTRIBUTION)), MINUS_INFINITY)
