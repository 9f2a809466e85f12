"""One honest number per client: what human reviewers would say of every interaction (pure).

Machine scores exist for (nearly) all N interactions, human scores for the reviewed ones, each drawn
with a known probability. The difference estimator uses the machine for precision and the people for
the truth; its interval is valid however wrong the machine is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorecards.statistics.confidence_intervals import UNKNOWN, Interval, logit_interval, t_quantile, wilson

MAX_LAMBDA = 1.5
MIN_REVIEWS = 10
"""Fewer reviews with a score than this are never reported as a number, however alike they are."""
MIN_DEGREES = 3.0
CONVERGED = 1e-12

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """Sums over all N interactions: how many, how many have a machine score, and its sum (0..100 each)."""

    n: int
    defined: int
    total: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in points of 0..100 with its 95 % interval.

    `status` is "verified", "too_few_reviews" (then estimate, low and high are None) or "unverified" (no
    review: the estimate is the machine's mean, without interval). `n` counts the reviews,
    `effective_n` the reviews that the human-only estimate would have needed for the same precision.
    `human_only` follows the same rule by its own width.
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
    """A point estimate with its jackknife variance and degrees of freedom (in points of 0..100)."""

    theta: float
    lambda_: float
    variance: float
    degrees: float


class _Sample:
    """Columns of the reviewed interactions, shifted by `centre` so that sums of squares keep digits."""

    def __init__(self, human: Array, machine: Array, p: Array, centre: float) -> None:
        self.d, self.m = ~np.isnan(human), ~np.isnan(machine)
        self.h = np.where(self.d, human - centre, 0.0)
        self.f = np.where(self.m, machine - centre, 0.0)
        self.p, self.w = p, 1 / p
        self.v = (1 - p) * self.w**2


def estimate(
    population: Population,
    human: Sequence[float] | Array,
    machine: Sequence[float] | Array,
    probability: Sequence[float] | Array,
    *,
    interval_limit: float = 10.0,
    top: float = 100.0,
) -> Estimate:
    """Estimate the mean human score of all interactions in a period.

    Parameters
    ----------
    population
        Sums over all interactions of the period, reviewed ones included.
    human, machine
        Scores in 0..top of the n interactions drawn for review and reviewed; nan is N/A (no empathy
        opportunity, or no machine score). Hand-picked (`targeted`) reviews must not be among them.
    probability
        Inclusion probability of each, in (0, 1].
    interval_limit
        Widest 95 % interval (points) still reported as a number.
    top
        Highest possible score.

    Returns
    -------
    Estimate
        Of the mean over the interactions for which the score is defined.

    Notes
    -----
    With d = 1 where a human score h exists, m = 1 where a machine score f exists, and mean_w the Hajek mean
    with weights w = 1/p:

        theta = (lambda mean_N(m f) + mean_w(d h - lambda m f)) / (lambda mean_N(m) + mean_w(d - lambda m))

    which is lambda mean_N(f) + mean_w(h - lambda f) when every score is defined. lambda is the slope of
    d (h - theta0) on m (f - theta0), theta0 the human-only mean, with weights (1 - p) w^2, kept in
    [0, 1.5]; it makes a useless machine harmless (lambda = 0 is the human-only estimate). Variance:
    delete-one jackknife with lambda refitted, (n-1)/n sum (1 - p_i) (theta_(i) - mean theta_(.))^2. Degrees
    of freedom: Satterthwaite from the squared linearised residuals, at least 3 and at most two fewer
    than there are human scores. The interval is built on the logit scale of theta/top.

    Where that scale or the variance fails (theta at 0 or at top, or scores in the sample that do not
    differ at all although interactions were left to chance) the interval is Wilson's with the sample
    size sum(w)/max(w), which holds even if what was not seen lies among those drawn most rarely. With p = 1
    throughout nothing was left to chance, so the interval has no width.

    C.-E. Sarndal, B. Swensson & J. Wretman (1992), Model Assisted Survey Sampling; A. Angelopoulos et
    al. (2023), "Prediction-powered inference", Science 382, and "PPI++"; T. Zrnic & E. Candes (2024),
    "Active statistical inference"; F. Satterthwaite (1946), Biometrics Bulletin 2.

    Examples
    --------
    >>> found = estimate(Population(999, 999, 74_900.0), [70.0] * 30 + [80.0] * 30, [75] * 60, [0.06] * 60)
    >>> found.method, found.status, round(found.estimate, 1), round(found.low, 1), round(found.high, 1)
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
    plain = _fit(population, h, f, p, tuned=False)
    tuned = _fit(population, h, f, p, tuned=True)
    human_interval = _reported(plain, p, reviewed, top, interval_limit)
    interval = human_interval if tuned.lambda_ == 0 else _reported(tuned, p, reviewed, top, interval_limit)
    return Estimate(
        interval.estimate,
        interval.low,
        interval.high,
        "human_only" if tuned.lambda_ == 0 else "difference",
        tuned.lambda_,
        _effective(plain.variance, tuned.variance if tuned.lambda_ else plain.variance, h.size, population.n),
        h.size,
        "too_few_reviews" if interval.estimate is None else "verified",
        human_interval,
        machine_only,
    )


def _columns(*given: Sequence[float] | Array) -> tuple[Array, Array, Array]:
    h, f, p = (np.asarray(each, dtype=np.float64) for each in given)
    if not h.shape == f.shape == p.shape or h.ndim != 1:
        raise ValueError("Human scores, machine scores and probabilities have to go together.")
    if h.size and not (np.all(p > 0) and np.all(p <= 1)):
        raise ValueError("Inclusion probabilities lie above 0 and are at most 1.")
    return h, f, p


def _effective(plain: float, tuned: float, n: int, population: int) -> float:
    """Reviews a human-only estimate would have needed: n Var(human only) / Var(difference), at most N."""
    if not (plain > 0 and tuned > 0) or plain == tuned:
        return float(n)
    return float(min(n * plain / tuned, max(n, population)))


def _reported(fit: _Fit, p: Array, reviewed: int, top: float, limit: float) -> Interval:
    interval = _interval(fit, p, top)
    return UNKNOWN if reviewed < MIN_REVIEWS or interval.width > limit else interval


def _interval(fit: _Fit, p: Array, top: float) -> Interval:
    theta, quantile = min(max(fit.theta, 0.0), top), t_quantile(fit.degrees)
    if np.all(p == 1):
        return Interval(theta, theta, theta)
    share, error = theta / top, float(np.sqrt(fit.variance)) / top
    if CONVERGED < share < 1 - CONVERGED and error > CONVERGED:
        found = logit_interval(share, error, quantile)
    else:
        # As if all were drawn as rarely as the rarest: what was not seen may hide among those.
        found = wilson(share, float(np.sum(1 / p) * np.min(p)), quantile=quantile)
    return Interval(theta, (found.low or 0.0) * top, top if found.high is None else found.high * top)


def _fit(population: Population, human: Array, machine: Array, p: Array, *, tuned: bool) -> _Fit:
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
    alone = np.count_nonzero(sample.d) - sample.d == 0
    without, _ = _solve(np.where(alone, sums[:, None], sums[:, None] - terms), mean_f, mean_m, tuned=tuned)
    without = np.where(alone | ~np.isfinite(without), whole, without)
    variance = (n - 1) / n * float(np.sum((1 - p) * (without - without.mean()) ** 2))
    return _Fit(whole + centre, slope, variance, _degrees(sample, whole, slope))


def _sums(sample: _Sample) -> tuple[Array, Array]:
    """Return the sums everything follows from, and each unit's part in them (rows are sums)."""
    d, m, h, f, w, v = sample.d, sample.m, sample.h, sample.f, sample.w, sample.v
    weighted = [w, w * d, w * h, w * m, w * f, v, v * d, v * h, v * m, v * f]
    crossed = [v * h * f, v * h * m, v * d * f, v * (d & m), v * f * f, v * f * m, v * m]
    terms = np.array([*weighted, *crossed], dtype=np.float64)
    return terms.sum(axis=1), terms


def _solve(sums: Array, mean_f: float, mean_m: float, *, tuned: bool) -> tuple[Array, Array]:
    """Return theta and lambda for each column of sums."""
    w, wd, wh, wm, wf, v, vd, vh, vm, vf, vhf, vhm, vdf, vdm, vff, vfm, vmm = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        human_only = wh / wd
        lambda_ = np.zeros_like(human_only)
        if not tuned:
            return human_only, lambda_
        # Sums of a = d (h - theta0) and b = m (f - theta0), multiplied out as theta0 differs by column.
        a, b = vh - human_only * vd, vf - human_only * vm
        ab = vhf - human_only * (vhm + vdf) + human_only**2 * vdm
        bb = vff - 2 * human_only * vfm + human_only**2 * vmm
        spread = bb - b * b / v
        useful = np.isfinite(spread) & (spread > CONVERGED * np.maximum(bb, 1.0))
        lambda_ = np.where(useful, np.clip((ab - a * b / v) / spread, 0.0, MAX_LAMBDA), 0.0)
        share = lambda_ * mean_m + (wd - lambda_ * wm) / w
        lambda_ = np.where(share > CONVERGED, lambda_, 0.0)
        theta = (lambda_ * mean_f + (wh - lambda_ * wf) / w) / (lambda_ * mean_m + (wd - lambda_ * wm) / w)
    return np.where(lambda_ > 0, theta, human_only), lambda_


def _degrees(sample: _Sample, theta: float, slope: float) -> float:
    """Satterthwaite: 2 (sum q)^2 / (n/(n-1) sum (q - mean q)^2), from 3 to the scored n - 2."""
    n = sample.w.size
    residual = sample.h - sample.d * theta - slope * (sample.f - sample.m * theta)
    residual = residual - np.sum(sample.w * residual) / np.sum(sample.w)
    q = (1 - sample.p) * (sample.w * residual) ** 2
    spread = float(np.sum((q - q.mean()) ** 2)) * n / (n - 1)
    degrees = 2 * float(q.sum()) ** 2 / spread if spread > 0 else np.inf
    return max(min(degrees, float(np.count_nonzero(sample.d) - 2)), MIN_DEGREES)
