"""Differences between groups and the rest, and which of them chance does not explain (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from scorecards.intervals import t_quantile

Array = NDArray[np.float64]
FEWEST_REVIEWS = 10
ERROR_RATE = 0.05
"""Chance of at least one flag on a whole page if no group differed from the rest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Weighted mean of a group minus that of the rest, with its 95 % interval and two-sided p-value."""

    group: float
    rest: float
    estimate: float
    low: float
    high: float
    p_value: float


def difference(
    group: ArrayLike, group_weights: ArrayLike, rest: ArrayLike, rest_weights: ArrayLike
) -> Difference | None:
    """Compare the weighted mean of a group with that of everything else.

    Parameters
    ----------
    group, rest
        The values, without nan.
    group_weights, rest_weights
        1 / inclusion probability of each, so that what was drawn often counts less.

    Returns
    -------
    Difference or None
        None when either side has fewer than `FEWEST_REVIEWS` values.

    Notes
    -----
    m = sum w x / sum w; v = n / (n - 1) sum (w (x - m))² / (sum w)²; the difference of both means has the
    variance v_g + v_r and Welch's degrees of freedom (v_g + v_r)² / (v_g² / d_g + v_r² / d_r), where
    d = (sum w)² / sum w² - 1 is Kish's effective sample size less one. The factor 1 - p of a finite
    population is left out on purpose: the question is whether a group is treated differently, not only
    whether it was in these weeks. B. L. Welch (1947); L. Kish (1965), Survey Sampling.

    Examples
    --------
    >>> found = difference([4, 6] * 10, [2] * 20, [-1, 1] * 30, [4] * 60)
    >>> found.estimate, found.low < 5 < found.high, found.p_value < 0.001
    (5.0, True, True)
    >>> difference([1] * 9, [1] * 9, [1] * 50, [1] * 50) is None
    True
    """
    sides = [_mean(group, group_weights), _mean(rest, rest_weights)]
    if sides[0] is None or sides[1] is None:
        return None
    (one, variance, degrees), (other, rest_variance, rest_degrees) = sides[0], sides[1]
    estimate, both = one - other, variance + rest_variance
    if both <= 0:
        return Difference(one, other, estimate, estimate, estimate, float(estimate == 0))
    freedom = both**2 / (variance**2 / degrees + rest_variance**2 / rest_degrees)
    error = float(np.sqrt(both))
    half = t_quantile(freedom) * error
    p_value = 2 * float(stdtr(freedom, -abs(estimate) / error))
    return Difference(one, other, estimate, estimate - half, estimate + half, p_value)


def exceeds_chance(p_values: Sequence[float], error_rate: float = ERROR_RATE) -> list[bool]:
    """Tell which of many tests stay significant when all of them are looked at together.

    Notes
    -----
    Holm's step-down: the i-th smallest of m p-values (i from 0) passes when it and all smaller ones are at
    most error_rate / (m - i). Holds whatever the tests have to do with each other.
    S. Holm (1979), "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> exceeds_chance([0.01, 0.04, 0.03, 0.005])
    [True, False, False, True]
    """
    passed = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        if p_values[place] > error_rate / (len(p_values) - rank):
            break
        passed[place] = True
    return passed


def _mean(values: ArrayLike, weights: ArrayLike) -> tuple[float, float, float] | None:
    """Return the weighted mean, its variance and degrees of freedom; None when there are too few."""
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if x.size < FEWEST_REVIEWS:
        return None
    total = float(w.sum())
    mean = float(w @ x) / total
    variance = x.size / (x.size - 1) * float(((w * (x - mean)) ** 2).sum()) / total**2
    degrees = max(1.0, total**2 / float((w**2).sum()) - 1)
    return mean, variance, degrees
