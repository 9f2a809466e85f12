"""The agreement report: question by question, how far the machine says what people say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from qm.learning.gates import Key, gates_of, moves_of
from qm.learning.gates_showing import FEW_MOVES, move_shown
from qm.reports.double_scored import (
    LEVELS,
    NOT_APPLICABLE,
    Compared,
    Given,
    Scorecard,
    compared,
    double_scored,
    human,
    machine,
    scorecards,
)
from qm.reports.questions import Question as Asked
from qm.reviews.models import Review
from scorecards.agreement import (
    agreement_weights,
    confusion,
    counts_of,
    direction,
    gwet,
    percent_agreement,
    zone,
    zone_words,
)
from scorecards.agreement import cohens_kappa as kappa
from scorecards.alpha import alpha_interval
from scorecards.form import Question
from scorecards.gates import starting
from scorecards.intervals import UNKNOWN, Interval
from tenants.credentials import Actor


@dataclass(slots=True)
class Tally:
    """What was said to one question of a scorecard, over all its versions; the newest names it."""

    scorecard: str
    question: Question
    classes: dict[str, float | None] = field(default_factory=dict)
    pairs: list[tuple[Given, Given]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
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

    def add(self, found: Compared, weight: float) -> None:
        """Count one interaction."""
        if found.human is not None and found.machine is not None:
            self.pairs.append((found.machine, found.human))
            self.weights.append(weight)
            for each in (found.machine, found.human):
                self.classes.setdefault(each.name, each.score)
        elif found.abstained and found.human is not None:
            self.abstained += 1
        elif found.human is not None or found.machine is not None:
            self.only_one += 1

    @property
    def level(self) -> str:
        """How far apart its answers can be: "nominal", "ordinal" or "interval"."""
        return LEVELS.get(self.question.kind, "nominal")


def report(session: Session, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/agreement`."""
    versions = scorecards(session, asked, actor)
    tallies = _asked_about(list(versions.values()))
    columns = (human.scorecard_id, machine.scorecard_id, Review.inclusion_probability)
    statement = double_scored(asked, actor, *columns, human.answers, machine.answers)
    counted: Counter[bool] = Counter()
    for by, also_by, probability, said, judged in session.execute(statement.order_by(Review.review_id)):
        comparable = by == also_by and by in versions
        counted[comparable] += 1
        if comparable:
            scorecard = versions[by]
            for found in compared(scorecard.form, said, judged):
                tallies[scorecard.key, found.question.key].add(found, 1 / probability)
    kept_back = asked.hides(counted[True])
    standing = {} if kept_back else _standing(session, asked, tallies)
    return {
        "client": asked.client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "suppressed": kept_back,
        "double_scored": None if kept_back else counted[True],
        "other_version": None if asked.hides(counted[False]) else counted[False],
        "questions": []
        if kept_back
        else [_row(asked, tally) | standing[key] for key, tally in tallies.items()],
        "method_note": _note(counted[True], hidden=kept_back),
    }


def _standing(session: Session, asked: Asked, tallies: Mapping[Key, Tally]) -> dict[Key, dict[str, Any]]:
    """Return how far the machine may go with each question now, since when, and how that came about."""
    gates = gates_of(session, asked.client.client_id)
    history = moves_of(session, asked.client.client_id, list(tallies), most=FEW_MOVES)
    found = {}
    for key, tally in tallies.items():
        gate = gates.get(key) or starting(ruled=tally.question.auto is not None)
        moves = [move_shown(each) for each in history[key]]
        since = moves[0]["at"] if moves else None
        found[key] = {"state": gate.state, "since": since, "threshold": gate.threshold, "history": moves}
    return found


def _asked_about(versions: Sequence[Scorecard]) -> dict[tuple[str, str], Tally]:
    """Return an empty tally for each question that can be compared, in the order of the forms."""
    tallies: dict[tuple[str, str], Tally] = {}
    for each in versions:
        for question in each.form.questions.values():
            if question.scored or question.critical:
                tallies.setdefault((each.key, question.key), Tally(each.key, question)).ask(question)
    return tallies


def _row(asked: Asked, tally: Tally) -> dict[str, Any]:
    n, question = len(tally.pairs), tally.question
    row: dict[str, Any] = {"scorecard": tally.scorecard, "question": question.key, "text": question.text}
    row |= {"kind": question.kind, "level": tally.level, "confusion": [], "suppressed": asked.hides(n)}
    if row["suppressed"]:
        return row
    found = coefficients(tally)
    nobody_applies = sum(one.na and other.na for one, other in tally.pairs)
    counts = {
        "both_na": nobody_applies,
        "one_na": sum(one.na != other.na for one, other in tally.pairs),
        "abstained": tally.abstained,
        "only_one": tally.only_one,
        "machine_higher": found.pop("machine_higher"),
        "machine_lower": found.pop("machine_lower"),
    }
    row |= {name: None if asked.hides(count) else count for name, count in counts.items()}
    return row | {
        "n": n,
        **found,
        "zone_note": zone_words(found["zone"], found["alpha_low"]),
        "confusion": [] if asked.guarded else _cells(tally),
    }


def coefficients(tally: Tally) -> dict[str, Any]:
    """Return shares in points of 100, coefficients, and which of the two gives more.

    Alpha of scales and numbers is over the pairs in which both gave one: N/A has no place in an order. All
    else has N/A as an answer of its own.
    """
    names = _in_order(tally)
    places = {name: place for place, name in enumerate(names)}
    said = [[places[pair[side].name] for pair in tally.pairs] for side in (0, 1)]
    table = confusion(said[0], said[1], len(names))
    units = counts_of(table)
    same = np.array([one.name == other.name for one, other in tally.pairs], dtype=np.float64)
    alpha, ac2, pairs = _by_level(tally, names, table)
    lean = direction(
        [one.score - other.score for one, other in tally.pairs if None not in (one.score, other.score)]  # type: ignore[operator]
    )
    return {
        "percent": _points(percent_agreement(units)),
        "percent_of_all": _points(float(np.average(same, weights=tally.weights)) if same.size else None),
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
        "zone": zone(alpha.estimate, pairs),
    }


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


def _cells(tally: Tally) -> list[dict[str, Any]]:
    """Return the confusion table as the cells that are not empty, the machine's answer first."""
    counted = Counter((one.name, other.name) for one, other in tally.pairs)
    names = _in_order(tally)
    return [
        {"machine": one, "human": other, "n": counted[one, other]}
        for one in names
        for other in names
        if counted[one, other]
    ]


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _note(n: int, *, hidden: bool) -> str:
    if hidden:
        return "Fewer than five interactions: the figures are kept back."
    if not n:
        return "No interaction of this period was drawn, reviewed and judged by the machine as well."
    return (
        f"{n:,} interactions were drawn by chance, reviewed by people who did not see the machine's answers, "
        "and judged by the machine under the same version of the scorecard; hand-picked reviews are left "
        "out. Shares and coefficients describe these interactions; percent_of_all is weighted by 1 / "
        "inclusion probability and says it of all interactions. Where the machine abstained it said nothing."
    )
