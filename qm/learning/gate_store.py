"""Queries of stored gates: the automation level of each scorecard question of a client."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from qm.learning.models import GateMove, GateState
from scorecards.authoring.models import Definition
from scorecards.automation.gate import FALL_CAUSES, Gate
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.definitions.form import Form, Question

Key = tuple[str, str]
LEARNABLE = frozenset({"yes_no", "scale", "single"})


@dataclass(frozen=True, slots=True)
class GatedQuestions:
    """The questions of a client that can be answered automatically, from the newest scorecard versions.

    `since` is when the newest version of each scorecard takes effect.
    """

    by_key: Mapping[Key, Question]
    since: Mapping[str, datetime]

    def has_rule(self, key: Key) -> bool:
        """Whether a rule answers the question."""
        question = self.by_key.get(key)
        return question is not None and question.auto is not None


def load_gates(session: Session, client_id: uuid.UUID) -> dict[Key, Gate]:
    """Return the stored gates of a client; a question without a row has its initial gate."""
    columns = (GateState.scorecard, GateState.question, GateState.state)
    statement = select(*columns, GateState.threshold, GateState.model_id)
    rows = session.execute(statement.where(GateState.client_id == client_id))
    return {(row.scorecard, row.question): gate_from_row(row) for row in rows}


def gate_from_row(row: Any) -> Gate:
    """Return the gate that a row stores."""
    if row.state != "automatic":
        return Gate(row.state)
    return Gate(row.state, row.threshold, None if row.model_id is None else str(row.model_id))


def load_questions(session: Session, client_id: uuid.UUID) -> GatedQuestions:
    """Return the questions that have gates: those with a rule and those that a model can learn."""
    rows = session.execute(
        select(Definition.key, Definition.body, Definition.effective_from)
        .where(
            Definition.client_id == client_id,
            Definition.kind == "scorecard",
            Definition.state != "draft",
        )
        .ext(distinct_on(Definition.key))
        .order_by(Definition.key, Definition.version.desc())
    ).all()
    questions = {
        (row.key, key): question
        for row in rows
        for key, question in Form.from_body(row.body).questions.items()
        if question.auto is not None or question.kind in LEARNABLE
    }
    return GatedQuestions(questions, {row.key: row.effective_from for row in rows})


def gate_rows(session: Session, client_id: uuid.UUID, *, lock: bool = False) -> dict[Key, GateState]:
    """Return the gate rows of a client, optionally locked until the end of the transaction."""
    statement = select(GateState).where(GateState.client_id == client_id)
    statement = statement.order_by(GateState.scorecard, GateState.question)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return {(row.scorecard, row.question): row for row in session.scalars(statement)}


def load_model_ids(session: Session, client_id: uuid.UUID) -> dict[Key, uuid.UUID | None]:
    """Return the id of the model that each stored gate of a client is based on."""
    columns = (GateState.scorecard, GateState.question, GateState.model_id)
    rows = session.execute(select(*columns).where(GateState.client_id == client_id))
    return {(row.scorecard, row.question): row.model_id for row in rows}


def evaluation_from_row(row: GateState) -> HoldoutEvaluation | None:
    """Return the holdout evaluation that a gate is based on."""
    stored = row.evidence.get("proof")
    return HoldoutEvaluation.from_body(stored) if stored else None


def fall_causes(
    session: Session, client_id: uuid.UUID, *, model_id: uuid.UUID | None, questions: GatedQuestions
) -> dict[Key, str]:
    """Return the gates that were lowered under a model because of reviewers or input drift, with the cause.

    With no model these are gates of rules, which a later version of the scorecard resets.
    """
    rows = session.execute(
        select(GateMove.scorecard, GateMove.question, GateMove.cause, GateMove.at)
        .where(
            GateMove.client_id == client_id,
            GateMove.model_id.is_not_distinct_from(model_id),
            GateMove.cause.in_(FALL_CAUSES),
        )
        .order_by(GateMove.number)
    )
    return {
        (row.scorecard, row.question): row.cause
        for row in rows
        if model_id is not None
        or row.scorecard not in questions.since
        or row.at >= questions.since[row.scorecard]
    }


def load_moves(
    session: Session, client_id: uuid.UUID, keys: Sequence[Key], *, limit: int
) -> dict[Key, list[GateMove]]:
    """Return the most recent moves of these gates, newest first."""
    if not keys:
        return {}
    rank = func.row_number().over(
        partition_by=(GateMove.scorecard, GateMove.question), order_by=GateMove.number.desc()
    )
    ranked = (
        select(GateMove.scorecard, GateMove.question, GateMove.number, rank.label("place"))
        .where(GateMove.client_id == client_id)
        .subquery()
    )
    same = and_(
        GateMove.scorecard == ranked.c.scorecard,
        GateMove.question == ranked.c.question,
        GateMove.number == ranked.c.number,
    )
    statement = (
        select(GateMove)
        .join(ranked, same)
        .where(GateMove.client_id == client_id, ranked.c.place <= limit)
        .order_by(GateMove.scorecard, GateMove.question, GateMove.number.desc())
    )
    moves: dict[Key, list[GateMove]] = {key: [] for key in keys}
    for move in session.scalars(statement):
        moves.get((move.scorecard, move.question), []).append(move)
    return moves
