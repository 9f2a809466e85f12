"""Estimates of many small domains, such as agents, shrunk towards their common mean (pure)."""

from dataclasses import dataclass

import numpy as np

from scorecards.arrays import FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, Interval, t_quantile

MIN_DOMAINS = 4
"""With fewer domains nothing tells how far they differ, and none is shrunk."""
_GRID = (np.arange(400) + 0.5) / 400
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class DomainEstimate:
    """
    The estimate of one domain.

    Attributes
    ----------
    interval : Interval
        The shrunk estimate with its limits.
    own : float
        How much of it is the domain's own direct estimate, in [0, 1]; the rest is the common mean.
    """

    interval: Interval
    own: float


def shrink(
    direct: FloatArray, variance: FloatArray, *, degrees: float, top: float = 100.0, level: float = LEVEL
) -> list[DomainEstimate]:
    """
    Shrink direct estimates of domains towards their common mean, each as far as it is uncertain.

    Parameters
    ----------
    direct : float array of shape (m,)
        Unbiased direct estimates, in [0, top].
    variance : float array of shape (m,)
        Their sampling variances, >= 0, best from a variance that is pooled over all domains.
    degrees
        Degrees of freedom of that variance, > 0.
    top
        Highest possible value; limits are cut off there and at 0.
    level
        Confidence level in (0, 1).

    Returns
    -------
    list of DomainEstimate
        One for each domain; empty with fewer than `MIN_DOMAINS`.

    Notes
    -----
    The area-level model of Fay & Herriot: y_i = theta_i + e_i with known variances D_i, theta_i normal around
    mu with variance A. With flat priors on mu and A the posterior of A is, up to a factor,

        p(A | y) = V^(1/2) prod (D_i + A)^(-1/2) exp(-sum (y_i - m)^2 / (2 (D_i + A)))

    with V = 1 / sum 1 / (D_i + A) and m the mean weighted by 1 / (D_i + A). Given A, theta_i has the mean
    (1 - B_i) y_i + B_i m and the variance (1 - B_i) D_i + B_i^2 V, B_i = D_i / (D_i + A). Mean and variance
    over the posterior of A, by the midpoint rule at 400 points, give the estimate and Student's limits. A
    is never put at 0 as the usual plug-in estimators do, which makes their intervals too narrow. Tried by
    simulation with 5 to 40 domains of 1 to 20 observations: coverage 0.94 to 1.00, where the unshrunk one
    has 0.95 with wider intervals (`tests/pure/statistics/test_domain_estimates.py`).
    R. Fay & R. Herriot (1979), "Estimates of income for small places", JASA 74; C. Morris (1983), "Parametric
    empirical Bayes inference", JASA 78; C. Morris & R. Tang (2011), "Estimating random effects via adjustment
    for density maximization", Statistical Science 26.

    Examples
    --------
    >>> y = np.array([50.0, 60.0, 70.0, 80.0, 90.0])
    >>> found = shrink(y, np.array([4.0, 4.0, 4.0, 4.0, 400.0]), degrees=100)
    >>> [round(each.interval.estimate, 1) for each in found], round(found[-1].own, 2)
    ([50.2, 60.1, 70.0, 79.9, 80.9], 0.59)
    >>> shrink(y[:3], np.ones(3), degrees=10)
    []
    """
    if direct.size < MIN_DOMAINS:
        return []
    between, density = _between(direct, np.maximum(variance, _TINY))
    total = np.maximum(variance, _TINY)[:, None] + between
    centre = (direct[:, None] / total).sum(axis=0) / (1 / total).sum(axis=0)
    away = np.maximum(variance, _TINY)[:, None] / total
    given = (1 - away) * direct[:, None] + away * centre
    spread = (1 - away) * variance[:, None] + away**2 / (1 / total).sum(axis=0)
    mean = given @ density
    deviation = np.sqrt(spread @ density + ((given - mean[:, None]) ** 2) @ density)
    half = t_quantile(degrees, level) * deviation
    own = (1 - away) @ density
    return [
        DomainEstimate(Interval(*(min(max(float(x), 0.0), top) for x in (m, m - h, m + h))), float(share))
        for m, h, share in zip(mean, half, own, strict=True)
    ]


def _between(direct: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return values of the variance between domains, and how probable each is."""
    scale = float(np.var(direct, ddof=1) + np.median(variance)) + _TINY
    between = scale * _GRID / (1 - _GRID)
    total = variance[:, None] + between
    precision = (1 / total).sum(axis=0)
    centre = (direct[:, None] / total).sum(axis=0) / precision
    squares = ((direct[:, None] - centre) ** 2 / total).sum(axis=0)
    log = -0.5 * (np.log(precision) + np.log(total).sum(axis=0) + squares) - 2 * np.log1p(-_GRID)
    density = np.exp(log - log.max())
    return between, density / density.sum()
