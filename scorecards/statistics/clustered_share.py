"""A share of answers with an interval, where the answers of one conversation go together."""

from collections.abc import Sequence

import numpy as np

from scorecards.statistics.confidence_intervals import LEVEL, Interval, t_quantile, wilson

MIN_CLUSTERS = 3
"""With fewer conversations nothing is said."""
_USUAL_CORRELATION = 0.2
_WEIGHT_OF_USUAL = 4


def clustered_share(
    counts: Sequence[tuple[int, int]], level: float = LEVEL, min_clusters: int = MIN_CLUSTERS
) -> Interval:
    """
    Share of successes over clusters of unequal size, with a Wilson interval for clustered answers.

    Parameters
    ----------
    counts
        Of each cluster: successes, and trials. Clusters without trials are left out.
    level
        Confidence level in (0, 1).
    min_clusters
        Fewer clusters give an unknown interval.

    Returns
    -------
    Interval
        Within [0, 1]; its width is positive at a share of exactly 0 or 1 too.

    Notes
    -----
    n trials in clusters of m on average are as precise as n / (1 + (m - 1) rho) independent ones (Kish 1965),
    where rho is the correlation within clusters, by analysis of variance. Of few clusters it is badly known;
    it is therefore mixed with 0.2 as if that had been found in four more. The quantile is Student's with one
    degree of freedom less than clusters. A 95 % interval held the truth in 91 to 100 of 100 simulated cases
    (`tests/pure/statistics/test_clustered_share.py`).
    L. Kish (1965), *Survey Sampling*; E. B. Wilson (1927).

    Examples
    --------
    >>> share = clustered_share([(9, 10), (10, 10), (8, 10), (10, 10), (7, 10)])
    >>> share.estimate, round(share.low, 2), round(share.high, 2)
    (0.88, 0.6, 0.97)
    >>> clustered_share([(10, 10), (9, 10)])
    Interval(estimate=None, low=None, high=None)
    """
    given = np.array([each for each in counts if each[1] > 0], dtype=np.float64).reshape(-1, 2)
    clusters = len(given)
    if clusters < max(2, min_clusters):
        return Interval()
    hits, sizes = given[:, 0], given[:, 1]
    total = float(sizes.sum())
    share = float(hits.sum()) / total
    found = _correlation(hits, sizes, share)
    mixed = (found * (clusters - 1) + _USUAL_CORRELATION * _WEIGHT_OF_USUAL) / (
        clusters - 1 + _WEIGHT_OF_USUAL
    )
    typical = float((sizes**2).sum()) / total
    effective = total / (1 + (typical - 1) * mixed)
    return wilson(share, effective, level, t_quantile(clusters - 1, level))


def _correlation(hits: np.ndarray, sizes: np.ndarray, share: float) -> float:
    """Return the correlation within clusters by analysis of variance, between 0 and 1."""
    clusters, total = len(hits), float(sizes.sum())
    if total <= clusters or not 0 < share < 1:
        return 0.0
    shares = hits / sizes
    between = float((sizes * (shares - share) ** 2).sum()) / (clusters - 1)
    within = float((sizes * shares * (1 - shares)).sum()) / (total - clusters)
    typical = (total - float((sizes**2).sum()) / total) / (clusters - 1)
    spread = between + (typical - 1) * within
    return 0.0 if spread <= 0 else min(1.0, max(0.0, (between - within) / spread))
