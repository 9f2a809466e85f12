"""Krippendorff's alpha, for any number of raters, with missing ratings and a bootstrap interval (pure)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from scorecards.arrays import FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval

Level = Literal["nominal", "ordinal", "interval", "ratio"]

REPEATS = 1000
"""Bootstrap resamples."""
SEED = 2004


def alpha(counts: ArrayLike, level: Level = "nominal", values: ArrayLike | None = None) -> float | None:
    """Krippendorff's alpha: 1 is perfect agreement, 0 chance agreement, below 0 systematic disagreement.

    Parameters
    ----------
    counts : array_like, shape (n_units, q)
        How many raters put the unit into the category. Missing ratings are not counted; units with fewer
        than two ratings are left out.
    level : {'nominal', 'ordinal', 'interval', 'ratio'}
        Level of measurement; for "ordinal" the columns are in ascending order.
    values : array_like, shape (q,), optional
        Number of each category, for "interval" and "ratio" only; 0, 1, 2, ... by default. Those of "ratio"
        are not negative.

    Returns
    -------
    float or None
        In (-inf, 1]; None when no unit has two ratings, or when all ratings are the same (alpha is
        undefined without variation).

    Notes
    -----
    With n_uc ratings of unit u in category c, m_u = sum_c n_uc, n_c = sum_u n_uc, n = sum_c n_c:

        D_o = sum_u sum_c sum_k n_uc (n_uk - [c = k]) delta²_ck / (m_u - 1)
        D_e = sum_c sum_k n_c n_k delta²_ck
        alpha = 1 - (n - 1) D_o / D_e

    delta²_ck is [c != k] (nominal), (x_c - x_k)² (interval), ((x_c - x_k) / (x_c + x_k))² (ratio), and for
    ordinal the squared number of ratings between the two, which is the squared difference of their mid-ranks
    sum_{g<c} n_g + n_c / 2.
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
    """Alpha with its 95 % percentile bootstrap interval.

    Parameters
    ----------
    counts, level, values
        As of `alpha`.
    repeats
        Number of bootstrap resamples of the units.
    seed
        Of the random generator; fixed, so that the same data gives the same interval.

    Returns
    -------
    Interval
        Contains the estimate; unknown where alpha is undefined. Only the limits are unknown when alpha is
        undefined in every resample.

    Notes
    -----
    Units are resampled, not ratings, because the ratings of a unit are dependent; resamples without variation
    have no alpha and are left out. Without any disagreement every resample would give 1. The lower limit is
    then 1 - u / d, where u = 1 - 0.025^(1/units) is the Clopper-Pearson upper bound of the share of
    disagreeing units (Clopper & Pearson 1934) and d = sum_{c != k} n_c n_k / (n (n - 1)) the disagreement
    expected by chance.

    Examples
    --------
    >>> counts = [[2, 0]] * 40 + [[1, 1]] * 20 + [[0, 2]] * 40
    >>> interval = alpha_interval(counts)
    >>> round(interval.estimate, 2), round(interval.low, 1), round(interval.high, 1)
    (0.6, 0.4, 0.8)
    >>> perfect = alpha_interval([[2, 0], [0, 2]] * 10)
    >>> perfect.estimate, round(perfect.low, 2), perfect.high
    (1.0, 0.67, 1.0)
    """
    patterns, times = _patterns(counts)
    estimate = _alpha(patterns, times, level, values)
    if estimate is None:
        return UNKNOWN
    units = int(times.sum())
    if not np.any((patterns > 0).sum(axis=1) > 1):
        return Interval(estimate, _low_without_disagreement(patterns, times), estimate)
    generator = np.random.default_rng(seed)
    resamples = generator.multinomial(units, times / units, size=repeats).astype(np.float64)
    bootstrap = _alphas(patterns, resamples, level, values)
    defined = bootstrap[~np.isnan(bootstrap)]
    if not defined.size:
        return Interval(estimate)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(defined, (tail, 100 - tail))
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)))


def resampled_alphas(
    counts: ArrayLike, times: FloatArray, level: Level = "nominal", values: ArrayLike | None = None
) -> FloatArray:
    """Return alpha for each resample of the same units, so that several questions are resampled together.

    Parameters
    ----------
    counts, level, values
        As of `alpha`.
    times : float array, shape (resamples, n_units)
        How often each unit is in each resample.

    Returns
    -------
    ndarray of float64, shape (resamples,)
        nan where alpha is undefined.

    Examples
    --------
    >>> twice = resampled_alphas([[2, 0], [0, 2], [1, 1]], np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 0.0]]))
    >>> twice.round(2).tolist()
    [0.44, nan]
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    pairable = table.sum(axis=1) >= 2
    if not pairable.any():
        return np.full(times.shape[0], np.nan)
    chosen, kept = times[:, pairable], table[pairable]
    some = chosen.sum(axis=1) > 0
    found = np.full(times.shape[0], np.nan)
    found[some] = _alphas(kept, chosen[some], level, values)
    return found


def _patterns(counts: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the distinct rows with two ratings or more, and how often each occurs."""
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    pairable = table[table.sum(axis=1) >= 2]
    if not pairable.size:
        return np.empty((0, 0)), np.empty(0)
    patterns, times = np.unique(pairable, axis=0, return_counts=True)
    return patterns, times.astype(np.float64)


def _alpha(patterns: FloatArray, times: FloatArray, level: Level, values: ArrayLike | None) -> float | None:
    if not patterns.size:
        return None
    (value,) = _alphas(patterns, times[np.newaxis, :], level, values)
    return None if np.isnan(value) else float(value)


def _alphas(patterns: FloatArray, times: FloatArray, level: Level, values: ArrayLike | None) -> FloatArray:
    """Return alpha for each row of `times`, the frequencies of the patterns; nan where undefined."""
    sizes = patterns.sum(axis=1)
    totals = times @ patterns
    n = totals.sum(axis=1)
    if level == "nominal":
        observed = times @ ((sizes**2 - (patterns**2).sum(axis=1)) / (sizes - 1))
        expected = n**2 - (totals**2).sum(axis=1)
    elif level == "ratio":
        distances = _ratio_distances(patterns.shape[1], values)
        observed = times @ (((patterns @ distances) * patterns).sum(axis=1) / (sizes - 1))
        expected = ((totals @ distances) * totals).sum(axis=1)
    else:
        x = _positions(totals, level, values)
        within = 2 * (sizes * (x**2 @ patterns.T) - (x @ patterns.T) ** 2) / (sizes - 1)
        observed = (times * within).sum(axis=1)
        expected = 2 * (n * (totals * x**2).sum(axis=1) - (totals * x).sum(axis=1) ** 2)
    varies = (totals > 0).sum(axis=1) > 1
    ratio: FloatArray = np.full(n.shape, np.nan)
    np.divide((n - 1) * observed, expected, out=ratio, where=varies)
    return 1 - ratio


def _positions(totals: FloatArray, level: Level, values: ArrayLike | None) -> FloatArray:
    """Return the value (or mid-rank) of each category, centred to avoid cancellation in sums of squares."""
    if level == "ordinal":
        x = np.cumsum(totals, axis=1) - totals / 2
    else:
        numbers = np.arange(totals.shape[1]) if values is None else values
        x = np.broadcast_to(np.asarray(numbers, dtype=np.float64), totals.shape)
    centre = (totals * x).sum(axis=1) / totals.sum(axis=1)
    centred: FloatArray = x - centre[:, np.newaxis]
    return centred


def _ratio_distances(categories: int, values: ArrayLike | None) -> FloatArray:
    """Return the squared distance of each pair of categories at the ratio level."""
    x = np.asarray(np.arange(categories) if values is None else values, dtype=np.float64)
    sums = np.add.outer(x, x)
    ratios = np.divide(np.subtract.outer(x, x), sums, out=np.zeros_like(sums), where=sums != 0)
    squared: FloatArray = ratios**2
    return squared


def _low_without_disagreement(patterns: FloatArray, times: FloatArray) -> float:
    totals = times @ patterns
    n, units = totals.sum(), times.sum()
    expected = (n**2 - (totals**2).sum()) / (n * (n - 1))
    return float(1 - (1 - ((1 - LEVEL) / 2) ** (1 / units)) / expected)
