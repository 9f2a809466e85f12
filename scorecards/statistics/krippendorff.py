"""Krippendorff's alpha, for any number of raters, with missing ratings and a bootstrap interval (pure)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from scorecards.arrays import FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval

Level = Literal["nominal", "ordinal", "interval", "ratio"]

REPEATS = 1000
"""Draws of a bootstrap."""
SEED = 2004
SMOOTHING_UNITS = 2.0
"""Units that are drawn beside those that were rated."""


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
    """Alpha with its 95 % interval by a smoothed Bayesian bootstrap.

    Parameters
    ----------
    counts, level, values
        As of `alpha`.
    repeats
        Number of draws of the bootstrap.
    seed
        Of the random generator; fixed, so that the same data gives the same interval.

    Returns
    -------
    Interval
        Contains the estimate; unknown where alpha is undefined.

    Notes
    -----
    Units are resampled, not ratings, because the ratings of a unit are dependent. The bootstrap is the
    Bayesian one (D. Rubin 1981, "The Bayesian bootstrap", Annals of Statistics 9): weights of the units are
    drawn, not their numbers. `SMOOTHING_UNITS` more units are drawn with them, of which people agree on two
    thirds and differ on one: so the interval knows that agreement on a rare answer, or the first
    disagreement, may not have been seen yet. Of 10 units of which 15 % have the rarer answer, the percentile
    bootstrap held the truth in 47 to 89 of 100 sets; this one in 96 to 98, and it is about as wide. It holds
    in 92 to 100 of 100 for two and three answers, 5 to 50 units and 2 to 5 raters; least, in 79 of 100, for 5
    units on a scale of eleven steps where people hardly differ
    (`tests/pure/statistics/test_alpha_coverage.py`, the slow ones).

    Examples
    --------
    >>> counts = [[2, 0]] * 40 + [[1, 1]] * 20 + [[0, 2]] * 40
    >>> interval = alpha_interval(counts)
    >>> round(interval.estimate, 2), round(interval.low, 1), round(interval.high, 1)
    (0.6, 0.4, 0.7)
    >>> perfect = alpha_interval([[2, 0], [0, 2]] * 10)
    >>> perfect.estimate, round(perfect.low, 1), perfect.high
    (1.0, 0.7, 1.0)
    """
    patterns, times = _patterns(counts)
    estimate = _alpha(patterns, times, level, values)
    if estimate is None:
        return UNKNOWN
    generator = np.random.default_rng(seed)
    weights = generator.standard_gamma(times, size=(repeats, times.size))
    drawn = _smoothed_alphas(
        patterns, weights, units=times.sum(), generator=generator, level=level, values=values
    )
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(drawn[~np.isnan(drawn)], (tail, 100 - tail))
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)))


def smoothed_alphas(
    counts: ArrayLike,
    weights: FloatArray,
    generator: np.random.Generator,
    level: Level = "nominal",
    values: ArrayLike | None = None,
) -> FloatArray:
    """Return alpha for each draw of weights of the same units, so that several questions are drawn together.

    Parameters
    ----------
    counts, level, values
        As of `alpha`.
    weights : float array, shape (draws, n_units)
        Positive weight of each unit in each draw, gamma distributed with shape 1.
    generator
        Draws the weights of the units that smooth, as of `alpha_interval`.

    Returns
    -------
    ndarray of float64, shape (draws,)
        nan where alpha is undefined.

    Examples
    --------
    >>> generator = np.random.default_rng(7)
    >>> drawn = smoothed_alphas([[2, 0], [0, 2]] * 200, generator.standard_gamma(1.0, (9, 400)), generator)
    >>> bool((drawn > 0.9).all()), smoothed_alphas([[2, 0]], np.ones((1, 1)), generator).tolist()
    (True, [nan])
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    pairable = table.sum(axis=1) >= 2
    if not pairable.any():
        return np.full(weights.shape[0], np.nan)
    units = float(pairable.sum())
    return _smoothed_alphas(
        table[pairable], weights[:, pairable], units=units, generator=generator, level=level, values=values
    )


def _smoothed_alphas(
    patterns: FloatArray,
    weights: FloatArray,
    *,
    units: float,
    generator: np.random.Generator,
    level: Level,
    values: ArrayLike | None,
) -> FloatArray:
    more, shapes = _smoothing(patterns, weights)
    drawn = np.hstack([weights, generator.standard_gamma(shapes, size=(weights.shape[0], shapes.size))])
    times = drawn * (units / drawn.sum(axis=1, keepdims=True))
    return _alphas(np.vstack([patterns, more]), times, level, values)


def _smoothing(patterns: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return units on one seen category, or half on each of two, of average size, and how many of each."""
    seen = np.flatnonzero(patterns.sum(axis=0) > 0)
    alike = np.eye(patterns.shape[1])[seen]
    if seen.size < 2:
        return alike[:0], np.empty(0)
    first, second = np.triu_indices(seen.size, 1)
    mixed = (alike[first] + alike[second]) / 2
    shares = [np.full(len(rows), share / len(rows)) for rows, share in ((alike, 2 / 3), (mixed, 1 / 3))]
    size = np.average(patterns.sum(axis=1), weights=weights.sum(axis=0))
    return size * np.vstack([alike, mixed]), SMOOTHING_UNITS * np.concatenate(shares)


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
