"""Fetching events instead of being sent them: for `qm listen`, on a machine that nothing can reach."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from qm.webhooks import delivery_claims
from qm.webhooks.delivery_claims import Outcome
from qm.webhooks.models import Webhook
from qm.webhooks.signing import secrets_of, signed_headers
from tenants.http.faults import Conflict

MAX_FETCHED = 50


@dataclass(frozen=True, slots=True)
class FetchedEvent:
    """One event, to be posted as it is: signed header fields, and the body to the byte."""

    event_id: uuid.UUID
    type: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Events for whoever listens, and the token under which they tell what became of them."""

    token: uuid.UUID | None
    data: Sequence[FetchedEvent]


def fetch(
    session: Session,
    webhook: Webhook,
    *,
    secret_key: str,
    now: datetime,
    token: uuid.UUID | None = None,
    outcomes: Sequence[Mapping[str, Any]] = (),
) -> Fetched:
    """Take note of what became of the events fetched last, and return the next ones.

    What fails at a listener is not tried again by itself, but can be replayed. What nobody reports is given
    out again when its lease is over.

    Raises
    ------
    Conflict
        When the endpoint is disabled, or one that events are sent to.
    """
    if webhook.kind != "listen" or webhook.state != "enabled":
        raise Conflict("Only an enabled webhook of the kind `listen` is listened to.", "not_listening")
    if token is not None:
        told = [Outcome(webhook.webhook_id, **each) for each in outcomes]
        delivery_claims.finish(session, token, told, now=now, retried=False)
    webhook.polled_at = now
    session.flush()
    claim = delivery_claims.claim(
        session, most=MAX_FETCHED, for_each=MAX_FETCHED, kind="listen", webhook_id=webhook.webhook_id
    )
    if claim is None:
        return Fetched(None, [])
    keys = secrets_of(secret_key, webhook, now)
    found = [
        FetchedEvent(
            each.event_id, each.type, signed_headers(keys, each.event_id, each.body, now), each.body.decode()
        )
        for each in claim.deliveries
    ]
    return Fetched(claim.token, found)
