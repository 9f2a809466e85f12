"""Takes the severity of reviewers out of an estimate, with what is uncertain about it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scorecards.arrays import BoolArray, FloatArray, IntArray
from scorecards.statistics.confidence_intervals import Interval, normal_quantile
from scorecards.statistics.difference_estimator import Estimate
from scorecards.statistics.severity import Severities
from scorecards.statistics.strata import Stratum, join_strata


@dataclass(frozen=True, slots=True)
class SeverityShift:
    """By how much an estimate moves when each review is freed of its reviewer's severity.

    Attributes
    ----------
    by : float
        In the unit of the scores; above 0 where reviewers were severe.
    standard_error : float
        Of `by`.
    corrected, uncorrected : int
        Reviews whose reviewer's severity is known, and those that stay as they are.
    """

    by: float
    standard_error: float
    corrected: int
    uncorrected: int


def severity_shift(
    strata: Sequence[Stratum],
    probability: FloatArray,
    rate: FloatArray,
    *,
    defined: BoolArray,
    rater: IntArray,
    severities: Severities,
) -> SeverityShift:
    """Return by how much the mean over all interactions moves.

    Parameters
    ----------
    strata, probability, rate
        As of `scorecards.statistics.difference_estimator.estimate`, with one review at least.
    defined : bool array of shape (n,)
        Which reviews have a score.
    rater : int array of shape (n,)
        Place of the reviewer among the severities; -1 where there is none.

    Notes
    -----
    Each review has the weight W that it has in the human mean: N_k / N of its stratum, times its share of
    the stratum's 1 / p. The shift is - sum W s(rater). What is wrong about a reviewer's severity is wrong in
    all of their reviews, so it does not average out: with o the sum of W by rater, the variance is o' C o,
    C the covariance of the severities.

    Examples
    --------
    >>> severe = Severities(np.array([-4.0, 0.0]), (9, 9), np.diag([1.0, 0.0]))
    >>> shift = severity_shift(
    ...     [Stratum(0.1, 100)], np.full(4, 0.1), np.full(4, 0.1),
    ...     defined=np.ones(4, dtype=bool), rater=np.array([0, 0, 1, -1]), severities=severe)
    >>> shift.by, shift.standard_error, shift.corrected, shift.uncorrected
    (2.0, 0.5, 3, 1)
    """
    joined = join_strata(strata, rate)
    weights = 1 / probability
    share = joined.interactions / joined.interactions.sum()
    totals = np.bincount(joined.index, weights, minlength=share.size)
    each = np.where(defined, share[joined.index] * weights / totals[joined.index], 0.0)
    each = each / (each.sum() or 1.0)
    known = rater >= 0
    known[known] = ~np.isnan(severities.values[rater[known]])
    by_rater: FloatArray = np.bincount(rater[known], each[known], minlength=severities.values.size).astype(
        np.float64
    )
    values = np.nan_to_num(severities.values)
    corrected = int((known & defined).sum())
    return SeverityShift(
        float(-(by_rater @ values)) + 0.0,
        float(np.sqrt(severities.variance_of(by_rater))),
        corrected,
        int(defined.sum()) - corrected,
    )


def shifted(found: Estimate, shift: SeverityShift, top: float = 100.0) -> Estimate:
    """Return an estimate moved by a shift, its interval widened by what is uncertain of it.

    Notes
    -----
    Both errors are independent, the severities come from other answers: the half widths are joined as the
    root of the sum of their squares. Limits stay in [0, top].

    Examples
    --------
    >>> from scorecards.statistics.difference_estimator import estimate
    >>> found = estimate([Stratum(0.1, 600)], [70.0] * 30 + [80.0] * 30, [np.nan] * 60, [0.1] * 60)
    >>> moved = shifted(found, SeverityShift(2.0, 1.0, 60, 0))
    >>> round(moved.estimate - found.estimate, 1), moved.high - moved.low > found.high - found.low
    (2.0, True)
    """
    if found.estimate is None or found.low is None:
        return found
    human = found.human_only
    whole = _moved(found.estimate, found.low, found.high, shift, top)
    anytime = _moved(found.estimate, found.anytime_low, found.anytime_high, shift, top)
    return replace(
        found,
        estimate=whole.estimate,
        low=whole.low,
        high=whole.high,
        anytime_low=anytime.low,
        anytime_high=anytime.high,
        human_only=human
        if human.estimate is None
        else _moved(human.estimate, human.low, human.high, shift, top),
    )


def _moved(
    estimate: float, low: float | None, high: float | None, shift: SeverityShift, top: float
) -> Interval:
    more = normal_quantile() * shift.standard_error
    centre = min(top, max(0.0, estimate + shift.by))
    if low is None or high is None:
        return Interval(centre)
    below = estimate + shift.by - float(np.hypot(estimate - low, more))
    above = estimate + shift.by + float(np.hypot(high - estimate, more))
    return Interval(centre, min(centre, max(0.0, below)), max(centre, min(top, above)))
