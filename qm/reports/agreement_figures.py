"""Agreement statistics of one question of a scorecard, from pairs of automatic and human answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qm.reviews.answer_comparison import LEVELS, NOT_APPLICABLE, AnswerPair, AnswerValue
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
class WeightedPair:
    """An automatic and a human answer, with sampling weight (1 / inclusion probability) and answer source."""

    machine: AnswerValue
    human: AnswerValue
    weight: float
    source: str
    in_force: bool


@dataclass(slots=True)
class Tally:
    """The answer pairs of one question over all versions of its scorecard; its text is of the newest one."""

    scorecard: str
    question: Question
    classes: dict[str, float | None] = field(default_factory=dict)
    pairs: list[WeightedPair] = field(default_factory=list)
    abstained: int = 0
    only_one: int = 0

    def add_version(self, question: Question) -> None:
        """Add the possible answers of a version of the question."""
        self.question = question
        if question.kind == "numeric":
            self.classes |= {f"{band.value:g}": band.value for band in question.ranges}
        elif question.kind != "multi":
            self.classes |= {option.key: option.value for option in question.options}
        if question.na_allowed:
            self.classes[NOT_APPLICABLE] = None

    def add(self, pair: AnswerPair, weight: float, *, in_force: bool) -> None:
        """Count one interaction; `in_force`: the automatic answer is by the model that is in force now."""
        if pair.human is not None and pair.machine is not None:
            self.pairs.append(WeightedPair(pair.machine, pair.human, weight, pair.source, in_force))
            for each in (pair.machine, pair.human):
                self.classes.setdefault(each.name, each.score)
        elif pair.abstained and pair.human is not None:
            self.abstained += 1
        elif pair.human is not None or pair.machine is not None:
            self.only_one += 1

    def of_source(self, source: str) -> "Tally":
        """Return a tally of only the pairs whose automatic answer is from this source."""
        pairs = [pair for pair in self.pairs if pair.source == source]
        return Tally(self.scorecard, self.question, self.classes, pairs)

    def count_sources(self) -> Counter[str]:
        """Return the number of automatic answers by source."""
        return Counter(pair.source for pair in self.pairs)

    @property
    def level(self) -> str:
        """The level of measurement of the answers: "nominal", "ordinal" or "interval"."""
        return LEVELS.get(self.question.kind, "nominal")


def coefficients(tally: Tally) -> dict[str, Any]:
    """Return percent agreement (0 to 100), chance-corrected coefficients, and the direction of disagreement.

    At the ordinal and interval levels, alpha and AC2 leave out pairs with N/A, which has no rank. All other
    figures count N/A as a category of its own.
    """
    names = _ordered_classes(tally)
    indexes = {name: place for place, name in enumerate(names)}
    machine, human = ([indexes[each.name] for each in side] for side in _sides(tally))
    table = confusion(machine, human, len(names))
    units = counts_of(table)
    same = np.equal(machine, human)
    alpha, ac2, pairs = _level_statistics(tally, names, table)
    bias = direction(
        [
            pair.machine.score - pair.human.score
            for pair in tally.pairs
            if pair.machine.score is not None and pair.human.score is not None
        ]
    )
    weights = [pair.weight for pair in tally.pairs]
    agreement_zone = zone(alpha.estimate, pairs)
    return {
        "percent": _points(percent_agreement(units)),
        "percent_of_all": _points(float(np.average(same, weights=weights)) if weights else None),
        "alpha": alpha.estimate,
        "alpha_low": alpha.low,
        "alpha_high": alpha.high,
        "kappa": kappa(table),
        "ac1": gwet(units),
        "ac2": ac2,
        "machine_higher": bias.higher,
        "machine_lower": bias.lower,
        "mean_difference": _points(bias.mean),
        "direction": bias.verdict,
        "zone": agreement_zone,
        "zone_note": zone_words(agreement_zone, alpha.low),
    }


def _sides(tally: Tally) -> tuple[list[AnswerValue], list[AnswerValue]]:
    return [pair.machine for pair in tally.pairs], [pair.human for pair in tally.pairs]


def _level_statistics(tally: Tally, names: Sequence[str], table: Any) -> tuple[Interval, float | None, int]:
    """Return alpha, AC2 (None at the nominal level), and the number of pairs they are computed from."""
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


def _ordered_classes(tally: Tally) -> list[str]:
    """Return the answer classes in table order: by value where they are ordered, N/A last."""
    names = sorted(tally.classes, key=lambda name: name == NOT_APPLICABLE)
    if tally.level == "nominal":
        return names
    return sorted(names, key=lambda name: (tally.classes[name] is None, tally.classes[name] or 0.0))


def confusion_cells(tally: Tally) -> list[dict[str, Any]]:
    """Return the non-empty cells of the confusion matrix, by automatic answer first."""
    counted = Counter((pair.machine.name, pair.human.name) for pair in tally.pairs)
    names = _ordered_classes(tally)
    return [
        {"machine": one, "human": other, "n": counted[one, other]}
        for one in names
        for other in names
        if counted[one, other]
    ]


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share
