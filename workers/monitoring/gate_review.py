"""Reviews gates: whether recent agreement and inputs still justify the automation of each question.

A bounded sample of recent interactions is read, one client at a time, when there are new reviews and once an
hour; the decisions themselves are made in `scorecards.automation.gate`.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import structlog
from sqlalchemy import ColumnElement, Double, Engine, Select, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.learning import model_registry
from qm.learning.gate_store import (
    GatedQuestions,
    Key,
    fall_causes,
    gate_from_row,
    gate_rows,
    load_model_ids,
    load_questions,
)
from qm.learning.gate_transitions import (
    apply_transitions,
    evaluated_questions,
    get_or_create_gate,
    holdout_evaluations,
    stored_evidence,
    transition,
)
from qm.learning.models import ANSWERS, GateState, Model
from qm.reviews.answer_comparison import AnswerPair, pair_answers
from qm.reviews.double_scored import human, join_machine_at_review, machine, sampled, select_submitted_reviews
from qm.reviews.models import Evaluation, Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted
from scorecards.authoring.version_queries import forms_by_id
from scorecards.automation.drift import (
    InputDrift,
    RecentAgreement,
    ReviewedAnswer,
    VocabularyShare,
    input_drift,
    recent_agreement,
)
from scorecards.automation.gate import Evidence, Gate, Move, initial_gate, next_state
from tenants import audit
from tenants.clients import tenant_scope
from tenants.isolation import Scope, set_scope, transaction
from tenants.models import Client, utc_now
from workers.database_errors import error_line, is_database_fault

log = structlog.get_logger(__name__)

RECENT_DAYS = 90
MAX_REVIEWS = 400
MAX_CONVERSATIONS = 300
_HOUR = 3600

# What the last review of each client in this process was based on; a new process reviews every client once.
_last_review: dict[uuid.UUID, tuple[Any, ...]] = {}


@dataclass(frozen=True, slots=True)
class DoubleScored:
    """The human's answer to one question of a recent interaction, and the machine's when it was reviewed."""

    interaction: str
    machine: str | None
    confidence: float
    by_model: bool
    human: str
    probability: float

    def reviewed_answer(self, gate: Gate) -> ReviewedAnswer:
        """Return the answer as this gate would let it stand, else an abstention."""
        stands = gate.state != "automatic" or (self.by_model and self.confidence >= (gate.threshold or 0.0))
        return ReviewedAnswer(
            self.interaction, self.machine if stands else None, self.human, self.probability
        )


def review_gates(engine: Engine, tenant_id: uuid.UUID) -> int:
    """Review every client of a provider, each in its own transaction; returns how many gates moved.

    An error leaves the gates of its client as they are, and does not affect other clients.
    """
    moves = 0
    with transaction(engine) as session:
        set_scope(session, tenant_scope(session, tenant_id))
        clients = _clients_to_review(session, tenant_id)
    for client_id in clients:
        try:
            with transaction(engine) as session:
                moves += len(_review_client_by_id(session, tenant_id, client_id))
        except Exception as error:
            if is_database_fault(error):
                raise
            log.exception("gates_not_kept", client=str(client_id), error=error_line(error))
    return moves


def _clients_to_review(session: Session, tenant_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the clients that have a model, a gate or a recent review: of all others no gate can move."""
    of_client = and_(Model.tenant_id == Client.tenant_id, Model.client_id == Client.client_id)
    model = exists().where(of_client, Model.kind == ANSWERS, Model.state == "in_force")
    gate = exists().where(GateState.tenant_id == Client.tenant_id, GateState.client_id == Client.client_id)
    reviewed = _reviews(Client, utc_now() - timedelta(days=RECENT_DAYS), literal(1)).exists()
    statement = select(Client.client_id).where(Client.tenant_id == tenant_id, or_(model, gate, reviewed))
    return session.scalars(statement.order_by(Client.client_id)).all()


def _review_client_by_id(session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID) -> list[Move]:
    set_scope(session, Scope(tenant_id, (client_id,)))
    audit.act_as(session, "gatekeeper")
    return review_client(session, session.scalars(select(Client).where(Client.client_id == client_id)).one())


def review_client(session: Session, client: Client) -> list[Move]:
    """Move the gates of a client that recent interactions contradict, or that rest on another model."""
    gated, now = load_questions(session, client.client_id), utc_now()
    since = now - timedelta(days=RECENT_DAYS)
    model = model_registry.model_in_force(session, client.client_id, ANSWERS)
    model = None if model is None or model.fault is not None else model
    moves = _follow_model(session, client, model, gated)
    basis = (
        model and model.model_id,
        client.revision,
        tuple(gated.since.items()),
        session.scalar(_reviews(client, since, func.count())),
        int(now.timestamp() // _HOUR),
    )
    if _last_review.get(client.client_id) == basis:
        return moves
    double_scored = _double_scored(session, client, model, since)
    drift = _input_drift(session, client, model, since)
    rows = gate_rows(session, client.client_id, lock=True)
    if not _models(rows) <= {None, model and model.model_id}:
        # Another model came into force meanwhile: the sample is not about it.
        return moves
    fell = {
        each: fall_causes(session, client.client_id, model_id=each, questions=gated) for each in _models(rows)
    }
    for key in gated.by_key:
        answers = double_scored.get(key, ())
        row = rows.get(key) or _new_gate(session, client, key, gated, answers)
        if row is not None:
            evidence = stored_evidence(client, row, gated, fell.get(row.model_id, {}))
            recent = _recent_agreement(gate_from_row(row), evidence, gated, key, answers)
            evidence = replace(evidence, recent=recent, inputs=drift if evidence.model else None)
            move = transition(session, row, evidence, now=now)
            moves += [move] if move else []
            row.evidence = evidence.to_body()
    _last_review[client.client_id] = basis
    return moves


def _models(rows: Mapping[Key, GateState]) -> set[uuid.UUID | None]:
    return {row.model_id for row in rows.values()} | {None}


def _follow_model(session: Session, client: Client, model: Model | None, gated: GatedQuestions) -> list[Move]:
    """Move gates that rest on another model than the one in force, as after a rollback to an older one."""
    wanted = dict.fromkeys(evaluated_questions(model, gated), model.model_id) if model else {}
    found = load_model_ids(session, client.client_id)
    if all(found.get(key) == wanted.get(key) for key in found.keys() | wanted.keys()):
        return []
    return apply_transitions(session, client, holdout_evaluations(model, gated), model)


def _new_gate(
    session: Session, client: Client, key: Key, gated: GatedQuestions, answers: Sequence[DoubleScored]
) -> GateState | None:
    """Store a gate in its initial state if the evidence moves it; gates never moved are not stored."""
    gate = initial_gate(ruled=gated.has_rule(key))
    evidence = Evidence(ruled=gated.has_rule(key), limit=0.5)
    evidence = replace(evidence, recent=_recent_agreement(gate, evidence, gated, key, answers))
    return get_or_create_gate(session, client, key, gated) if next_state(gate, evidence) else None


def _recent_agreement(
    gate: Gate, evidence: Evidence, gated: GatedQuestions, key: Key, answers: Sequence[DoubleScored]
) -> RecentAgreement | None:
    if gate.state == "human_only" or not answers:
        return None
    proof = evidence.proof
    return recent_agreement(
        [each.reviewed_answer(gate) for each in answers],
        gated.by_key[key],
        limit=proof.limit if proof else evidence.limit,
        rare=proof.miss_bounds if proof else (),
    )


def _recently_sampled(client: Client | type[Client], since: datetime) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of a client's sampled reviews since then."""
    of_client = (Review.tenant_id == client.tenant_id, Review.client_id == client.client_id)
    return (*of_client, Review.created_at >= since, sampled)


def _reviews(client: Client | type[Client], since: datetime, *columns: Any) -> Select[Any]:
    """Return the statement of recent, submitted reviews of sampled interactions."""
    conditions = (*_recently_sampled(client, since), Review.state == "submitted")
    return select(*columns).select_from(Review).where(*conditions)


def _evaluated_by(evaluation: Any, model: Model | None) -> Any:
    model_id = evaluation.findings["model"]["model_id"].astext
    return model_id.is_(None) if model is None else model_id == str(model.model_id)


def _double_scored(
    session: Session, client: Client, model: Model | None, since: datetime
) -> Mapping[Key, Sequence[DoubleScored]]:
    """Return the answers of people and of the model in force to the newest interactions that both evaluated.

    The machine's evaluation is the one in force at the time of the review: a later one may be by a model that
    was trained on this review.
    """
    columns = (Review.interaction_id, *DRAW_COLUMNS, human.scorecard_id)
    statement = (
        select_submitted_reviews(
            *columns, human.answers.label("human_answers"), machine.answers.label("machine_answers")
        )
        .join(machine, and_(join_machine_at_review(), _evaluated_by(machine, model)))
        .where(*_recently_sampled(client, since))
    )
    rows = session.execute(statement.order_by(Review.created_at.desc()).limit(MAX_REVIEWS)).all()
    forms = forms_by_id(session, {row.scorecard_id for row in rows})
    found: defaultdict[Key, list[DoubleScored]] = defaultdict(list)
    for row, probability in counted(session, rows):
        form = forms[row.scorecard_id]
        answers = {answer["question"]: answer for answer in row.machine_answers}
        for each in pair_answers(form, row.human_answers, row.machine_answers):
            if each.human is not None:
                answer = answers.get(each.question.key, {})
                found[form.key, each.question.key].append(_from_row(row, probability, each, answer))
    return found


def _from_row(row: Any, probability: float, found: AnswerPair, answer: Mapping[str, Any]) -> DoubleScored:
    return DoubleScored(
        interaction=str(row.interaction_id),
        machine=found.machine.name if found.machine else None,
        confidence=float(answer.get("confidence") or 0.0),
        by_model=answer.get("source") == "model",
        human=found.human.name if found.human else "",
        probability=probability,
    )


def _input_drift(session: Session, client: Client, model: Model | None, since: datetime) -> InputDrift | None:
    """Compare the in-vocabulary share of the newest interactions with that of the model's held-out ones."""
    then = model.card.get("familiarity") if model else None
    if model is None or not then or then.get("mean") is None:
        return None
    automatic_in_force = and_(
        Evaluation.tenant_id == Interaction.tenant_id,
        Evaluation.interaction_id == Interaction.interaction_id,
        Evaluation.kind == "automatic",
        Evaluation.superseded_at.is_(None),
        _evaluated_by(Evaluation, model),
    )
    in_vocabulary_share = cast(Evaluation.findings["model"]["familiarity"].astext, Double)
    statement = (
        select(in_vocabulary_share)
        .select_from(Interaction)
        .join(Evaluation, automatic_in_force)
        .where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.started_at >= since,
        )
        .order_by(Interaction.started_at.desc(), Interaction.interaction_id.desc())
        .limit(MAX_CONVERSATIONS)
    )
    found = np.array([each for each in session.scalars(statement) if each is not None], dtype=np.float64)
    if found.size < 2:
        return None
    now = VocabularyShare(float(found.mean()), float(found.std(ddof=1)), int(found.size))
    return input_drift(VocabularyShare(float(then["mean"]), float(then["sd"]), int(then["n"])), now)
