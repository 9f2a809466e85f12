"""Inter-rater agreement: percent agreement, Cohen's kappa, Gwet's AC1/AC2, bias and interpretation (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from scorecards.arrays import FloatArray

Weighting = Literal["identity", "linear", "quadratic", "ordinal"]

TENTATIVE = 0.667
RELIABLE = 0.8
MIN_UNITS = 10
"""With fewer double-scored units than this, no coefficient is interpreted."""
SIGNIFICANT = 0.05
"""Significance level of the sign test in `direction`."""
ZONES = {
    "too_few": "Too few answers were given by both to say how far they agree.",
    "no_variation": "All answers are the same, so nothing tells agreement from habit; read AC1.",
    "tentative": "Tentative at best: do not rely on these answers alone.",
    "usable": "Good enough for tentative conclusions.",
    "reliable": "Reliable.",
}


@dataclass(frozen=True, slots=True)
class Direction:
    """Bias between two raters over paired ratings.

    Attributes
    ----------
    higher, lower : int
        Pairs in which the first rater gave more, or less, than the second.
    mean : float or None
        Mean of first minus second, in the unit of the ratings; None without pairs.
    p_value : float
        Two-sided, of the exact sign test; in [0, 1], 1 when no pair differs.
    verdict : {'higher', 'lower', 'none'}
        'none' when the difference is not significant at 0.05.
    """

    higher: int
    lower: int
    mean: float | None
    p_value: float
    verdict: str


def confusion(first: Sequence[int], second: Sequence[int], categories: int) -> FloatArray:
    """Return the confusion matrix of two raters.

    Parameters
    ----------
    first, second : sequence of int, shape (n_units,)
        Category index of each unit, in [0, categories).
    categories : int
        Number of categories.

    Returns
    -------
    ndarray of float64, shape (categories, categories)
        Entry (c, k) counts the units that the first rater put into c and the second into k.

    Raises
    ------
    IndexError
        For a category index that is too large.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    table: FloatArray = np.zeros((categories, categories))
    np.add.at(table, (np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)), 1)
    return table


def counts_of(table: ArrayLike) -> FloatArray:
    """Turn a confusion matrix of two raters into rating counts per unit.

    Parameters
    ----------
    table : array_like, shape (q, q)
        Confusion matrix of whole numbers, as of `confusion`.

    Returns
    -------
    ndarray of float64, shape (n_units, q)
        One row for each unit: how many of the two raters chose each category.

    Examples
    --------
    >>> counts_of([[1, 1], [0, 1]]).tolist()
    [[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]]
    """
    cells = np.asarray(table, dtype=np.float64)
    one_hot = np.eye(cells.shape[0])
    rows, columns = np.nonzero(cells)
    repeats = cells[rows, columns].astype(np.intp)
    units: FloatArray = np.repeat(one_hot[rows] + one_hot[columns], repeats, axis=0)
    return units


def percent_agreement(counts: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Observed agreement: share of agreeing rater pairs, averaged over units with two ratings or more.

    Parameters
    ----------
    counts : array_like, shape (n_units, q)
        How many raters put the unit into the category.
    weights : array_like, shape (q, q), optional
        Partial agreement of two categories, in [0, 1] with ones on the diagonal; the identity by default.

    Returns
    -------
    float or None
        In [0, 1]; None when no unit has two ratings.

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
    weighted = pairable if weights is None else pairable @ np.asarray(weights, dtype=np.float64)
    return float(np.mean((pairable * (weighted - 1)).sum(axis=1) / (sizes * (sizes - 1))))


def cohens_kappa(table: ArrayLike) -> float | None:
    """Cohen's kappa of two raters from their confusion matrix.

    Parameters
    ----------
    table : array_like, shape (q, q)
        Confusion matrix, as of `confusion`.

    Returns
    -------
    float or None
        In [-1, 1]; None without ratings, or when both raters used one and the same category only.

    Notes
    -----
    kappa = (p_o - p_e) / (1 - p_e), p_o the share on the diagonal, p_e = sum_c p_c. p_.c.
    J. Cohen (1960), "A coefficient of agreement for nominal scales". With a rare category kappa is low even
    at high observed agreement (the kappa paradox, Feinstein & Cicchetti 1990): see `gwet`.

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
    expected = float(cells.sum(axis=0) @ cells.sum(axis=1) / n**2)
    return None if expected >= 1 else float((np.trace(cells) / n - expected) / (1 - expected))


def gwet(counts: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Gwet's AC1, or AC2 with weights: chance-corrected agreement that is robust to skewed categories.

    Parameters
    ----------
    counts : array_like, shape (n_units, q)
        As of `percent_agreement`, with a column for every possible category, used or not.
    weights : array_like, shape (q, q), optional
        As of `percent_agreement`, for AC2; see `agreement_weights`.

    Returns
    -------
    float or None
        In [-1, 1]; None when no unit has two ratings, or with fewer than two categories.

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
    observed = percent_agreement(table, weights)
    q = table.shape[1] if table.ndim > 1 else 0
    if observed is None or q < 2:
        return None
    rated = table[table.sum(axis=1) > 0]
    prevalence = (rated / rated.sum(axis=1, keepdims=True)).mean(axis=0)
    total = q if weights is None else float(np.sum(np.asarray(weights, dtype=np.float64)))
    expected = float(total / (q * (q - 1)) * (prevalence * (1 - prevalence)).sum())
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def agreement_weights(values: ArrayLike, weighting: Weighting) -> FloatArray:
    """Return the partial agreement of each pair of categories, for weighted coefficients.

    Parameters
    ----------
    values : array_like, shape (q,)
        Number of each category, in ascending order for "ordinal".
    weighting : {'identity', 'linear', 'quadratic', 'ordinal'}
        How agreement falls with distance.

    Returns
    -------
    ndarray of float64, shape (q, q)
        In [0, 1] with ones on the diagonal; the identity with fewer than two categories.

    Notes
    -----
    linear 1 - |x - y| / range, quadratic 1 - (x - y)² / range², ordinal 1 - C(|c - k| + 1, 2) / C(q, 2) with
    the ranks c and k instead of the values (Gwet 2014).

    Examples
    --------
    >>> agreement_weights([0, 1, 2], "quadratic")[0].tolist()
    [1.0, 0.75, 0.0]
    >>> agreement_weights([0, 1, 2], "ordinal")[0].round(3).tolist()
    [1.0, 0.667, 0.0]
    """
    x = np.asarray(values, dtype=np.float64)
    ranks = np.arange(x.size, dtype=np.float64)
    if weighting == "identity" or x.size < 2:
        return np.eye(x.size)
    if weighting == "ordinal":
        steps = np.abs(np.subtract.outer(ranks, ranks))
        weights: FloatArray = 1 - steps * (steps + 1) / (x.size * (x.size - 1))
        return weights
    distance = np.abs(np.subtract.outer(x, x)) / (x.max() - x.min() or 1.0)
    return 1 - (distance if weighting == "linear" else distance**2)


def direction(differences: ArrayLike) -> Direction:
    """Test whether one of two raters systematically gives more than the other.

    Parameters
    ----------
    differences : array_like, shape (n_pairs,)
        First minus second rating of each pair; may be empty.

    Returns
    -------
    Direction
        Counts, mean difference, p-value and verdict at the 5 % level.

    Notes
    -----
    Exact two-sided sign test over the pairs that differ: p = min(1, 2 P(X <= min(higher, lower))), X
    binomial(higher + lower, 1/2). W. J. Conover (1999), Practical Nonparametric Statistics, 3rd edition.

    Examples
    --------
    >>> direction([1, 1, 0.5, 1, 0, 1, 1, 0]).verdict
    'higher'
    >>> direction([]).mean is None
    True
    """
    x = np.asarray(differences, dtype=np.float64)
    higher, lower = int((x > 0).sum()), int((x < 0).sum())
    p_value = min(1.0, 2 * float(bdtr(min(higher, lower), higher + lower, 0.5))) if higher + lower else 1.0
    side = "higher" if higher > lower else "lower"
    mean = float(x.mean()) if x.size else None
    return Direction(higher, lower, mean, p_value, side if p_value < SIGNIFICANT else "none")


def zone(coefficient: float | None, units: int) -> str:
    """Interpret an agreement coefficient by Krippendorff's reliability thresholds.

    Parameters
    ----------
    coefficient
        Krippendorff's alpha, or another coefficient on its scale; None when undefined.
    units
        Number of double-scored units.

    Returns
    -------
    str
        A key of `ZONES`; "too_few" below `MIN_UNITS` units, "no_variation" without a coefficient.

    Notes
    -----
    Reliable from 0.8 on, tentative conclusions from 0.667 on. K. Krippendorff (2004), Content Analysis,
    2nd edition.

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
    """Describe a zone, with a caveat when the confidence interval reaches below its threshold.

    Parameters
    ----------
    name
        A key of `ZONES`.
    low
        Low end of the coefficient's interval; None when unknown.

    Raises
    ------
    KeyError
        For a name that is no zone.

    Examples
    --------
    >>> zone_words("reliable", 0.84)
    'Reliable.'
    >>> zone_words("reliable", 0.45)
    'Reliable, but the interval reaches down to 0.45: more reviews are needed to be sure.'
    """
    threshold = {"usable": TENTATIVE, "reliable": RELIABLE}.get(name)
    if threshold is None or low is None or low >= threshold:
        return ZONES[name]
    caveat = f"but the interval reaches down to {low:.2f}: more reviews are needed to be sure."
    return f"{ZONES[name].rstrip('.')}, {caveat}"
