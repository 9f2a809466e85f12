"""How many reviews one person gets from the queue in a week: of a client, and altogether.

The first is a client's, in its sampling policy, the second the person's own (`weekly_capacity`).

It never changes a probability: what waits longer is a backlog, and the queue is a sample all the same. The
week begins on Monday in UTC. What was picked by hand is not counted, a quality check is; what is assigned to
a person is always offered to them.
"""

import uuid
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Integer, cast, func, or_, select
from sqlalchemy.orm import Session

from qm.reviews.models import Review
from scorecards.authoring.models import Definition
from tenants.isolation import scope_of
from tenants.models import User

_LIMIT = cast(Definition.body["capacity"]["reviews_per_reviewer_week"].astext, Integer)


def clients_at_capacity(session: Session, user: User, now: datetime) -> set[uuid.UUID]:
    """Return the clients of whose reviews this person has had as many this week as they get."""
    limits = session.execute(
        select(Definition.client_id, _LIMIT.label("most")).where(
            Definition.kind == "sampling_policy",
            Definition.state != "draft",
            Definition.effective_from <= now,
            or_(Definition.effective_to.is_(None), Definition.effective_to > now),
            Definition.body.has_key("capacity"),
        )
    ).all()
    if not limits and user.weekly_capacity is None:
        return set()
    had = session.execute(
        select(Review.client_id, func.count().label("reviews"))
        .where(
            Review.reviewer_id == user.user_id,
            or_(~Review.targeted, Review.quality_check.is_not(None)),
            ~Review.hand_picked_answer,
            Review.claimed_at >= week_start(now),
        )
        .group_by(Review.client_id)
    )
    counts = {row.client_id: row.reviews for row in had}
    if user.weekly_capacity is not None and sum(counts.values()) >= user.weekly_capacity:
        return set(scope_of(session).client_ids)
    return {row.client_id for row in limits if counts.get(row.client_id, 0) >= row.most}


def week_start(now: datetime) -> datetime:
    """Return the beginning of the week, Monday in UTC.

    >>> week_start(datetime(2026, 11, 29, 12, tzinfo=UTC)).isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    day = now.astimezone(UTC).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)
