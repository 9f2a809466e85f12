"""Severity of raters: by how much each gives more or less than the others to the same units (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import BoolArray, FloatArray
from scorecards.statistics.confidence_intervals import LEVEL, Interval, t_quantile

MIN_UNITS = 3
"""A rater with fewer units that somebody else rated too gets no severity."""
NO_SPREAD = 1e-6
"""Half width, in the unit of the scores, that comes of rounding alone."""
MIN_WITHOUT_SPREAD = 6
"""So many equal differences are not chance by the sign test: 2 * 0.5^6 < 0.05 <= 2 * 0.5^5."""


@dataclass(frozen=True, slots=True)
class Severities:
    """Severity of each rater in the unit of the scores, below 0 severe, and how sure that is.

    Attributes
    ----------
    values : float array of shape (raters,)
        Mean distance from the reference; nan where unknown.
    units : tuple of int
        How many units each rater shares with others.
    covariance : float array of shape (raters, raters)
        Of the values, by leaving out one unit at a time; 0 where a value is unknown.
    """

    values: FloatArray
    units: tuple[int, ...]
    covariance: FloatArray

    def interval(self, rater: int, level: float = LEVEL) -> Interval:
        """Return a rater's severity with its interval, by Student's t with units - 1 degrees of freedom.

        Without any spread, as when two people differ by the same step on each of three units, the limits are
        unknown below `MIN_WITHOUT_SPREAD` units: of two people on a scale of six steps, 19 of 100 sets of
        three units are such, and 7 of five.
        """
        value = float(self.values[rater])
        if np.isnan(value):
            return Interval()
        half = t_quantile(self.units[rater] - 1, level) * float(np.sqrt(self.covariance[rater, rater]))
        if half < NO_SPREAD and self.units[rater] < MIN_WITHOUT_SPREAD:
            return Interval(value)
        return Interval(value, value - half, value + half)

    def variance_of(self, weights: FloatArray) -> float:
        """Return the variance of a weighted sum of the severities."""
        return max(0.0, float(weights @ self.covariance @ weights))


def severities(scores: FloatArray, reference: Sequence[int] = ()) -> Severities:
    """Estimate how severe each rater is.

    Parameters
    ----------
    scores : float array, shape (units, raters)
        What each rater gave to each unit; nan where they gave nothing.
    reference : sequence of int, optional
        Raters whose mean severity is 0 by definition: the experts. By default all raters that have one.

    Returns
    -------
    Severities
        Unknown for a rater with fewer than three units that others rated too, or without any chain of
        shared units to the reference.

    Notes
    -----
    The additive model y_ur = m_u + s_r + e_ur, fitted by least squares, which no missing score biases: a
    rater is compared with the others over the units that both rated. The covariance is the jackknife's over
    units, (U - 1) / U sum (s_(-u) - mean)(s_(-u) - mean)'; with a complete table it is that of the mean of
    the deviations from each unit's mean, whatever the noise of each rater. J. M. Linacre (1989), Many-Facet
    Rasch Measurement, has the model on the logit scale; B. Efron (1982), The Jackknife.

    Examples
    --------
    >>> scores = np.array([[70.0, 80.0, 75.0], [60.0, 72.0, np.nan], [90.0, 98.0, 95.0], [50.0, 60.0, 55.0]])
    >>> found = severities(scores)
    >>> found.values.round(1).tolist(), found.units
    ([-5.1, 4.9, 0.2], (4, 4, 3))
    """
    given = ~np.isnan(scores)
    shared = given.sum(axis=1) >= 2
    kept, present = scores[shared], given[shared]
    units = tuple(int(count) for count in present.sum(axis=0))
    known = _connected(present, units, reference)
    raters = scores.shape[1]
    values: FloatArray = np.full(raters, np.nan)
    covariance: FloatArray = np.zeros((raters, raters))
    if known.sum() >= 2:
        chosen = np.flatnonzero(known)
        zero = [int(np.flatnonzero(chosen == each)[0]) for each in reference if known[each]]
        values[chosen], left_out = _fits(kept[:, known], present[:, known], zero)
        spread = left_out - left_out.mean(axis=0)
        covariance[np.ix_(chosen, chosen)] = (len(spread) - 1) / len(spread) * spread.T @ spread
    return Severities(values, units, covariance)


def _connected(present: BoolArray, units: Sequence[int], reference: Sequence[int]) -> BoolArray:
    """Return which raters have enough units and are compared, over others, with the reference."""
    enough: BoolArray = np.asarray(units) >= MIN_UNITS
    start = [each for each in reference if enough[each]]
    if not start:
        if reference or not enough.any():
            return np.zeros(len(units), dtype=np.bool_)
        start = [int(np.argmax(np.where(enough, units, 0)))]
    together = ((present.T.astype(np.intp) @ present.astype(np.intp)) > 0) & np.outer(enough, enough)
    reached: BoolArray = np.zeros(len(units), dtype=np.bool_)
    reached[start] = True
    while True:
        wider = reached | together[reached].any(axis=0)
        if (wider == reached).all():
            return reached
        reached = wider


def _fits(scores: FloatArray, present: BoolArray, zero: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return the severities of all units, and those of all units but one, for each."""
    matrices, sums = _normal_equations(scores, present)
    matrix, total = matrices.sum(axis=0), sums.sum(axis=0)
    everything = _solved(matrix, total, zero)
    return everything, np.array(
        [_solved(matrix - m, total - b, zero) for m, b in zip(matrices, sums, strict=True)]
    )


def _normal_equations(scores: FloatArray, present: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return each unit's part of the normal equations, after its mean is taken out."""
    p = present.astype(np.float64)
    y = np.where(present, scores, 0.0)
    sizes = np.maximum(p.sum(axis=1), 1.0)
    centred = np.where(present, y - (y.sum(axis=1) / sizes)[:, np.newaxis], 0.0)
    diagonal = p[:, :, np.newaxis] * np.eye(p.shape[1])
    matrices: FloatArray = (
        diagonal - p[:, :, np.newaxis] * p[:, np.newaxis, :] / sizes[:, np.newaxis, np.newaxis]
    )
    return matrices, centred


def _solved(matrix: FloatArray, total: FloatArray, zero: Sequence[int]) -> FloatArray:
    solution: FloatArray = np.linalg.pinv(matrix, hermitian=True) @ total
    fixed = solution[list(zero)] if zero else solution
    shifted: FloatArray = solution - fixed.mean()
    return shifted
