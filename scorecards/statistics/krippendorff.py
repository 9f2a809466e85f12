"""Krippendorff's alpha, for any number of raters, with missing ratings and a bootstrap interval (pure)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval

Level = Literal["nominal", "ordinal", "interval"]
Array = NDArray[np.float64]

REPEATS = 1000
SEED = 2004


def alpha(counts: ArrayLike, level: Level = "nominal", values: ArrayLike | None = None) -> float | None:
    """Krippendorff's alpha: 1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.

    Parameters
    ----------
    counts
        Units by categories: how many raters put the unit into the category. A missing rating is simply not
        counted; units with fewer than two ratings say nothing and are left out.
    level
        "nominal": answers are the same or not; "ordinal": categories are columns in ascending order;
        "interval": categories are numbers, whose distance counts.
    values
        The number of each category, for "interval" only; 0, 1, 2, ... unless given.

    Returns
    -------
    float or None
        In (-inf, 1]; None without two units to pair, or when all ratings are the same: where nothing
        varies, nothing tells agreement from habit.

    Notes
    -----
    With n_uc ratings of unit u in category c, m_u = sum_c n_uc, n_c = sum_u n_uc, n = sum_c n_c:

        D_o = sum_u sum_c sum_k n_uc (n_uk - [c = k]) delta²_ck / (m_u - 1)
        D_e = sum_c sum_k n_c n_k delta²_ck
        alpha = 1 - (n - 1) D_o / D_e

    delta²_ck is [c != k] (nominal), (x_c - x_k)² (interval), and for ordinal the squared number of ratings
    between the two, which is the squared difference of their mid-ranks sum_{g<c} n_g + n_c / 2.
    K. Krippendorff (2011), "Computing Krippendorff's alpha-reliability".

    Examples
    --------
    Two raters agree on 8 of 10 yes/no answers:

    >>> counts = [[2, 0]] * 4 + [[1, 1]] * 2 + [[0, 2]] * 4
    >>> round(alpha(counts), 3)
    0.62
    >>> alpha([[2, 0]] * 10) is None
    True
    """
    return _alpha(*_patterns(counts), level, values)


def alpha_interval(
    counts: ArrayLike,
    level: Level = "nominal",
    values: ArrayLike | None = None,
    *,
    repeats: int = REPEATS,
    seed: int = SEED,
) -> Interval:
    """Alpha with its 95 % percentile bootstrap interval; the same data gives the same interval.

    Parameters
    ----------
    counts, level, values
        As of `alpha`.
    repeats
        How often as many units are drawn again, with replacement.
    seed
        Of the random numbers.

    Returns
    -------
    Interval
        Unknown where alpha is. Repeats in which nothing varies have no alpha and are left out.

    Notes
    -----
    Units are drawn, not ratings: the ratings of one unit belong together. Where raters never disagreed,
    every repeat is 1 and the interval would claim certainty. The low end is then 1 - u / d, where
    u = 1 - 0.025^(1/units) is the largest share of disagreeing units that such a run of agreement leaves
    possible (Clopper & Pearson 1934) and d = sum_{c != k} n_c n_k / (n (n - 1)) what chance gives.

    Examples
    --------
    >>> counts = [[2, 0]] * 40 + [[1, 1]] * 20 + [[0, 2]] * 40
    >>> found = alpha_interval(counts)
    >>> round(found.estimate, 2), round(found.low, 1), round(found.high, 1)
    (0.6, 0.4, 0.8)
    >>> never = alpha_interval([[2, 0], [0, 2]] * 10)
    >>> never.estimate, round(never.low, 2), never.high
    (1.0, 0.67, 1.0)
    """
    patterns, times = _patterns(counts)
    estimate = _alpha(patterns, times, level, values)
    if estimate is None:
        return UNKNOWN
    units = int(times.sum())
    if not np.any((patterns > 0).sum(axis=1) > 1):
        return Interval(estimate, _never_disagreed(patterns, times), estimate)
    drawn = np.random.default_rng(seed).multinomial(units, times / units, size=repeats).astype(np.float64)
    found = _alphas(patterns, drawn, level, values)
    defined = found[~np.isnan(found)]
    if not defined.size:
        return Interval(estimate)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(defined, (tail, 100 - tail))
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)))


def _patterns(counts: ArrayLike) -> tuple[Array, Array]:
    """Return the different units with two ratings or more, and how often each occurs."""
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    pairable = table[table.sum(axis=1) >= 2]
    if not pairable.size:
        return np.empty((0, 0)), np.empty(0)
    patterns, times = np.unique(pairable, axis=0, return_counts=True)
    return patterns, times.astype(np.float64)


def _alpha(patterns: Array, times: Array, level: Level, values: ArrayLike | None) -> float | None:
    if not patterns.size:
        return None
    (found,) = _alphas(patterns, times[np.newaxis, :], level, values)
    return None if np.isnan(found) else float(found)


def _alphas(patterns: Array, times: Array, level: Level, values: ArrayLike | None) -> Array:
    """Return alpha for each row of `times`, which says how often each pattern occurs; nan if undefined."""
    sizes = patterns.sum(axis=1)
    totals = times @ patterns
    n = totals.sum(axis=1)
    if level == "nominal":
        observed = times @ ((sizes**2 - (patterns**2).sum(axis=1)) / (sizes - 1))
        expected = n**2 - (totals**2).sum(axis=1)
    else:
        x = _positions(totals, level, values)
        within = 2 * (sizes * (x**2 @ patterns.T) - (x @ patterns.T) ** 2) / (sizes - 1)
        observed = (times * within).sum(axis=1)
        expected = 2 * (n * (totals * x**2).sum(axis=1) - (totals * x).sum(axis=1) ** 2)
    varies = (totals > 0).sum(axis=1) > 1
    found: Array = np.full(n.shape, np.nan)
    np.divide((n - 1) * observed, expected, out=found, where=varies)
    return 1 - found


def _positions(totals: Array, level: Level, values: ArrayLike | None) -> Array:
    """Return where each category stands, shifted by the mean so that sums of squares keep digits."""
    if level == "ordinal":
        x = np.cumsum(totals, axis=1) - totals / 2
    else:
        given = np.arange(totals.shape[1]) if values is None else values
        x = np.broadcast_to(np.asarray(given, dtype=np.float64), totals.shape)
    centre = (totals * x).sum(axis=1) / totals.sum(axis=1)
    shifted: Array = x - centre[:, np.newaxis]
    return shifted


def _never_disagreed(patterns: Array, times: Array) -> float:
    totals = times @ patterns
    n, units = totals.sum(), times.sum()
    by_chance = (n**2 - (totals**2).sum()) / (n * (n - 1))
    return float(1 - (1 - ((1 - LEVEL) / 2) ** (1 / units)) / by_chance)
