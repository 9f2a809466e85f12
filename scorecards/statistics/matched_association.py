"""Like compared with like: slopes and differences within cells of alike interactions, from sums (pure)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scorecards.statistics.confidence_intervals import Interval, t_quantile

MIN_COMPARED = 30
"""With fewer degrees of freedom than this, no relation and no difference is reported."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Sums over the interactions of one cell: n, and the sums of x, x², y, y² and xy."""

    n: int
    x: float
    xx: float
    y: float
    yy: float
    xy: float


@dataclass(frozen=True, slots=True)
class Mean:
    """Sums of one side of a cell: n, and the sums of y and y²."""

    n: int
    y: float
    yy: float

    @property
    def within(self) -> float:
        """The sum of squares around its own mean."""
        return max(0.0, self.yy - self.y * self.y / self.n)


@dataclass(frozen=True, slots=True)
class Compared:
    """A slope or a difference with its 95 % interval, of so many interactions in so many cells."""

    interval: Interval
    n: int
    cells: int


def slope_within(cells: Iterable[Cell]) -> Compared | None:
    """Estimate how much y is larger per unit of x among interactions of the same cell.

    Parameters
    ----------
    cells : iterable of Cell
        Cells of two interactions or more are compared, others tell nothing.

    Returns
    -------
    Compared or None
        None below `MIN_COMPARED` degrees of freedom, and where x is the same within every cell.

    Notes
    -----
    The within (fixed effects) estimator: with sums of squares and products around the means of the cells,
    b = Sxy / Sxx, s² = (Syy - b Sxy) / (n - cells - 1), and Student's limits b -+ t s / sqrt(Sxx). It is the
    least squares slope with an intercept for each cell (Frisch & Waugh 1933). It is an association: what
    differs within cells besides x is not controlled for.

    Examples
    --------
    >>> one, other = Cell(20, 20, 40, 40, 120, 60), Cell(20, 20, 40, 240, 2920, 260)
    >>> found = slope_within([one, other, Cell(1, 5, 25, 9, 81, 45)])
    >>> round(found.interval.estimate, 2), found.n, found.cells
    (1.0, 40, 2)
    >>> slope_within([one])
    """
    used = [cell for cell in cells if cell.n >= 2]
    n = sum(cell.n for cell in used)
    degrees = n - len(used) - 1
    if degrees < MIN_COMPARED:
        return None
    sxx = math.fsum(cell.xx - cell.x * cell.x / cell.n for cell in used)
    sxy = math.fsum(cell.xy - cell.x * cell.y / cell.n for cell in used)
    syy = math.fsum(cell.yy - cell.y * cell.y / cell.n for cell in used)
    if sxx <= 1e-9 * math.fsum(cell.xx for cell in used):
        return None
    slope = sxy / sxx
    deviation = math.sqrt(max(0.0, syy - slope * sxy) / degrees)
    half = t_quantile(degrees) * deviation / math.sqrt(sxx)
    return Compared(Interval(slope, slope - half, slope + half), n, len(used))


def difference_within(cells: Sequence[tuple[Mean, Mean]]) -> Compared | None:
    """Estimate how much the mean of y rose from before to after among interactions of the same cell.

    Parameters
    ----------
    cells : sequence of (Mean, Mean)
        Before and after; a cell that is empty on one side tells nothing.

    Returns
    -------
    Compared or None
        None below `MIN_COMPARED` degrees of freedom.

    Notes
    -----
    With w the share of a cell in what came after, d = sum w (after - before): the mixture is held as it is
    after. s² is pooled within cells and sides; Student's limits use sqrt(s² sum w² (1/n_before + 1/n_after)).
    Cochran (1968), "The effectiveness of adjustment by subclassification".

    Examples
    --------
    >>> before, after = Mean(20, 40, 100), Mean(20, 60, 200)
    >>> round(difference_within([(before, after), (Mean(0, 0, 0), Mean(9, 9, 9))]).interval.estimate, 2)
    1.0
    """
    used = [(before, after) for before, after in cells if before.n and after.n]
    n = sum(before.n + after.n for before, after in used)
    degrees = n - 2 * len(used)
    if degrees < MIN_COMPARED:
        return None
    total = sum(after.n for _, after in used)
    weights = [after.n / total for _, after in used]
    each = [after.y / after.n - before.y / before.n for before, after in used]
    difference = math.fsum(w * d for w, d in zip(weights, each, strict=True))
    variance = math.fsum(before.within + after.within for before, after in used) / degrees
    spread = math.fsum(
        w * w * (1 / before.n + 1 / after.n) for w, (before, after) in zip(weights, used, strict=True)
    )
    half = t_quantile(degrees) * math.sqrt(variance * spread)
    return Compared(Interval(difference, difference - half, difference + half), n, len(used))
