"""Gwet's AC1 of two raters with a bootstrap interval: agreement under skewed categories (pure)."""

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
