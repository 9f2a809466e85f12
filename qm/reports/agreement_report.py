"""The agreement report: inter-rater agreement of automatic and human answers, question by question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import Session

from qm.learning.effective_gates import EffectiveGate, effective_gates
from qm.learning.gate_representations import DEFAULT_MOVES, move_representation
from qm.learning.gate_store import Key, load_moves
from qm.learning.models import ANSWERS, Model
from qm.reports.agreement_figures import Tally, coefficients, confusion_cells
from qm.reports.evaluation_pairs import ScorecardVersion, load_scorecard_versions, select_pairs
from qm.reports.report_request import ReportRequest
from qm.reviews.answer_comparison import SOURCES, pair_answers
from qm.reviews.double_scored import current_machine, human
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted
from scorecards.automation.gate import initial_gate
from scorecards.autoscore.answer_policy import MODEL
from tenants.credentials import Actor

CSV_FIGURES = ("n", "percent", "alpha")
"""Figures of each source that are CSV columns too; rows of a table hold no lists."""


def report(session: Session, request: ReportRequest, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/agreement`."""
    versions = load_scorecard_versions(session, request, actor)
    tallies = _empty_tallies(list(versions.values()))
    columns = (
        human.scorecard_id.label("human_version"),
        current_machine.scorecard_id.label("machine_version"),
        _by_model_in_force(request).label("in_force"),
        human.answers.label("human_answers"),
        current_machine.answers.label("machine_answers"),
    )
    statement = select_pairs(request, actor, *columns, *DRAW_COLUMNS)
    totals: Counter[bool] = Counter()
    rows = session.execute(statement.order_by(Review.review_id)).all()
    for row, probability in counted(session, rows):
        comparable = row.human_version == row.machine_version and row.human_version in versions
        totals[comparable] += 1
        if comparable:
            scorecard = versions[row.human_version]
            for pair in pair_answers(scorecard.form, row.human_answers, row.machine_answers):
                tallies[scorecard.key, pair.question.key].add(pair, 1 / probability, in_force=row.in_force)
    suppressed = request.suppresses(totals[True])
    states = {} if suppressed else _gate_states(session, request, tallies)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "suppressed": suppressed,
        "double_scored": None if suppressed else totals[True],
        "other_version": None if request.suppresses(totals[False]) else totals[False],
        "questions": []
        if suppressed
        else [_row(request, tally) | states[key] for key, tally in tallies.items()],
        "method_note": _method_note(totals[True], suppressed=suppressed),
    }


def _gate_states(
    session: Session, request: ReportRequest, tallies: Mapping[Key, Tally]
) -> dict[Key, dict[str, Any]]:
    """Return the effective gate of each question, since when it holds, and its most recent moves."""
    gates = effective_gates(session, request.client.client_id)
    history = load_moves(session, request.client.client_id, list(tallies), limit=DEFAULT_MOVES)
    states = {}
    for key, tally in tallies.items():
        gate = gates.get(key) or EffectiveGate(initial_gate(ruled=tally.question.auto is not None))
        moves = [move_representation(each) for each in history[key]]
        states[key] = {
            "state": gate.gate.state,
            "waiting": gate.waiting,
            "since": moves[0]["at"] if moves else None,
            "threshold": gate.gate.threshold,
            "history": moves,
        }
    return states


def _by_model_in_force(request: ReportRequest) -> ColumnElement[bool]:
    """Return the condition that the automatic evaluation used the answer model that is in force now."""
    model_id = (
        select(cast(Model.model_id, Text))
        .where(
            Model.client_id == request.client.client_id,
            Model.kind == ANSWERS,
            Model.state == "in_force",
            Model.fault.is_(None),
        )
        .scalar_subquery()
    )
    pinned = func.jsonb_build_array(func.jsonb_build_object("key", ANSWERS, "id", model_id))
    return func.coalesce(current_machine.versions["model"].contains(pinned), False)


def _empty_tallies(versions: Sequence[ScorecardVersion]) -> dict[tuple[str, str], Tally]:
    """Return an empty tally for each scored or critical question, in the order of the forms."""
    tallies: dict[tuple[str, str], Tally] = {}
    for each in versions:
        for question in each.form.questions.values():
            if question.scored or question.critical:
                tallies.setdefault((each.key, question.key), Tally(each.key, question)).add_version(question)
    return tallies


def _row(request: ReportRequest, tally: Tally) -> dict[str, Any]:
    n, question = len(tally.pairs), tally.question
    row: dict[str, Any] = {"scorecard": tally.scorecard, "question": question.key, "text": question.text}
    row |= {"kind": question.kind, "level": tally.level, "suppressed": request.suppresses(n)}
    row |= {"confusion": [], "by_source": []}
    if row["suppressed"]:
        return row
    figures = coefficients(tally)
    pairs = [(pair.machine, pair.human) for pair in tally.pairs]
    counts = {
        "both_na": sum(one.na and other.na for one, other in pairs),
        "one_na": sum(one.na != other.na for one, other in pairs),
        "abstained": tally.abstained,
        "only_one": tally.only_one,
        "machine_higher": figures.pop("machine_higher"),
        "machine_lower": figures.pop("machine_lower"),
    }
    by_source = _by_source(request, tally, figures)
    row |= {name: None if request.suppresses(count) else count for name, count in counts.items()}
    row |= {f"{part['source']}_{name}": part.get(name) for part in by_source for name in CSV_FIGURES}
    return row | {
        "n": n,
        **figures,
        "confusion": [] if request.suppress_small else confusion_cells(tally),
        "by_source": by_source,
    }


def _by_source(request: ReportRequest, tally: Tally, overall: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of answers by rule and by model separately; `overall` are those of both together."""
    counts = tally.count_sources()
    hidden = request.suppressed_groups(counts)
    rows = []
    for source in SOURCES:
        if not counts[source]:
            continue
        row: dict[str, Any] = {"source": source, "suppressed": source in hidden}
        if source not in hidden:
            part = tally.of_source(source)
            in_force = request.visible_count(sum(pair.in_force for pair in part.pairs), counts[source])
            row |= overall if len(counts) == 1 else coefficients(part)
            row |= {"n": counts[source], "in_force": in_force if source == MODEL else None}
        rows.append(row)
    return rows


def _method_note(n: int, *, suppressed: bool) -> str:
    if suppressed:
        return "Fewer than five interactions: the figures are kept back."
    if not n:
        return "No interaction of this period was drawn, reviewed and judged by the machine as well."
    return (
        f"{n:,} interactions were drawn by chance, reviewed in the order of the draw by people who did not "
        "see the machine's answers, and judged by the machine under the same version of the scorecard; "
        "answers to hand-picked reviews are left out. Shares and coefficients describe these interactions; "
        "percent_of_all is weighted by 1 / inclusion probability and says it of all interactions. Where the "
        "machine abstained it said nothing. "
        "by_source tells answers by rule from answers by model: once a model answers a question, its state "
        "rests on the model in force, so read the model's figures beside the state."
    )
