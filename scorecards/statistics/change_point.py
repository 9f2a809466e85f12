"""Pettitt's test: whether, and after which observation, the level of a series changed (pure)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

MIN_OBSERVATIONS = 14
"""Of fewer observations no change is reported."""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The most probable change of a series.

    Attributes
    ----------
    before : int
        Number of observations before the change, from 1 to n - 1.
    statistic : float
        Pettitt's K, the largest |U|.
    p : float
        Approximate two-sided probability of such a K without any change, in (0, 1].
    """

    before: int
    statistic: float
    p: float


def pettitt(values: ArrayLike) -> ChangePoint | None:
    """Find the most probable change of the level of a series.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In the order of time, without nan.

    Returns
    -------
    ChangePoint or None
        None below `MIN_OBSERVATIONS`. With several places of the same K, the first.

    Notes
    -----
    With r the mid-ranks of the values, U_t = 2 (r_1 + ... + r_t) - t (n + 1), K = max |U_t| for t < n, and
    p = 2 exp(-6 K² / (n³ + n²)), which is good to 0.01 for p up to 0.5. It supposes independent observations
    and at most one change; ties make it conservative.
    A. N. Pettitt (1979), "A non-parametric approach to the change-point problem", Applied Statistics 28.

    Examples
    --------
    >>> found = pettitt([3, 1, 2, 3, 1, 2, 3, 9, 8, 7, 9, 8, 7, 9])
    >>> found.before, found.statistic, round(found.p, 3)
    (7, 49.0, 0.015)
    >>> pettitt([1, 2, 3])
    """
    series = np.asarray(values, dtype=np.float64)
    n = series.size
    if n < MIN_OBSERVATIONS:
        return None
    places = np.arange(1, n)
    sums = np.abs(2 * np.cumsum(rankdata(series))[:-1] - places * (n + 1))
    largest = float(sums.max())
    p = min(1.0, 2 * math.exp(-6 * largest**2 / (n**3 + n**2)))
    return ChangePoint(int(places[int(sums.argmax())]), largest, p)
