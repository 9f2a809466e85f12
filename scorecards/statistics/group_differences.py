"""Differences between groups and the rest, and which of them chance does not explain (pure)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from scorecards.statistics.confidence_intervals import LEVEL, t_quantile

Array = NDArray[np.float64]
Members = NDArray[np.bool_]
Count = int | NDArray[np.int64]
MIN_REVIEWS = 10
ERROR_RATE = 0.05
"""Chance of at least one flag on a whole page if no group differed from the rest."""
LARGE_GROUP = 3000
"""From so many on both sides, Student's t stands for the shuffled groups."""
SHUFFLES = 999
SUSPICIOUS = 0.02
"""What is this unlikely at first is shuffled more often, so that its p-value can pass a correction."""
_SHUFFLES_PER_TEST = 40
MAX_OTHERS = 10_000
"""With more interactions on a page, values are no longer shuffled beside their weights: it costs too much."""
_STEP, _EXACT = 1.1, 500
_AT_ONCE = 250_000
_SEED = 20_260_701
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """Weighted mean of a group minus that of the rest, with its 95 % interval and two-sided p-value."""

    group: float
    rest: float
    estimate: float
    low: float
    high: float
    p_value: float


def group_differences(
    values: ArrayLike, weights: ArrayLike, groups: Sequence[Members], *, tests: int = 1
) -> list[Difference | None]:
    """Compare the weighted mean of each group with that of everything outside of it.

    Parameters
    ----------
    values
        One for each interaction, without nan.
    weights
        1 / inclusion probability of each, so that what was drawn often counts less.
    groups
        For each group, which of the interactions are in it.
    tests
        How many comparisons are looked at together (see `exceeds_chance`): the more, the smaller the
        p-values that must be told apart, and the more often suspicious ones are shuffled.

    Returns
    -------
    list of Difference or None
        None when either side has fewer than `FEWEST_REVIEWS` values.

    Notes
    -----
    m = sum w x / sum w; v = n / (n - 1) sum (w (x - m))² / (sum w)² for the group and the rest; the
    statistic is t = (m_g - m_r) / sqrt(v_g + v_r), and its two-sided p-value the share (1 + b) / (1 + B) of
    B shuffles in which b have a t at least as large. It is done in two ways, and the larger p-value holds:
    random groups of the same size (from 500 on up to a tenth smaller), drawn from all interactions with
    their weights; and, up to `MOST_BESIDE` interactions, the group itself with its own weights, the values
    being shuffled among all. The interval is
    m_g - m_r -+ q sqrt(v_g + v_r), where q is the larger 95 % quantile of abs(t).

    Scores pile up at their ends, where Student's t flags three pages in ten without cause; shuffled groups
    pile up alike. Dividing by the standard error keeps the test right where groups vary differently. The
    factor 1 - p of a finite population is left out on purpose: the question is whether a group is treated
    differently, not only whether it was in these weeks. The shuffles have a fixed seed: the same reviews
    give the same figures. Where both sides have `LARGE` values, Welch's t is used instead, with
    (sum w)² / sum w² - 1 degrees of freedom a side.

    A. Janssen (1997), "Studentized permutation tests for non-i.i.d. hypotheses and the generalized
    Behrens-Fisher problem"; E. Chung & J. Romano (2013), "Exact and asymptotically robust permutation
    tests"; B. Phipson & G. Smyth (2010), "Permutation p-values should never be zero"; B. L. Welch (1947).

    Examples
    --------
    >>> first = np.arange(60) < 20
    >>> found, = differences([4, 6] * 10 + [-1, 1] * 20, [1] * 60, [first])
    >>> round(found.estimate, 1), found.low < 5 < found.high, found.p_value
    (5.0, True, 0.001)
    >>> differences([1] * 59, [1] * 59, [np.arange(59) < 9])
    [None]
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if not x.size:
        return [None] * len(groups)
    centre = float(x.mean())
    return _Comparisons(x - centre, w, tests).compared(groups, centre)


def holm_rejects(p_values: Sequence[float], error_rate: float = ERROR_RATE) -> list[bool]:
    """Tell which of many tests stay significant when all of them are looked at together.

    Notes
    -----
    Holm's step-down: the i-th smallest of m p-values (i from 0) passes when it and all smaller ones are at
    most error_rate / (m - i). Holds whatever the tests have to do with each other.
    S. Holm (1979), "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> exceeds_chance([0.01, 0.04, 0.03, 0.005])
    [True, False, False, True]
    """
    passed = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        if p_values[place] > error_rate / (len(p_values) - rank):
            break
        passed[place] = True
    return passed


@dataclass(frozen=True, slots=True)
class _Sides:
    """Means inside and outside, their difference, its standard error and t; arrays of one shape."""

    group: Array
    rest: Array
    estimate: Array
    error: Array
    t: Array


class _Comparisons:
    """The interactions of a page, and what shuffled groups of a size come to, worked out once."""

    def __init__(self, x: Array, w: Array, tests: int) -> None:
        """Keep the centred values, their weights, and how many comparisons are looked at together."""
        self._x, self._w, self._tests = x, w, tests
        self._moments = np.stack(_moments(x, w))
        self._all = self._moments.sum(axis=1)
        self._least = _ROUNDING * max(1.0, float(np.abs(x).max()))
        self._even = bool(w.min() == w.max())
        self._known: dict[tuple[int, int], Array] = {}

    def compared(self, groups: Sequence[Members], centre: float) -> list[Difference | None]:
        """Compare each group with the rest; None where either is too small."""
        smaller = [min(int(inside.sum()), int((~inside).sum())) for inside in groups]
        sides = {
            place: self._sides(self._moments[:, groups[place]].sum(axis=1), int(groups[place].sum()))
            for place, size in enumerate(smaller)
            if size >= MIN_REVIEWS
        }
        judged = self._by_shuffling(
            groups, {at: each for at, each in sides.items() if smaller[at] < LARGE_GROUP}
        )
        judged |= {
            place: self._by_students_t(groups[place], each)
            for place, each in sides.items()
            if smaller[place] >= LARGE_GROUP
        }
        return [
            _difference(sides[place], centre, *judged[place]) if place in sides else None
            for place in range(len(groups))
        ]

    def _by_shuffling(
        self, groups: Sequence[Members], sides: Mapping[int, _Sides]
    ) -> dict[int, tuple[float, float]]:
        """Return by place the larger 95 % quantile of t, and the larger p-value, of both ways to shuffle."""
        nulls = self._nulls(groups, list(sides), SHUFFLES)
        quantiles = {place: max(map(_quantile, each)) for place, each in nulls.items()}
        p_values = {place: _p_value(each, sides[place]) for place, each in nulls.items()}
        suspicious = [place for place, p_value in p_values.items() if p_value <= SUSPICIOUS]
        wanted = _SHUFFLES_PER_TEST * self._tests
        if wanted > SHUFFLES:
            for place, each in self._nulls(groups, suspicious, wanted).items():
                p_values[place] = _p_value(each, sides[place])
        return {place: (quantiles[place], p_values[place]) for place in sides}

    def _nulls(self, groups: Sequence[Members], places: Sequence[int], times: int) -> dict[int, list[Array]]:
        """Return t of so many shuffles for each group: with their weights, and beside them if they differ."""
        nulls = {
            place: [self._with_weights(min(int(groups[place].sum()), int((~groups[place]).sum())), times)]
            for place in places
        }
        if places and not self._even and self._x.size <= MAX_OTHERS:
            own = self._beside_weights(np.array([groups[place] for place in places]), times)
            for place, null in zip(places, own, strict=True):
                nulls[place].append(null)
        return nulls

    def _with_weights(self, size: int, times: int) -> Array:
        """Return t of random groups of about a size; each shuffle is cut into as many as it holds."""
        size = rounded_size(size)
        if (size, times) not in self._known:
            blocks = self._x.size // size
            found: list[Array] = []
            for order in self._orders(math.ceil(times / blocks)):
                drawn = self._moments[:, order[:, : blocks * size]].reshape(5, -1, size)
                found.append(self._sides(drawn.sum(axis=2), size).t)
            self._known[size, times] = np.concatenate(found)[:times]
        return self._known[size, times]

    def _beside_weights(self, groups: Members, times: int) -> Array:
        """Return t of each group as it is drawn, with values that are shuffled among all interactions."""
        everyone = np.ones_like(groups[:1])
        w = np.vstack([groups, everyone]) * self._w
        w2, n = w * self._w, groups.sum(axis=1)
        found = []
        for order in self._orders(times):
            x = self._x[order].T
            parts = [w @ x, w2 @ x, w2 @ x**2]
            sums = np.stack(np.broadcast_arrays(w.sum(axis=1)[:, None], w2.sum(axis=1)[:, None], *parts))
            found.append(self._sides(sums[:, :-1], n[:, None], sums[:, -1:]).t)
        return np.hstack(found)

    def _orders(self, shuffles: int) -> Iterator[NDArray[np.int64]]:
        """Yield so many random orders of all interactions, some at a time."""
        generator, count = np.random.default_rng(_SEED), self._x.size
        at_once = max(1, _AT_ONCE // count)
        for begun in range(0, shuffles, at_once):
            rows = min(at_once, shuffles - begun)
            yield generator.permuted(np.tile(np.arange(count), (rows, 1)), axis=1)

    def _by_students_t(self, inside: Members, sides: _Sides) -> tuple[float, float]:
        parts = [_mean(self._moments[:, each].sum(axis=1), int(each.sum())) for each in (inside, ~inside)]
        both = sum(float(variance) for _, variance, _ in parts)
        if both <= 0:
            return 0.0, float(sides.t == 0)
        freedom = both**2 / sum(float(variance) ** 2 / float(degrees) for _, variance, degrees in parts)
        return t_quantile(freedom), 2 * float(stdtr(freedom, -float(sides.t)))

    def _sides(self, inside: Array, n: Count, every: Array | None = None) -> _Sides:
        """Return both sides from summed moments, those of the rest being what is left of `every`."""
        whole = self._all.reshape(-1, *[1] * (inside.ndim - 1)) if every is None else every
        group, one, _ = _mean(inside, n)
        rest, other, _ = _mean(whole - inside, self._x.size - n)
        estimate, error = (_cleared(each, self._least) for each in (group - rest, np.sqrt(one + other)))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(estimate == 0, 0.0, np.abs(estimate) / error)
        return _Sides(group, rest, estimate, error, t)


def rounded_size(size: int) -> int:
    """Return a size at most a tenth smaller from 500 on; groups of about one size share their shuffles.

    Smaller groups need their own size: with few different scores, t takes few values, and others at others.

    >>> [about(size) for size in (10, 499, 600, 650)]
    [10, 499, 593, 593]
    """
    return size if size < _EXACT else int(_STEP ** int(math.log(size, _STEP)))


def _difference(sides: _Sides, centre: float, quantile: float, p_value: float) -> Difference:
    estimate, half = float(sides.estimate), quantile * float(sides.error)
    group, rest = float(sides.group) + centre, float(sides.rest) + centre
    return Difference(group, rest, estimate, estimate - half, estimate + half, p_value)


def _moments(x: Array, w: Array) -> list[Array]:
    """Return what sums of it give mean and variance of any group."""
    return [w, w * w, w * x, w * w * x, (w * x) ** 2]


def _mean(sums: Array, n: Count) -> tuple[Array, Array, Array]:
    """Return the weighted mean of a group from its summed moments, its variance and degrees of freedom."""
    weight, squares, first, crossed, second = sums
    mean = first / weight
    spread = np.maximum(second - 2 * mean * crossed + mean * mean * squares, 0.0)
    return mean, n / (n - 1) * spread / weight**2, np.maximum(1.0, weight**2 / squares - 1)


def _cleared(values: Array, least: float) -> Array:
    """Return values with what only rounding left taken for zero."""
    return np.where(np.abs(values) < least, 0.0, values)


def _quantile(null: Array) -> float:
    finite = null[np.isfinite(null)]
    return float(np.quantile(finite, LEVEL)) if finite.size else 0.0


def _p_value(nulls: Sequence[Array], sides: _Sides) -> float:
    return max(_share(null, float(sides.t)) for null in nulls)


def _share(null: Array, t: float) -> float:
    reached = int(np.count_nonzero(null >= t * (1 - _ROUNDING)))
    return (1 + reached) / (1 + null.size)
