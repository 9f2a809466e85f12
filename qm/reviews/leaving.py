"""Reviews of people who may no longer do them return to the queue at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.models import Review
from qm.reviews.queue import record_change, requeue
from tenants.changes import AccessChange, Change, EventsStored
from tenants.clients import every_client
from tenants.models import Credential, Membership, User
from tenants.roles import ROLES
from tenants.sign_in import sessions_of


def return_claims(session: Session, change: Change | AccessChange | EventsStored) -> None:
    """Give back what a person holds, or has waiting for them, of what they may no longer review.

    The person's row is locked by whoever changed it, so they claim nothing meanwhile.
    """
    if not isinstance(change, AccessChange):
        return
    theirs = (
        Review.reviewer_id == change.user_id,
        Review.state.in_(("queued", "claimed")),
        _not_theirs_any_more(session, change),
    )
    # Here as everywhere: interactions first, by external id, then their reviews.
    session.execute(
        select(Interaction.interaction_id)
        .where(Interaction.interaction_id.in_(select(Review.interaction_id).where(*theirs)))
        .order_by(Interaction.external_id)
        .with_for_update(key_share=True)
    )
    held = select(Review).where(*theirs).order_by(Review.review_id).with_for_update()
    for review in session.scalars(held.execution_options(populate_existing=True)).all():
        before = review.reviewer_id
        requeue(review, None)
        record_change(session, review, "claim_returned", before=before)


def holdings(session: Session, user: User) -> Mapping[str, Any]:
    """Return what a person holds that ends when they are disabled: reviews, keys and browser sessions."""
    with every_client(session):
        counted = session.execute(
            select(
                func.count().filter(Review.state == "claimed"), func.count().filter(Review.state == "queued")
            ).where(Review.reviewer_id == user.user_id)
        ).one()
    present = Credential.user_id == user.user_id, Credential.revoked_at.is_(None)
    keys = select(Credential).where(*present, Credential.kind != "session").order_by(Credential.created_at)
    return {
        "claimed": counted[0],
        "assigned": counted[1],
        "keys": session.scalars(keys).all(),
        "sessions": len(sessions_of(session, user)),
    }


def _not_theirs_any_more(session: Session, change: AccessChange) -> ColumnElement[bool]:
    user = session.scalars(select(User).where(User.user_id == change.user_id)).one()
    scopes = ROLES[user.role]
    if user.disabled_at is not None or "reviews:own" not in scopes:
        return true()
    own = select(Membership.client_id).where(Membership.user_id == change.user_id)
    elsewhere = own.exists() & Review.client_id.not_in(own)
    if "reviews:write" in scopes:
        return elsewhere
    # An agent answers what they were asked for, and nothing of the queue.
    return elsewhere | (Review.kind == "standard")
