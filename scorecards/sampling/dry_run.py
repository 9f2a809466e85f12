"""Dry run of a sampling policy: what it would have drawn of interactions that are past (pure)."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from scorecards.arrays import FloatArray
from scorecards.sampling.inclusion import RiskFacts, floor_warning, inclusion_probability
from scorecards.sampling.policy import SamplingPolicy
from scorecards.sampling.quotas import Window, everything, thresholds
from scorecards.statistics.confidence_intervals import normal_quantile
from scorecards.statistics.difference_estimator import MIN_REVIEWS, effective_size
from scorecards.statistics.strata import Stratum

REPEATS = 50
"""How many times the draw is repeated with fresh random numbers."""
BASE_RATE = "base_rate"

Key = TypeVar("Key", date, str)


@dataclass(frozen=True, slots=True)
class PastInteraction:
    """The agent ('' if unknown), the day and the risk factors of an interaction."""

    agent: str
    day: date
    facts: RiskFacts


@dataclass(frozen=True, slots=True)
class ExpectedDraw:
    """How many interactions there were, and how many reviews of them are expected."""

    interactions: int
    reviews: float


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a policy is expected to draw.

    Attributes
    ----------
    interactions : int
    reviews : float
        Expected number of reviews.
    mean_rate : float or None
        Mean rate before quotas; None without interactions.
    weeks : mapping of date to ExpectedDraw
        By Monday.
    reasons : mapping of str to ExpectedDraw
        By condition that raises the rate, and `base_rate` for those that match none; an interaction may match
        several.
    agents : mapping of str to ExpectedDraw
    minimum_binds, maximum_binds : mapping of str to float
        By agent ('' for a fixed number), the expected number of windows in which the quota draws more, and
        fewer, than the rates.
    windows : int
        Windows of the quota.
    half_width : float or None
        Of the 95 % interval over the whole period, in points, from human scores alone; None where fewer
        reviews than an estimate needs are expected.
    warning : str or None
        When the base rate is too far below the mean rate.
    """

    interactions: int
    reviews: float
    mean_rate: float | None
    weeks: Mapping[date, ExpectedDraw]
    reasons: Mapping[str, ExpectedDraw]
    agents: Mapping[str, ExpectedDraw]
    minimum_binds: Mapping[str, float]
    maximum_binds: Mapping[str, float]
    windows: int
    half_width: float | None
    warning: str | None


@dataclass(frozen=True, slots=True)
class _Simulated:
    """Expected draws of each interaction, binding quotas by agent, and inverse effective sizes."""

    drawn: FloatArray
    minimum: Mapping[str, float]
    maximum: Mapping[str, float]
    inverse_sizes: Sequence[float]


def dry_run(
    policy: SamplingPolicy, past: Sequence[PastInteraction], *, deviation: float, seed: int = 1
) -> DryRun:
    """Return what a policy is expected to draw of past interactions.

    Parameters
    ----------
    policy
        Whose quotas are applied as they would be when every window has closed.
    past
        All interactions of the period.
    deviation
        Standard deviation of human scores, in points.
    seed
        Of the random numbers: the answer is the same each time.

    Notes
    -----
    The draw is repeated with fresh random numbers. The half-width is that of the mean of all scores, with
    the effective size of each repeat's sample, in strata by rate as in estimates; what the machine's scores
    gain is not counted in.
    """
    inclusions = [inclusion_probability(policy, each.facts) for each in past]
    rates = np.array([each.probability for each in inclusions], dtype=np.float64)
    windows: dict[Window, list[int]] = defaultdict(list)
    for place, each in enumerate(past):
        window = policy.quota.window(each.agent, each.day) if policy.quota else None
        if window is not None:
            windows[window].append(place)
    found = _simulate(policy, rates, windows, np.random.default_rng(seed))
    mean = float(rates.mean()) if past else None
    mondays = [each.day - timedelta(days=each.day.weekday()) for each in past]
    enough = float(found.drawn.sum()) >= MIN_REVIEWS and len(found.inverse_sizes) == REPEATS
    return DryRun(
        len(past),
        float(found.drawn.sum()),
        mean,
        _expected(zip(mondays, found.drawn, strict=True)),
        _expected(
            (reason, drawn)
            for each, drawn in zip(inclusions, found.drawn, strict=True)
            for reason in each.reasons or (BASE_RATE,)
        ),
        _expected((each.agent, drawn) for each, drawn in zip(past, found.drawn, strict=True)),
        found.minimum,
        found.maximum,
        len(windows),
        normal_quantile() * deviation * math.sqrt(float(np.mean(found.inverse_sizes))) if enough else None,
        floor_warning(policy, mean) if mean is not None else None,
    )


def _simulate(
    policy: SamplingPolicy,
    rates: FloatArray,
    windows: Mapping[Window, Sequence[int]],
    generator: np.random.Generator,
) -> _Simulated:
    at_least, at_most = policy.quota.bounds if policy.quota else (0, None)
    strata = [Stratum(float(rate), int(np.sum(rates == rate))) for rate in np.unique(rates)]
    highest = everything(policy.base_rate)
    drawn = np.zeros(rates.size)
    inverse: list[float] = []
    binds: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for _ in range(REPEATS):
        ranks = generator.random(rates.size) / np.maximum(rates, 1e-12)
        limit = np.ones(rates.size)
        for window, places in windows.items():
            own = ranks[places]
            found = thresholds(own.tolist(), at_least, at_most, highest=highest)
            limit[places] = np.where(own < found.drawn, found.drawn, found.others)
            if found.drawn != 1:
                binds[found.drawn < 1][window.agent] += 1
        chosen = ranks < limit
        drawn += chosen
        if chosen.any():
            p = np.minimum(1, rates * limit)[chosen]
            inverse.append(1 / effective_size(strata, p, rates[chosen]))
    shares = [{agent: count / REPEATS for agent, count in each.items()} for each in binds]
    # What no quota touches is drawn at its rate.
    expected = rates.copy()
    bounded = [place for places in windows.values() for place in places]
    expected[bounded] = drawn[bounded] / REPEATS
    return _Simulated(expected, shares[0], shares[1], inverse)


def _expected(parts: Iterable[tuple[Key, float]]) -> dict[Key, ExpectedDraw]:
    """Return the expected draws by key, in the order of the keys."""
    counts: Counter[Key] = Counter()
    reviews: dict[Key, float] = defaultdict(float)
    for key, drawn in parts:
        counts[key] += 1
        reviews[key] += float(drawn)
    return {key: ExpectedDraw(count, reviews[key]) for key, count in sorted(counts.items())}
