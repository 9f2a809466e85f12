"""Who sees which dispute, and whose evaluations somebody may dispute.

* An agent sees the disputes they opened, and disputes published evaluations of their own work.
* A client's people see what was opened for the client, and dispute what was published of it, unless its
  setting `disputes` says `by_client: false`.
* Reviewers see disputes of their own evaluations, and what they opened.
* Managers, admins and team leads see every dispute of their clients.
* Nobody sees a dispute of an interaction of which they are still to judge blind (`qm/reviews/blindness.py`).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from qm.disputes.models import WAITING, Dispute
from qm.reviews.blindness import visible_evaluations
from qm.reviews.client_reading import select_published_to_client
from qm.reviews.models import Evaluation
from qm.reviews.publishing import select_ever_published, select_published_evaluations
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound
from tenants.roles import CLIENT_ROLE

LAPSED = "lapsed"
"""A dispute that waits, of an evaluation that is void or taken back: nothing is left to decide."""
_SEE_ALL = frozenset({"admin", "qm_manager", "team_lead"})
_standing = aliased(Evaluation, name="standing")


def side_of(actor: Actor) -> str:
    """Return for whom somebody disputes."""
    return "client" if actor.role == CLIENT_ROLE else "agent"


def is_in_force() -> ColumnElement[bool]:
    """Return the condition that something of the reviewer and interaction of a dispute is in force."""
    return exists(
        select(literal(1)).where(
            _standing.tenant_id == Dispute.tenant_id,
            _standing.interaction_id == Dispute.interaction_id,
            _standing.reviewer_id == Dispute.reviewer_id,
            _standing.kind == "human",
            _standing.superseded_at.is_(None),
        )
    )


def in_state(state: str) -> ColumnElement[bool]:
    """Return the condition that a dispute is in a state, `lapsed` included."""
    if state == LAPSED:
        return and_(Dispute.state.in_(WAITING), ~is_in_force())
    if state in WAITING:
        return and_(Dispute.state == state, is_in_force())
    return Dispute.state == state


def select_disputes(actor: Actor) -> Select[Dispute]:
    """Return the statement of the disputes that somebody may see, in no order."""
    seen = visible_evaluations(actor, Dispute)
    return select(Dispute).where(seen, _concerns(actor))


def _concerns(actor: Actor) -> ColumnElement[bool]:
    if actor.role is None or actor.role in _SEE_ALL:
        return literal(True)
    if actor.role == CLIENT_ROLE:
        return Dispute.side == "client"
    return or_(Dispute.initiator_id == actor.user_id, _is_own_evaluation(actor))


def _is_own_evaluation(actor: Actor) -> ColumnElement[bool]:
    reviews = "reviews:write" in actor.scopes or actor.role == "reviewer"
    return and_(literal(reviews), Dispute.reviewer_id == actor.user_id)


def get_dispute(session: Session, actor: Actor, dispute_id: uuid.UUID) -> Dispute:
    """Return the dispute with this id, unless the caller may not see it."""
    wanted = select_disputes(actor).where(Dispute.dispute_id == dispute_id)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("dispute")
    return found


def in_force(session: Session, disputes: Sequence[Dispute]) -> dict[uuid.UUID, Evaluation]:
    """Return the version in force by dispute; those that have none are left out."""
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id.in_({each.interaction_id for each in disputes}),
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
        )
    ).all()
    standing = {(each.interaction_id, each.reviewer_id): each for each in found}
    pairs = ((each.dispute_id, (each.interaction_id, each.reviewer_id)) for each in disputes)
    return {dispute_id: standing[pair] for dispute_id, pair in pairs if pair in standing}


def select_readable(actor: Actor) -> Select[Evaluation]:
    """Return the statement of what was ever published to somebody: of their work, or of their client."""
    return select_published_to_client(actor) if actor.role == CLIENT_ROLE else select_ever_published(actor)


def select_to_read(actor: Actor) -> Select[Evaluation]:
    """Return the statement of the published evaluations in force that somebody reads as agent or client."""
    if actor.role == CLIENT_ROLE:
        return select_readable(actor).where(Evaluation.superseded_at.is_(None))
    return select_published_evaluations(actor)


def get_published(session: Session, actor: Actor, evaluation_id: uuid.UUID, now: datetime) -> Evaluation:
    """Return a published evaluation in force that somebody may dispute or acknowledge.

    Raises
    ------
    NotFound
        When it is nobody's, somebody else's, or not published yet.
    Conflict
        When it was published, and has been voided or changed since.
    """
    wanted = select_readable(actor).where(Evaluation.evaluation_id == evaluation_id)
    found = session.scalars(wanted).one_or_none()
    if found is None or found.published_at is None or found.published_at > now:
        raise NotFound("evaluation")
    if found.voided_at is not None:
        raise Conflict("This evaluation was voided: it counts nowhere any more.", "evaluation_void")
    if found.superseded_at is not None:
        raise Conflict(
            "This evaluation was changed since you read it. Read the version that is in force now.",
            "evaluation_changed",
        )
    return found
