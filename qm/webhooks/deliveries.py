"""What was delivered: listed, replayed, and tried with an event that means nothing."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.webhooks.events import TEST, Event
from qm.webhooks.models import Webhook, WebhookDelivery
from qm.webhooks.outbox import delivery_row
from tenants import audit
from tenants.changes import EventsStored, announce
from tenants.http.faults import Conflict, NotFound
from tenants.isolation import scope_of
from tenants.models import Client


def select_deliveries(
    webhook_id: uuid.UUID, *, state: str | None = None, event_type: str | None = None
) -> Select[WebhookDelivery]:
    """Return the statement of an endpoint's deliveries, in no order."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    return statement if event_type is None else statement.where(WebhookDelivery.type == event_type)


def get_delivery(session: Session, webhook: Webhook, event_id: uuid.UUID) -> WebhookDelivery:
    """Return a delivery to an endpoint, locked; raise NotFound for any other."""
    wanted = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook.webhook_id, WebhookDelivery.event_id == event_id
    )
    found = session.scalars(wanted.with_for_update(key_share=True)).one_or_none()
    if found is None:
        raise NotFound("delivery")
    return found


def replay(session: Session, webhook: Webhook, event_id: uuid.UUID, *, now: datetime) -> WebhookDelivery:
    """Deliver an event once more, under the same id; what waits is due now.

    Raises
    ------
    Conflict
        When the endpoint is disabled.
    """
    _check_enabled(webhook)
    delivery = get_delivery(session, webhook, event_id)
    delivery.state, delivery.due_at, delivery.attempts = "pending", now, 0
    # Whoever is sending it just now has lost it: it is sent again.
    delivery.claim_token, delivery.lease_until = None, None
    webhook.resting_until = None
    session.flush()
    subject = f"webhook:{webhook.webhook_id}"
    audit.record(session, "webhook.replayed", subject, name=webhook.name, event=event_id, type=delivery.type)
    announce(session, EventsStored())
    return delivery


def send_test(session: Session, webhook: Webhook, *, now: datetime) -> WebhookDelivery:
    """Deliver an event of the type `webhook.test`.

    Raises
    ------
    Conflict
        When the endpoint is disabled.
    """
    _check_enabled(webhook)
    event = Event(TEST, {"webhook_id": str(webhook.webhook_id)}, occurred_at=now)
    row = delivery_row(event, scope_of(session).tenant_id, webhook.webhook_id, now)
    delivery = WebhookDelivery(**row)
    session.add(delivery)
    webhook.resting_until = None
    session.flush()
    audit.record(
        session, "webhook.tested", f"webhook:{webhook.webhook_id}", name=webhook.name, event=event.event_id
    )
    announce(session, EventsStored())
    return delivery


def _check_enabled(webhook: Webhook) -> None:
    if webhook.state != "enabled":
        raise Conflict("The webhook is disabled; enable it first.", "webhook_disabled")


def client_slugs(session: Session, deliveries: Any) -> Mapping[uuid.UUID, str]:
    """Return the slugs of the clients that deliveries tell of."""
    wanted = {each.client_id for each in deliveries if each.client_id is not None}
    found = session.execute(select(Client.client_id, Client.slug).where(Client.client_id.in_(wanted)))
    return {row.client_id: row.slug for row in found}
