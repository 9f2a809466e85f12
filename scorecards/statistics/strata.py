"""Strata of interactions with one sampling rate, and joining those with few reviews (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import FloatArray, IntArray

MIN_STRATUM_REVIEWS = 5
"""Neighbouring strata with fewer reviews than this are joined."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Totals over all interactions of a period that have one sampling rate.

    Attributes
    ----------
    rate : float
        Inclusion probability by the policy, in (0, 1].
    n : int
        Interactions.
    defined : int
        Interactions with a machine score.
    total : float
        Sum of the machine scores, each in [0, 100] points.
    """

    rate: float
    n: int
    defined: int = 0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class StratifiedSample:
    """Strata with enough reviews each, and the stratum of every review.

    Attributes
    ----------
    index : int array of shape (n,)
        Stratum of each review.
    interactions, defined, total : float array of shape (strata,)
        As of `Stratum`.
    """

    index: IntArray
    interactions: FloatArray
    defined: FloatArray
    total: FloatArray


def join_strata(strata: Sequence[Stratum], rate: FloatArray) -> StratifiedSample:
    """Join neighbouring strata until each has reviews enough.

    Parameters
    ----------
    strata
        All interactions, by sampling rate.
    rate : float array of shape (n,), n > 0
        Sampling rate of each review.

    Notes
    -----
    From the lowest rate up, a stratum takes in the next one until it has `MIN_STRATUM_REVIEWS`; what remains
    at the end joins the last. A stratum all of whose interactions were reviewed stays by itself, because
    nothing of it is left to chance. The rule looks at counts only, never at scores.
    """
    by_rate = {each.rate: each for each in strata}
    for missing in set(np.unique(rate).tolist()) - set(by_rate):
        by_rate[missing] = Stratum(missing, int(np.count_nonzero(rate == missing)))
    counts = {each: int(np.count_nonzero(rate == each)) for each in by_rate}
    complete = {each for each, stratum in by_rate.items() if counts[each] >= stratum.n}
    joined = [[each] for each in sorted(complete) if counts[each]]
    joined += _neighbours(sorted(set(by_rate) - complete), counts) or []
    index = np.zeros(rate.size, dtype=np.int64)
    for number, rates in enumerate(joined):
        index[np.isin(rate, rates)] = number
    sums = [
        [sum(max(by_rate[each].n, counts[each]) for each in rates) for rates in joined],
        [sum(by_rate[each].defined for each in rates) for rates in joined],
        [sum(by_rate[each].total for each in rates) for rates in joined],
    ]
    return StratifiedSample(index, *(np.array(each, dtype=np.float64) for each in sums))


def _neighbours(rates: Sequence[float], counts: dict[float, int]) -> list[list[float]]:
    joined: list[list[float]] = []
    current: list[float] = []
    for rate in rates:
        current.append(rate)
        if sum(counts[each] for each in current) >= MIN_STRATUM_REVIEWS:
            joined.append(current)
            current = []
    if current and joined:
        joined[-1].extend(current)
    elif current:
        joined.append(current)
    return joined
