"""The load beyond which a score falls, among alike interactions, from sums (pure)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scorecards.statistics.confidence_intervals import LEVEL, Interval, t_quantile
from scorecards.statistics.matched_association import MIN_COMPARED, Mean

CRITICAL_RATIO = 7.35
"""The 95 % quantile of the likelihood ratio of a threshold (Hansen 2000, table 1)."""

Cell = Mapping[int, Mean]
"""Sums of the score by load, of interactions that are alike."""


@dataclass(frozen=True, slots=True)
class LoadThreshold:
    """
    Where a score falls, and by how much.

    Attributes
    ----------
    difference : Interval
        Score beyond the best cut minus the score up to it, among alike interactions; the limits hold for all
        cuts together.
    falls : bool
        Whether the upper limit is below 0.
    threshold, low, high : int or None
        The last load before the fall, with its 95 % confidence limits; None where it does not fall.
    n, cells : int
        Interactions that are compared, and cells they are in.
    """

    difference: Interval
    falls: bool
    threshold: int | None
    low: int | None
    high: int | None
    n: int
    cells: int


class _Cut(NamedTuple):
    load: int
    difference: float
    weight: float

    @property
    def gain(self) -> float:
        """The sum of squares that the cut explains."""
        return self.difference**2 * self.weight


def load_threshold(cells: Iterable[Cell], level: float = LEVEL) -> LoadThreshold | None:
    """
    Find the load beyond which the score is lower, among interactions of the same cell.

    Parameters
    ----------
    cells : iterable of mapping of load to Mean
        Of each cell the number of interactions with each load, and the sums of their scores and squares.
    level
        Confidence level in (0, 1) of the difference.

    Returns
    -------
    LoadThreshold or None
        None below `MIN_COMPARED` degrees of freedom, and where no cell has two loads.

    Notes
    -----
    A step is fitted at each of the m cuts between two loads, with a mean of its own for each cell: with n1
    and n2 interactions of a cell up to the cut and beyond, w = n1 n2 / (n1 + n2),

        b = sum(w (mean2 - mean1)) / sum(w)      gain = b^2 sum(w)      s^2 = (S - max gain) / (n - cells - 2)

    S being the sum of squares around the means of the cells. Of the cuts with b < 0 the one with the largest
    gain is told, with Student's limits b -+ t s / sqrt(sum w) at the level 1 - (1 - level) / m (Bonferroni),
    so that no cut falls by their mere number. The confidence set of the cut holds those whose gain is less
    than the largest by 7.35 s^2 at most, the inverted likelihood ratio test of a threshold. Where the score
    falls slowly rather than at once the cut is only where it falls most clearly.
    B. E. Hansen (2000), "Sample splitting and threshold estimation", Econometrica 68.

    Examples
    --------
    >>> calm, busy = Mean(20, 1600, 128_400), Mean(20, 1200, 72_400)
    >>> found = load_threshold([{1: calm, 2: calm, 3: busy, 4: busy}])
    >>> found.threshold, found.low, found.high, found.difference.estimate
    (2, 2, 2, -20.0)
    >>> load_threshold([{1: calm}]) is None
    True
    """
    used = [cell for cell in cells if len(cell) > 1]
    n = sum(mean.n for cell in used for mean in cell.values())
    degrees = n - len(used) - 2
    if degrees < MIN_COMPARED:
        return None
    loads = sorted({load for cell in used for load in cell})
    cuts = [cut for load in loads[:-1] if (cut := _cut(used, load)).weight > 0]
    best = max((cut for cut in cuts if cut.difference < 0), key=lambda cut: cut.gain, default=None)
    worst = min(cuts, key=lambda cut: cut.difference) if best is None else best
    spread = max(0.0, sum(map(_squares, used)) - worst.gain) / degrees
    half = t_quantile(degrees, 1 - (1 - level) / len(cuts)) * math.sqrt(spread / worst.weight)
    difference = Interval(worst.difference, worst.difference - half, worst.difference + half)
    if best is None or worst.difference + half >= 0:
        return LoadThreshold(difference, False, None, None, None, n, len(used))
    near = _near(cuts, best, spread)
    return LoadThreshold(difference, True, best.load, min(near), max(near), n, len(used))


def _near(cuts: Sequence[_Cut], best: _Cut, spread: float) -> list[int]:
    """Return the cuts that a likelihood ratio test does not tell from the best one."""
    least = best.gain - CRITICAL_RATIO * spread
    return [cut.load for cut in cuts if cut.difference < 0 and cut.gain >= least]


def _cut(cells: Sequence[Cell], load: int) -> _Cut:
    weight = total = 0.0
    for cell in cells:
        low = [mean for at, mean in cell.items() if at <= load]
        high = [mean for at, mean in cell.items() if at > load]
        if low and high:
            (n1, y1), (n2, y2) = ((sum(m.n for m in side), sum(m.y for m in side)) for side in (low, high))
            own = n1 * n2 / (n1 + n2)
            weight += own
            total += own * (y2 / n2 - y1 / n1)
    return _Cut(load, total / weight if weight else 0.0, weight)


def _squares(cell: Cell) -> float:
    """Return the sum of squares around the mean of a cell."""
    n, y, yy = (sum(getattr(mean, name) for mean in cell.values()) for name in ("n", "y", "yy"))
    return max(0.0, float(yy - y * y / n))
