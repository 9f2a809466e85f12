"""Exact sign test: is a challenger model worse than the champion on the same holdout set (pure)?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

SIGNIFICANT = 0.05
"""Significance level: probability of rejecting a challenger that is no worse."""


@dataclass(frozen=True, slots=True)
class SignTestResult:
    """Result of the one-sided sign test of a challenger model against the champion.

    Attributes
    ----------
    interactions : int
        Interactions compared, ties included.
    worse, better : int
        Interactions in which the challenger gave fewer, or more, correct answers.
    p : float
        P(X >= worse), X binomial(worse + better, 1/2); 1 when nothing differs.
    """

    interactions: int
    worse: int
    better: int
    p: float

    @property
    def significantly_worse(self) -> bool:
        """Whether the challenger is significantly worse, so that it must not replace the champion."""
        return self.p < SIGNIFICANT


def sign_test(differences: Iterable[int]) -> SignTestResult:
    """Compare two models by a one-sided exact sign test over interactions.

    Parameters
    ----------
    differences : iterable of int
        For each holdout interaction: correct answers of the challenger minus those of the champion.

    Returns
    -------
    SignTestResult
        With p = 1 when there is no interaction or no difference.

    Notes
    -----
    With one question this is McNemar's exact test (Q. McNemar 1947, Psychometrika 12). With several, answers
    within an interaction are correlated; the interaction is therefore the unit of the test.

    Examples
    --------
    >>> sign_test([-1, -1, -2, 0, -1, -1])
    SignTestResult(interactions=6, worse=5, better=0, p=0.03125)
    >>> sign_test([]).significantly_worse
    False
    """
    signs = list(differences)
    worse, better = sum(each < 0 for each in signs), sum(each > 0 for each in signs)
    tail = sum(math.comb(worse + better, count) for count in range(worse, worse + better + 1))
    return SignTestResult(len(signs), worse, better, tail / 2 ** (worse + better))
