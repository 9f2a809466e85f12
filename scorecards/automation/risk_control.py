"""The smallest confidence from which answers may stand, so that a promise about them holds (pure).

Learn then Test: thresholds of a fixed grid are tested one after the other, the strictest first, each at
level delta, until one fails; the last that passed is taken. The chance of taking one that breaks the promise
is at most delta.

At a threshold t the hypothesis to be refuted is "the share of wrong among answers with confidence >= t is
above the limit, or for a rare class c the share of people's c that were answered otherwise with
confidence >= t is". It is refuted when each part is, by the Clopper-Pearson bound at delta: an
intersection-union test, which needs no correction for the number of its parts (Berger 1982). Testing in a
fixed order and stopping at the first failure needs none for the number of thresholds (Bauer 1991;
Angelopoulos, Bates, Candes, Jordan & Lei 2021, "Learn then Test", section on fixed-sequence testing).

The order begins at the strictest threshold that lets enough answers stand to be worth testing (`USEFUL`,
`fewest`), which is seen from the confidences, never from the errors. Where lower confidence means more
errors this keeps delta; tests/pure/automation/test_risk_control.py also tries a model that errs where it is
surest.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from scorecards.statistics.confidence_intervals import share_at_most

GRID = (0.999, 0.998, 0.995, *(step / 100 for step in range(99, -1, -1)))
"""Thresholds that are tried, the strictest first; fixed before any answer is seen."""
RARE_CLASS_SHARE = 0.2
"""Answers that people give less often than this have a promise of their own."""
NEGLIGIBLE_CLASS_SHARE = 0.02
"""Answers surely rarer than this are said to be left out of the promise instead of forbidding it."""
MIN_COVERAGE = 0.2
"""A threshold that lets a smaller share of the answers stand is not worth having, and not tried."""


@dataclass(frozen=True, slots=True)
class ScoredCases:
    """What was proved, one place per case; the cases are an even sample of all interactions.

    `confidence` in [0, 1]; `wrong` where machine and person disagree; `human` the number of the class that
    the person chose, below `classes`.
    """

    confidence: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    human: NDArray[np.intp]
    classes: int


@dataclass(frozen=True, slots=True)
class RiskGuarantee:
    """The threshold, None where nothing can be promised, and what was counted.

    `coverage`, `accepted`, `wrong` and `upper` (the bound of the share of wrong among accepted) are those at
    the threshold, or without one at the strictest that was tested. `missed` bounds for each rare class the
    share of people's answers that the machine answers otherwise and lets stand. `untold` are the classes too
    rare to be promised anything, `short` those too rare to be tested and not rare enough to be left out.
    `code` says why there is no threshold: "too_few", "rare_class", "wrong_too_often", "misses_rare".
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
    """Return how many cases without any error it takes to promise a share of at most `limit`.

    Examples
    --------
    >>> fewest(0.1, 0.1), fewest(0.05, 0.1)
    (22, 45)
    """
    return math.ceil(math.log(delta) / math.log1p(-limit) - 1e-9)


def select_threshold(
    rated: ScoredCases, *, limit: float, delta: float, vital: Collection[int] = ()
) -> RiskGuarantee:
    """Find the loosest threshold at which the promise holds, tested from the strictest down.

    Parameters
    ----------
    rated
        The cases.
    limit
        The largest share of disagreement, in (0, 1): among the answers that stand, and for each rare class
        among the people's answers of that class.
    delta
        Chance that the promise is broken, in (0, 1).
    vital
        Classes that are never left out of the promise, however rare.

    Examples
    --------
    >>> confidence = np.linspace(1, 0.5, 100, endpoint=False)
    >>> rated = Rated(confidence, confidence < 0.6, np.arange(100) % 2, 2)
    >>> found = promised(rated, limit=0.1, delta=0.1)
    >>> found.threshold, found.accepted, found.wrong, round(found.upper, 3)
    (0.58, 85, 4, 0.092)
    """
    needed = min_cases(limit, delta)
    if rated.confidence.size < needed:
        return RiskGuarantee(None, code="too_few")
    rare, untold, short = _rare_classes(rated, limit, delta, vital)
    tried = _ThresholdGrid.at(rated, rare, delta)
    first = tried.first(max(needed, MIN_COVERAGE * rated.confidence.size))
    last = tried.last_that_holds(first, limit)
    if last is None or short:
        code = _why_none(tried.upper[first], limit, short)
        found = replace(tried.guarantee(first, rare), threshold=None, short=short, code=code)
        return replace(found, unguaranteed_classes=untold)
    return replace(tried.guarantee(last, rare), unguaranteed_classes=untold)


def _why_none(upper: float, limit: float, short: tuple[int, ...]) -> str:
    if upper > limit:
        return "wrong_too_often"
    return "rare_class" if short else "misses_rare"


def _rare_classes(
    rated: ScoredCases, limit: float, delta: float, vital: Collection[int]
) -> tuple[NDArray[np.intp], tuple[int, ...], tuple[int, ...]]:
    """Return the rare classes that can be tested, those left out, and those that forbid a promise."""
    n = rated.human.size
    counts = np.bincount(rated.human, minlength=rated.classes)
    rare = np.flatnonzero(counts < RARE_CLASS_SHARE * n)
    testable = rare[counts[rare] >= min_cases(limit, delta)]
    others = [int(each) for each in rare if counts[each] < min_cases(limit, delta)]
    most = share_at_most(counts, np.full(rated.classes, n), delta)
    untold = tuple(each for each in others if most[each] < NEGLIGIBLE_CLASS_SHARE and each not in vital)
    return testable, untold, tuple(each for each in others if each not in untold)


@dataclass(frozen=True, slots=True)
class _ThresholdGrid:
    """What was counted at each threshold of the grid, with bounds; `missed` has a row for each rare class."""

    cases: int
    accepted: NDArray[np.intp]
    wrong: NDArray[np.intp]
    upper: NDArray[np.float64]
    missed: NDArray[np.float64]

    @classmethod
    def at(cls, rated: ScoredCases, rare: NDArray[np.intp], delta: float) -> "_ThresholdGrid":
        order = np.argsort(-rated.confidence, kind="stable")
        accepted = np.searchsorted(-rated.confidence[order], -np.array(GRID), side="right")
        wrong = rated.wrong[order]
        parts = np.concatenate((wrong[np.newaxis], wrong & (rated.human[order] == rare[:, np.newaxis])))
        sums = np.concatenate((np.zeros((len(parts), 1), dtype=np.intp), np.cumsum(parts, axis=1)), axis=1)
        found = sums[:, accepted]
        given = np.bincount(rated.human, minlength=rated.classes)[rare, np.newaxis]
        return cls(
            cases=rated.confidence.size,
            accepted=accepted,
            wrong=found[0],
            upper=share_at_most(found[0], accepted, delta),
            missed=share_at_most(found[1:], given, delta),
        )

    def first(self, fewest_accepted: float) -> int:
        """Return the place of the strictest threshold at which enough answers stand to be worth testing."""
        return int(np.argmax(self.accepted >= fewest_accepted))

    def last_that_holds(self, first: int, limit: float) -> int | None:
        """Return the place of the last threshold before the first that fails; None: the first fails."""
        held = (self.upper <= limit) & (self.missed <= limit).all(axis=0)
        count = int(np.argmin(np.append(held[first:], False)))
        return first + count - 1 if count else None

    def guarantee(self, place: int, rare: NDArray[np.intp]) -> RiskGuarantee:
        """Return what was counted at one threshold, with the threshold."""
        bounds = zip(rare, self.missed[:, place], strict=True)
        return RiskGuarantee(
            GRID[place],
            coverage=float(self.accepted[place] / self.cases),
            accepted=int(self.accepted[place]),
            wrong=int(self.wrong[place]),
            selective_error_upper=float(self.upper[place]),
            miss_bounds={int(name): float(bound) for name, bound in bounds},
        )
