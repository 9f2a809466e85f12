"""When reviews are due: by what was said when they were assigned, otherwise by the sampling policy."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from qm.reviews.models import Review
from scorecards.authoring.models import Definition

FIELD = "due_within_days"
_DAYS = cast(Definition.body[FIELD].astext, Integer)
due = func.coalesce(
    Review.due_at,
    Review.arrived_at
    + func.make_interval(
        0, 0, 0, select(_DAYS).where(Definition.definition_id == Review.policy_id).scalar_subquery()
    ),
)
"""The moment a review is due, as a column; null where nothing says so."""


def due_days(session: Session, reviews: Iterable[Review]) -> Mapping[uuid.UUID, int]:
    """Return within how many days the policies of these reviews want them."""
    policies = {review.policy_id for review in reviews if review.policy_id and review.due_at is None}
    if not policies:
        return {}
    found = session.execute(
        select(Definition.definition_id, _DAYS.label("days")).where(
            Definition.definition_id.in_(policies), Definition.body.has_key(FIELD)
        )
    )
    return {row.definition_id: row.days for row in found}


def due_at(review: Review, days: Mapping[uuid.UUID, int]) -> datetime | None:
    """Return when a review is due, given the days of its policy."""
    within = days.get(review.policy_id) if review.policy_id else None
    if review.due_at is not None or within is None:
        return review.due_at
    return review.arrived_at + timedelta(days=within)
