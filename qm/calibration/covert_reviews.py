"""Covert sessions: each participant has an ordinary review of each interaction."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.calibration.draws import ChosenItem
from qm.calibration.models import Calibration, CalibrationItem
from qm.interactions.models import LOCK_ORDER, Interaction
from qm.reviews.blindness import OPEN
from qm.reviews.models import Review
from qm.reviews.queue import HAND_PICKED, record_change
from tenants.http.faults import Fault
from tenants.models import User
from tenants.roles import ROLES


def covert_faults(
    people: Sequence[User],
    opens_at: datetime | None,
    deadline: datetime | None,
    *,
    place: str = "/participants",
    scorecard_version: str = "then",
) -> list[Fault]:
    """Return what a covert session cannot have: times, another version, and people who do not review."""
    detail = "A covert session begins at once and ends when it is closed: reviews have no such times."
    times = {"/opens_at": opens_at, "/deadline": deadline}
    faults = [Fault(pointer, "covert", detail) for pointer, moment in times.items() if moment is not None]
    if any("reviews:write" not in ROLES[user.role] for user in people):
        detail = "Only people who review take part in a covert session."
        faults.append(Fault(place, "covert", detail))
    if scorecard_version != "then":
        detail = "Reviews, and so a covert session, are under the version that was in force at the time."
        faults.append(Fault("/scorecard_version", "covert", detail))
    return faults


def assign_reviews(
    session: Session, made: Calibration, items: Sequence[ChosenItem | CalibrationItem], people: Sequence[User]
) -> None:
    """Give each participant of a covert session a review of each interaction."""
    started = {
        row.interaction_id: row.started_at
        for row in session.execute(
            select(Interaction.interaction_id, Interaction.started_at).where(
                Interaction.interaction_id.in_([item.interaction_id for item in items])
            )
        )
    }
    session.add_all(
        Review(
            tenant_id=made.tenant_id,
            client_id=made.client_id,
            interaction_id=item.interaction_id,
            targeted=True,
            reasons=[HAND_PICKED],
            started_at=started[item.interaction_id],
            state="queued",
            reviewer_id=user.user_id,
            given_back_by=[],
            calibration_id=made.calibration_id,
        )
        for item in items
        for user in people
    )
    session.flush()


def cancel_reviews(
    session: Session, calibration: Calibration, of: Collection[uuid.UUID] | None = None
) -> None:
    """Cancel what nobody, or none of these people, has answered of a session.

    Interactions are locked first, as everywhere.
    """
    if not calibration.covert:
        return
    waiting = [Review.calibration_id == calibration.calibration_id, Review.state.in_(OPEN)]
    if of is not None:
        waiting.append(Review.reviewer_id.in_(of))
    session.execute(
        select(Interaction.interaction_id)
        .where(Interaction.interaction_id.in_(select(Review.interaction_id).where(*waiting)))
        .order_by(*LOCK_ORDER)
        .with_for_update(key_share=True)
    )
    held = select(Review).where(*waiting).order_by(Review.review_id).with_for_update()
    for review in session.scalars(held.execution_options(populate_existing=True)).all():
        review.state = "cancelled"
        record_change(session, review, "cancelled")
