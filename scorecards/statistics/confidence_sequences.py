"""Confidence sequences: intervals that hold at all times at once, whoever chooses the time (pure)."""

import math

TIGHTEST_AT = 100
"""Number of observations at which the sequence is narrowest against an interval for one fixed time."""


def sequence_quantile(n: float, level: float = 0.95) -> float:
    """Return the half width of an asymptotic confidence sequence, in standard errors.

    Parameters
    ----------
    n
        Observations so far, > 0.
    level
        Confidence level in (0, 1), for all times together.

    Returns
    -------
    float
        Above the normal quantile: 3.0 at n = 100 and 95 %.

    Notes
    -----
    With Robbins' normal mixture, rho² = (-2 log a + log(1 - 2 log a)) / 100 and a = 1 - level, the mean lies
    within sqrt(2 (n rho² + 1) / (n rho²) log(sqrt(n rho² + 1) / a)) standard errors at all n with probability
    1 - a, asymptotically. H. Robbins (1970), Annals of Mathematical Statistics 41; S. Howard, A. Ramdas,
    J. McAuliffe & J. Sekhon (2021), Annals of Statistics 49; I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy
    & A. Ramdas (2021), "Time-uniform central limit theory and asymptotic confidence sequences".

    Examples
    --------
    >>> [round(sequence_quantile(n), 2) for n in (20, 100, 1000)]
    [3.36, 3.04, 3.24]
    """
    alpha = 1 - level
    information = n * (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / TIGHTEST_AT
    return math.sqrt(2 * (information + 1) / information * math.log(math.sqrt(information + 1) / alpha))
