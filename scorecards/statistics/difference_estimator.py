"""Model-assisted difference estimator of the mean human score of all interactions (pure).

Machine scores exist for (nearly) all N interactions, human scores for a probability sample with known
inclusion probabilities. Machine scores reduce the variance, human scores remove the bias: the interval is
valid whatever the error of the machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import FloatArray
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval, logit_interval, t_quantile, wilson

MAX_LAMBDA = 1.5
"""Upper limit of the weight of the machine scores."""
MIN_REVIEWS = 10
"""With fewer scored reviews than this, no estimate is reported."""
MIN_DEGREES = 3.0
"""Lower limit of the degrees of freedom."""
CONVERGED = 1e-12
"""Variances and distances from 0 or 1 below this count as zero."""


@dataclass(frozen=True, slots=True)
class Population:
    """Totals over all interactions of a period.

    Attributes
    ----------
    n : int
        Interactions.
    defined : int
        Interactions with a machine score.
    total : float
        Sum of the machine scores, each in [0, 100] points.
    """

    n: int
    defined: int
    total: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in points of [0, 100] with its 95 % interval.

    Attributes
    ----------
    estimate, low, high : float or None
        Mean score and interval limits.
    method : {'difference', 'human_only', 'machine_only'}
        Which estimator gave `estimate`.
    lambda_ : float
        Weight of the machine scores, in [0, 1.5].
    effective_n : float
        Reviews that the human-only estimator would have needed for the same precision.
    n : int
        Reviews.
    status : {'verified', 'too_few_reviews', 'unverified'}
        "too_few_reviews": estimate, low and high are None. "unverified": there is no review, and the
        estimate is the mean machine score without interval.
    human_only : Interval
        From the human scores alone; unknown by the same rules, applied to its own width.
    machine_only : float or None
        Mean machine score; None when no interaction has one.
    """

    estimate: float | None
    low: float | None
    high: float | None
    method: str
    lambda_: float
    effective_n: float
    n: int
    status: str
    human_only: Interval
    machine_only: float | None


@dataclass(frozen=True, slots=True)
class _Fit:
    """A point estimate with its jackknife variance and degrees of freedom (in points of [0, 100])."""

    theta: float
    lambda_: float
    variance: float
    degrees: float


class _Sample:
    """Columns of the reviewed interactions, centred to avoid cancellation in sums of squares."""

    def __init__(self, human: FloatArray, machine: FloatArray, p: FloatArray, centre: float) -> None:
        self.d, self.m = ~np.isnan(human), ~np.isnan(machine)
        self.h = np.where(self.d, human - centre, 0.0)
        self.f = np.where(self.m, machine - centre, 0.0)
        self.p, self.w = p, 1 / p
        self.v = (1 - p) * self.w**2


def estimate(
    population: Population,
    human: Sequence[float] | FloatArray,
    machine: Sequence[float] | FloatArray,
    probability: Sequence[float] | FloatArray,
    *,
    interval_limit: float = 10.0,
    top: float = 100.0,
) -> Estimate:
    """Estimate the mean human score of all interactions in a period.

    Parameters
    ----------
    population
        Totals over all interactions of the period, reviewed ones included.
    human, machine : array_like of float, shape (n,)
        Scores in [0, top] of the n sampled and reviewed interactions; nan is N/A (no empathy opportunity, or
        no machine score). Hand-picked (`targeted`) reviews are no part of the sample.
    probability : array_like of float, shape (n,)
        Inclusion probability of each, in (0, 1].
    interval_limit
        Widest 95 % interval, in points, that is still reported.
    top
        Highest possible score.

    Returns
    -------
    Estimate
        Of the mean over the interactions for which the score is defined.

    Raises
    ------
    ValueError
        When the columns differ in length or are not one-dimensional, or for a probability outside (0, 1].

    Notes
    -----
    With d = 1 where a human score h exists, m = 1 where a machine score f exists, and mean_w the Hajek mean
    with weights w = 1/p:

        theta = (lambda mean_N(m f) + mean_w(d h - lambda m f)) / (lambda mean_N(m) + mean_w(d - lambda m))

    which is lambda mean_N(f) + mean_w(h - lambda f) when every score is defined. lambda is the slope of
    d (h - theta0) on m (f - theta0), theta0 the human-only mean, with weights (1 - p) w^2, clipped to
    [0, 1.5]; with uninformative machine scores it is 0, the human-only estimate. Variance:
    delete-one jackknife with lambda refitted, (n-1)/n sum (1 - p_i) (theta_(i) - mean theta_(.))^2. Degrees
    of freedom: Satterthwaite from the squared linearised residuals, at least 3 and at most two fewer
    than there are human scores. The interval is built on the logit scale of theta/top.

    Where that scale or the variance is degenerate (theta at 0 or at top, or identical scores in a sample
    with p < 1) the interval is Wilson's with the sample size sum(w)/max(w), which is conservative: it covers
    even if all unseen deviations lie among the interactions with the lowest p. With p = 1 throughout there
    is no sampling error, and the interval has no width.

    C.-E. Sarndal, B. Swensson & J. Wretman (1992), Model Assisted Survey Sampling; A. Angelopoulos et
    al. (2023), "Prediction-powered inference", Science 382, and "PPI++"; T. Zrnic & E. Candes (2024),
    "Active statistical inference"; F. Satterthwaite (1946), Biometrics Bulletin 2.

    Examples
    --------
    >>> mean = estimate(Population(999, 999, 74_900.0), [70.0] * 30 + [80.0] * 30, [75] * 60, [0.06] * 60)
    >>> mean.method, mean.status, round(mean.estimate, 1), round(mean.low, 1), round(mean.high, 1)
    ('human_only', 'verified', 75.0, 73.7, 76.2)
    >>> estimate(Population(10, 10, 600.0), [], [], []).status
    'unverified'
    """
    h, f, p = _columns(human, machine, probability)
    machine_only = population.total / population.defined if population.defined else None
    if not h.size:
        return Estimate(
            machine_only, None, None, "machine_only", 1.0, 0.0, 0, "unverified", UNKNOWN, machine_only
        )
    reviewed = int(np.count_nonzero(~np.isnan(h)))
    if not reviewed:
        return Estimate(
            None, None, None, "human_only", 0.0, 0.0, h.size, "too_few_reviews", UNKNOWN, machine_only
        )
    human_only = _fit(population, h, f, p, tuned=False)
    tuned = _fit(population, h, f, p, tuned=True)
    human_interval = _reported(human_only, p, reviewed, top, interval_limit)
    interval = human_interval if tuned.lambda_ == 0 else _reported(tuned, p, reviewed, top, interval_limit)
    variance = tuned.variance if tuned.lambda_ else human_only.variance
    return Estimate(
        interval.estimate,
        interval.low,
        interval.high,
        "human_only" if tuned.lambda_ == 0 else "difference",
        tuned.lambda_,
        _effective_n(human_only.variance, variance, h.size, population.n),
        h.size,
        "too_few_reviews" if interval.estimate is None else "verified",
        human_interval,
        machine_only,
    )


def _columns(*columns: Sequence[float] | FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    h, f, p = (np.asarray(each, dtype=np.float64) for each in columns)
    if not h.shape == f.shape == p.shape or h.ndim != 1:
        raise ValueError("Human scores, machine scores and probabilities have to go together.")
    if h.size and not (np.all(p > 0) and np.all(p <= 1)):
        raise ValueError("Inclusion probabilities lie above 0 and are at most 1.")
    return h, f, p


def _effective_n(human_only: float, tuned: float, n: int, population: int) -> float:
    """Effective sample size: n Var(human only) / Var(difference), at most N."""
    if not (human_only > 0 and tuned > 0) or human_only == tuned:
        return float(n)
    return float(min(n * human_only / tuned, max(n, population)))


def _reported(fit: _Fit, p: FloatArray, reviewed: int, top: float, limit: float) -> Interval:
    interval = _interval(fit, p, top)
    return UNKNOWN if reviewed < MIN_REVIEWS or interval.width > limit else interval


def _interval(fit: _Fit, p: FloatArray, top: float) -> Interval:
    theta, quantile = min(max(fit.theta, 0.0), top), t_quantile(fit.degrees)
    if np.all(p == 1):
        return Interval(theta, theta, theta)
    share, error = theta / top, float(np.sqrt(fit.variance)) / top
    if CONVERGED < share < 1 - CONVERGED and error > CONVERGED:
        scaled = logit_interval(share, error, quantile)
    else:
        # Conservative sample size sum(w) / max(w): unseen deviations may lie where p is smallest.
        scaled = wilson(share, float(np.sum(1 / p) * np.min(p)), quantile=quantile)
    return Interval(theta, (scaled.low or 0.0) * top, top if scaled.high is None else scaled.high * top)


def _fit(
    population: Population, human: FloatArray, machine: FloatArray, p: FloatArray, *, tuned: bool
) -> _Fit:
    """Fit theta and lambda, on the whole sample and with each unit left out, in O(n)."""
    centre = float(np.nanmean(human))
    sample = _Sample(human, machine, p, centre)
    n, interactions = human.size, max(population.n, human.size)
    mean_f = (population.total - population.defined * centre) / interactions
    mean_m = population.defined / interactions
    sums, terms = _sums(sample)
    theta, lambda_ = _solve(sums[:, None], mean_f, mean_m, tuned=tuned)
    whole, slope = float(theta[0]), float(lambda_[0])
    if n < 2:
        return _Fit(whole + centre, slope, 0.0, MIN_DEGREES)
    only_scored = np.count_nonzero(sample.d) - sample.d == 0
    remaining = np.where(only_scored, sums[:, None], sums[:, None] - terms)
    left_out, _ = _solve(remaining, mean_f, mean_m, tuned=tuned)
    left_out = np.where(only_scored | ~np.isfinite(left_out), whole, left_out)
    variance = (n - 1) / n * float(np.sum((1 - p) * (left_out - left_out.mean()) ** 2))
    return _Fit(whole + centre, slope, variance, _degrees(sample, whole, slope))


def _sums(sample: _Sample) -> tuple[FloatArray, FloatArray]:
    """Return the sufficient sums, and each unit's term in them (one row for each sum)."""
    d, m, h, f, w, v = sample.d, sample.m, sample.h, sample.f, sample.w, sample.v
    first_order = [w, w * d, w * h, w * m, w * f, v, v * d, v * h, v * m, v * f]
    products = [v * h * f, v * h * m, v * d * f, v * (d & m), v * f * f, v * f * m, v * m]
    terms = np.array([*first_order, *products], dtype=np.float64)
    return terms.sum(axis=1), terms


def _solve(sums: FloatArray, mean_f: float, mean_m: float, *, tuned: bool) -> tuple[FloatArray, FloatArray]:
    """Return theta and lambda for each column of sums."""
    w, wd, wh, wm, wf, v, vd, vh, vm, vf, vhf, vhm, vdf, vdm, vff, vfm, vmm = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        human_only = wh / wd
        lambda_ = np.zeros_like(human_only)
        if not tuned:
            return human_only, lambda_
        # Sums of a = d (h - theta0) and b = m (f - theta0), expanded because theta0 differs by column.
        a, b = vh - human_only * vd, vf - human_only * vm
        ab = vhf - human_only * (vhm + vdf) + human_only**2 * vdm
        bb = vff - 2 * human_only * vfm + human_only**2 * vmm
        spread = bb - b * b / v
        varies = np.isfinite(spread) & (spread > CONVERGED * np.maximum(bb, 1.0))
        lambda_ = np.where(varies, np.clip((ab - a * b / v) / spread, 0.0, MAX_LAMBDA), 0.0)
        share = lambda_ * mean_m + (wd - lambda_ * wm) / w
        lambda_ = np.where(share > CONVERGED, lambda_, 0.0)
        theta = (lambda_ * mean_f + (wh - lambda_ * wf) / w) / (lambda_ * mean_m + (wd - lambda_ * wm) / w)
    return np.where(lambda_ > 0, theta, human_only), lambda_


def _degrees(sample: _Sample, theta: float, slope: float) -> float:
    """Satterthwaite: 2 (sum q)^2 / (n/(n-1) sum (q - mean q)^2), from 3 to scored reviews - 2."""
    n = sample.w.size
    residual = sample.h - sample.d * theta - slope * (sample.f - sample.m * theta)
    residual = residual - np.sum(sample.w * residual) / np.sum(sample.w)
    q = (1 - sample.p) * (sample.w * residual) ** 2
    spread = float(np.sum((q - q.mean()) ** 2)) * n / (n - 1)
    degrees = 2 * float(q.sum()) ** 2 / spread if spread > 0 else np.inf
    return max(min(degrees, float(np.count_nonzero(sample.d) - 2)), MIN_DEGREES)
