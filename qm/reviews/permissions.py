"""Permissions of reviews: who may review an interaction, and who may assign reviews to others."""

import uuid

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.eligibility import ineligibility
from qm.reviews.models import Review
from qm.reviews.readings import has_seen
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Membership, User
from tenants.roles import ROLES

QUEUE_MANAGERS = frozenset({"admin", "qm_manager"})


class NotQueueManager(Forbidden):
    """The credential has the scope, but the role of its user may not assign reviews to others."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("reviews:write")
        self.args = ("Only a QM manager or an admin says who reviews what.",)


def may_manage_queue(actor: Actor) -> bool:
    """Whether the caller may assign reviews to others and take them away."""
    return actor.role in QUEUE_MANAGERS


def check_may_manage_queue(actor: Actor) -> None:
    """Raise `NotQueueManager` unless the caller may assign reviews to others."""
    if not may_manage_queue(actor):
        raise NotQueueManager


def check_may_review(
    session: Session, user_id: uuid.UUID, client_id: uuid.UUID, interaction_id: uuid.UUID, *, pointer: str
) -> None:
    """Raise `Invalid` if the user is unknown, may not review this client, or is no longer blind."""
    fault = _ineligibility(session, user_id, client_id, interaction_id)
    if fault is not None:
        raise Invalid([Fault(pointer, *fault)])


def check_agent_may_review(
    session: Session, user_id: uuid.UUID | None, kind: str, interaction: Interaction
) -> None:
    """Raise `Invalid` unless the user is an agent who may be asked for this kind of review.

    An agent reviews their own interactions as `self`, and those of others as `peer`.
    """
    wanted = select(User).where(User.user_id == user_id, User.disabled_at.is_(None))
    user = session.scalars(wanted).one_or_none()
    if user is None:
        raise Invalid([Fault("/user", "unknown_person", "There is no such person.")])
    bound = session.scalars(select(Membership.client_id).where(Membership.user_id == user_id)).all()
    if bound and interaction.client_id not in bound:
        raise Invalid([Fault("/user", "other_client", "This person does not work for the client.")])
    if not user.agent or "reviews:own" not in ROLES[user.role]:
        raise Invalid([Fault("/user", "no_agent", "This person is no agent: their account names none.")])
    if (user.agent == interaction.agent) != (kind == "self"):
        whose = "not their own" if kind == "self" else "their own"
        raise Invalid([Fault("/kind", "wrong_kind", f"This interaction is {whose}.")])


def may_review(session: Session, user_id: uuid.UUID | None, review: Review) -> bool:
    """Whether a person may review what a review is of, and has no other review of it submitted."""
    if user_id is None:
        return False
    ids = (user_id, review.client_id, review.interaction_id)
    return _ineligibility(session, *ids, but=review.review_id) is None


def _ineligibility(
    session: Session,
    user_id: uuid.UUID,
    client_id: uuid.UUID,
    interaction_id: uuid.UUID,
    *,
    but: uuid.UUID | None = None,
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
    if but is not None:
        done = done.where(Review.review_id != but)
    if session.scalars(done.limit(1)).one_or_none() is not None:
        return "already_reviewed", "This person has reviewed the interaction already."
    if session.scalar(select(has_seen(user_id, literal(interaction_id)))):
        return "has_seen", "This person has been shown an evaluation of the interaction already."
    return ineligibility(session, user, interaction_id)
