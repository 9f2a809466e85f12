"""Whether a coached question moved: an agent's reviewed answers before and after a plan began (pure).

Agents are coached because their answers were low, and low answers are partly bad luck: the next ones are
better by themselves (regression to the mean). So what was before is shrunk towards what the agents of the
client usually reach, before it is compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.statistics.confidence_intervals import LEVEL, UNKNOWN, Interval, wilson

VERDICTS = ("moved", "did_not_move", "too_early", "too_little_before")
MIN_BEFORE = 10
"""With fewer answers before a plan than this, nothing is said of its question."""
MIN_AGENTS = 4
"""From so many agents on, how much agents differ is estimated; with fewer, `FEW_STRENGTH` is assumed."""
FEW_STRENGTH = 60.0
MIN_STRENGTH, MAX_STRENGTH = 4.0, 100.0


@dataclass(frozen=True, slots=True)
class AnswerMean:
    """The weighted mean of answers in [0, 1], their number, and how many unweighted ones are as precise."""

    mean: float
    n: int
    effective_n: float


@dataclass(frozen=True, slots=True)
class Usual:
    """What the agents of a client reach, in [0, 1], how many answers knowing it is worth, and of how many."""

    mean: float
    strength: float
    answers: float


@dataclass(frozen=True, slots=True)
class CoachedChange:
    """After minus before, in [-1, 1], and what may be said of it: one of `VERDICTS`.

    `shrunken` is what was before, shrunk; `missing` how many answers it is too early by, or lacks before.
    """

    verdict: str
    missing: int
    shrunken: Interval
    after: Interval
    difference: Interval


def answer_mean(values: Sequence[float], weights: Sequence[float]) -> AnswerMean | None:
    """Return the weighted mean of answers; None of none.

    Parameters
    ----------
    values : sequence of float
        Answers in [0, 1].
    weights : sequence of float
        One over the probability with which each was drawn and reviewed.

    Notes
    -----
    The effective number is Kish's, (sum w)² / sum w². L. Kish (1965), Survey Sampling.

    Examples
    --------
    >>> answer_mean([1.0, 0.0, 1.0], [1.0, 2.0, 1.0])
    AnswerMean(mean=0.5, n=3, effective_n=2.6666666666666665)
    """
    if not values:
        return None
    v, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    return AnswerMean(float(np.sum(v * w) / np.sum(w)), len(v), float(np.sum(w) ** 2 / np.sum(w**2)))


def usual(agents: Sequence[AnswerMean]) -> Usual:
    """Return what agents usually reach, and how firmly: firmly where they hardly differ.

    Notes
    -----
    With agents' means y, effective numbers n, N their sum and m the mean of all, the variance between agents
    is (sum n (y - m)² - m (1 - m) (J - 1)) / (N - sum n² / N), the moment estimate for beta-binomial counts,
    and the strength of the prior m (1 - m) / variance - 1, kept in [4, 100]. J. Kleinman (1973), "Proportions
    with extraneous variance: single and independent samples", Journal of the American Statistical
    Association 68.

    Examples
    --------
    >>> usual([AnswerMean(0.5, 20, 20.0), AnswerMean(0.5, 20, 20.0)])
    Usual(mean=0.5, strength=60.0, answers=40.0)
    >>> alike = usual([AnswerMean(mean, 20, 20.0) for mean in (0.7, 0.72, 0.68, 0.7)])
    >>> apart = usual([AnswerMean(mean, 20, 20.0) for mean in (0.2, 0.9, 0.5, 0.8)])
    >>> alike.strength, round(apart.strength, 1)
    (100.0, 4.0)
    """
    means = np.array([each.mean for each in agents], dtype=np.float64)
    sizes = np.array([each.effective_n for each in agents], dtype=np.float64)
    total = float(np.sum(sizes))
    mean = float(np.sum(means * sizes)) / total
    if len(agents) < MIN_AGENTS:
        return Usual(mean, FEW_STRENGTH, total)
    within = mean * (1 - mean)
    spread = float(np.sum(sizes * (means - mean) ** 2)) - within * (len(agents) - 1)
    between = spread / (total - float(np.sum(sizes**2)) / total)
    strength = within / between - 1 if between > 0 else MAX_STRENGTH
    return Usual(mean, min(MAX_STRENGTH, max(MIN_STRENGTH, strength)), total)


def shrink(own: AnswerMean, prior: Usual) -> float:
    """Return what to expect of an agent's next answers, in [0, 1], when nothing is done.

    Examples
    --------
    >>> round(shrink(AnswerMean(0.4, 20, 20.0), Usual(0.7, 20.0, 200.0)), 2)
    0.55
    """
    return (own.effective_n * own.mean + prior.strength * prior.mean) / (own.effective_n + prior.strength)


def coached_change(
    before: AnswerMean | None, after: AnswerMean | None, prior: Usual, *, wanted: int, questions: int = 1
) -> CoachedChange:
    """Compare an agent's answers to a question before a plan began with those after it.

    Parameters
    ----------
    before, after
        Their means; None of none. `after` holds at most the first `wanted` answers.
    prior
        What the agents of the client usually reach.
    wanted
        How many answers after it the plan waits for. It is fixed when the plan begins, so that nobody looks
        until it looks well: before them the verdict is `too_early`, and what comes later changes nothing.
    questions
        How many questions the plan coaches: the level of each is 1 - 0.05 / questions.

    Notes
    -----
    Before is shrunk, b = (n mean + K m) / (n + K), with m and K of `prior`, and has Wilson's interval for
    n + K answers, at most as many as there are of all agents; after has Wilson's for its own. Both are joined
    as independent (R. G. Newcombe, 1998): low = d - sqrt((a - a_low)² + (b_high - b)²), high likewise. A
    question moved where low > 0. Given what was before, the shrunken mean is no more biased by having been
    picked for being low; so the false alarm rate holds on average over agents whatever picks them, as long as
    it is what was before. `tests/pure/statistics/test_coached_change.py` simulates it.
    B. Efron & C. Morris (1977), "Stein's paradox
    in statistics", Scientific American 236.

    Examples
    --------
    >>> level = Usual(0.7, 20.0, 200.0)
    >>> low, high = AnswerMean(0.4, 20, 20.0), AnswerMean(1.0, 20, 20.0)
    >>> change = coached_change(low, high, level, wanted=20)
    >>> change.verdict, round(change.shrunken.estimate, 2), round(change.difference.low, 2)
    ('moved', 0.55, 0.23)
    >>> coached_change(low, AnswerMean(0.6, 20, 20.0), level, wanted=20).verdict
    'did_not_move'
    >>> early = coached_change(low, AnswerMean(1.0, 4, 4.0), level, wanted=20)
    >>> early.verdict, early.missing
    ('too_early', 16)
    """
    n_after = after.n if after else 0
    if before is None or before.n < MIN_BEFORE:
        lacking = MIN_BEFORE - (before.n if before else 0)
        return CoachedChange("too_little_before", lacking, UNKNOWN, UNKNOWN, UNKNOWN)
    level = 1 - (1 - LEVEL) / questions
    old = wilson(shrink(before, prior), min(before.effective_n + prior.strength, prior.answers), level)
    if after is None or n_after < wanted:
        return CoachedChange("too_early", wanted - n_after, old, UNKNOWN, UNKNOWN)
    new = wilson(after.mean, after.effective_n, level)
    change = _difference(new, old)
    verdict = "moved" if (change.low or 0.0) > 0 else "did_not_move"
    return CoachedChange(verdict, 0, old, new, change)


def _difference(one: Interval, other: Interval) -> Interval:
    a, a_low, a_high = (float(each or 0.0) for each in (one.estimate, one.low, one.high))
    b, b_low, b_high = (float(each or 0.0) for each in (other.estimate, other.low, other.high))
    low, high = math.hypot(a - a_low, b_high - b), math.hypot(a_high - a, b - b_low)
    return Interval(a - b, a - b - low, a - b + high)
