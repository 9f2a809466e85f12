"""Publication of evaluations: from when on the agent whose work was judged sees what was said of it.

A client's setting `publish_evaluations` says when: at once, some hours after they were submitted, or with the
beginning of the next week in the client's time zone. The moment is stored when a review is submitted, so
nothing has to run for it to come. What agents and their peers say of themselves is never published.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.blindness import get_evaluation, visible_evaluations
from qm.reviews.client_reading import get_client_evaluation, reads_for_client
from qm.reviews.models import Evaluation
from qm.reviews.permissions import check_may_manage_queue
from qm.webhooks import announcements
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS, time_zone_of
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound
from tenants.models import Client, User, utc_now

SETTING = "publish_evaluations"
EVALUATION_STATES = ("submitted", "published", "superseded", "voided")
"""States of a human evaluation; what is not submitted yet is the draft of its review."""


def select_published_evaluations(actor: Actor) -> Select[Evaluation]:
    """Return the statement of the published evaluations of a person's own work, in no order."""
    return select_ever_published(actor).where(Evaluation.superseded_at.is_(None))


def select_published() -> Select[Evaluation]:
    """Return the statement of what people said and is published by now, with its interaction joined."""
    return (
        select(Evaluation)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .where(Evaluation.kind == "human", Evaluation.published_at <= func.now())
    )


def select_ever_published(actor: Actor) -> Select[Evaluation]:
    """Return the statement of what was published of a person's own work, superseded versions included.

    A person's work are the interactions, or parts of shared ones, that the agent they are (`users.agent`)
    answers for.
    """
    whose = func.coalesce(func.nullif(Interaction.part_agent, ""), Interaction.agent)
    agent = select(User.agent).where(User.user_id == actor.user_id).scalar_subquery()
    return select_published().where(whose == agent, visible_evaluations(actor))


def get_readable_evaluation(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> Evaluation:
    """Return an evaluation as its reader may see it.

    Agents see the published ones of their work, and what they said themselves; a client's people the
    published ones of their client.
    """
    if "interactions:read" in actor.scopes:
        return get_evaluation(session, actor, evaluation_id)
    if reads_for_client(actor):
        return get_client_evaluation(session, actor, evaluation_id, utc_now())
    if actor.user_id is None:
        raise NotFound("evaluation")
    published = select_published_evaluations(actor).where(Evaluation.evaluation_id == evaluation_id)
    own = select(Evaluation).where(
        Evaluation.evaluation_id == evaluation_id, Evaluation.reviewer_id == actor.user_id
    )
    found = session.scalars(published).one_or_none() or session.scalars(own).one_or_none()
    if found is None:
        raise NotFound("evaluation")
    return found


def publication_of(client: Client, submitted: datetime) -> datetime:
    """Return when what is submitted at this moment is published."""
    setting = client.settings.get(SETTING, DEFAULT_SETTINGS[SETTING])
    return publication_moment(setting, submitted, time_zone_of(client))


def publication_moment(setting: Mapping[str, Any], submitted: datetime, zone: ZoneInfo) -> datetime:
    """Return when something is published under a setting.

    Examples
    --------
    >>> sunday = datetime(2026, 11, 29, 22, tzinfo=UTC)
    >>> publication_moment({"when": "after_hours", "hours": 5}, sunday, ZoneInfo("UTC")).isoformat()
    '2026-11-30T03:00:00+00:00'
    >>> publication_moment({"when": "weekly"}, sunday, ZoneInfo("Europe/Berlin")).isoformat()
    '2026-11-29T23:00:00+00:00'
    """
    if setting["when"] == "after_hours":
        return submitted + timedelta(hours=setting["hours"])
    if setting["when"] == "weekly":
        day = submitted.astimezone(zone).date()
        monday = day + timedelta(days=7 - day.weekday())
        return datetime.combine(monday, time(), zone).astimezone(UTC)
    return submitted


def state_of(evaluation: Evaluation, now: datetime) -> str:
    """Return the state of a human evaluation: one of `EVALUATION_STATES`."""
    if evaluation.voided_at is not None:
        return "voided"
    if evaluation.superseded_at is not None:
        return "superseded"
    published = evaluation.published_at is not None and evaluation.published_at <= now
    return "published" if published else "submitted"


def publish(session: Session, actor: Actor, evaluation: Evaluation, *, now: datetime) -> Evaluation:
    """Publish a submitted evaluation now; for QM managers and admins."""
    check_may_manage_queue(actor)
    if evaluation.kind != "human" or state_of(evaluation, now) != "submitted":
        raise Conflict("Only an evaluation that is submitted can be published.", "not_submitted")
    evaluation.published_at = now
    session.flush()
    audit.record(
        session,
        "evaluation.published",
        f"evaluation:{evaluation.evaluation_id}",
        client_id=evaluation.client_id,
    )
    announcements.evaluation_published(session, evaluation)
    return evaluation
