"""Poisson sampling of interactions for review with known inclusion probabilities (pure).

Every interaction has a permanent random number u in [0, 1) from a keyed hash and an inclusion probability
p > 0 from the policy, and is sampled when u < p. Sampling needs no state, is reproducible for the holder of
the key, and weights of 1/p make estimates unbiased. Quotas change p: see `scorecards.sampling.quotas`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from scorecards.sampling.policy import SamplingPolicy, Term

MIN_KEY_BYTES = 16
"""Shortest sampling key that cannot be guessed."""


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """Risk factors of an interaction; None means unknown and matches no condition.

    Attributes
    ----------
    charged, sla_breach, critical, abstained : bool
        Emotionally charged; an SLA clock breached; a critical answer failed; the machine abstained.
    confidence : float or None
        Lowest confidence of its automatic answers, in [0, 1].
    csat : float or None
        Customer satisfaction score.
    agent_days : float or None
        Days since the agent's first day.
    """

    charged: bool = False
    sla_breach: bool = False
    critical: bool = False
    abstained: bool = False
    confidence: float | None = None
    csat: float | None = None
    agent_days: float | None = None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Inclusion probability in (0, 1] and the conditions that raised it over the base rate."""

    probability: float
    reasons: tuple[str, ...] = ()

    def includes(self, number: float) -> bool:
        """Tell whether an interaction with this draw number in [0, 1) is sampled."""
        return number < self.probability


def draw_number(key: bytes, policy_version: str, interaction_id: UUID | str) -> float:
    """Return the permanent random number of an interaction under a policy version.

    Parameters
    ----------
    key
        Secret of at least 16 bytes.
    policy_version
        Version of the sampling policy, or another name of an independent sample.
    interaction_id
        A UUID and its canonical text give the same number.

    Returns
    -------
    float
        In [0, 1): the first 53 bits of HMAC-SHA256 over version and id.

    Raises
    ------
    ValueError
        When the key has fewer than 16 bytes.

    Examples
    --------
    >>> draw_number(b"sixteen bytes at least", "7", "0198c2f0-0000-7000-8000-000000000001")
    0.02641011520314851
    """
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"The sampling key needs at least {MIN_KEY_BYTES} bytes.")
    message = f"{len(policy_version)}:{policy_version}:{interaction_id}".encode()
    return (int.from_bytes(hmac.digest(key, message, hashlib.sha256)[:8], "big") >> 11) / 2**53


def inclusion_probability(policy: SamplingPolicy, facts: RiskFacts) -> Inclusion:
    """Return the inclusion probability of an interaction and the conditions that raised it.

    Parameters
    ----------
    policy
        Base rate and terms.
    facts
        Risk factors of the interaction.

    Returns
    -------
    Inclusion
        With p = min(1, max(base rate, rates of the matching terms)), in (0, 1].

    Notes
    -----
    The base rate is the lowest probability of any interaction; see `floor_warning`.

    Examples
    --------
    >>> policy = SamplingPolicy(0.05, terms=(Term("charged", 0.25), Term("low_csat", 0.3, 3)))
    >>> inclusion_probability(policy, RiskFacts(charged=True, csat=4))
    Inclusion(probability=0.25, reasons=('charged',))
    """
    matching = [term for term in policy.terms if _matches(term, facts)]
    rate = max((term.rate for term in matching), default=0.0)
    reasons = tuple(term.when for term in matching if term.rate > policy.base_rate)
    return Inclusion(min(1.0, max(policy.base_rate, rate)), reasons)


def _matches(term: Term, facts: RiskFacts) -> bool:
    match term.when:
        case "low_confidence":
            return facts.confidence is not None and facts.confidence < (term.threshold or 0)
        case "low_csat":
            return facts.csat is not None and facts.csat < (term.threshold or 0)
        case "new_agent":
            return facts.agent_days is not None and facts.agent_days < (term.threshold or 0)
        case flag:
            return bool(getattr(facts, flag))


def redraw(earlier: Inclusion | None, current: Inclusion) -> Inclusion:
    """Return the inclusion that holds after late facts: under one policy version p never falls.

    Parameters
    ----------
    earlier
        The inclusion so far; None for a new interaction.
    current
        The inclusion by the facts known now.

    Notes
    -----
    With the same u an interaction is sampled at some time if and only if u < max p, so the highest p is its
    inclusion probability. This requires that facts do not depend on the review itself.
    """
    if earlier is None or current.probability > earlier.probability:
        return current
    return earlier


def expected_mean(policy: SamplingPolicy, shares: Mapping[str, float]) -> float:
    """Return the expected mean inclusion probability of a policy.

    Parameters
    ----------
    policy
        Base rate and terms.
    shares
        By condition, the share of interactions in [0, 1] that match it; 0 when absent.

    Returns
    -------
    float
        In (0, 1].

    Notes
    -----
    Conditions are assumed independent: from the highest rate down, each rate applies to the share that no
    higher term took. With positively correlated conditions the true mean is lower; a dry run over past
    interactions gives it exactly.

    Examples
    --------
    >>> policy = SamplingPolicy(0.05, terms=(Term("charged", 0.25), Term("critical", 0.5)))
    >>> round(expected_mean(policy, {"charged": 0.2, "critical": 0.1}), 4)
    0.131
    """
    remaining, mean = 1.0, 0.0
    for term in sorted(policy.terms, key=lambda term: -term.rate):
        if term.rate > policy.base_rate:
            matched = remaining * min(1.0, max(0.0, shares.get(term.when, 0.0)))
            mean, remaining = mean + matched * min(1.0, term.rate), remaining - matched
    return mean + remaining * policy.base_rate


def floor_warning(policy: SamplingPolicy, mean_rate: float) -> str | None:
    """Return a warning for users when the base rate lies below floor * mean rate, otherwise None."""
    lowest = policy.floor * mean_rate
    if policy.base_rate >= lowest:
        return None
    return (
        f"The base rate of {policy.base_rate:.1%} is below {policy.floor:.0%} of the mean rate of "
        f"{mean_rate:.1%}: a few reviews would carry most of the weight and no interval could be "
        f"relied on. Raise it to {lowest:.1%} or lower the rates of the terms."
    )
