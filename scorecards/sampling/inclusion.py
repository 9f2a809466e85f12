"""Poisson sampling of interactions for review with known inclusion probabilities (pure).

Every interaction has a permanent random number u in [0, 1) from a keyed hash and an inclusion probability
p > 0 from the policy, and is sampled when u < p. Sampling needs no state, is reproducible for the holder of
the key, and weights of 1/p make estimates unbiased. Caps and samples of a fixed size are bottom-k samples on
the rank u/p.
"""

import hashlib
import hmac
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from scorecards.definitions.body_parser import BodyParser

CONDITIONS = ("charged", "sla_breach", "critical", "low_confidence", "abstained", "low_csat", "new_agent")
DEFAULT_FLOOR = 0.5
"""Default of the lowest rate, as a share of the mean rate."""
MIN_KEY_BYTES = 16
"""Shortest sampling key that cannot be guessed."""

_THRESHOLDS = {
    "low_confidence": ("below", 1.0),
    "low_csat": ("below", math.inf),
    "new_agent": ("days", math.inf),
}

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Term:
    """A risk condition with the inclusion probability it requires.

    Attributes
    ----------
    when : str
        One of `CONDITIONS`.
    rate : float
        Inclusion probability in (0, 1].
    threshold : float or None
        Confidence, CSAT score or days that the fact must be below; None for conditions without one.
    """

    when: str
    rate: float
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class SamplingPolicy:
    """Base rate in (0, 1], floor as a share of the mean rate, and the terms that raise the rate."""

    base_rate: float
    floor: float = DEFAULT_FLOOR
    terms: tuple[Term, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Draw(Generic[Id]):
    """A bottom-k sample: threshold `tau` on the rank u/p, and the inclusion probabilities of its units."""

    tau: float
    drawn: Mapping[Id, float]


def from_body(body: Any) -> SamplingPolicy:
    """Parse the body of a sampling policy.

    Raises
    ------
    Invalid
        With every fault found.
    """
    parser = BodyParser()
    given = parser.mapping(body, "", ("base_rate", "floor", "terms"))
    if "base_rate" not in given:
        parser.fault("/base_rate", "required", "Say which share of all interactions is reviewed.")
    base_rate = parser.number(given, "base_rate", "", above=0, up_to=1, default=1)
    floor = parser.number(given, "floor", "", above=0, up_to=1, default=DEFAULT_FLOOR)
    bodies = parser.sequence(given.get("terms"), "/terms")
    terms = tuple(_read_term(each, f"/terms/{index}", parser) for index, each in enumerate(bodies))
    names = [term.when for term in terms]
    for index, term in enumerate(terms):
        if term.when and term.when in names[:index]:
            parser.fault(f"/terms/{index}/when", "duplicate", f"There are two terms for '{term.when}'.")
    parser.finish()
    return SamplingPolicy(base_rate, floor, terms)


def _read_term(body: Any, pointer: str, parser: BodyParser) -> Term:
    given = parser.mapping(body, pointer, ("when", "rate", "below", "days"))
    when, threshold = given.get("when"), None
    if not isinstance(when, str) or when not in CONDITIONS:
        parser.fault(f"{pointer}/when", "unknown_choice", f"'{when}' is none of: {', '.join(CONDITIONS)}.")
        when = ""
    name, highest = _THRESHOLDS.get(when, ("", math.inf))
    if name and name not in given:
        parser.fault(f"{pointer}/{name}", "required", f"A term for '{when}' needs '{name}'.")
    elif name:
        threshold = parser.number(given, name, pointer, above=0, up_to=highest, default=1)
    for other in ("below", "days"):
        if when and other in given and other != name:
            parser.fault(f"{pointer}/{other}", "unknown_field", f"A term for '{when}' has no '{other}'.")
    if "rate" not in given:
        parser.fault(f"{pointer}/rate", "required", "A term needs the rate it asks for.")
    return Term(when, parser.number(given, "rate", pointer, above=0, up_to=1, default=1), threshold)


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


def capped(units: Iterable[tuple[Id, float, float]], k: int) -> Draw[Id]:
    """Poisson sample of at most k units, with their conditional inclusion probabilities.

    Parameters
    ----------
    units
        (id, u, p) of every interaction of the group (agent, reviewer, week), or of those with u < p
        only: the result is the same.
    k
        The cap, at least 0.

    Returns
    -------
    Draw
        tau is the (k+1)-th smallest u/p of the group, at most 1; drawn are the units with u/p < tau,
        each with probability p * tau. A cap that does not bind has tau = 1.

    Raises
    ------
    ValueError
        For a negative cap.

    Notes
    -----
    Rank conditioning: p * tau is the inclusion probability of a unit given the ranks of all others, so
    weights of 1/(p tau) stay unbiased. N. Duffield, C. Lund & M. Thorup (2007), "Priority sampling for
    estimation of arbitrary subset sums", Journal of the ACM 54(6).

    Examples
    --------
    >>> capped([("a", 0.01, 0.1), ("b", 0.02, 0.1), ("c", 0.05, 0.1)], 2)
    Draw(tau=0.5, drawn={'a': 0.05, 'b': 0.05})
    """
    return _bottom_k(list(units), k, max_tau=1.0)


def fixed_size(units: Iterable[tuple[Id, float, float]], n: int) -> Draw[Id]:
    """Sequential Poisson sample of exactly n units (of all, when there are fewer): those with the lowest u/p.

    Parameters
    ----------
    units
        (id, u, p) of every interaction.
    n
        Sample size, at least 0.

    Returns
    -------
    Draw
        tau is the (n+1)-th smallest u/p, infinite when all are drawn; each unit drawn has the probability
        min(1, p * tau).

    Raises
    ------
    ValueError
        For a negative sample size.

    Notes
    -----
    E. Ohlsson (1998), "Sequential Poisson sampling", Journal of Official Statistics 14.

    Examples
    --------
    >>> fixed_size([("a", 0.3, 0.1), ("b", 0.2, 0.1), ("c", 0.5, 0.1)], 2)
    Draw(tau=5.0, drawn={'b': 0.5, 'a': 0.5})
    """
    return _bottom_k(list(units), n, max_tau=math.inf)


def _bottom_k(units: Sequence[tuple[Id, float, float]], k: int, *, max_tau: float) -> Draw[Id]:
    if k < 0:
        raise ValueError("A cap cannot be negative.")
    ranked = sorted(((u / p, identity, p) for identity, u, p in units), key=lambda unit: unit[0])
    tau = min(max_tau, ranked[k][0]) if k < len(ranked) else max_tau
    return Draw(tau, {identity: min(1.0, p * tau) for rank, identity, p in ranked if rank < tau})
