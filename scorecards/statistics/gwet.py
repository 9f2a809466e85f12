"""Gwet's AC1 with bootstrap intervals, of two raters or of many: agreement under skewed categories (pure)."""

import numpy as np
from numpy.typing import ArrayLike

from scorecards.arrays import FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval, share_at_least
from scorecards.statistics.krippendorff import REPEATS, SEED


def ac1_interval(table: ArrayLike, *, repeats: int = REPEATS, seed: int = SEED) -> Interval:
    """AC1 of two raters with its 95 % percentile bootstrap interval.

    Parameters
    ----------
    table : array_like, shape (q, q)
        Confusion matrix, as of `scorecards.statistics.agreement.confusion`, with a row for every possible
        class, used or not.
    repeats
        Number of bootstrap resamples of the units.
    seed
        Of the random generator; fixed, so that the same table gives the same interval.

    Returns
    -------
    Interval
        Within [-1, 1] and containing the estimate; unknown without units, or with fewer than two classes.

    Notes
    -----
    AC1 as of `scorecards.statistics.agreement.gwet`. Without any disagreement every resample would give 1;
    the lower limit is then AC1 at the Clopper-Pearson lower bound of observed agreement (Clopper & Pearson
    1934).

    Examples
    --------
    >>> interval = ac1_interval([[118, 5], [2, 0]])
    >>> round(interval.estimate, 2), round(interval.low, 2), round(interval.high, 2)
    (0.94, 0.89, 0.98)
    >>> perfect = ac1_interval([[20, 0], [0, 20]])
    >>> perfect.estimate, round(perfect.low, 2)
    (1.0, 0.82)
    """
    cells = np.asarray(table, dtype=np.float64)
    units, classes = int(cells.sum()), cells.shape[0]
    if not units or classes < 2:
        return UNKNOWN
    (estimate,) = _ac1(cells[np.newaxis])
    low = high = estimate
    if np.trace(cells) == units:
        agreement_low = float(share_at_least(units, units, (1 - LEVEL) / 2))
        low = 1 - (1 - agreement_low) / (1 - _expected_agreement(cells[np.newaxis])[0])
    else:
        generator = np.random.default_rng(seed)
        resamples = generator.multinomial(units, cells.ravel() / units, size=repeats)
        tail = 50 * (1 - LEVEL)
        low, high = np.percentile(
            _ac1(resamples.astype(np.float64).reshape(-1, classes, classes)), (tail, 100 - tail)
        )
    return Interval(float(estimate), min(float(estimate), float(low)), max(float(estimate), float(high)))


def ac1_of_many(counts: ArrayLike, *, repeats: int = REPEATS, seed: int = SEED) -> Interval:
    """AC1 of any number of raters with its 95 % percentile bootstrap interval.

    Parameters
    ----------
    counts : array_like, shape (n_units, q)
        How many raters put the unit into the category, with a column for every possible category.
    repeats, seed
        As of `ac1_interval`; units are resampled.

    Returns
    -------
    Interval
        Containing the estimate; unknown when no unit has two ratings, or with fewer than two categories.

    Notes
    -----
    AC1 as of `scorecards.statistics.agreement.gwet`. Without any disagreement the lower limit is AC1 at the
    Clopper-Pearson lower bound of the share of agreeing units, as of `ac1_interval`.

    Examples
    --------
    >>> interval = ac1_of_many([[3, 0]] * 10 + [[2, 1]] * 5 + [[0, 3]] * 5)
    >>> round(interval.estimate, 2), round(interval.low, 1), round(interval.high, 1)
    (0.7, 0.4, 0.9)
    >>> ac1_of_many([[1, 0], [0, 1]])
    Interval(estimate=None, low=None, high=None)
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    rated = table[table.sum(axis=1) > 0] if table.size else table.reshape(0, 1)
    units = rated.shape[0]
    if not units:
        return UNKNOWN
    (estimate,) = resampled_ac1(rated, np.ones((1, units)))
    if np.isnan(estimate):
        return UNKNOWN
    pairable = rated[rated.sum(axis=1) >= 2]
    if not np.any((pairable > 0).sum(axis=1) > 1):
        agreement_low = float(share_at_least(len(pairable), len(pairable), (1 - LEVEL) / 2))
        shares = (rated / rated.sum(axis=1, keepdims=True)).mean(axis=0)
        expected = float((shares * (1 - shares)).sum() / (rated.shape[1] - 1))
        return Interval(float(estimate), 1 - (1 - agreement_low) / (1 - expected), float(estimate))
    generator = np.random.default_rng(seed)
    times = generator.multinomial(units, np.full(units, 1 / units), size=repeats).astype(np.float64)
    found = resampled_ac1(rated, times)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(found[~np.isnan(found)], (tail, 100 - tail))
    return Interval(float(estimate), min(float(estimate), float(low)), max(float(estimate), float(high)))


def resampled_ac1(counts: ArrayLike, times: FloatArray) -> FloatArray:
    """Return AC1 of any number of raters for each resample of the same units.

    Parameters
    ----------
    counts : array_like, shape (n_units, q)
        As of `ac1_of_many`.
    times : float array, shape (resamples, n_units)
        How often each unit is in each resample.

    Returns
    -------
    ndarray of float64, shape (resamples,)
        nan where AC1 is undefined.

    Examples
    --------
    >>> times = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 0.0]])
    >>> resampled_ac1([[2, 0], [0, 2], [1, 1]], times).round(2).tolist()
    [0.33, 1.0]
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    q, sizes = table.shape[1], table.sum(axis=1)
    found: FloatArray = np.full(times.shape[0], np.nan)
    pairable, rated = sizes >= 2, sizes > 0
    if q < 2 or not pairable.any():
        return found
    pairs = np.where(pairable, sizes * (sizes - 1), 1.0)
    agreeing = np.where(pairable, (table * (table - 1)).sum(axis=1) / pairs, 0.0)
    shares = np.where(rated[:, np.newaxis], table / np.where(rated, sizes, 1.0)[:, np.newaxis], 0.0)
    compared, counted = times @ pairable, times @ rated
    some = compared > 0
    observed = (times[some] @ agreeing) / compared[some]
    prevalence = (times[some] @ shares) / counted[some][:, np.newaxis]
    expected = (prevalence * (1 - prevalence)).sum(axis=1) / (q - 1)
    found[some] = (observed - expected) / (1 - expected)
    return found


def _ac1(tables: FloatArray) -> FloatArray:
    observed = np.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))
    expected = _expected_agreement(tables)
    coefficients: FloatArray = (observed - expected) / (1 - expected)
    return coefficients


def _expected_agreement(tables: FloatArray) -> FloatArray:
    """Return the agreement expected by chance, at most 1/2: sum of pi (1 - pi) over classes / (q - 1)."""
    prevalence = (tables.sum(axis=1) + tables.sum(axis=2)) / (2 * tables.sum(axis=(1, 2))[:, np.newaxis])
    expected: FloatArray = (prevalence * (1 - prevalence)).sum(axis=1) / (tables.shape[1] - 1)
    return expected
