"""Differences between groups and the rest, tested by permutation with Holm's correction (pure)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from scorecards.arrays import BoolArray, FloatArray, IntArray
from scorecards.statistics.confidence_intervals import LEVEL, t_quantile

MIN_REVIEWS = 10
"""With fewer values than this on either side, no difference is reported."""
ERROR_RATE = 0.05
"""Family-wise error rate: probability of any false positive among all comparisons of a page."""
LARGE_GROUP = 3000
"""With at least so many values on both sides, Welch's t-test replaces the permutation test."""
PERMUTATIONS = 999
REFINE_BELOW = 0.02
"""A p-value up to this is recomputed with more permutations, so that it can pass Holm's correction."""
_PERMUTATIONS_PER_TEST = 40
MAX_VALUE_PERMUTATION = 10_000
"""With more interactions than this, values are not permuted against their weights: it costs too much."""
_SIZE_STEP, _MIN_ROUNDED_SIZE = 1.1, 500
_CELLS_PER_BATCH = 250_000
_SEED = 20_260_701
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """Weighted mean of a group minus that of the rest.

    Attributes
    ----------
    group, rest : float
        Weighted means, in the unit of the values.
    estimate, low, high : float
        group - rest with its 95 % interval.
    p_value : float
        Two-sided, in [0, 1].
    """

    group: float
    rest: float
    estimate: float
    low: float
    high: float
    p_value: float


def group_differences(
    values: ArrayLike, weights: ArrayLike, groups: Sequence[BoolArray], *, tests: int = 1
) -> list[Difference | None]:
    """Compare the weighted mean of each group with that of all other interactions.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        One value for each interaction, without nan.
    weights : array_like of float, shape (n,)
        Inverse inclusion probabilities, >= 1.
    groups : sequence of ndarray of bool, shape (n,)
        For each group, the mask of its interactions.
    tests
        Number of comparisons in the family (see `holm_rejects`): with more, small p-values are refined with
        more permutations.

    Returns
    -------
    list of Difference or None
        One item for each group; None when either side has fewer than `MIN_REVIEWS` values.

    Notes
    -----
    m = sum w x / sum w; v = n / (n - 1) sum (w (x - m))² / (sum w)² for the group and the rest; the
    statistic is t = (m_g - m_r) / sqrt(v_g + v_r), and its two-sided p-value (1 + b) / (1 + B), where b of B
    permutations have a t at least as large. Two permutation schemes are used, and the larger p-value counts:
    random groups of the same size (from 500 on up to a tenth smaller), sampled from all interactions with
    their weights; and, up to `MAX_VALUE_PERMUTATION` interactions, the group with its own weights while the
    values are permuted among all. The interval is
    m_g - m_r -+ q sqrt(v_g + v_r), where q is the larger 95 % quantile of abs(t).

    Bounded scores pile up at their limits, where Student's t has a family-wise error rate of about 30 %; the
    permutation distribution has the same shape as the data. Studentizing keeps the test valid under unequal
    variances. The finite population correction 1 - p is left out on purpose: inference is about how a group
    is treated in general, not only in these weeks. The seed is fixed: the same reviews give the same
    figures. With `LARGE_GROUP` values on both sides Welch's t-test is used instead, with
    (sum w)² / sum w² - 1 degrees of freedom a side.

    A. Janssen (1997), "Studentized permutation tests for non-i.i.d. hypotheses and the generalized
    Behrens-Fisher problem"; E. Chung & J. Romano (2013), "Exact and asymptotically robust permutation
    tests"; B. Phipson & G. Smyth (2010), "Permutation p-values should never be zero"; B. L. Welch (1947).

    Examples
    --------
    >>> first = np.arange(60) < 20
    >>> difference, = group_differences([4, 6] * 10 + [-1, 1] * 20, [1] * 60, [first])
    >>> round(difference.estimate, 1), difference.low < 5 < difference.high, difference.p_value
    (5.0, True, 0.001)
    >>> group_differences([1] * 59, [1] * 59, [np.arange(59) < 9])
    [None]
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if not x.size:
        return [None] * len(groups)
    centre = float(x.mean())
    return _Comparisons(x - centre, w, tests).compared(groups, centre)


def holm_rejects(p_values: Sequence[float], error_rate: float = ERROR_RATE) -> list[bool]:
    """Correct many tests for multiplicity by Holm's step-down method.

    Parameters
    ----------
    p_values : sequence of float, length m
        Of all tests of the family; may be empty.
    error_rate
        Family-wise error rate, in (0, 1).

    Returns
    -------
    list of bool, length m
        Whether each null hypothesis is rejected.

    Notes
    -----
    The i-th smallest of m p-values (i from 0) is significant when it is at most error_rate / (m - i) and all
    smaller ones are significant. Valid under any dependence between the tests.
    S. Holm (1979), "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> holm_rejects([0.01, 0.04, 0.03, 0.005])
    [True, False, False, True]
    """
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for rank, index in enumerate(order):
        if p_values[index] > error_rate / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


@dataclass(frozen=True, slots=True)
class _Sides:
    """Means of group and rest, their difference, its standard error and abs(t); arrays of one shape."""

    group: FloatArray
    rest: FloatArray
    estimate: FloatArray
    error: FloatArray
    t: FloatArray


class _Comparisons:
    """The tests of one page; null distributions are cached by group size."""

    def __init__(self, x: FloatArray, w: FloatArray, tests: int) -> None:
        """Take the centred values, their weights, and the number of comparisons in the family."""
        self._x, self._w, self._tests = x, w, tests
        self._moments = np.stack(_moments(x, w))
        self._totals = self._moments.sum(axis=1)
        self._tolerance = _ROUNDING * max(1.0, float(np.abs(x).max()))
        self._equal_weights = bool(w.min() == w.max())
        self._nulls_by_size: dict[tuple[int, int], FloatArray] = {}

    def compared(self, groups: Sequence[BoolArray], centre: float) -> list[Difference | None]:
        """Compare each group with the rest; None where either is too small."""
        smaller = [min(int(inside.sum()), int((~inside).sum())) for inside in groups]
        sides = {
            index: self._sides(self._moments[:, groups[index]].sum(axis=1), int(groups[index].sum()))
            for index, size in enumerate(smaller)
            if size >= MIN_REVIEWS
        }
        tests = self._permutation_tests(
            groups, {index: each for index, each in sides.items() if smaller[index] < LARGE_GROUP}
        )
        tests |= {
            index: self._welch_test(groups[index], each)
            for index, each in sides.items()
            if smaller[index] >= LARGE_GROUP
        }
        return [
            _difference(sides[index], centre, *tests[index]) if index in sides else None
            for index in range(len(groups))
        ]

    def _permutation_tests(
        self, groups: Sequence[BoolArray], sides: Mapping[int, _Sides]
    ) -> dict[int, tuple[float, float]]:
        """Return by group index the larger 95 % quantile of t and the larger p-value of both schemes."""
        nulls = self._nulls(groups, list(sides), PERMUTATIONS)
        quantiles = {index: max(map(_quantile, each)) for index, each in nulls.items()}
        p_values = {index: _p_value(each, sides[index]) for index, each in nulls.items()}
        small = [index for index, p_value in p_values.items() if p_value <= REFINE_BELOW]
        permutations = _PERMUTATIONS_PER_TEST * self._tests
        if permutations > PERMUTATIONS:
            for index, each in self._nulls(groups, small, permutations).items():
                p_values[index] = _p_value(each, sides[index])
        return {index: (quantiles[index], p_values[index]) for index in sides}

    def _nulls(
        self, groups: Sequence[BoolArray], indices: Sequence[int], permutations: int
    ) -> dict[int, list[FloatArray]]:
        """Return the null distributions of t of some groups, one for each permutation scheme."""
        nulls = {
            index: [
                self._random_groups(min(int(groups[index].sum()), int((~groups[index]).sum())), permutations)
            ]
            for index in indices
        }
        if indices and not self._equal_weights and self._x.size <= MAX_VALUE_PERMUTATION:
            by_values = self._permuted_values(np.array([groups[index] for index in indices]), permutations)
            for index, null in zip(indices, by_values, strict=True):
                nulls[index].append(null)
        return nulls

    def _random_groups(self, size: int, permutations: int) -> FloatArray:
        """Return t of random groups of (about) a size; each random order is split into several groups."""
        size = rounded_size(size)
        if (size, permutations) not in self._nulls_by_size:
            blocks = self._x.size // size
            batches: list[FloatArray] = []
            for order in self._orders(math.ceil(permutations / blocks)):
                moments = self._moments[:, order[:, : blocks * size]].reshape(5, -1, size)
                batches.append(self._sides(moments.sum(axis=2), size).t)
            self._nulls_by_size[size, permutations] = np.concatenate(batches)[:permutations]
        return self._nulls_by_size[size, permutations]

    def _permuted_values(self, groups: BoolArray, permutations: int) -> FloatArray:
        """Return t of each group with its own weights, the values being permuted among all interactions."""
        everyone = np.ones_like(groups[:1])
        w = np.vstack([groups, everyone]) * self._w
        w2, n = w * self._w, groups.sum(axis=1)
        batches = []
        for order in self._orders(permutations):
            x = self._x[order].T
            products = [w @ x, w2 @ x, w2 @ x**2]
            sums = np.stack(np.broadcast_arrays(w.sum(axis=1)[:, None], w2.sum(axis=1)[:, None], *products))
            batches.append(self._sides(sums[:, :-1], n[:, None], sums[:, -1:]).t)
        return np.hstack(batches)

    def _orders(self, count: int) -> Iterator[IntArray]:
        """Yield random orders of all interactions, in batches of rows."""
        generator, n = np.random.default_rng(_SEED), self._x.size
        batch = max(1, _CELLS_PER_BATCH // n)
        for start in range(0, count, batch):
            rows = min(batch, count - start)
            yield generator.permuted(np.tile(np.arange(n), (rows, 1)), axis=1)

    def _welch_test(self, inside: BoolArray, sides: _Sides) -> tuple[float, float]:
        """Return the 95 % quantile of Student's t and the p-value, with Welch-Satterthwaite degrees."""
        parts = [_mean(self._moments[:, each].sum(axis=1), int(each.sum())) for each in (inside, ~inside)]
        total = sum(float(variance) for _, variance, _ in parts)
        if total <= 0:
            return 0.0, float(sides.t == 0)
        freedom = total**2 / sum(float(variance) ** 2 / float(degrees) for _, variance, degrees in parts)
        return t_quantile(freedom), 2 * float(stdtr(freedom, -float(sides.t)))

    def _sides(self, inside: FloatArray, n: int | IntArray, totals: FloatArray | None = None) -> _Sides:
        """Compare groups given by their summed moments with the rest, `totals` minus these."""
        whole = self._totals.reshape(-1, *[1] * (inside.ndim - 1)) if totals is None else totals
        group, group_variance, _ = _mean(inside, n)
        rest, rest_variance, _ = _mean(whole - inside, self._x.size - n)
        estimate = _zero_rounding(group - rest, self._tolerance)
        error = _zero_rounding(np.sqrt(group_variance + rest_variance), self._tolerance)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(estimate == 0, 0.0, np.abs(estimate) / error)
        return _Sides(group, rest, estimate, error, t)


def rounded_size(size: int) -> int:
    """Round group sizes from 500 on down by at most a tenth, so that similar sizes share permutations.

    Smaller groups keep their exact size: with few distinct scores, the values that t can take depend on it.

    >>> [rounded_size(size) for size in (10, 499, 600, 650)]
    [10, 499, 593, 593]
    """
    return size if size < _MIN_ROUNDED_SIZE else int(_SIZE_STEP ** int(math.log(size, _SIZE_STEP)))


def _difference(sides: _Sides, centre: float, quantile: float, p_value: float) -> Difference:
    estimate, half = float(sides.estimate), quantile * float(sides.error)
    group, rest = float(sides.group) + centre, float(sides.rest) + centre
    return Difference(group, rest, estimate, estimate - half, estimate + half, p_value)


def _moments(x: FloatArray, w: FloatArray) -> list[FloatArray]:
    """Return the terms whose sums over a group give its mean and variance."""
    return [w, w * w, w * x, w * w * x, (w * x) ** 2]


def _mean(sums: FloatArray, n: int | IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the weighted mean of a group from its summed moments, its variance and degrees of freedom."""
    weight, squares, first, mixed, second = sums
    mean = first / weight
    spread = np.maximum(second - 2 * mean * mixed + mean * mean * squares, 0.0)
    return mean, n / (n - 1) * spread / weight**2, np.maximum(1.0, weight**2 / squares - 1)


def _zero_rounding(values: FloatArray, tolerance: float) -> FloatArray:
    """Replace values that are only rounding error by zero."""
    return np.where(np.abs(values) < tolerance, 0.0, values)


def _quantile(null: FloatArray) -> float:
    finite = null[np.isfinite(null)]
    return float(np.quantile(finite, LEVEL)) if finite.size else 0.0


def _p_value(nulls: Sequence[FloatArray], sides: _Sides) -> float:
    return max(_permutation_p_value(null, float(sides.t)) for null in nulls)


def _permutation_p_value(null: FloatArray, t: float) -> float:
    as_large = int(np.count_nonzero(null >= t * (1 - _ROUNDING)))
    return (1 + as_large) / (1 + null.size)
