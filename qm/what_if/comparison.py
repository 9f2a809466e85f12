"""Compares scores before and after: paired differences with intervals, bands, outcomes, agents (pure)."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import FloatArray
from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore
from scorecards.statistics.confidence_intervals import t_quantile

MIN_AGENT_EVALUATIONS = 5
"""Agents with fewer evaluations are left out: their mean is not meaningful."""
MAX_AGENTS = 20
MAX_LISTED = 50
UNCHANGED = 1e-6


BeforeAfter = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class ScorePair:
    """The stored score of one evaluation, and the score it would have."""

    interaction_id: uuid.UUID
    agent: str | None
    before: FormScore
    after: FormScore


_Numbered = tuple[int, ScorePair]


@dataclass(frozen=True, slots=True)
class MeanChange:
    """The mean before and after over the `n` evaluations where both are defined, and their difference.

    `low` and `high` are the 95 % confidence interval of the difference, None with fewer than two
    interactions. `gained` counts values defined only after, `lost` only before; neither is in the means.
    """

    n: int
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Flips:
    """The number of evaluations whose outcome flips in one direction, and the first of their interactions."""

    count: int
    interactions: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class BandMove:
    """The number of evaluations with one band before and another, or the same, after; None is no band."""

    before: str | None
    after: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences; totals from 0 to 100, shares in per cent, `quarters` as five-number summaries.

    `moved` counts the evaluations whose total, outcome or band changes.
    """

    evaluations: int
    interactions: int
    moved: int
    total: MeanChange
    quarters: tuple[tuple[float, ...], tuple[float, ...]]
    empathy: MeanChange
    pass_share: MeanChange
    sections: Mapping[str, MeanChange]
    pillars: Mapping[str, MeanChange]
    bands: tuple[BandMove, ...]
    pass_to_fail: Flips
    fail_to_pass: Flips
    agents: Mapping[str, MeanChange]


def compare_scores(pairs: Sequence[ScorePair]) -> Comparison:
    """Compare scores before and after; the pairs must be ordered newest first.

    Of agents with at least five evaluations, the 20 whose mean total changes most are included.
    """
    totals = [_total(pair) for pair in pairs]
    sections = dict.fromkeys(key for pair in pairs for key in (*pair.after.sections, *pair.before.sections))
    numbered = _numbered(pairs)
    return Comparison(
        evaluations=len(pairs),
        interactions=len({number for number, _ in numbered}),
        moved=sum(map(_is_moved, pairs)),
        total=_mean_change_of(numbered, _total),
        quarters=(_quarters(before for before, _ in totals), _quarters(after for _, after in totals)),
        empathy=_mean_change_of(numbered, lambda pair: (pair.before.empathy, pair.after.empathy)),
        pass_share=_mean_change_of(numbered, _passes),
        sections={key: _mean_change_of(numbered, _entry("sections", key)) for key in sections},
        pillars={key: _mean_change_of(numbered, _entry("pillars", key)) for key in PILLARS},
        bands=_bands(pairs),
        pass_to_fail=_flips(pairs, "pass", "fail"),
        fail_to_pass=_flips(pairs, "fail", "pass"),
        agents=_agents(numbered),
    )


def mean_change(values: Iterable[tuple[object, float | None, float | None]]) -> MeanChange:
    """Return the mean before, after and of the difference, with its 95 % interval.

    Parameters
    ----------
    values : iterable of (object, float or None, float or None)
        Cluster key (evaluations of one interaction share it), value before, value after.

    Returns
    -------
    Change

    Notes
    -----
    With d_i the n paired differences, m their mean and G interactions with residual sums
    r_g = sum_(i in g) (d_i - m)::

        Var(m) = G / (G - 1) * sum_g r_g^2 / n^2,    m -+ t(G - 1) sqrt(Var)

    This is the cluster-robust variance of K.-Y. Liang & S. Zeger (1986), "Longitudinal data analysis using
    generalized linear models", Biometrika 73; with one evaluation per interaction it is the paired t
    interval. It generalizes to similar interactions; for the given ones the difference is exact.

    Examples
    --------
    >>> change = mean_change([(1, 70.0, 60.0), (2, 80.0, 76.0), (3, 90.0, 89.0), (4, None, 50.0)])
    >>> change.n, change.difference, round(change.low, 2), round(change.high, 2), change.gained
    (3, -5.0, -16.38, 6.38, 1)
    """
    rows = list(values)
    paired = [(key, was, now) for key, was, now in rows if was is not None and now is not None]
    gained = sum(was is None and now is not None for _, was, now in rows)
    lost = sum(was is not None and now is None for _, was, now in rows)
    if not paired:
        return MeanChange(0, None, None, None, None, None, gained, lost)
    before, after = (np.array([pair[place] for pair in paired], dtype=np.float64) for place in (1, 2))
    difference = float(np.mean(after - before))
    margin = _margin([key for key, _, _ in paired], after - before - difference)
    low, high = (None, None) if margin is None else (difference - margin, difference + margin)
    return MeanChange(
        len(paired), float(before.mean()), float(after.mean()), difference, low, high, gained, lost
    )


def _margin(keys: Sequence[object], residuals: FloatArray) -> float | None:
    """Return half the width of the confidence interval; None with only one interaction."""
    groups_by_key: dict[object, int] = {}
    group_numbers = [groups_by_key.setdefault(key, len(groups_by_key)) for key in keys]
    groups = len(groups_by_key)
    if groups < 2:
        return None
    sums = np.bincount(group_numbers, weights=residuals)
    variance = groups / (groups - 1) * float(np.sum(sums**2)) / residuals.size**2
    return t_quantile(groups - 1) * float(np.sqrt(variance))


def _numbered(pairs: Sequence[ScorePair]) -> list[_Numbered]:
    """Return each pair with a number for its interaction: hashing UUIDs for every figure is slow."""
    numbers: dict[uuid.UUID, int] = {}
    return [(numbers.setdefault(pair.interaction_id, len(numbers)), pair) for pair in pairs]


def _mean_change_of(numbered: Sequence[_Numbered], values: Callable[[ScorePair], BeforeAfter]) -> MeanChange:
    return mean_change((number, *values(pair)) for number, pair in numbered)


def _total(pair: ScorePair) -> BeforeAfter:
    return pair.before.total, pair.after.total


def _entry(of: str, key: str) -> Callable[[ScorePair], BeforeAfter]:
    return lambda pair: (getattr(pair.before, of).get(key), getattr(pair.after, of).get(key))


def _passes(pair: ScorePair) -> BeforeAfter:
    points = {"pass": 100.0, "fail": 0.0}
    return points.get(pair.before.outcome or ""), points.get(pair.after.outcome or "")


def _is_moved(pair: ScorePair) -> bool:
    """Whether the total, outcome or band changes."""
    before, after = pair.before, pair.after
    if (before.outcome, before.band) != (after.outcome, after.band):
        return True
    if before.total is None or after.total is None:
        return before.total is not after.total
    return abs(after.total - before.total) > UNCHANGED


def _quarters(totals: Iterable[float | None]) -> tuple[float, ...]:
    """Return the minimum, the three quartiles and the maximum; empty if no total is defined."""
    defined = [total for total in totals if total is not None]
    return tuple(float(each) for each in np.percentile(defined, (0, 25, 50, 75, 100))) if defined else ()


def _bands(pairs: Sequence[ScorePair]) -> tuple[BandMove, ...]:
    counted = Counter((pair.before.band, pair.after.band) for pair in pairs)
    return tuple(BandMove(*bands, count) for bands, count in counted.most_common() if any(bands))


def _flips(pairs: Sequence[ScorePair], before: str, after: str) -> Flips:
    found = [
        pair.interaction_id for pair in pairs if (pair.before.outcome, pair.after.outcome) == (before, after)
    ]
    return Flips(len(found), tuple(dict.fromkeys(found))[:MAX_LISTED])


def _agents(numbered: Sequence[_Numbered]) -> dict[str, MeanChange]:
    by_agent: dict[str, list[_Numbered]] = {}
    for number, pair in numbered:
        if pair.agent:
            by_agent.setdefault(pair.agent, []).append((number, pair))
    changes = {agent: _mean_change_of(own_pairs, _total) for agent, own_pairs in by_agent.items()}
    moved = {
        agent: abs(each.difference)
        for agent, each in changes.items()
        if each.difference is not None
        and each.n >= MIN_AGENT_EVALUATIONS
        and abs(each.difference) > UNCHANGED
    }
    ranked = sorted(moved, key=lambda agent: (-moved[agent], agent))[:MAX_AGENTS]
    return {agent: changes[agent] for agent in ranked}
