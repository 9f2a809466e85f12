"""Which sentences to show for an answer."""

import numpy as np

from scorecards.autoscore.models.score_cache import Numbers

MAX_SENTENCES = 3
MINUS_INFINITY = np.float32(-1e9)
"""Stands for log-odds of minus infinity without its arithmetic."""

_MIN_CONTRIBUTION = np.float32(1e-9)
_MAX_LOG_ODDS_BEHIND = np.float32(np.log(2.0))
"""Further sentences are shown while their odds are at least half of the best one's."""


def top_sentences(odds: Numbers) -> list[list[int]]:
    """Return for each column the rows to show, strongest first: up to three, none at or below `NEVER`.

    Examples
    --------
    >>> strongest(np.array([[0.0, -1e9], [2.0, -1e9], [1.9, -1e9]], dtype=np.float32))
    [[1, 2], []]
    """
    top = odds.max(axis=0)
    near = (odds > MINUS_INFINITY) & (odds >= top - _MAX_LOG_ODDS_BEHIND)
    columns, rows = near.T.nonzero()
    order = np.lexsort((-odds[rows, columns], columns))
    shown: list[list[int]] = [[] for _ in top]
    for column, row in zip(columns[order].tolist(), rows[order].tolist(), strict=True):
        if len(shown[column]) < MAX_SENTENCES:
            shown[column].append(row)
    return shown


def contributions(own: Numbers, together: Numbers, classes: Numbers) -> Numbers:
    """Return how much each sentence speaks for one class rather than all, where it does at all.

    Parameters
    ----------
    own : array of shape (sentences, questions)
        What each adds to the margin of one class over the first; 0 where it is the first.
    together : array of shape (sentences, questions)
        What each adds to the margins of all classes over the first.
    classes : array of shape (questions,)
        How many there are.

    Examples
    --------
    >>> own, together = np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])
    >>> lifts(own, together, np.array([2.0])).round(3).tolist()
    [[-0.693], [-1000000000.0]]
    """
    lift = own - together / classes
    return np.where(lift > 0, np.log(np.maximum(lift, _MIN_CONTRIBUTION)), MINUS_INFINITY)
