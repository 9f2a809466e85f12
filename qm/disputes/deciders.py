"""Who may decide on a dispute.

Only QM managers and admins decide. Nobody decides on what they opened themselves; an appeal is decided by
somebody who did not decide before. Whoever made the evaluation, or a version of it by editing, decides only
where no other manager or admin of the client is left.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import exists, literal, or_, select
from sqlalchemy.orm import Session

from qm.disputes.models import Dispute, DisputeDecision
from qm.reviews.models import Evaluation
from qm.reviews.permissions import QUEUE_MANAGERS
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Conflict
from tenants.models import Membership, User


class NotDecider(Forbidden):
    """The credential has the scope, but the role of its user does not decide."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("disputes:write")
        self.args = ("Only a QM manager or an admin decides on disputes.",)


def decides(actor: Actor) -> bool:
    """Whether somebody's role decides on disputes."""
    return actor.role in QUEUE_MANAGERS


def check_decides(actor: Actor) -> None:
    """Raise unless the caller's role decides on disputes."""
    if not decides(actor):
        raise NotDecider


def judges_of(session: Session, dispute: Dispute) -> set[uuid.UUID]:
    """Return who judged the interaction under dispute: its reviewer, and who made versions by editing.

    That a decision made a version too is no more than having decided.
    """
    decided = select(DisputeDecision.evaluation_id).where(DisputeDecision.evaluation_id.is_not(None))
    authors = session.scalars(
        select(Evaluation.author_id).where(
            Evaluation.interaction_id == dispute.interaction_id,
            Evaluation.kind == "human",
            Evaluation.reviewer_id == dispute.reviewer_id,
            Evaluation.author_id.is_not(None),
            Evaluation.evaluation_id.not_in(decided),
        )
    ).all()
    return {dispute.reviewer_id, *(each for each in authors if each is not None)}


def deciders_of(session: Session, dispute: Dispute) -> set[uuid.UUID]:
    """Return the managers and admins of the client who are still there."""
    bound = select(literal(1)).where(Membership.user_id == User.user_id)
    to_client = exists(bound.where(Membership.client_id == dispute.client_id))
    found = session.scalars(
        select(User.user_id).where(
            User.role.in_(QUEUE_MANAGERS), User.disabled_at.is_(None), or_(~exists(bound), to_client)
        )
    )
    return set(found)


def objection(session: Session, actor: Actor, dispute: Dispute) -> Conflict | None:
    """Return why somebody whose role decides may not decide on this dispute now."""
    if actor.user_id == dispute.initiator_id:
        return Conflict("You opened this dispute: somebody else decides.", "own_dispute")
    earlier = decided_by(session, dispute)
    if actor.user_id in earlier:
        return Conflict(
            "You decided on this before: an appeal is decided by somebody else.", "decided_before"
        )
    if actor.user_id in judges_of(session, dispute) and _others(session, dispute, earlier):
        return Conflict("You made this evaluation: another manager or admin decides.", "own_evaluation")
    return None


def is_only_one(session: Session, actor: Actor, dispute: Dispute) -> bool:
    """Whether somebody made the evaluation and decides all the same, as nobody else is there."""
    return actor.user_id in judges_of(session, dispute)


def _others(session: Session, dispute: Dispute, earlier: Collection[uuid.UUID]) -> set[uuid.UUID]:
    involved = {*judges_of(session, dispute), *earlier, dispute.initiator_id}
    return deciders_of(session, dispute) - involved


def decided_by(session: Session, dispute: Dispute) -> set[uuid.UUID]:
    """Return who has decided on a dispute so far."""
    found = select(DisputeDecision.decider_id).where(DisputeDecision.dispute_id == dispute.dispute_id)
    return set(session.scalars(found))


def check_may_decide(session: Session, actor: Actor, dispute: Dispute) -> None:
    """Raise unless the caller may decide on a dispute."""
    check_decides(actor)
    found = objection(session, actor, dispute)
    if found is not None:
        raise found


def check_appealable(session: Session, dispute: Dispute) -> None:
    """Raise unless somebody is there who could decide on an appeal."""
    if not deciders_of(session, dispute) - decided_by(session, dispute) - {dispute.initiator_id}:
        raise Conflict(
            "Nobody is there to decide on an appeal: another QM manager or admin is needed.",
            "nobody_to_decide",
        )
