"""Whether a new model judges worse than the one in force, on the same held-out interactions (pure)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

SIGNIFICANT = 0.05
"""Chance of holding back a model that is no worse."""


@dataclass(frozen=True, slots=True)
class SignTestResult:
    """In how many interactions the new model gave fewer right answers, and in how many more.

    `p` is the chance of so many worse among those that differ if either were as likely (one-sided).
    """

    interactions: int
    worse: int
    better: int
    p: float

    @property
    def significantly_worse(self) -> bool:
        """Whether the new model is so much worse that it is not put in force."""
        return self.p < SIGNIFICANT


def sign_test(differences: Iterable[int]) -> SignTestResult:
    """Compare two models by an exact sign test over interactions.

    Parameters
    ----------
    differences : iterable of int
        For each held-out interaction the right answers of the new model less those of the present one.

    Notes
    -----
    With one question this is McNemar's exact test. With several, answers of one interaction are right or
    wrong together; so the interaction is the unit, and none counts more than once.

    Examples
    --------
    >>> weigh([-1, -1, -2, 0, -1, -1])
    Weighed(interactions=6, worse=5, better=0, p=0.03125)
    >>> weigh([]).held_back
    False
    """
    found = list(differences)
    worse, better = sum(each < 0 for each in found), sum(each > 0 for each in found)
    tail = sum(math.comb(worse + better, count) for count in range(worse, worse + better + 1))
    return SignTestResult(len(found), worse, better, tail / 2 ** (worse + better))
