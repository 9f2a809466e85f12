"""Thinning of a sample with unequal inclusion probabilities to an even one (pure)."""

import hashlib
from collections.abc import Sequence
from typing import Protocol, TypeVar


class SampledCase(Protocol):
    """A randomly sampled interaction with its inclusion probability in (0, 1]."""

    @property
    def interaction(self) -> str:
        """Its id."""

    @property
    def probability(self) -> float:
        """Its inclusion probability."""


Case = TypeVar("Case", bound=SampledCase)


def thinned(cases: Sequence[Case]) -> list[Case]:
    """Thin an unequal probability sample to one with equal inclusion probabilities.

    Parameters
    ----------
    cases
        Sampled interactions; may be empty.

    Returns
    -------
    list
        Each case is kept with probability min(p) / p, which leaves the inclusion probability min(p).

    Raises
    ------
    ValueError
        For an inclusion probability outside (0, 1].

    Notes
    -----
    A hash of the interaction id decides, so that repeated evaluations keep the same cases. The expected share
    kept is min(p) / mean(p) over all interactions: at least half under a sampling policy with the default
    floor, little where a few p are far below the rest.

    Examples
    --------
    >>> from scorecards.automation.holdout_evaluation import HoldoutCase
    >>> often = [HoldoutCase(f"often {i}", "yes", 0.9, "yes", 0.2) for i in range(1000)]
    >>> rarely = [HoldoutCase(f"rarely {i}", "yes", 0.9, "yes", 0.05) for i in range(250)]
    >>> sample = thinned(often + rarely)
    >>> sum(each.probability == 0.2 for each in sample), sum(each.probability == 0.05 for each in sample)
    (254, 250)
    """
    if any(not 0 < each.probability <= 1 for each in cases):
        raise ValueError("An inclusion probability lies above 0 and is at most 1.")
    smallest = min((each.probability for each in cases), default=1.0)
    return [each for each in cases if _thinning_number(each.interaction) * each.probability < smallest]


def _thinning_number(interaction: str) -> float:
    """Return a uniform number in [0, 1), independent of all other sampling."""
    digest = hashlib.blake2b(interaction.encode(), digest_size=8, person=b"proving").digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53
