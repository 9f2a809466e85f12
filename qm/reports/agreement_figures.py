"""What was said to one question of a scorecard, and the figures that come of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qm.reviews.answer_comparison import LEVELS, NOT_APPLICABLE, Compared, Given
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import (
    agreement_weights,
    confusion,
    counts_of,
    direction,
    gwet,
    percent_agreement,
    zone,
    zone_words,
)
from scorecards.statistics.agreement import cohens_kappa as kappa
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval
from scorecards.statistics.krippendorff import alpha_interval


@dataclass(frozen=True, slots=True)
class Pair:
    """What both said, how much it counts in a share of all, and what the machine's answer came from."""

    machine: Given
    human: Given
    weight: float
    source: str
    in_force: bool


@dataclass(slots=True)
class Tally:
    """What was said to one question of a scorecard, over all its versions; the newest names it."""

    scorecard: str
    question: Question
    classes: dict[str, float | None] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    abstained: int = 0
    only_one: int = 0

    def ask(self, question: Question) -> None:
        """Take up a version of the question: the answers that can be given to it."""
        self.question = question
        if question.kind == "numeric":
            self.classes |= {f"{band.value:g}": band.value for band in question.ranges}
        elif question.kind != "multi":
            self.classes |= {option.key: option.value for option in question.options}
        if question.na_allowed:
            self.classes[NOT_APPLICABLE] = None

    def add(self, found: Compared, weight: float, *, in_force: bool) -> None:
        """Count one interaction; `in_force`: the model that judged it is the one in force now."""
        if found.human is not None and found.machine is not None:
            self.pairs.append(Pair(found.machine, found.human, weight, found.source, in_force))
            for each in (found.machine, found.human):
                self.classes.setdefault(each.name, each.score)
        elif found.abstained and found.human is not None:
            self.abstained += 1
        elif found.human is not None or found.machine is not None:
            self.only_one += 1

    def of(self, source: str) -> "Tally":
        """Return the pairs in which the machine's answer came from this source, counted alone."""
        pairs = [pair for pair in self.pairs if pair.source == source]
        return Tally(self.scorecard, self.question, self.classes, pairs)

    def sources(self) -> Counter[str]:
        """Return how many of the machine's answers came from what."""
        return Counter(pair.source for pair in self.pairs)

    @property
    def level(self) -> str:
        """How far apart its answers can be: "nominal", "ordinal" or "interval"."""
        return LEVELS.get(self.question.kind, "nominal")


def coefficients(tally: Tally) -> dict[str, Any]:
    """Return shares in points of 100, coefficients, and which of the two gives more.

    Alpha of scales and numbers is over the pairs in which both gave one: N/A has no place in an order. All
    else has N/A as an answer of its own.
    """
    names = _in_order(tally)
    places = {name: place for place, name in enumerate(names)}
    judged, said = ([places[each.name] for each in side] for side in _sides(tally))
    table = confusion(judged, said, len(names))
    units = counts_of(table)
    same = np.equal(judged, said)
    alpha, ac2, pairs = _by_level(tally, names, table)
    lean = direction(
        [
            pair.machine.score - pair.human.score
            for pair in tally.pairs
            if pair.machine.score is not None and pair.human.score is not None
        ]
    )
    weights = [pair.weight for pair in tally.pairs]
    where = zone(alpha.estimate, pairs)
    return {
        "percent": _points(percent_agreement(units)),
        "percent_of_all": _points(float(np.average(same, weights=weights)) if weights else None),
        "alpha": alpha.estimate,
        "alpha_low": alpha.low,
        "alpha_high": alpha.high,
        "kappa": kappa(table),
        "ac1": gwet(units),
        "ac2": ac2,
        "machine_higher": lean.higher,
        "machine_lower": lean.lower,
        "mean_difference": _points(lean.mean),
        "direction": lean.verdict,
        "zone": where,
        "zone_note": zone_words(where, alpha.low),
    }


def _sides(tally: Tally) -> tuple[list[Given], list[Given]]:
    return [pair.machine for pair in tally.pairs], [pair.human for pair in tally.pairs]


def _by_level(tally: Tally, names: Sequence[str], table: Any) -> tuple[Interval, float | None, int]:
    """Return alpha, AC2 (None for answers that are the same or not), and how many pairs they rest on."""
    if tally.level == "nominal":
        return alpha_interval(counts_of(table)), None, len(tally.pairs)
    scored = {place: value for place, name in enumerate(names) if (value := tally.classes[name]) is not None}
    part = table[np.ix_(list(scored), list(scored))]
    if not part.sum():
        return UNKNOWN, None, 0
    units, values = counts_of(part), list(scored.values())
    ordinal = tally.level == "ordinal"
    alpha = alpha_interval(units, "ordinal" if ordinal else "interval", values)
    weights = agreement_weights(values, "ordinal" if ordinal else "quadratic")
    return alpha, gwet(units, weights), int(part.sum())


def _in_order(tally: Tally) -> list[str]:
    """Return the classes as they stand in tables: by value where there is an order, N/A last."""
    names = sorted(tally.classes, key=lambda name: name == NOT_APPLICABLE)
    if tally.level == "nominal":
        return names
    return sorted(names, key=lambda name: (tally.classes[name] is None, tally.classes[name] or 0.0))


def cells(tally: Tally) -> list[dict[str, Any]]:
    """Return the confusion table as the cells that are not empty, the machine's answer first."""
    counted = Counter((pair.machine.name, pair.human.name) for pair in tally.pairs)
    names = _in_order(tally)
    return [
        {"machine": one, "human": other, "n": counted[one, other]}
        for one in names
        for other in names
        if counted[one, other]
    ]


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share
