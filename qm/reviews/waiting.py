"""How much waits for a person: reviews that they may take, and the one that they hold."""

import uuid

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session

from qm.reviews.models import Review
from qm.reviews.quality_checks import behind_own_check
from qm.reviews.readings import has_seen
from tenants.credentials import Actor

MOST_COUNTED = 1000
"""More than these are not counted: nobody needs to know exactly how many thousands wait."""


def count_waiting(session: Session, actor: Actor) -> int:
    """Return how many reviews wait for this person or anybody, but those they gave back or saw."""
    given_back = Review.given_back_by.contains([str(actor.user_id)])
    waiting = (
        select(Review.review_id)
        .where(
            Review.state == "queued",
            or_(Review.reviewer_id == actor.user_id, and_(Review.reviewer_id.is_(None), not_(given_back))),
            not_(has_seen(actor.user_id, Review.interaction_id)),
            not_(behind_own_check(actor)),
        )
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def held_review(session: Session, actor: Actor) -> uuid.UUID | None:
    """Return the id of the review that this person holds."""
    held = select(Review.review_id).where(Review.state == "claimed", Review.reviewer_id == actor.user_id)
    return session.scalars(held.order_by(Review.claimed_at).limit(1)).one_or_none()


def count_picked(session: Session) -> int:
    """Return how many reviews that somebody picked by hand wait for whoever is free."""
    picked = select(func.count()).where(
        Review.state == "queued", Review.targeted, Review.kind == "standard", Review.reviewer_id.is_(None)
    )
    return session.scalar(picked) or 0
