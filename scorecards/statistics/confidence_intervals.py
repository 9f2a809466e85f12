"""Confidence intervals (pure)."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, stdtrit

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its confidence interval; None stands for "not known"."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def width(self) -> float:
        """High end minus low end; infinite when an end is not known."""
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
    """Return the two-sided quantile of Student's t; `degrees` of freedom need not be whole, but > 0.

    Examples
    --------
    >>> round(t_quantile(3), 4)
    3.1824
    """
    return float(stdtrit(degrees, 0.5 + level / 2))


def wilson(share: float, n: float, level: float = LEVEL, quantile: float | None = None) -> Interval:
    """Wilson score interval of a share.

    Parameters
    ----------
    share
        Observed share in [0, 1].
    n
        Number of observations; an effective sample size need not be whole. 0 gives an unknown interval.
    level
        Confidence level in (0, 1).
    quantile
        Used instead of the normal quantile of `level`, for instance a t quantile.

    Returns
    -------
    Interval
        Within [0, 1] and never empty, at a share of exactly 0 or 1 too.

    Notes
    -----
    centre = (share + z²/2n) / (1 + z²/n); half width = z/(1 + z²/n) · sqrt(share(1-share)/n + z²/4n²).
    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22.

    Examples
    --------
    >>> found = wilson(0.9, 50)
    >>> round(found.low, 3), round(found.high, 3)
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


def share_at_most(events: ArrayLike, n: ArrayLike, delta: float) -> NDArray[np.float64]:
    """Exact upper bound of a share: in at most a share `delta` of all samples the true share lies above it.

    Parameters
    ----------
    events, n
        How often it happened, and in how many independent cases; whole numbers, events <= n.
    delta
        Chance of being wrong, in (0, 1); one-sided.

    Returns
    -------
    array
        Each in [0, 1]; 1 where n is 0 or everything is an event.

    Notes
    -----
    The share p at which P(X <= events) = delta, X binomial(n, p): the delta quantile from above of
    Beta(events + 1, n - events). C. J. Clopper & E. S. Pearson (1934), "The use of confidence or fiducial
    limits illustrated in the case of the binomial", Biometrika 26.

    Examples
    --------
    With no error at all, 22 cases are needed to promise at most 10 % at a chance of 0.1:

    >>> share_at_most([0, 0, 2], [21, 22, 60], 0.1).round(3).tolist()
    [0.104, 0.099, 0.086]
    """
    k, size = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    rest = size - k
    bound = betaincinv(k + 1, np.where(rest > 0, rest, 1.0), 1 - delta)
    return np.where(rest > 0, bound, 1.0)


def share_at_least(events: ArrayLike, n: ArrayLike, delta: float) -> NDArray[np.float64]:
    """Exact lower bound of a share, the mirror of `share_at_most`; 0 where nothing happened.

    Examples
    --------
    >>> share_at_least([0, 8], [40, 40], 0.1).round(3).tolist()
    [0.0, 0.12]
    """
    k, size = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return 1 - share_at_most(size - k, size, delta)


def logit_interval(share: float, standard_error: float, quantile: float) -> Interval:
    """Interval on the logit scale, mapped back, for a share strictly between 0 and 1.

    Delta method: standard error of logit(share) = standard_error / (share (1 - share)).

    Examples
    --------
    >>> found = logit_interval(0.05, 0.02, 1.96)
    >>> round(found.low, 3), round(found.high, 3)
    (0.023, 0.107)
    """
    centre = math.log(share / (1 - share))
    half = quantile * standard_error / (share * (1 - share))
    return Interval(share, _logistic(centre - half), _logistic(centre + half))


def _logistic(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value)) if value > -700 else 0.0
