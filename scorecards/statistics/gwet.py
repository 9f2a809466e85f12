"""Gwet's AC1 of two raters with an interval: agreement where one answer is rare (pure)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval, share_at_least
from scorecards.statistics.krippendorff import REPEATS, SEED

Array = NDArray[np.float64]


def ac1_interval(table: ArrayLike, *, repeats: int = REPEATS, seed: int = SEED) -> Interval:
    """AC1 of two raters with its 95 % percentile bootstrap interval; the same table gives the same interval.

    Parameters
    ----------
    table
        Confusion table, as of `scorecards.statistics.agreement.confusion`; every class that could be chosen
        has a row.
    repeats
        How often as many units are drawn again, with replacement.
    seed
        Of the random numbers.

    Returns
    -------
    Interval
        Unknown without units, or with fewer than two classes.

    Notes
    -----
    AC1 as of `scorecards.statistics.agreement.gwet`. Where the two never disagreed every repeat would be 1:
    the low end is then that of the smallest share of agreement which such a run leaves possible (Clopper &
    Pearson 1934).

    Examples
    --------
    >>> found = ac1_interval([[118, 5], [2, 0]])
    >>> round(found.estimate, 2), round(found.low, 2), round(found.high, 2)
    (0.94, 0.89, 0.98)
    >>> never = ac1_interval([[20, 0], [0, 20]])
    >>> never.estimate, round(never.low, 2)
    (1.0, 0.82)
    """
    cells = np.asarray(table, dtype=np.float64)
    units, classes = int(cells.sum()), cells.shape[0]
    if not units or classes < 2:
        return UNKNOWN
    (estimate,) = _ac1(cells[np.newaxis])
    low = high = estimate
    if np.trace(cells) == units:
        agreed = float(share_at_least(units, units, (1 - LEVEL) / 2))
        low = 1 - (1 - agreed) / (1 - _by_chance(cells[np.newaxis])[0])
    else:
        generator = np.random.default_rng(seed)
        drawn = generator.multinomial(units, cells.ravel() / units, size=repeats)
        tail = 50 * (1 - LEVEL)
        low, high = np.percentile(
            _ac1(drawn.astype(np.float64).reshape(-1, classes, classes)), (tail, 100 - tail)
        )
    return Interval(float(estimate), min(float(estimate), float(low)), max(float(estimate), float(high)))


def _ac1(tables: Array) -> Array:
    agreed = np.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))
    by_chance = _by_chance(tables)
    found: Array = (agreed - by_chance) / (1 - by_chance)
    return found


def _by_chance(tables: Array) -> Array:
    """Return what chance gives, at most 1/2: sum of pi (1 - pi) over the classes / (classes - 1)."""
    shares = (tables.sum(axis=1) + tables.sum(axis=2)) / (2 * tables.sum(axis=(1, 2))[:, np.newaxis])
    found: Array = (shares * (1 - shares)).sum(axis=1) / (tables.shape[1] - 1)
    return found
