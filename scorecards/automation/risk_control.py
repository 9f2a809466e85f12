"""Selective classification with risk control: the lowest confidence at which answers are accepted (pure).

Learn then Test: thresholds of a fixed grid are tested from the strictest to the loosest, each at level
delta, until one fails; the last that passed is selected. The probability of selecting a threshold that
violates the guarantee is at most delta.

At a threshold t the null hypothesis is "the error rate among answers with confidence >= t is above the
limit, or for a rare class c the share of the human answers c that the machine contradicts with confidence
>= t is". It is rejected when each part is rejected by its Clopper-Pearson bound at delta: an
intersection-union test, which needs no correction for the number of parts (Berger 1982). Testing in a
fixed sequence needs none for the number of thresholds (Bauer 1991; Angelopoulos, Bates, Candes, Jordan &
Lei 2021, "Learn then Test", section on fixed-sequence testing).

The sequence starts at the strictest threshold that accepts enough answers to be worth testing
(`MIN_COVERAGE`, `min_cases`), a choice that depends on the confidences only, never on the errors. Where
lower confidence means more errors this keeps the level delta; tests/pure/automation/test_risk_control.py
also simulates a model that is wrong where its confidence is highest.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from scorecards.arrays import BoolArray, FloatArray, IntArray
from scorecards.statistics.confidence_intervals import share_at_most

GRID = (0.999, 0.998, 0.995, *(step / 100 for step in range(99, -1, -1)))
"""Thresholds to test, the strictest first; independent of the data."""
RARE_CLASS_SHARE = 0.2
"""A class with a smaller share of the human answers has a miss rate guarantee of its own."""
NEGLIGIBLE_CLASS_SHARE = 0.02
"""A class whose share is significantly below this is excluded from the guarantee instead of blocking it."""
MIN_COVERAGE = 0.2
"""Thresholds that accept a smaller share of the answers are not tested."""


@dataclass(frozen=True, slots=True)
class ScoredCases:
    """Machine answers scored against human answers, for a simple random sample of n interactions.

    Attributes
    ----------
    confidence : ndarray of float64, shape (n,)
        Calibrated probability of the machine's answer, in [0, 1].
    wrong : ndarray of bool, shape (n,)
        Whether machine and human disagree.
    human : ndarray of int64, shape (n,)
        Class index of the human answer, in [0, classes).
    classes : int
        Number of classes.
    """

    confidence: FloatArray
    wrong: BoolArray
    human: IntArray
    classes: int


@dataclass(frozen=True, slots=True)
class RiskGuarantee:
    """The selected threshold with its counts and bounds.

    Without a threshold, `coverage`, `accepted`, `wrong`, `selective_error_upper` and `miss_bounds` are those
    of the strictest threshold tested.

    Attributes
    ----------
    threshold : float or None
        Confidence in [0, 1] from which answers are accepted; None without a guarantee.
    coverage : float or None
        Share of answers accepted, in [0, 1]; None when nothing was tested.
    accepted, wrong : int
        Answers accepted, and those of them that contradict the human answer.
    selective_error_upper : float or None
        Upper confidence bound of the error rate among accepted answers, in [0, 1].
    miss_bounds : mapping of int to float
        By index of each rare class, the upper confidence bound of the share of its human answers that the
        machine contradicts with an accepted answer.
    unguaranteed_classes : tuple of int
        Classes too rare for any guarantee.
    short : tuple of int
        Classes too rare to be tested, but not rare enough to be excluded.
    code : {'too_few', 'rare_class', 'wrong_too_often', 'misses_rare'} or None
        Why there is no threshold.
    """

    threshold: float | None
    coverage: float | None = None
    accepted: int = 0
    wrong: int = 0
    selective_error_upper: float | None = None
    miss_bounds: Mapping[int, float] = field(default_factory=dict)
    unguaranteed_classes: tuple[int, ...] = ()
    short: tuple[int, ...] = ()
    code: str | None = None


def min_cases(limit: float, delta: float) -> int:
    """Return the smallest error-free sample that bounds an error rate by `limit` at level 1 - delta.

    Parameters
    ----------
    limit, delta
        Each in (0, 1).

    Notes
    -----
    The smallest n with (1 - limit)^n <= delta.

    Examples
    --------
    >>> min_cases(0.1, 0.1), min_cases(0.05, 0.1)
    (22, 45)
    """
    return math.ceil(math.log(delta) / math.log1p(-limit) - 1e-9)


def select_threshold(
    cases: ScoredCases, *, limit: float, delta: float, required_classes: Collection[int] = ()
) -> RiskGuarantee:
    """Select the loosest threshold at which the error rate is controlled.

    Parameters
    ----------
    cases
        The scored sample; may be empty.
    limit
        Largest accepted error rate, in (0, 1): among accepted answers, and for each rare class among its
        human answers.
    delta
        Probability that the guarantee is violated, in (0, 1).
    required_classes
        Indices of classes that are never excluded from the guarantee, however rare.

    Returns
    -------
    RiskGuarantee
        With fewer than `min_cases` cases it has no figures and the code "too_few".

    Notes
    -----
    Fixed-sequence testing of `GRID`; see the module docstring.

    Examples
    --------
    >>> confidence = np.linspace(1, 0.5, 100, endpoint=False)
    >>> cases = ScoredCases(confidence, confidence < 0.6, np.arange(100) % 2, 2)
    >>> guarantee = select_threshold(cases, limit=0.1, delta=0.1)
    >>> guarantee.threshold, guarantee.accepted, guarantee.wrong, round(guarantee.selective_error_upper, 3)
    (0.58, 85, 4, 0.092)
    """
    needed = min_cases(limit, delta)
    if cases.confidence.size < needed:
        return RiskGuarantee(None, code="too_few")
    rare, excluded, short = _rare_classes(cases, limit, delta, required_classes)
    grid = _ThresholdGrid.count(cases, rare, delta)
    first = grid.first(max(needed, MIN_COVERAGE * cases.confidence.size))
    last = grid.last_passing(first, limit)
    if last is None or short:
        code = _failure_code(grid.error_bounds[first], limit, short)
        failed = replace(grid.guarantee(first, rare), threshold=None, short=short, code=code)
        return replace(failed, unguaranteed_classes=excluded)
    return replace(grid.guarantee(last, rare), unguaranteed_classes=excluded)


def _failure_code(error_bound: float, limit: float, short: tuple[int, ...]) -> str:
    if error_bound > limit:
        return "wrong_too_often"
    return "rare_class" if short else "misses_rare"


def _rare_classes(
    cases: ScoredCases, limit: float, delta: float, required: Collection[int]
) -> tuple[IntArray, tuple[int, ...], tuple[int, ...]]:
    """Return the rare classes that can be tested, those excluded, and those that block a guarantee."""
    n = cases.human.size
    counts = np.bincount(cases.human, minlength=cases.classes)
    rare = np.flatnonzero(counts < RARE_CLASS_SHARE * n)
    testable = rare[counts[rare] >= min_cases(limit, delta)]
    others = [int(each) for each in rare if counts[each] < min_cases(limit, delta)]
    upper = share_at_most(counts, np.full(cases.classes, n), delta)
    excluded = tuple(each for each in others if upper[each] < NEGLIGIBLE_CLASS_SHARE and each not in required)
    return testable, excluded, tuple(each for each in others if each not in excluded)


@dataclass(frozen=True, slots=True)
class _ThresholdGrid:
    """Counts and bounds at each of g thresholds; `miss_bounds` has shape (rare classes, g), the rest (g,)."""

    cases: int
    accepted: IntArray
    wrong: IntArray
    error_bounds: FloatArray
    miss_bounds: FloatArray

    @classmethod
    def count(cls, cases: ScoredCases, rare: IntArray, delta: float) -> "_ThresholdGrid":
        order = np.argsort(-cases.confidence, kind="stable")
        accepted = np.searchsorted(-cases.confidence[order], -np.array(GRID), side="right")
        wrong = cases.wrong[order]
        events = np.concatenate((wrong[np.newaxis], wrong & (cases.human[order] == rare[:, np.newaxis])))
        sums = np.concatenate((np.zeros((len(events), 1), dtype=np.intp), np.cumsum(events, axis=1)), axis=1)
        errors = sums[:, accepted]
        human_counts = np.bincount(cases.human, minlength=cases.classes)[rare, np.newaxis]
        return cls(
            cases=cases.confidence.size,
            accepted=accepted,
            wrong=errors[0],
            error_bounds=share_at_most(errors[0], accepted, delta),
            miss_bounds=share_at_most(errors[1:], human_counts, delta),
        )

    def first(self, min_accepted: float) -> int:
        """Return the index of the strictest threshold that accepts enough answers to be worth testing."""
        return int(np.argmax(self.accepted >= min_accepted))

    def last_passing(self, first: int, limit: float) -> int | None:
        """Return the index of the last threshold before the first failure; None when `first` fails."""
        passed = (self.error_bounds <= limit) & (self.miss_bounds <= limit).all(axis=0)
        count = int(np.argmin(np.append(passed[first:], False)))
        return first + count - 1 if count else None

    def guarantee(self, index: int, rare: IntArray) -> RiskGuarantee:
        """Return the counts and bounds at one threshold."""
        bounds = zip(rare, self.miss_bounds[:, index], strict=True)
        return RiskGuarantee(
            GRID[index],
            coverage=float(self.accepted[index] / self.cases),
            accepted=int(self.accepted[index]),
            wrong=int(self.wrong[index]),
            selective_error_upper=float(self.error_bounds[index]),
            miss_bounds={int(name): float(bound) for name, bound in bounds},
        )
