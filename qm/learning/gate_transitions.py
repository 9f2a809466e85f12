"""State transitions of gates: after a holdout evaluation, after monitoring, and when a manager sets a cap."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from qm.learning.gate_store import (
    GatedQuestions,
    Key,
    evaluation_from_row,
    fall_causes,
    gate_from_row,
    gate_rows,
    load_questions,
)
from qm.learning.models import ANSWERS, GateMove, GateState, Model
from qm.webhooks import announcements
from scorecards.automation.gate import Evidence, Move, initial_gate, next_state
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.autoscore.answer_policy import covers_options
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS
from tenants.http.faults import NotFound
from tenants.models import Client, utc_now


def holdout_evaluations(model: Model | None, questions: GatedQuestions) -> dict[Key, HoldoutEvaluation]:
    """Return a model's holdout evaluation of each question in its current form; none if it is unreadable."""
    if model is None or model.fault is not None:
        return {}
    return {
        key: HoldoutEvaluation.from_body(body) for key, body in evaluated_questions(model, questions).items()
    }


def evaluated_questions(model: Model, questions: GatedQuestions) -> dict[Key, Mapping[str, Any]]:
    """Return the holdout evaluations in a model's card of the questions whose options have not changed."""
    evaluated = {
        (line["scorecard"], line["question"]): line
        for line in model.card.get("questions", ())
        if line.get("proof")
    }
    return {
        key: line["proof"]
        for key, line in evaluated.items()
        if key in questions.by_key
        and covers_options(questions.by_key[key], line["classes"], line["unlearned"])
    }


def refresh_gates(session: Session, model: Model) -> None:
    """Update the gates of a client for the model that has just been put in force."""
    if model.kind == ANSWERS:
        client = session.scalars(select(Client).where(Client.client_id == model.client_id)).one()
        apply_transitions(
            session, client, holdout_evaluations(model, load_questions(session, client.client_id)), model
        )


def apply_transitions(
    session: Session, client: Client, evaluations: Mapping[Key, HoldoutEvaluation], model: Model | None
) -> list[Move]:
    """Move every gate of a client as the evaluations of the model in force allow; return the moves.

    Call it in the transaction that puts the model in force. Questions that it has not learned return to
    their initial gate; a gate that was lowered under this same model before is not raised again.
    """
    questions, now = load_questions(session, client.client_id), utc_now()
    model_id = model.model_id if model is not None and model.fault is None else None
    applicable = {
        key: proof for key, proof in evaluations.items() if key in questions.by_key and model_id is not None
    }
    for key in applicable:
        _create_gate(session, client, key, questions)
    causes = fall_causes(session, client.client_id, model_id=model_id, questions=questions)
    moves = []
    for key, row in gate_rows(session, client.client_id, lock=True).items():
        evidence = Evidence(
            ruled=questions.has_rule(key),
            limit=disagreement_limit(client),
            highest=row.highest,
            model=str(model_id) if key in applicable else None,
            proof=applicable.get(key),
            fallen=causes.get(key),
        )
        move = transition(session, row, evidence, now=now)
        if move is None and row.model_id != (model_id if key in applicable else None):
            row.revision += 1
        row.model_id = model_id if key in applicable else None
        row.evidence = evidence.to_body()
        moves += [move] if move else []
    session.flush()
    return moves


def cap(
    session: Session, client: Client, *, scorecard: str, question: str, highest: str, reason: str
) -> GateState:
    """Set the highest automation level of a question; takes effect immediately.

    Raises
    ------
    NotFound
        When no scorecard has this question, or it cannot be answered automatically.
    """
    key, questions, now = (scorecard, question), load_questions(session, client.client_id), utc_now()
    if key not in questions.by_key:
        raise NotFound("question that a machine can answer")
    row = get_or_create_gate(session, client, key, questions)
    before = {"highest": row.highest, "reason": row.reason}
    after = {"highest": highest, "reason": reason}
    if before == after:
        return row
    row.highest, row.reason = highest, reason
    row.revision += 1
    audit.record(
        session, "gate.capped", audit_subject(key), client_id=client.client_id, before=before, after=after
    )
    causes = fall_causes(session, client.client_id, model_id=row.model_id, questions=questions)
    monitoring = {name: row.evidence.get(name) for name in ("recent", "inputs")}
    evidence = replace(stored_evidence(client, row, questions, causes), cap_moved=True)
    transition(session, row, evidence, now=now)
    row.evidence = evidence.to_body() | monitoring
    session.flush()
    return row


def stored_evidence(
    client: Client, row: GateState, questions: GatedQuestions, causes: Mapping[Key, str]
) -> Evidence:
    """Return the stored evidence of a gate: holdout evaluation, cap, and why it was lowered."""
    key = (row.scorecard, row.question)
    return Evidence(
        ruled=questions.has_rule(key),
        limit=disagreement_limit(client),
        highest=row.highest,
        model=None if row.model_id is None else str(row.model_id),
        proof=evaluation_from_row(row) if row.model_id is not None else None,
        fallen=causes.get(key),
    )


def transition(session: Session, row: GateState, evidence: Evidence, *, now: datetime) -> Move | None:
    """Move a locked gate if the evidence requires it, and record the move with the evidence."""
    move = next_state(gate_from_row(row), evidence)
    if move is None:
        return None
    model_id = None if evidence.model is None else uuid.UUID(evidence.model)
    row.state, row.threshold, row.model_id = move.after.state, move.after.threshold, model_id
    row.revision += 1
    row.changed_at = now
    row.evidence = evidence.to_body()
    session.flush()
    _record_move(session, row, move, now)
    return move


def _record_move(session: Session, row: GateState, move: Move, now: datetime) -> None:
    same = (
        GateMove.client_id == row.client_id,
        GateMove.scorecard == row.scorecard,
        GateMove.question == row.question,
    )
    number = 1 + (session.scalar(select(func.max(GateMove.number)).where(*same)) or 0)
    record = GateMove(
        tenant_id=row.tenant_id,
        client_id=row.client_id,
        scorecard=row.scorecard,
        question=row.question,
        number=number,
        from_state=move.before.state,
        to_state=move.after.state,
        cause=move.cause,
        evidence=row.evidence | {"threshold": move.after.threshold},
        model_id=row.model_id,
        at=now,
    )
    session.add(record)
    session.flush()
    audit.record(
        session,
        "gate.moved",
        audit_subject((row.scorecard, row.question)),
        client_id=row.client_id,
        before=move.before.state,
        after=move.after.state,
        cause=move.cause,
        threshold=move.after.threshold,
        model_id=row.model_id,
        evidence=row.evidence,
    )
    announcements.gate_moved(
        session,
        row.client_id,
        scorecard=row.scorecard,
        question=row.question,
        before=move.before.state,
        after=move.after.state,
        cause=move.cause,
        threshold=move.after.threshold,
        model_id=row.model_id,
    )


def _create_gate(session: Session, client: Client, key: Key, questions: GatedQuestions) -> None:
    """Insert the initial gate unless there is a row already."""
    session.execute(
        insert(GateState)
        .values(
            tenant_id=client.tenant_id,
            client_id=client.client_id,
            scorecard=key[0],
            question=key[1],
            state=initial_gate(ruled=questions.has_rule(key)).state,
            highest="automatic",
            evidence={},
            revision=1,
            changed_at=utc_now(),
        )
        .on_conflict_do_nothing()
    )


def get_or_create_gate(session: Session, client: Client, key: Key, questions: GatedQuestions) -> GateState:
    """Return a gate row, locked; the initial gate is inserted if there was none."""
    _create_gate(session, client, key, questions)
    return gate_rows(session, client.client_id, lock=True)[key]


def audit_subject(key: Key) -> str:
    """Return the subject of a gate in the audit log."""
    return f"gate:{key[0]}/{key[1]}"


def disagreement_limit(client: Client) -> float:
    """Return the share of disagreement between reviewers and automatic answers that a client accepts."""
    return float(client.settings.get("disagreement_limit", DEFAULT_SETTINGS["disagreement_limit"]))
