"""Model-assisted difference estimator of the mean human score of all interactions (pure).

Machine scores exist for (nearly) all N interactions, human scores for a probability sample with known
inclusion probabilities. Machine scores reduce the variance, human scores remove the bias: the interval is
valid whatever the error of the machine.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import BoolArray, FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval, t_quantile, wilson_limits
from scorecards.statistics.confidence_sequences import sequence_quantile
from scorecards.statistics.strata import StratifiedSample, Stratum, join_strata

MAX_LAMBDA = 1.5
"""Upper limit of the weight of the machine scores."""
MIN_REVIEWS = 10
"""With fewer scored reviews than this, no estimate is reported."""
EXPECTED_DEVIATION = 12.5
"""Standard deviation, in points, with which the reviews that an interval limit asks for are computed."""
MIN_DEGREES = 3.0
"""Lower limit of the degrees of freedom."""
NEGLIGIBLE = 1e-12
"""Variances and distances from 0 or 1 below this count as zero."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in points of [0, 100] with its 95 % interval.

    Attributes
    ----------
    estimate, low, high : float or None
        Mean score and interval limits.
    anytime_low, anytime_high : float or None
        Limits that hold for all times together, for people who choose when to stop reviewing.
    method : {'difference', 'human_only', 'machine_only'}
        Which estimator gave `estimate`.
    lambda_ : float
        Weight of the machine scores, in [0, 1.5].
    effective_n : float
        Reviews that the human-only estimator would need for the same width, with the gain shrunk towards
        none as long as there are few reviews.
    n : int
        Reviews.
    status : {'verified', 'too_few_reviews', 'unverified'}
        "too_few_reviews": estimate and limits are None. "unverified": there is no review, and the
        estimate is the mean machine score without interval.
    human_only : Interval
        From the human scores alone; unknown where `estimate` is.
    machine_only : float or None
        Mean machine score; None when no interaction has one.
    """

    estimate: float | None
    low: float | None
    high: float | None
    anytime_low: float | None
    anytime_high: float | None
    method: str
    lambda_: float
    effective_n: float
    n: int
    status: str
    human_only: Interval
    machine_only: float | None


def estimate(
    strata: Sequence[Stratum],
    human: Sequence[float] | FloatArray,
    machine: Sequence[float] | FloatArray,
    probability: Sequence[float] | FloatArray,
    rate: Sequence[float] | FloatArray | None = None,
    *,
    interval_limit: float = 10.0,
    top: float = 100.0,
    level: float = LEVEL,
) -> Estimate:
    """Estimate the mean human score of all interactions in a period.

    Parameters
    ----------
    strata
        Totals over all interactions of the period by sampling rate, reviewed ones included.
    human, machine : array_like of float, shape (n,)
        Scores in [0, top] of the n sampled and reviewed interactions; nan is N/A (no empathy opportunity, or
        no machine score).
    probability : array_like of float, shape (n,)
        Probability of each of being in the sample and reviewed by now, in (0, 1].
    rate : array_like of float, shape (n,)
        Sampling rate of each, which tells its stratum; that of the only stratum unless given.
    interval_limit
        Width of the 95 % interval, in points, up to which a number is useful: see `enough_reviews`.
    top
        Highest possible score.
    level
        Confidence level in (0, 1).

    Returns
    -------
    Estimate
        Of the mean over the interactions for which the score is defined.

    Raises
    ------
    ValueError
        When the columns differ in length or are not one-dimensional, for a probability outside (0, 1], or
        without rates for several strata.

    Notes
    -----
    In stratum k with N_k of N interactions, d = 1 where a human score h exists, m = 1 where a machine score f
    exists, and mean_k the Hajek mean of its reviews with weights w = 1/p:

        A_k = mean_k(d h) + lambda (mean_N_k(m f) - mean_k(m f))
        B_k = mean_k(d) + lambda (mean_N_k(m) - mean_k(m))
        theta = sum(N_k A_k) / sum(N_k B_k)

    lambda minimizes the variance: the slope of d (h - theta0) on m (f - theta0) within strata, theta0 the
    human-only mean, with weights (N_k / sum w)^2 (1 - p) w^2, clipped to [0, 1.5].

    The interval joins an interval of each stratum's mean mu_k = A_k / B_k by MOVER: with weights
    o_k = N_k B_k / sum(N B), low = theta - sqrt(sum (o_k (mu_k - low_k))^2), and high likewise. Each is
    Wilson's for the effective number of binary observations n_k / kappa_k: n_k = (sum w)^2 / sum (1 - p) w^2
    is the size of the simple random sample with the same precision, and kappa the variance of a score
    relative to mu (1 - mu), 1 for scores of 0 and 100. kappa_k comes from the residuals of the stratum and
    one more, the farthest of all human scores from the mean of its stratum; it is at most 1, or what the
    residuals alone give. So a stratum in which no failure was seen yet keeps the width that a failure would
    give. It has none only when all of it was reviewed. Where some scores are N/A, the variance of B_k is
    added. The quantile is Student's t with Satterthwaite's degrees of freedom of the weights.

    C.-E. Sarndal, B. Swensson & J. Wretman (1992), Model Assisted Survey Sampling; A. Angelopoulos et
    al. (2023), "Prediction-powered inference", Science 382, and "PPI++"; G. Zou & A. Donner (2008),
    "Construction of confidence limits about effect measures", Statistics in Medicine 27; E. Wilson (1927);
    F. Satterthwaite (1946), Biometrics Bulletin 2.

    Examples
    --------
    >>> everything = [Stratum(0.06, 999, 999, 74_900.0)]
    >>> mean = estimate(everything, [70.0] * 30 + [80.0] * 30, [75.0] * 60, [0.06] * 60)
    >>> mean.method, mean.status, round(mean.estimate, 1), round(mean.low, 1), round(mean.high, 1)
    ('human_only', 'verified', 75.0, 73.7, 76.2)
    >>> estimate([Stratum(0.1, 10, 10, 600.0)], [], [], []).status
    'unverified'
    """
    return fit(strata, human, machine, probability, rate, interval_limit=interval_limit, top=top).at(level)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the reviews say before a confidence level is chosen; without a number, the answer at every level.

    Attributes
    ----------
    degrees : float
        Of freedom, of Student's t.
    reviewed, n, population : int
        Reviews with a score, all reviews, and interactions.
    top : float
        Highest possible score.
    """

    alone: "_Fit"
    tuned: "_Fit"
    degrees: float
    reviewed: int
    n: int
    population: int
    top: float
    machine_only: float | None

    def at(self, level: float = LEVEL) -> Estimate:
        """Return the estimate with intervals of a confidence level in (0, 1)."""
        quantile = t_quantile(self.degrees, level)
        human_only, interval = (_interval(each, quantile) for each in (self.alone, self.tuned))
        anytime = _interval(self.tuned, _anytime_quantile(quantile, self.reviewed, level))
        return Estimate(
            *_scaled(interval, self.top),
            *_scaled(anytime, self.top)[1:],
            "difference" if self.tuned.lambda_ else "human_only",
            self.tuned.lambda_,
            _effective_n(human_only, interval, self.n, self.population),
            self.n,
            "verified",
            Interval(*_scaled(human_only, self.top)),
            self.machine_only,
        )


@dataclass(frozen=True, slots=True)
class WithoutInterval:
    """The answer where there are too few reviews, or none: the same at every confidence level."""

    answer: Estimate

    def at(self, _level: float = LEVEL) -> Estimate:
        """Return the answer."""
        return self.answer


def fit(
    strata: Sequence[Stratum],
    human: Sequence[float] | FloatArray,
    machine: Sequence[float] | FloatArray,
    probability: Sequence[float] | FloatArray,
    rate: Sequence[float] | FloatArray | None = None,
    *,
    interval_limit: float = 10.0,
    top: float = 100.0,
) -> Fitted | WithoutInterval:
    """Return what does not depend on the confidence level, for many of them; parameters as of `estimate`."""
    h, f, p, rates = _columns(strata, human, machine, probability, rate)
    machine_only = _machine_mean(strata)
    if not h.size:
        return WithoutInterval(_without_reviews(machine_only))
    reviewed = int(np.count_nonzero(~np.isnan(h)))
    if not reviewed:
        return WithoutInterval(too_few_reviews(h.size, machine_only))
    sample = _Sample(join_strata(strata, rates), h / top, f / top, p, top)
    if not enough_reviews(sample.effective_size(), reviewed, interval_limit):
        return WithoutInterval(too_few_reviews(h.size, machine_only))
    return Fitted(
        alone=_fit(sample, tuned=False),
        tuned=_fit(sample, tuned=True),
        degrees=_degrees(sample),
        reviewed=reviewed,
        n=h.size,
        population=sum(each.n for each in strata),
        top=top,
        machine_only=machine_only,
    )


def enough_reviews(effective_size: float, reviewed: int, interval_limit: float) -> bool:
    """Tell whether a number is reported; the rule never looks at the scores.

    Parameters
    ----------
    effective_size
        Size of the simple random sample that is as precise, with the finite population counted in.
    reviewed
        Reviews with a score; `MIN_REVIEWS` at least.
    interval_limit
        Width of the interval, in points, that so many reviews of scores with the standard deviation
        `EXPECTED_DEVIATION` must not exceed.

    Examples
    --------
    >>> [enough_reviews(n, n, 10.0) for n in (12, 24, 25)]
    [False, False, True]
    """
    needed = (2 * t_quantile(math.inf) * EXPECTED_DEVIATION / interval_limit) ** 2
    return reviewed >= MIN_REVIEWS and effective_size >= needed


def _columns(
    strata: Sequence[Stratum],
    human: Sequence[float] | FloatArray,
    machine: Sequence[float] | FloatArray,
    probability: Sequence[float] | FloatArray,
    rate: Sequence[float] | FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    h, f, p = (np.asarray(each, dtype=np.float64) for each in (human, machine, probability))
    if rate is None and len(strata) > 1:
        raise ValueError("With several strata each review needs its sampling rate.")
    only = strata[0].rate if strata else 1.0
    r = np.full(h.shape, only) if rate is None else np.asarray(rate, dtype=np.float64)
    if not h.shape == f.shape == p.shape == r.shape or h.ndim != 1:
        raise ValueError("Human scores, machine scores, probabilities and rates have to go together.")
    if h.size and not (np.all(p > 0) and np.all(p <= 1)):
        raise ValueError("Inclusion probabilities lie above 0 and are at most 1.")
    return h, f, p, r


def _machine_mean(strata: Sequence[Stratum]) -> float | None:
    defined = sum(each.defined for each in strata)
    return sum(each.total for each in strata) / defined if defined else None


def _without_reviews(mean: float | None) -> Estimate:
    nothing = (None, None, None, None)
    return Estimate(mean, *nothing, "machine_only", 1.0, 0.0, 0, "unverified", UNKNOWN, mean)


def too_few_reviews(n: int, machine_only: float | None) -> Estimate:
    """Return the answer without a number, for n reviews and this mean machine score."""
    nothing = (None, None, None, None, None)
    return Estimate(*nothing, "human_only", 0.0, float(n), n, "too_few_reviews", UNKNOWN, machine_only)


def effective_size(
    strata: Sequence[Stratum],
    probability: Sequence[float] | FloatArray,
    rate: Sequence[float] | FloatArray,
) -> float:
    """Return the size of the simple random sample with the same precision; inf when all is reviewed.

    Parameters are as of `estimate`; there is at least one review.
    """
    nothing = np.zeros(len(probability))
    _, f, p, rates = _columns(strata, nothing, nothing, probability, rate)
    return _Sample(join_strata(strata, rates), f, f, p, 1.0).effective_size()


class _Sample:
    """Columns of the reviewed interactions, scaled to [0, 1], and sums of their weights by stratum."""

    def __init__(
        self, strata: StratifiedSample, human: FloatArray, machine: FloatArray, p: FloatArray, top: float
    ) -> None:
        self.index, self.n = strata.index, p.size
        self.strata = strata.interactions.size
        self.d, self.m = ~np.isnan(human), ~np.isnan(machine)
        self.h, self.f = np.where(self.d, human, 0.0), np.where(self.m, machine, 0.0)
        self.w, self.v = 1 / p, (1 - p) / p**2
        self.share = strata.interactions / strata.interactions.sum()
        self.machine_total = strata.total / top / strata.interactions
        self.machine_share = strata.defined / strata.interactions
        self.reviews, self.weight = self.sums(np.ones(self.n)), self.sums(self.w)
        self.size = self._design_size(strata.interactions)

    def sums(self, values: FloatArray) -> FloatArray:
        """Return the sums by stratum."""
        return np.bincount(self.index, values, self.strata).astype(np.float64)

    def means(self, values: FloatArray | BoolArray) -> FloatArray:
        """Return the Hajek means by stratum; 0 where there is no review."""
        return self.sums(self.w * values) / np.maximum(self.weight, NEGLIGIBLE)

    def within(self, values: FloatArray | BoolArray) -> FloatArray:
        """Return the values less the mean of their stratum."""
        return np.asarray(values - self.means(values)[self.index], dtype=np.float64)

    def variances(self, values: FloatArray) -> FloatArray:
        """Return the variances within strata of values whose stratum means are 0."""
        spread = self.sums(self.v)
        v = np.where(spread[self.index] > 0, self.v, 1.0)
        mean_square = self.sums(v * values**2) / np.maximum(self.sums(v), NEGLIGIBLE)
        return mean_square * self.reviews / np.maximum(self.reviews - 1, 1)

    def unit_weights(self) -> FloatArray:
        """Return how much of the variance of the whole a unit of variance of each review makes."""
        return np.asarray((self.share / self.weight)[self.index] ** 2 * self.v, dtype=np.float64)

    def effective_size(self) -> float:
        """Return the size of the simple random sample with the same precision; inf when all is reviewed."""
        inverse = float(np.sum(self.share**2 / self.size))
        return 1 / inverse if inverse > 0 else math.inf

    def _design_size(self, interactions: FloatArray) -> FloatArray:
        """(sum w)^2 / sum (1 - p) w^2, at most n (N - 1) / (N - n): infinite only when all is reviewed."""
        left = interactions - self.reviews
        spread = self.sums(self.v)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.where(spread > 0, self.weight**2 / spread, math.inf)
            reviewed = self.reviews * (interactions - 1) / left
        size = np.where(left > 0, np.minimum(drawn, reviewed), math.inf)
        return np.maximum(size, NEGLIGIBLE)


@dataclass(frozen=True, slots=True)
class _Fit:
    """theta, lambda, and by stratum: share of theta, mean, n / kappa, and variance by what is N/A."""

    theta: float
    lambda_: float
    shares: FloatArray
    means: FloatArray
    trials: FloatArray
    undefined: FloatArray


def _fit(sample: _Sample, *, tuned: bool) -> _Fit:
    known = sample.means(sample.d)
    theta0 = float(np.sum(sample.share * sample.means(sample.h)) / np.sum(sample.share * known))
    slope = _slope(sample, theta0) if tuned else 0.0
    above = sample.means(sample.h) + slope * (sample.machine_total - sample.means(sample.f))
    below = known + slope * (sample.machine_share - sample.means(sample.m))
    if np.any(below <= NEGLIGIBLE) and slope:
        return _fit(sample, tuned=False)
    theta = float(np.sum(sample.share * above) / np.sum(sample.share * below))
    shares = sample.share * below / np.sum(sample.share * below)
    means = np.clip(np.where(below > NEGLIGIBLE, above / np.maximum(below, NEGLIGIBLE), theta), 0.0, 1.0)
    residual = sample.d * (sample.h - means[sample.index])
    residual = sample.within(residual - slope * sample.m * (sample.f - means[sample.index]))
    fitted = max(sample.n - sample.strata, 2)
    lost = fitted / (fitted - 1) if slope else 1.0
    known = np.maximum(known, 1 / np.maximum(sample.reviews, 1))
    variance = lost * sample.variances(residual) * known / np.maximum(below, NEGLIGIBLE) ** 2
    farthest = float(np.max(sample.d * (sample.h - means[sample.index]) ** 2))
    trials = sample.size * known / _kappa(sample.reviews, means * (1 - means), variance, farthest)
    weight = (means - theta) * sample.share / np.sum(sample.share * below)
    undefined = sample.variances(sample.within(sample.d)) / sample.size * weight**2
    return _Fit(theta, slope, shares, means, trials, undefined)


def _slope(sample: _Sample, theta0: float) -> float:
    """Return lambda."""
    weight = sample.unit_weights()
    a = sample.within(sample.d * (sample.h - theta0))
    b = sample.within(sample.m * (sample.f - theta0))
    spread = float(np.sum(weight * b * b))
    slope = float(np.sum(weight * a * b)) / spread if spread > NEGLIGIBLE**2 else 0.0
    return min(max(slope, 0.0), MAX_LAMBDA)


def _kappa(n: FloatArray, binary: FloatArray, variance: FloatArray, farthest: float) -> FloatArray:
    """Return the variance of a score relative to `binary`, mu (1 - mu), by stratum.

    `farthest` is the largest squared distance of a human score from the mean of its stratum.
    """
    possible = np.maximum(binary, NEGLIGIBLE)
    own = np.where(binary > NEGLIGIBLE, variance / possible, 1.0)
    one_more = farthest / possible if farthest > NEGLIGIBLE else 1.0
    return np.asarray(np.minimum((n * own + one_more) / (n + 1), np.maximum(own, 1.0)), dtype=np.float64)


def _degrees(sample: _Sample) -> float:
    """Satterthwaite's degrees of freedom of the weights, from 3 to scored reviews - 2."""
    q = sample.unit_weights()
    spread = float(np.sum((q - q.mean()) ** 2)) * sample.n / max(sample.n - 1, 1)
    degrees = 2 * float(q.sum()) ** 2 / spread if spread > 0 else math.inf
    return max(min(degrees, float(np.count_nonzero(sample.d) - 2)), MIN_DEGREES)


def _anytime_quantile(quantile: float, reviewed: int, level: float) -> float:
    return sequence_quantile(reviewed, level) * quantile / t_quantile(math.inf, level)


def _interval(fit: _Fit, quantile: float) -> Interval:
    """Join the intervals of the strata by MOVER; on the scale [0, 1]."""
    low, high = wilson_limits(fit.means, fit.trials, quantile)
    undefined = quantile**2 * float(fit.undefined.sum())
    theta = min(max(fit.theta, 0.0), 1.0)
    below = math.sqrt(float(np.sum((fit.shares * (fit.means - low)) ** 2)) + undefined)
    above = math.sqrt(float(np.sum((fit.shares * (high - fit.means)) ** 2)) + undefined)
    return Interval(theta, max(0.0, theta - below), min(1.0, theta + above))


def _scaled(interval: Interval, top: float) -> tuple[float, float, float]:
    return tuple((each or 0.0) * top for each in (interval.estimate, interval.low, interval.high))  # type: ignore[return-value]


def _effective_n(human_only: Interval, interval: Interval, n: int, population: int) -> float:
    """Return n_eff with 1/n_eff - 1/N = (1/n - 1/N) (width / width of human only)^2, N the population."""
    if interval.width <= NEGLIGIBLE or n >= population:
        return float(n)
    gain = (interval.width / human_only.width) ** 2
    return 1 / (1 / population + (1 / n - 1 / population) * gain)
