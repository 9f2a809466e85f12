"""How much everybody who reviews has to do, and what waits that nobody may review."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.capacity import week_start
from qm.reviews.due_dates import due
from qm.reviews.models import Review
from qm.reviews.permissions import check_may_manage_queue
from qm.reviews.worked_queues import in_sample, waits
from tenants.credentials import Actor
from tenants.models import Client, User
from tenants.roles import ROLES

REVIEWING = tuple(role for role, scopes in ROLES.items() if "reviews:write" in scopes)


def workload(session: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the load of each person who reviews, what waits for anybody, and what nobody may review."""
    check_may_manage_queue(actor)
    counts = {row.reviewer_id: row for row in session.execute(_loads(now))}
    people = session.scalars(
        select(User)
        .where(User.disabled_at.is_(None), or_(User.role.in_(REVIEWING), User.user_id.in_(list(counts))))
        .order_by(User.name, User.user_id)
    ).all()
    skipped = select(func.count()).where(Review.state == "skipped", Review.finished_at >= week_start(now))
    return {
        "week": week_start(now).date(),
        "waiting": session.scalar(select(func.count()).select_from(Review).where(in_sample, waits)),
        "overdue": session.scalar(
            select(func.count()).select_from(Review).where(in_sample, waits, due < now)
        ),
        "skipped": session.scalar(skipped),
        "people": [_load(user, counts.get(user.user_id)) for user in people],
        "unassignable": [dict(row._mapping) for row in session.execute(_unassignable())],  # noqa: SLF001
    }


def _loads(now: datetime) -> Any:
    held, assigned = Review.state == "claimed", Review.state == "queued"
    return (
        select(
            Review.reviewer_id,
            func.count().filter(held).label("held"),
            func.count().filter(assigned).label("assigned"),
            func.count().filter(or_(held, assigned), due < now).label("overdue"),
            func.count()
            .filter(Review.state == "submitted", Review.finished_at >= week_start(now))
            .label("done"),
            func.count()
            .filter(Review.state == "skipped", Review.finished_at >= week_start(now))
            .label("skipped"),
        )
        .where(
            Review.reviewer_id.is_not(None),
            or_(held, assigned, Review.finished_at >= week_start(now)),
        )
        .group_by(Review.reviewer_id)
    )


def _load(user: User, counts: Any) -> dict[str, Any]:
    names = ("done", "held", "assigned", "overdue", "skipped")
    return {
        "user": {"id": user.user_id, "name": user.name},
        "role": user.role,
        "languages": user.languages,
        "skills": user.skills,
        "capacity": user.weekly_capacity,
        **{name: getattr(counts, name) if counts else 0 for name in names},
    }


def _unassignable() -> Any:
    """Return the statement of what nobody may review, counted by why."""
    language = func.lower(func.split_part(Interaction.language, "-", 1))
    return (
        select(
            Client.slug.label("client"),
            Review.nobody.label("reason"),
            language.label("language"),
            Interaction.program.label("program"),
            func.count().label("reviews"),
        )
        .join(
            Interaction,
            (Interaction.tenant_id == Review.tenant_id)
            & (Interaction.interaction_id == Review.interaction_id),
        )
        .join(Client, Client.client_id == Review.client_id)
        .where(Review.state == "queued", Review.nobody.is_not(None), in_sample)
        .group_by(Client.slug, Review.nobody, language, Interaction.program)
        .order_by(func.count().desc(), Client.slug, Review.nobody)
        .limit(100)
    )
