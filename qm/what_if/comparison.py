"""How scores before and after differ: means with intervals, bands, outcomes, agents (pure)."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore
from scorecards.statistics.confidence_intervals import t_quantile

MIN_OF_AGENT = 5
"""An agent with fewer evaluations is not named: one conversation says nothing about a person."""
MAX_AGENTS = 20
MAX_NAMED = 50
UNCHANGED = 1e-6

Array = NDArray[np.float64]
Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One evaluation: the score that is stored and the one it would have."""

    interaction_id: uuid.UUID
    agent: str | None
    before: FormScore
    after: FormScore


_Numbered = tuple[int, Pair]


@dataclass(frozen=True, slots=True)
class Change:
    """A mean before and after over the `n` evaluations where both are defined, and the difference.

    `low` and `high` are the 95 % interval of the difference, None with fewer than two interactions.
    `gained` are defined only after, `lost` only before; neither is in the means.
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
    """How many evaluations change their outcome in one direction, and the first interactions of those."""

    count: int
    interactions: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class BandMove:
    """How many evaluations had one band before and another, or the same, after; None is no band."""

    before: str | None
    after: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs; totals in points, shares in points of 100, quarters as five numbers each.

    `moved` counts the evaluations whose total, outcome or band is not what it was.
    """

    evaluations: int
    interactions: int
    moved: int
    total: Change
    quarters: tuple[tuple[float, ...], tuple[float, ...]]
    empathy: Change
    pass_share: Change
    sections: Mapping[str, Change]
    pillars: Mapping[str, Change]
    bands: tuple[BandMove, ...]
    pass_to_fail: Flips
    fail_to_pass: Flips
    agents: Mapping[str, Change]


def compare(pairs: Sequence[Pair]) -> Comparison:
    """Compare stored scores with the ones another form gives; order the pairs newest first.

    Of agents, those with at least five evaluations are kept whose mean total moves most, 20 at most.
    """
    totals = [_total(pair) for pair in pairs]
    sections = dict.fromkeys(key for pair in pairs for key in (*pair.after.sections, *pair.before.sections))
    numbered = _numbered(pairs)
    return Comparison(
        evaluations=len(pairs),
        interactions=len({number for number, _ in numbered}),
        moved=sum(map(_moves, pairs)),
        total=_over(numbered, _total),
        quarters=(_quarters(before for before, _ in totals), _quarters(after for _, after in totals)),
        empathy=_over(numbered, lambda pair: (pair.before.empathy, pair.after.empathy)),
        pass_share=_over(numbered, _passes),
        sections={key: _over(numbered, _part("sections", key)) for key in sections},
        pillars={key: _over(numbered, _part("pillars", key)) for key in PILLARS},
        bands=_bands(pairs),
        pass_to_fail=_flips(pairs, "pass", "fail"),
        fail_to_pass=_flips(pairs, "fail", "pass"),
        agents=_agents(numbered),
    )


def change(values: Iterable[tuple[object, float | None, float | None]]) -> Change:
    """Return the mean before, after and of the difference, with its 95 % interval.

    Parameters
    ----------
    values : iterable of (object, float or None, float or None)
        What the values belong to (evaluations of one interaction stand together), before, after.

    Returns
    -------
    Change

    Notes
    -----
    With d_i the n paired differences, m their mean and G interactions with residual sums
    r_g = sum_(i in g) (d_i - m)::

        Var(m) = G / (G - 1) * sum_g r_g^2 / n^2,    m -+ t(G - 1) sqrt(Var)

    which is the paired t interval when each interaction comes once. It says how far interactions like
    these would move; for these themselves the difference is exact. K.-Y. Liang & S. Zeger (1986),
    "Longitudinal data analysis using generalized linear models", Biometrika 73.

    Examples
    --------
    >>> found = change([(1, 70.0, 60.0), (2, 80.0, 76.0), (3, 90.0, 89.0), (4, None, 50.0)])
    >>> found.n, found.difference, round(found.low, 2), round(found.high, 2), found.gained
    (3, -5.0, -16.38, 6.38, 1)
    """
    given = list(values)
    both = [(key, was, now) for key, was, now in given if was is not None and now is not None]
    gained = sum(was is None and now is not None for _, was, now in given)
    lost = sum(was is not None and now is None for _, was, now in given)
    if not both:
        return Change(0, None, None, None, None, None, gained, lost)
    before, after = (np.array([pair[place] for pair in both], dtype=np.float64) for place in (1, 2))
    difference = float(np.mean(after - before))
    margin = _margin([key for key, _, _ in both], after - before - difference)
    low, high = (None, None) if margin is None else (difference - margin, difference + margin)
    return Change(len(both), float(before.mean()), float(after.mean()), difference, low, high, gained, lost)


def _margin(keys: Sequence[object], residuals: Array) -> float | None:
    """Return half the width of the interval; None when there is only one interaction."""
    places: dict[object, int] = {}
    of_each = [places.setdefault(key, len(places)) for key in keys]
    groups = len(places)
    if groups < 2:
        return None
    sums = np.bincount(of_each, weights=residuals)
    variance = groups / (groups - 1) * float(np.sum(sums**2)) / residuals.size**2
    return t_quantile(groups - 1) * float(np.sqrt(variance))


def _numbered(pairs: Sequence[Pair]) -> list[_Numbered]:
    """Return each pair with a number of its interaction: hashing ids anew for every figure is slow."""
    places: dict[uuid.UUID, int] = {}
    return [(places.setdefault(pair.interaction_id, len(places)), pair) for pair in pairs]


def _over(numbered: Sequence[_Numbered], ends: Callable[[Pair], Ends]) -> Change:
    return change((number, *ends(pair)) for number, pair in numbered)


def _total(pair: Pair) -> Ends:
    return pair.before.total, pair.after.total


def _part(of: str, key: str) -> Callable[[Pair], Ends]:
    return lambda pair: (getattr(pair.before, of).get(key), getattr(pair.after, of).get(key))


def _passes(pair: Pair) -> Ends:
    points = {"pass": 100.0, "fail": 0.0}
    return points.get(pair.before.outcome or ""), points.get(pair.after.outcome or "")


def _moves(pair: Pair) -> bool:
    """Whether anything people act on is not what it was."""
    before, after = pair.before, pair.after
    if (before.outcome, before.band) != (after.outcome, after.band):
        return True
    if before.total is None or after.total is None:
        return before.total is not after.total
    return abs(after.total - before.total) > UNCHANGED


def _quarters(totals: Iterable[float | None]) -> tuple[float, ...]:
    """Return the lowest, the three quartiles and the highest; nothing of nothing."""
    defined = [total for total in totals if total is not None]
    return tuple(float(each) for each in np.percentile(defined, (0, 25, 50, 75, 100))) if defined else ()


def _bands(pairs: Sequence[Pair]) -> tuple[BandMove, ...]:
    counted = Counter((pair.before.band, pair.after.band) for pair in pairs)
    return tuple(BandMove(*bands, count) for bands, count in counted.most_common() if any(bands))


def _flips(pairs: Sequence[Pair], before: str, after: str) -> Flips:
    found = [
        pair.interaction_id for pair in pairs if (pair.before.outcome, pair.after.outcome) == (before, after)
    ]
    return Flips(len(found), tuple(dict.fromkeys(found))[:MAX_NAMED])


def _agents(numbered: Sequence[_Numbered]) -> dict[str, Change]:
    own: dict[str, list[_Numbered]] = {}
    for number, pair in numbered:
        if pair.agent:
            own.setdefault(pair.agent, []).append((number, pair))
    changes = {agent: _over(theirs, _total) for agent, theirs in own.items()}
    moved = {
        agent: abs(each.difference)
        for agent, each in changes.items()
        if each.difference is not None and each.n >= MIN_OF_AGENT and abs(each.difference) > UNCHANGED
    }
    first = sorted(moved, key=lambda agent: (-moved[agent], agent))[:MAX_AGENTS]
    return {agent: changes[agent] for agent in first}
