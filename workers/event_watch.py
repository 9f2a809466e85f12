"""Events that come by the clock: a running SLA clock runs out, an evaluation is published at its hour.

Only for tenants whose endpoints want them. What was found before is not stored twice, because these events
have an id that follows from what they tell of; so the period that is looked at overlaps the one before.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from qm.services import Services
from qm.webhooks.announcements import Breach, publication
from qm.webhooks.events import EVALUATION_PUBLISHED, SLA_BREACHED, Event
from qm.webhooks.models import Webhook
from qm.webhooks.outbox import store_events, wanting
from scorecards.sla.policy import TARGETS
from tenants import audit
from tenants.clients import tenant_scope
from tenants.isolation import acting_as, lookup
from tenants.models import utc_now

OVERLAP = timedelta(minutes=10)
"""More than any transaction takes from its first statement to its commit."""
BREACH_MEMORY = timedelta(days=7)
"""Breaches before that are history: they raise no alarm when the past is pushed or rated anew."""
_WATCHED = (SLA_BREACHED, EVALUATION_PUBLISHED)


def watch_events(services: Services, session: Session) -> int:
    """Store what came by the clock since the last time; return how many deliveries at most are new."""
    stored = 0
    for row in lookup(session, "select tenant_id from qm_webhooks_watching()"):
        with acting_as(services.engine, tenant_scope(session, row.tenant_id)) as opened:
            audit.act_as(opened, "scheduler")
            stored += watch_tenant(opened, tenant_scope(opened, row.tenant_id).client_ids, now=utc_now())
    return stored


def watch_tenant(session: Session, client_ids: Sequence[uuid.UUID], *, now: datetime) -> int:
    """Store what came by the clock for a tenant's endpoints, and note up to when it was looked."""
    watching = select(Webhook).where(Webhook.state == "enabled", Webhook.events.overlap(_WATCHED))
    endpoints = session.scalars(watching.order_by(Webhook.webhook_id).with_for_update(key_share=True)).all()
    if not endpoints:
        return 0
    since = max(min(each.watched_until for each in endpoints) - OVERLAP, now - BREACH_MEMORY)
    stored = 0
    for client_id in client_ids:
        wanted = wanting(session, client_id, *_WATCHED)
        events: list[Event] = []
        if SLA_BREACHED in wanted:
            events += (each.event(wanted.slug) for each in _breaches(session, client_id, since, now))
        if EVALUATION_PUBLISHED in wanted:
            events += _publications(session, client_id, wanted.slug, since, now)
        stored += store_events(session, wanted, events)
    for each in endpoints:
        each.watched_until = now
    session.flush()
    return stored


def _breaches(session: Session, client_id: uuid.UUID, since: datetime, now: datetime) -> Iterator[Breach]:
    """Yield the clocks that ran out in this time and have not stopped."""
    due = or_(*(_within(getattr(InteractionFacts, f"{target}_due"), since, now) for target in TARGETS))
    found = session.execute(
        select(InteractionFacts.interaction_id, Interaction.external_id, InteractionFacts.clocks)
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == InteractionFacts.tenant_id,
                Interaction.interaction_id == InteractionFacts.interaction_id,
            ),
        )
        .where(InteractionFacts.client_id == client_id, due)
    )
    for interaction_id, external_id, clocks in found:
        for clock in clocks:
            if clock["stopped_at"] is None and clock["due_at"] is not None:
                breach = _breach(client_id, interaction_id, external_id, clock)
                if since < breach.due_at <= now:
                    yield breach


def _within(column: Any, since: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(column > since, column <= now)


def _breach(
    client_id: uuid.UUID, interaction_id: uuid.UUID, external_id: str, clock: Mapping[str, Any]
) -> Breach:
    return Breach(
        client_id,
        interaction_id,
        external_id,
        target=clock["target"],
        number=clock["number"],
        rule=clock["rule"],
        goal_seconds=clock["goal_seconds"],
        started_at=datetime.fromisoformat(clock["started_at"]),
        due_at=datetime.fromisoformat(clock["due_at"]),
        stopped_at=None,
    )


def _publications(
    session: Session, client_id: uuid.UUID, client: str, since: datetime, now: datetime
) -> Iterator[Event]:
    found = session.execute(
        select(Evaluation, Interaction.external_id)
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == Evaluation.tenant_id,
                Interaction.interaction_id == Evaluation.interaction_id,
            ),
        )
        .where(
            Evaluation.client_id == client_id,
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            _within(Evaluation.published_at, since, now),
        )
    )
    for evaluation, external_id in found:
        yield publication(evaluation, external_id, client)
