"""Moves gates: by a model's proofs, by what recent interactions show, and by a manager's word."""

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
from scorecards.automation.gate import Evidence, Move, initial_gate, next_state
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.autoscore.answer_policy import covers_options
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS
from tenants.http.faults import NotFound
from tenants.models import Client, utc_now


def holdout_evaluations_of(model: Model | None, asked: GatedQuestions) -> dict[Key, HoldoutEvaluation]:
    """Return what a model showed of each question as it is asked now; nothing where it cannot be read."""
    if model is None or model.fault is not None:
        return {}
    return {key: HoldoutEvaluation.from_body(body) for key, body in evaluated_questions(model, asked).items()}


def evaluated_questions(model: Model, asked: GatedQuestions) -> dict[Key, Mapping[str, Any]]:
    """Return what stands of proofs in a model's card; of a question with other options now nothing does."""
    lines = {
        (line["scorecard"], line["question"]): line
        for line in model.card.get("questions", ())
        if line.get("proof")
    }
    return {
        key: line["proof"]
        for key, line in lines.items()
        if key in asked.questions and covers_options(asked.questions[key], line["classes"], line["unlearned"])
    }


def refresh_gates(session: Session, model: Model) -> None:
    """Let the gates of a client follow the model that has just come in force."""
    if model.kind == ANSWERS:
        client = session.scalars(select(Client).where(Client.client_id == model.client_id)).one()
        apply_transitions(
            session, client, holdout_evaluations_of(model, load_questions(session, client.client_id)), model
        )


def apply_transitions(
    session: Session, client: Client, proofs: Mapping[Key, HoldoutEvaluation], model: Model | None
) -> list[Move]:
    """Let every gate of a client follow what the model that is in force now has shown; returns the moves.

    Call it in the transaction that puts the model in force. Questions that it has not learned go back to
    where they start; what fell under this very model before stays down.
    """
    asked, now = load_questions(session, client.client_id), utc_now()
    model_id = model.model_id if model is not None and model.fault is None else None
    learned = {key: proof for key, proof in proofs.items() if key in asked.questions and model_id is not None}
    for key in learned:
        _make(session, client, key, asked)
    fell = fall_causes(session, client.client_id, model_id=model_id, asked=asked)
    moves = []
    for key, row in gate_rows(session, client.client_id, lock=True).items():
        evidence = Evidence(
            ruled=asked.has_rule(key),
            limit=limit_of(client),
            highest=row.highest,
            model=str(model_id) if key in learned else None,
            proof=learned.get(key),
            fallen=fell.get(key),
        )
        move = transition(session, row, evidence, now=now)
        if move is None and row.model_id != (model_id if key in learned else None):
            row.revision += 1
        row.model_id = model_id if key in learned else None
        row.evidence = evidence.to_body()
        moves += [move] if move else []
    session.flush()
    return moves


def cap(
    session: Session, client: Client, *, scorecard: str, question: str, highest: str, reason: str
) -> GateState:
    """Let the machine go no further than `highest` with a question, at once, or further again.

    Raises
    ------
    NotFound
        When no scorecard asks this, or no machine could answer it.
    """
    key, asked, now = (scorecard, question), load_questions(session, client.client_id), utc_now()
    if key not in asked.questions:
        raise NotFound("question that a machine can answer")
    row = stored(session, client, key, asked)
    before = {"highest": row.highest, "reason": row.reason}
    after = {"highest": highest, "reason": reason}
    if before == after:
        return row
    row.highest, row.reason = highest, reason
    row.revision += 1
    audit.record(
        session, "gate.capped", subject_of(key), client_id=client.client_id, before=before, after=after
    )
    fell = fall_causes(session, client.client_id, model_id=row.model_id, asked=asked)
    seen = {name: row.evidence.get(name) for name in ("recent", "inputs")}
    evidence = replace(evidence_in(client, row, asked, fell), cap_moved=True)
    transition(session, row, evidence, now=now)
    row.evidence = evidence.to_body() | seen
    session.flush()
    return row


def evidence_in(client: Client, row: GateState, asked: GatedQuestions, fell: Mapping[Key, str]) -> Evidence:
    """Return what is stored of a question: the proof of the model in force, the cap, and whether it fell."""
    key = (row.scorecard, row.question)
    return Evidence(
        ruled=asked.has_rule(key),
        limit=limit_of(client),
        highest=row.highest,
        model=None if row.model_id is None else str(row.model_id),
        proof=evaluation_from_row(row) if row.model_id is not None else None,
        fallen=fell.get(key),
    )


def transition(session: Session, row: GateState, evidence: Evidence, *, now: datetime) -> Move | None:
    """Move a locked gate if the evidence asks for it, and keep the move with the evidence."""
    move = next_state(gate_from_row(row), evidence)
    if move is None:
        return None
    model_id = None if evidence.model is None else uuid.UUID(evidence.model)
    row.state, row.threshold, row.model_id = move.after.state, move.after.threshold, model_id
    row.revision += 1
    row.changed_at = now
    row.evidence = evidence.to_body()
    session.flush()
    _keep(session, row, move, now)
    return move


def _keep(session: Session, row: GateState, move: Move, now: datetime) -> None:
    same = (
        GateMove.client_id == row.client_id,
        GateMove.scorecard == row.scorecard,
        GateMove.question == row.question,
    )
    number = 1 + (session.scalar(select(func.max(GateMove.number)).where(*same)) or 0)
    made = GateMove(
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
    session.add(made)
    session.flush()
    audit.record(
        session,
        "gate.moved",
        subject_of((row.scorecard, row.question)),
        client_id=row.client_id,
        before=move.before.state,
        after=move.after.state,
        cause=move.cause,
        threshold=move.after.threshold,
        model_id=row.model_id,
        evidence=row.evidence,
    )


def _make(session: Session, client: Client, key: Key, asked: GatedQuestions) -> None:
    """Store the gate where it starts, unless it is stored already."""
    session.execute(
        insert(GateState)
        .values(
            tenant_id=client.tenant_id,
            client_id=client.client_id,
            scorecard=key[0],
            question=key[1],
            state=initial_gate(ruled=asked.has_rule(key)).state,
            highest="automatic",
            evidence={},
            revision=1,
            changed_at=utc_now(),
        )
        .on_conflict_do_nothing()
    )


def stored(session: Session, client: Client, key: Key, asked: GatedQuestions) -> GateState:
    """Return a gate, locked; it is stored where it starts if it was not yet."""
    _make(session, client, key, asked)
    return gate_rows(session, client.client_id, lock=True)[key]


def subject_of(key: Key) -> str:
    """Return what the audit log calls a gate."""
    return f"gate:{key[0]}/{key[1]}"


def limit_of(client: Client) -> float:
    """Return the share of disagreement that a client accepts."""
    return float(client.settings.get("disagreement_limit", DEFAULT_SETTINGS["disagreement_limit"]))
