"""What is shown of endpoints and deliveries: never a secret."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.webhooks.deliveries import client_slugs
from qm.webhooks.endpoints import SealedWebhook, clients_of
from qm.webhooks.models import Webhook, WebhookDelivery
from tenants.http.contract import tag_of
from tenants.models import utc_now


def webhook_representations(session: Session, webhooks: Sequence[Webhook]) -> list[dict[str, Any]]:
    """Return endpoints as they are shown."""
    slugs = clients_of(session, webhooks)
    return [_webhook(each, slugs) for each in webhooks]


def _webhook(webhook: Webhook, slugs: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    until = webhook.previous_until
    return {
        "id": webhook.webhook_id,
        "kind": webhook.kind,
        "url": webhook.url,
        "description": webhook.description,
        "events": webhook.events,
        "clients": None
        if webhook.clients is None
        else sorted(slugs[each] for each in webhook.clients if each in slugs),
        "state": webhook.state,
        "disabled_because": webhook.disabled_because,
        "failing_since": webhook.failing_since,
        "attempts_succeeded": webhook.succeeded,
        "attempts_failed": webhook.failed,
        "old_secret_until": until if until is not None and until > utc_now() else None,
        "created_at": webhook.created_at,
    }


def sealed_representation(session: Session, made: SealedWebhook) -> dict[str, Any]:
    """Return an endpoint with its new secret, which is shown this once."""
    return {**webhook_representations(session, [made.webhook])[0], "secret": made.secret}


def webhook_etag(webhook: Webhook) -> str:
    """Return the entity tag of an endpoint; attempts do not change it."""
    return tag_of(webhook.webhook_id, webhook.revision)


def delivery_representations(session: Session, deliveries: Sequence[WebhookDelivery]) -> list[dict[str, Any]]:
    """Return deliveries as they are shown, with what is sent."""
    slugs = client_slugs(session, deliveries)
    return [
        {
            "id": each.event_id,
            "client": None if each.client_id is None else slugs.get(each.client_id),
            "type": each.type,
            "timestamp": each.occurred_at,
            "data": each.data,
            "state": each.state,
            "attempts": each.attempts,
            "next_attempt_at": each.due_at if each.state == "pending" else None,
            "attempted_at": each.attempted_at,
            "status_code": each.status_code,
            "error": each.error,
            "created_at": each.created_at,
        }
        for each in deliveries
    ]
