"""Acknowledging an evaluation: the agent says that they have read it. Nothing says so for them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session

from qm.disputes.access import get_published
from qm.disputes.models import Acknowledgement
from qm.disputes.rules import DisputeRules, published_since
from qm.interactions.queries import lock_interaction
from qm.reviews.models import Evaluation
from qm.reviews.publishing import select_published_evaluations
from tenants import audit
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.roles import CLIENT_ROLE


class NotTheAgent(Forbidden):
    """The credential has the scope, but an evaluation is acknowledged by the agent whose work it is of."""

    def __init__(self) -> None:
        """Set the message that names who acknowledges."""
        super().__init__("disputes:write")
        self.args = ("An evaluation is acknowledged by the agent whose work it is of.",)


def acknowledge(
    session: Session, actor: Actor, evaluation_id: uuid.UUID, *, now: datetime
) -> Acknowledgement:
    """Note that an agent has read an evaluation of their work; said again, the first time stays.

    Raises
    ------
    NotFound
        When it is none of their published evaluations.
    Conflict
        When it was voided or changed since.
    """
    if actor.role == CLIENT_ROLE:
        raise NotTheAgent
    evaluation = get_published(session, actor, evaluation_id, now)
    lock_interaction(session, evaluation.interaction_id)
    session.refresh(evaluation)
    evaluation = get_published(session, actor, evaluation_id, now)
    found = acknowledgements(session, [evaluation], actor.user_id).get(evaluation_id)
    if found is not None:
        return found
    made = Acknowledgement(
        tenant_id=evaluation.tenant_id,
        client_id=evaluation.client_id,
        interaction_id=evaluation.interaction_id,
        evaluation_id=evaluation_id,
        user_id=actor.user_id,
        acknowledged_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        "evaluation.acknowledged",
        f"evaluation:{evaluation_id}",
        client_id=evaluation.client_id,
        interaction=evaluation.interaction_id,
    )
    return made


def acknowledgements(
    session: Session, evaluations: Iterable[Evaluation], user_id: uuid.UUID | None = None
) -> dict[uuid.UUID, Acknowledgement]:
    """Return who acknowledged these versions, by evaluation; with `user_id` only what that person did."""
    wanted = select(Acknowledgement).where(
        Acknowledgement.evaluation_id.in_([each.evaluation_id for each in evaluations])
    )
    if user_id is not None:
        wanted = wanted.where(Acknowledgement.user_id == user_id)
    return {each.evaluation_id: each for each in session.scalars(wanted)}


def to_acknowledge(session: Session, actor: Actor, *, most: int) -> Sequence[Evaluation]:
    """Return the published evaluations of somebody's work that they have not acknowledged, oldest first."""
    said = exists(
        select(literal(1)).where(
            Acknowledgement.tenant_id == Evaluation.tenant_id,
            Acknowledgement.evaluation_id == Evaluation.evaluation_id,
            Acknowledgement.user_id == actor.user_id,
        )
    )
    waiting = select_published_evaluations(actor).where(~said)
    return session.scalars(
        waiting.order_by(Evaluation.published_at, Evaluation.evaluation_id).limit(most)
    ).all()


def acknowledgement_of(
    evaluation: Evaluation, rules: DisputeRules, found: Acknowledgement | None, now: datetime
) -> Mapping[str, Any]:
    """Return whether an evaluation is acknowledged, until when it should be, and whether that is over."""
    due_at = None
    if evaluation.published_at is not None:
        due_at = rules.overdue_from(published_since(evaluation.published_at, evaluation.created_at))
    return {
        "evaluation": evaluation.evaluation_id,
        "acknowledged_at": found.acknowledged_at if found else None,
        "due_at": due_at,
        "overdue": found is None and due_at is not None and due_at < now,
    }
