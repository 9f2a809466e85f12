"""Whether raters agree more after a question was reworded than before (pure)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scorecards.statistics.confidence_intervals import Interval, wilson

MIN_UNITS = 5
"""With fewer units before or after, nothing is said."""
VERDICTS = ("helped", "harmed", "not_shown", "too_few")


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """Agreement after minus before, in [-1, 1], with its interval, and what may be said of it.

    `verdict` is `not_shown` when the interval holds 0.
    """

    difference: Interval
    verdict: str


def unit_agreement(counts: ArrayLike) -> list[float]:
    """Return the share of agreeing pairs of raters of each unit with two ratings or more.

    Examples
    --------
    >>> unit_agreement([[2, 0], [1, 2], [1, 0]])
    [1.0, 0.3333333333333333]
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    kept = table[table.sum(axis=1) >= 2] if table.size else table.reshape(0, 1)
    sizes = kept.sum(axis=1)
    shares = (kept * (kept - 1)).sum(axis=1) / (sizes * (sizes - 1))
    return [float(each) for each in shares]


def agreement_change(before: list[float], after: list[float]) -> AgreementChange:
    """Compare the agreement of units before a change with that of other units after it.

    Parameters
    ----------
    before, after : list of float
        Share of agreeing pairs of each unit, as of `unit_agreement`.

    Notes
    -----
    Newcombe's interval: each mean has Wilson's interval for as many yes/no observations as there are units,
    and both are joined, low = d - sqrt((after - after_low)² + (before_high - before)²), high likewise. A
    share in [0, 1] never varies more than a yes/no observation with the same mean, so the interval is at
    least as wide as it has to be, and has a width also where all agree. R. G. Newcombe (1998), "Interval
    estimation for the difference between independent proportions", Statistics in Medicine 17.

    Examples
    --------
    >>> change = agreement_change([0.2] * 10, [1.0] * 12)
    >>> change.verdict, round(change.difference.estimate, 2), round(change.difference.low, 2)
    ('helped', 0.8, 0.41)
    >>> agreement_change([0.5] * 8, [0.6] * 8).verdict, agreement_change([0.0], [1.0]).verdict
    ('not_shown', 'too_few')
    """
    if min(len(before), len(after)) < MIN_UNITS:
        return AgreementChange(Interval(), "too_few")
    old, new = (wilson(float(np.mean(units)), len(units)) for units in (before, after))
    a, a_low, a_high = (float(each or 0.0) for each in (new.estimate, new.low, new.high))
    b, b_low, b_high = (float(each or 0.0) for each in (old.estimate, old.low, old.high))
    low = a - b - float(np.hypot(a - a_low, b_high - b))
    high = a - b + float(np.hypot(a_high - a, b - b_low))
    verdict = "helped" if low > 0 else "harmed" if high < 0 else "not_shown"
    return AgreementChange(Interval(a - b, low, high), verdict)
