"""Confidence intervals (pure)."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, stdtrit

from scorecards.arrays import FloatArray

LEVEL = 0.95
"""Default confidence level."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate with the limits of its confidence interval; None when unknown."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def width(self) -> float:
        """Upper minus lower limit; infinite when a limit is unknown."""
        return math.inf if self.low is None or self.high is None else self.high - self.low


UNKNOWN = Interval()


def normal_quantile(level: float = LEVEL) -> float:
    """Return the two-sided standard normal quantile for a confidence level in (0, 1).

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + level / 2)


def t_quantile(degrees: float, level: float = LEVEL) -> float:
    """Return the two-sided quantile of Student's t distribution.

    Parameters
    ----------
    degrees
        Degrees of freedom, > 0; fractions are allowed.
    level
        Confidence level in (0, 1).

    Examples
    --------
    >>> round(t_quantile(3), 4)
    3.1824
    """
    return float(stdtrit(degrees, 0.5 + level / 2))


def wilson(share: float, n: float, level: float = LEVEL, quantile: float | None = None) -> Interval:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    share
        Observed proportion in [0, 1].
    n
        Number of observations, or an effective sample size (may be a fraction). 0 gives an unknown interval.
    level
        Confidence level in (0, 1).
    quantile
        Replaces the normal quantile of `level`, for instance a t quantile.

    Returns
    -------
    Interval
        Within [0, 1]; its width is positive at a proportion of exactly 0 or 1 too.

    Notes
    -----
    centre = (share + z²/2n) / (1 + z²/n); half width = z/(1 + z²/n) · sqrt(share(1-share)/n + z²/4n²).
    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22.

    Examples
    --------
    >>> interval = wilson(0.9, 50)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.786, 0.957)
    >>> wilson(0.0, 0)
    Interval(estimate=None, low=None, high=None)
    """
    if n <= 0:
        return UNKNOWN
    z = normal_quantile(level) if quantile is None else quantile
    shrink = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))


def wilson_limits(share: FloatArray, n: FloatArray, quantile: float) -> tuple[FloatArray, FloatArray]:
    """Return the limits of Wilson's score intervals of many proportions.

    Parameters
    ----------
    share : float array
        Proportions in [0, 1].
    n : float array
        Numbers of observations, > 0, or effective sample sizes; inf gives an interval without width.
    quantile
        Two-sided normal or t quantile.

    Notes
    -----
    As of `wilson`.

    Examples
    --------
    >>> low, high = wilson_limits(np.array([0.5, 1.0]), np.array([math.inf, 10.0]), 1.96)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.5, 0.722], [0.5, 1.0])
    """
    z2 = quantile**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = quantile / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)


def share_at_most(events: ArrayLike, n: ArrayLike, delta: float) -> FloatArray:
    """Clopper-Pearson upper confidence bound of a proportion, at level 1 - delta.

    Parameters
    ----------
    events, n : array_like of the same (or broadcastable) shape
        Number of events and of independent trials; whole numbers, 0 <= events <= n.
    delta
        One-sided error probability, in (0, 1).

    Returns
    -------
    ndarray of float64
        In [0, 1], of the broadcast shape; 1 where n is 0 or every trial is an event.

    Notes
    -----
    The proportion p at which P(X <= events) = delta, X binomial(n, p): the 1 - delta quantile of
    Beta(events + 1, n - events). C. J. Clopper & E. S. Pearson (1934), "The use of confidence or fiducial
    limits illustrated in the case of the binomial", Biometrika 26.

    Examples
    --------
    Without any error, 22 trials are needed to bound the error rate by 10 % at delta = 0.1:

    >>> share_at_most([0, 0, 2], [21, 22, 60], 0.1).round(3).tolist()
    [0.104, 0.099, 0.086]
    """
    k, trials = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    failures = trials - k
    bound = betaincinv(k + 1, np.where(failures > 0, failures, 1.0), 1 - delta)
    return np.where(failures > 0, bound, 1.0)


def share_at_least(events: ArrayLike, n: ArrayLike, delta: float) -> FloatArray:
    """Clopper-Pearson lower confidence bound of a proportion, at level 1 - delta.

    Parameters
    ----------
    events, n, delta
        As of `share_at_most`.

    Returns
    -------
    ndarray of float64
        In [0, 1]; 0 where there is no event.

    Notes
    -----
    1 - share_at_most(n - events, n, delta).

    Examples
    --------
    >>> share_at_least([0, 8], [40, 40], 0.1).round(3).tolist()
    [0.0, 0.12]
    """
    k, trials = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return 1 - share_at_most(trials - k, trials, delta)


def logit_interval(share: float, standard_error: float, quantile: float) -> Interval:
    """Logit-transformed confidence interval of a proportion.

    Parameters
    ----------
    share
        Estimated proportion, strictly between 0 and 1.
    standard_error
        Of `share`, >= 0.
    quantile
        Two-sided normal or t quantile.

    Returns
    -------
    Interval
        Within [0, 1].

    Raises
    ------
    ZeroDivisionError, ValueError
        For a share of exactly 1, or of exactly 0.

    Notes
    -----
    logit(share) -+ quantile * standard_error / (share (1 - share)) by the delta method, mapped back by the
    logistic function.

    Examples
    --------
    >>> interval = logit_interval(0.05, 0.02, 1.96)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.023, 0.107)
    """
    centre = math.log(share / (1 - share))
    half = quantile * standard_error / (share * (1 - share))
    return Interval(share, _logistic(centre - half), _logistic(centre + half))


def _logistic(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value)) if value > -700 else 0.0
