"""How far raters agree: shares, coefficients corrected for chance, direction, and what they mean (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

Array = NDArray[np.float64]
Weighting = Literal["identity", "linear", "quadratic", "ordinal"]

TENTATIVE = 0.667
RELIABLE = 0.8
MIN_UNITS = 10
"""Fewer double-scored units than this are never put into a zone, however alike the answers are."""
SIGNIFICANT = 0.05
ZONES = {
    "too_few": "Too few answers were given by both to say how far they agree.",
    "no_variation": "All answers are the same, so nothing tells agreement from habit; read AC1.",
    "tentative": "Tentative at best: do not rely on these answers alone.",
    "usable": "Good enough for tentative conclusions.",
    "reliable": "Reliable.",
}


@dataclass(frozen=True, slots=True)
class Direction:
    """Which of two raters gives more, over pairs of numbers.

    `higher` and `lower` count the pairs in which the first gave more or less than the second, `mean` is the
    mean of first minus second (None without pairs), `p_value` that of the exact sign test, and `verdict`
    "higher", "lower" or "none" (what chance alone would show).
    """

    higher: int
    lower: int
    mean: float | None
    p_value: float
    verdict: str


def confusion(first: Sequence[int], second: Sequence[int], categories: int) -> Array:
    """Return how often the first rater chose row c while the second chose column k.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    table: Array = np.zeros((categories, categories))
    np.add.at(table, (np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)), 1)
    return table


def counts_of(table: ArrayLike) -> Array:
    """Return a confusion table as units by categories, one row for each unit, for the coefficients.

    Examples
    --------
    >>> counts_of([[1, 1], [0, 1]]).tolist()
    [[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]]
    """
    cells = np.asarray(table, dtype=np.float64)
    identity = np.eye(cells.shape[0])
    rows, columns = np.nonzero(cells)
    units: Array = np.repeat(identity[rows] + identity[columns], cells[rows, columns].astype(np.intp), axis=0)
    return units


def percent_agreement(counts: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Share of pairs of raters that agree, averaged over units with two ratings or more.

    Parameters
    ----------
    counts
        Units by categories: how many raters put the unit into the category.
    weights
        Categories by categories, in [0, 1] with ones on the diagonal: how far two answers agree. Left out,
        only the same answer agrees.

    Returns
    -------
    float or None
        In [0, 1]; None without a unit to pair.

    Notes
    -----
    p_a = mean_u sum_c n_uc (n*_uc - 1) / (m_u (m_u - 1)) with n*_uc = sum_k w_ck n_uk.
    K. L. Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition.

    Examples
    --------
    >>> percent_agreement([[2, 0], [1, 1], [0, 2], [1, 0]])
    0.6666666666666666
    """
    table = np.asarray(counts, dtype=np.float64)
    pairable = table[table.sum(axis=1) >= 2] if table.size else table.reshape(0, 1)
    if not pairable.size:
        return None
    sizes = pairable.sum(axis=1)
    weighed = pairable if weights is None else pairable @ np.asarray(weights, dtype=np.float64)
    return float(np.mean((pairable * (weighed - 1)).sum(axis=1) / (sizes * (sizes - 1))))


def cohens_kappa(table: ArrayLike) -> float | None:
    """Cohen's kappa of two raters from their confusion table.

    Returns
    -------
    float or None
        In [-1, 1]; None without ratings, or when both always gave one and the same answer.

    Notes
    -----
    kappa = (p_o - p_e) / (1 - p_e), p_o the share on the diagonal, p_e = sum_c p_c. p_.c.
    J. Cohen (1960), "A coefficient of agreement for nominal scales". Where one answer is rare, kappa is low
    however often raters agree (Feinstein & Cicchetti 1990): see `gwet`.

    Examples
    --------
    >>> round(cohens_kappa([[20, 5], [10, 15]]), 3)
    0.4
    >>> round(cohens_kappa([[118, 5], [2, 0]]), 3)
    -0.023
    """
    cells = np.asarray(table, dtype=np.float64)
    n = cells.sum()
    if not n:
        return None
    by_chance = float(cells.sum(axis=0) @ cells.sum(axis=1) / n**2)
    return None if by_chance >= 1 else float((np.trace(cells) / n - by_chance) / (1 - by_chance))


def gwet(counts: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Gwet's AC1, or AC2 with weights: agreement beyond chance that stays steady where answers are skewed.

    Parameters
    ----------
    counts
        Units by categories, as of `percent_agreement`. Every category that could be chosen has a column,
        chosen or not.
    weights
        As of `percent_agreement`; see `agreement_weights`. Left out: AC1.

    Returns
    -------
    float or None
        In [-1, 1]; None without a unit to pair, or with fewer than two categories.

    Notes
    -----
    AC = (p_a - p_e) / (1 - p_e), p_e = T_w / (q (q - 1)) sum_c pi_c (1 - pi_c), where pi_c is the mean over
    units of n_uc / m_u, q the number of categories and T_w the sum of all weights (q for AC1).
    K. L. Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement".

    Examples
    --------
    Where kappa is -0.02 although 94 % agree:

    >>> round(gwet(counts_of([[118, 5], [2, 0]])), 3)
    0.941
    """
    table = np.asarray(counts, dtype=np.float64)
    agreed = percent_agreement(table, weights)
    q = table.shape[1] if table.ndim > 1 else 0
    if agreed is None or q < 2:
        return None
    rated = table[table.sum(axis=1) > 0]
    shares = (rated / rated.sum(axis=1, keepdims=True)).mean(axis=0)
    total = q if weights is None else float(np.sum(np.asarray(weights, dtype=np.float64)))
    by_chance = float(total / (q * (q - 1)) * (shares * (1 - shares)).sum())
    return None if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance)


def agreement_weights(values: ArrayLike, weighting: Weighting) -> Array:
    """Return how far each two categories agree, in [0, 1].

    Notes
    -----
    linear 1 - |x - y| / range, quadratic 1 - (x - y)² / range², ordinal 1 - C(|c - k| + 1, 2) / C(q, 2) by
    the places c and k, whatever the values (Gwet 2014).

    Examples
    --------
    >>> agreement_weights([0, 1, 2], "quadratic")[0].tolist()
    [1.0, 0.75, 0.0]
    >>> agreement_weights([0, 1, 2], "ordinal")[0].round(3).tolist()
    [1.0, 0.667, 0.0]
    """
    x = np.asarray(values, dtype=np.float64)
    places = np.arange(x.size, dtype=np.float64)
    if weighting == "identity" or x.size < 2:
        return np.eye(x.size)
    if weighting == "ordinal":
        apart = np.abs(np.subtract.outer(places, places))
        found: Array = 1 - apart * (apart + 1) / (x.size * (x.size - 1))
        return found
    distance = np.abs(np.subtract.outer(x, x)) / (x.max() - x.min() or 1.0)
    return 1 - (distance if weighting == "linear" else distance**2)


def direction(differences: ArrayLike) -> Direction:
    """Tell which of two raters gives more, from first minus second of each pair.

    Notes
    -----
    Exact two-sided sign test over the pairs that differ: p = min(1, 2 P(X <= min(higher, lower))), X
    binomial with share 1/2. A verdict is given below 0.05.

    Examples
    --------
    >>> direction([1, 1, 0.5, 1, 0, 1, 1, 0]).verdict
    'higher'
    >>> direction([]).mean is None
    True
    """
    given = np.asarray(differences, dtype=np.float64)
    higher, lower = int((given > 0).sum()), int((given < 0).sum())
    p_value = min(1.0, 2 * float(bdtr(min(higher, lower), higher + lower, 0.5))) if higher + lower else 1.0
    side = "higher" if higher > lower else "lower"
    mean = float(given.mean()) if given.size else None
    return Direction(higher, lower, mean, p_value, side if p_value < SIGNIFICANT else "none")


def zone(coefficient: float | None, units: int) -> str:
    """Name what a coefficient allows to conclude; the words of each are in `ZONES`.

    Krippendorff (2004), Content Analysis, 2nd edition: rely on 0.8 and over, and where tentative
    conclusions are acceptable on 0.667 and over.

    Examples
    --------
    >>> [zone(value, 50) for value in (0.66, 0.667, 0.8, None)], zone(0.9, 9)
    (['tentative', 'usable', 'reliable', 'no_variation'], 'too_few')
    """
    if units < MIN_UNITS:
        return "too_few"
    if coefficient is None:
        return "no_variation"
    if coefficient >= RELIABLE:
        return "reliable"
    return "usable" if coefficient >= TENTATIVE else "tentative"


def zone_words(name: str, low: float | None) -> str:
    """Say what a zone means, and that it is not sure where the interval of alpha reaches below it.

    Examples
    --------
    >>> zone_words("reliable", 0.84)
    'Reliable.'
    >>> zone_words("reliable", 0.45)
    'Reliable, but the interval reaches down to 0.45: more reviews are needed to be sure.'
    """
    begins = {"usable": TENTATIVE, "reliable": RELIABLE}.get(name)
    if begins is None or low is None or low >= begins:
        return ZONES[name]
    doubt = f"but the interval reaches down to {low:.2f}: more reviews are needed to be sure."
    return f"{ZONES[name].rstrip('.')}, {doubt}"
