"""Who may review what, and who may decide that for others."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.models import Review
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Membership, User
from tenants.roles import ROLES

QUEUE_MANAGERS = frozenset({"admin", "qm_manager"})


class NotQueueManager(Forbidden):
    """The credential carries the scope, but its person's role does not decide for others."""

    def __init__(self) -> None:
        """Say whose task it is."""
        super().__init__("reviews:write")
        self.args = ("Only a QM manager or an admin says who reviews what.",)


def may_manage_queue(actor: Actor) -> bool:
    """Whether they may take reviews from people and give them to others."""
    return actor.role in QUEUE_MANAGERS


def check_may_manage_queue(actor: Actor) -> None:
    """Go on only for those who may give reviews to others."""
    if not may_manage_queue(actor):
        raise NotQueueManager


def check_may_review(
    session: Session, user_id: uuid.UUID, client_id: uuid.UUID, interaction_id: uuid.UUID, *, pointer: str
) -> None:
    """Refuse a person who is unknown, may not review this client, or has reviewed the interaction already."""
    fault = _fault(session, user_id, client_id, interaction_id)
    if fault is not None:
        raise Invalid([Fault(pointer, *fault)])


def _fault(
    session: Session, user_id: uuid.UUID, client_id: uuid.UUID, interaction_id: uuid.UUID
) -> tuple[str, str] | None:
    user = session.scalars(select(User).where(User.user_id == user_id)).one_or_none()
    if user is None or user.disabled_at is not None:
        return "unknown_person", "There is no such person."
    if "reviews:write" not in ROLES[user.role]:
        return "cannot_review", f"The role {user.role} does not review."
    bound = session.scalars(select(Membership.client_id).where(Membership.user_id == user_id)).all()
    if bound and client_id not in bound:
        return "other_client", "This person does not work for the client."
    done = select(Review.review_id).where(
        Review.interaction_id == interaction_id, Review.reviewer_id == user_id, Review.state == "submitted"
    )
    if session.scalars(done.limit(1)).one_or_none() is not None:
        return "already_reviewed", "This person has reviewed the interaction already."
    return None
