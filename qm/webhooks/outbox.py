"""The outbox: events are stored for the endpoints that want them, in the transaction of what they tell of.

Where nobody wants an event, finding that out is one look at a table that is empty or small.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from qm import jobs
from qm.webhooks.events import Event
from qm.webhooks.models import WebhookDelivery
from tenants.bulk_sql import insert_rows
from tenants.changes import AccessChange, Change, EventsStored, announce
from tenants.isolation import scope_of
from tenants.models import utc_now

LISTENING = timedelta(minutes=10)
"""For so long after the last fetch an endpoint of the kind `listen` is given events."""

# An endpoint that somebody listens at is one of them only while they do.
_WANTING = text(
    """
    select w.webhook_id, w.events, c.slug
    from webhooks w join clients c on c.tenant_id = w.tenant_id and c.client_id = :client
    where w.tenant_id = :tenant and w.state = 'enabled' and w.events && cast(:types as text[])
      and (w.clients is null or :client = any (w.clients))
      and (w.kind = 'http' or w.polled_at > now() - cast(:listening as interval))
    """
)
_ONCE = "on conflict (tenant_id, webhook_id, event_id) do nothing"


@dataclass(frozen=True, slots=True)
class Wanting:
    """Which endpoints want which events of one client, and how addresses name the client."""

    slug: str = ""
    endpoints: Mapping[str, Sequence[uuid.UUID]] = field(default_factory=dict)

    def __contains__(self, event_type: str) -> bool:
        """Whether any endpoint wants events of a type."""
        return event_type in self.endpoints


def wanting(session: Session, client_id: uuid.UUID, *types: str) -> Wanting:
    """Return who wants events of these types of a client."""
    found = session.execute(
        _WANTING,
        {
            "tenant": scope_of(session).tenant_id,
            "client": client_id,
            "types": list(types),
            "listening": LISTENING,
        },
    ).all()
    wanted = {each: [row.webhook_id for row in found if each in row.events] for each in types}
    return Wanting(
        found[0].slug if found else "", {name: endpoints for name, endpoints in wanted.items() if endpoints}
    )


def store_events(session: Session, wanted: Wanting, events: Sequence[Event]) -> int:
    """Store a delivery of each event for each endpoint that wants it; return how many at most are new.

    Call it after what the events tell of is written, so that locks are taken in the usual order.
    """
    now, tenant_id = utc_now(), scope_of(session).tenant_id
    rows = [
        delivery_row(event, tenant_id, endpoint, now)
        for event in events
        for endpoint in wanted.endpoints.get(event.type, ())
    ]
    if rows:
        insert_rows(session, WebhookDelivery, rows, _ONCE)
        announce(session, EventsStored())
    return len(rows)


def delivery_row(event: Event, tenant_id: uuid.UUID, webhook_id: uuid.UUID, now: Any) -> dict[str, Any]:
    """Return the row of a delivery that is due at once."""
    return {
        "tenant_id": tenant_id,
        "client_id": event.client_id,
        "webhook_id": webhook_id,
        "event_id": event.event_id,
        "interaction_id": event.interaction_id,
        "type": event.type,
        "data": event.data,
        "occurred_at": event.occurred_at,
        "state": "pending",
        "due_at": now,
        "attempts": 0,
        "created_at": now,
    }


def wake_deliveries(redis: Redis, session: Session, change: Change | AccessChange | EventsStored) -> None:
    """Wake whoever delivers events, after the commit of the transaction that stored some."""
    if isinstance(change, EventsStored):
        jobs.wake_after_commit(session, redis, jobs.DELIVERIES)
