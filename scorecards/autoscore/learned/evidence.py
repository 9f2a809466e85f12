"""Which sentences to show for an answer."""

import numpy as np

from scorecards.autoscore.learned.table import Numbers

MOST = 3
NEVER = np.float32(-1e9)
"""Stands for log-odds of minus infinity without its arithmetic."""

_NEXT_BEST = np.float32(np.log(2.0))
"""Further sentences are shown while their odds are at least half of the best one's."""


def strongest(odds: Numbers) -> list[list[int]]:
    """Return for each column the rows to show, strongest first: up to three, none at or below `NEVER`.

    Examples
    --------
    >>> strongest(np.array([[0.0, -1e9], [2.0, -1e9], [1.9, -1e9]], dtype=np.float32))
    [[1, 2], []]
    """
    across = np.ascontiguousarray(odds.T)
    rows = np.argsort(-across, axis=1, kind="stable")[:, :MOST]
    best = np.take_along_axis(across, rows, axis=1)
    counts = ((best > NEVER) & (best >= best[:, :1] - _NEXT_BEST)).sum(axis=1)
    return [each[:count] for each, count in zip(rows.tolist(), counts.tolist(), strict=True)]


def lifts(margins: Numbers, chosen: int) -> Numbers:
    """Return how much each sentence speaks for one class rather than all, where it does at all.

    Parameters
    ----------
    margins : array of shape (sentences, classes - 1)
        What each adds to the margin of every class over the first.
    chosen : int
        The place of the class.
    """
    own = margins[:, chosen - 1] if chosen else np.zeros(len(margins), dtype=np.float32)
    lift = own - margins.sum(axis=1) / (margins.shape[1] + 1)
    return np.where(lift > 0, np.log(np.maximum(lift, np.float32(1e-9))), NEVER)
