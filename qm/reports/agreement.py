"""The agreement report: question by question, how far the machine says what people say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import Session

from qm.learning.effective_gates import EffectiveGate, effective_gates
from qm.learning.gate_representations import LATEST_MOVES, move_shown
from qm.learning.gate_store import Key, moves_of
from qm.learning.models import ANSWERS, Model
from qm.reports.agreement_figures import Tally, cells, coefficients
from qm.reports.pairs import Scorecard, double_scored, scorecards
from qm.reports.request import ReportRequest as Asked
from qm.reviews.answer_comparison import SOURCES, compared
from qm.reviews.double_scored import human, machine
from qm.reviews.models import Review
from scorecards.automation.gate import initial_gate
from scorecards.autoscore.answer_policy import MODEL
from tenants.credentials import Actor

IN_TABLES = ("n", "percent", "alpha")
"""Figures of each source that stand in tables too, which have no lists in their rows."""


def report(session: Session, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/agreement`."""
    versions = scorecards(session, asked, actor)
    tallies = _asked_about(list(versions.values()))
    columns = (human.scorecard_id, machine.scorecard_id, Review.inclusion_probability, _in_force(asked))
    statement = double_scored(asked, actor, *columns, human.answers, machine.answers)
    counted: Counter[bool] = Counter()
    rows = session.execute(statement.order_by(Review.review_id))
    for by, also_by, probability, in_force, said, judged in rows:
        comparable = by == also_by and by in versions
        counted[comparable] += 1
        if comparable:
            scorecard = versions[by]
            for found in compared(scorecard.form, said, judged):
                tallies[scorecard.key, found.question.key].add(found, 1 / probability, in_force=in_force)
    kept_back = asked.suppresses(counted[True])
    standing = {} if kept_back else _standing(session, asked, tallies)
    return {
        "client": asked.client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "suppressed": kept_back,
        "double_scored": None if kept_back else counted[True],
        "other_version": None if asked.suppresses(counted[False]) else counted[False],
        "questions": []
        if kept_back
        else [_row(asked, tally) | standing[key] for key, tally in tallies.items()],
        "method_note": _note(counted[True], hidden=kept_back),
    }


def _standing(session: Session, asked: Asked, tallies: Mapping[Key, Tally]) -> dict[Key, dict[str, Any]]:
    """Return how far the machine may go with each question now, since when, and how that came about."""
    gates = effective_gates(session, asked.client.client_id)
    history = moves_of(session, asked.client.client_id, list(tallies), most=LATEST_MOVES)
    found = {}
    for key, tally in tallies.items():
        now = gates.get(key) or EffectiveGate(initial_gate(ruled=tally.question.auto is not None))
        moves = [move_shown(each) for each in history[key]]
        found[key] = {
            "state": now.gate.state,
            "waiting": now.waiting,
            "since": moves[0]["at"] if moves else None,
            "threshold": now.gate.threshold,
            "history": moves,
        }
    return found


def _in_force(asked: Asked) -> ColumnElement[bool]:
    """Return whether the machine's evaluation rests on the model of answers that is in force now."""
    now = (
        select(cast(Model.model_id, Text))
        .where(
            Model.client_id == asked.client.client_id,
            Model.kind == ANSWERS,
            Model.state == "in_force",
            Model.fault.is_(None),
        )
        .scalar_subquery()
    )
    pinned = func.jsonb_build_array(func.jsonb_build_object("key", ANSWERS, "id", now))
    return func.coalesce(machine.versions["model"].contains(pinned), False)


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
    row |= {"kind": question.kind, "level": tally.level, "suppressed": asked.suppresses(n)}
    row |= {"confusion": [], "by_source": []}
    if row["suppressed"]:
        return row
    found = coefficients(tally)
    both = [(pair.machine, pair.human) for pair in tally.pairs]
    counts = {
        "both_na": sum(one.na and other.na for one, other in both),
        "one_na": sum(one.na != other.na for one, other in both),
        "abstained": tally.abstained,
        "only_one": tally.only_one,
        "machine_higher": found.pop("machine_higher"),
        "machine_lower": found.pop("machine_lower"),
    }
    parts = _by_source(asked, tally, found)
    row |= {name: None if asked.suppresses(count) else count for name, count in counts.items()}
    row |= {f"{part['source']}_{name}": part.get(name) for part in parts for name in IN_TABLES}
    return row | {
        "n": n,
        **found,
        "confusion": [] if asked.suppress_small else cells(tally),
        "by_source": parts,
    }


def _by_source(asked: Asked, tally: Tally, whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of answers by rule and by model apart; `whole` are those of both together."""
    counts = tally.sources()
    hidden = asked.suppressed_groups(counts)
    rows = []
    for source in SOURCES:
        if not counts[source]:
            continue
        row: dict[str, Any] = {"source": source, "suppressed": source in hidden}
        if source not in hidden:
            part = tally.of(source)
            given_now = asked.visible_count(sum(pair.in_force for pair in part.pairs), counts[source])
            row |= whole if len(counts) == 1 else coefficients(part)
            row |= {"n": counts[source], "in_force": given_now if source == MODEL else None}
        rows.append(row)
    return rows


def _note(n: int, *, hidden: bool) -> str:
    if hidden:
        return "Fewer than five interactions: the figures are kept back."
    if not n:
        return "No interaction of this period was drawn, reviewed and judged by the machine as well."
    return (
        f"{n:,} interactions were drawn by chance, reviewed by people who did not see the machine's answers, "
        "and judged by the machine under the same version of the scorecard; hand-picked reviews are left "
        "out. Shares and coefficients describe these interactions; percent_of_all is weighted by 1 / "
        "inclusion probability and says it of all interactions. Where the machine abstained it said nothing. "
        "by_source tells answers by rule from answers by model: once a model answers a question, its state "
        "rests on the model in force, so read the model's figures beside the state."
    )
