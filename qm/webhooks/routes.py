"""HTTP routes of webhooks."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from qm.services import services
from qm.webhooks import deliveries, endpoints, listening
from qm.webhooks.models import Webhook, WebhookDelivery
from qm.webhooks.representations import (
    delivery_representations,
    sealed_representation,
    webhook_etag,
    webhook_representations,
)
from qm.webhooks.rules import rules_of
from qm.webhooks.schemas import (
    DeliveryListArguments,
    FetchedEventsSchema,
    ListenSchema,
    NewWebhookSchema,
    RotationSchema,
    WebhookChangeSchema,
    WebhookDeliveryPageSchema,
    WebhookDeliverySchema,
    WebhookPageSchema,
    WebhookSchema,
    WebhookWithSecretSchema,
)
from tenants.access import access_guard, requires, session
from tenants.http.contract import Blueprint, PageArguments, check_match, linked, page_of, tagged
from tenants.http.idempotency import strip_secrets_once
from tenants.models import utc_now

blueprint = Blueprint(
    "webhooks", __name__, url_prefix="/v1", description="Events for machines, signed and retried"
)


@blueprint.route("/webhooks")
@requires("admin")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, WebhookPageSchema)
def list_webhooks(arguments: dict[str, Any]) -> Any:
    """List the webhooks."""
    page = page_of(session(), endpoints.select_webhooks(), [Webhook.webhook_id], **arguments)
    return linked(page, webhook_representations(session(), page.data))


@blueprint.route("/webhooks", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewWebhookSchema)
@blueprint.response(201, WebhookWithSecretSchema)
def create_webhook(body: dict[str, Any]) -> Any:
    """Make a webhook; its secret is shown this once."""
    made = endpoints.create_webhook(
        session(), body, rules=rules_of(services().settings), secret_key=access_guard().secret_key
    )
    strip_secrets_once("secret")
    return sealed_representation(session(), made)


@blueprint.route("/webhooks/<uuid:webhook_id>")
@requires("admin")
@blueprint.response(200, WebhookSchema)
def get_webhook(webhook_id: UUID) -> Response:
    """Read one webhook, with the entity tag that a change may name."""
    return _webhook_response(endpoints.get_webhook(session(), webhook_id))


@blueprint.route("/webhooks/<uuid:webhook_id>", methods=["PATCH"])
@requires("admin")
@blueprint.arguments(WebhookChangeSchema)
@blueprint.response(200, WebhookSchema)
def change_webhook(body: dict[str, Any], webhook_id: UUID) -> Response:
    """Change a webhook, disable it or enable it again."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    check_match(webhook_etag(webhook))
    rules = rules_of(services().settings)
    return _webhook_response(endpoints.change_webhook(session(), webhook, body, rules=rules))


@blueprint.route("/webhooks/<uuid:webhook_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(204)
def remove_webhook(webhook_id: UUID) -> Response:
    """Remove a webhook with its deliveries; what has not been delivered is dropped."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    check_match(webhook_etag(webhook))
    endpoints.remove_webhook(session(), webhook)
    return Response(status=204)


@blueprint.route("/webhooks/<uuid:webhook_id>/rotate", methods=["POST"])
@requires("admin")
@blueprint.arguments(RotationSchema)
@blueprint.response(200, WebhookWithSecretSchema)
def rotate_webhook(body: dict[str, Any], webhook_id: UUID) -> Any:
    """Give a webhook another secret, shown this once; for 24 hours the one before signs too."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    made = endpoints.rotate_secret(
        session(), webhook, secret_key=access_guard().secret_key, now=utc_now(), **body
    )
    strip_secrets_once("secret")
    return sealed_representation(session(), made)


@blueprint.route("/webhooks/<uuid:webhook_id>/test", methods=["POST"])
@requires("admin")
@blueprint.response(202, WebhookDeliverySchema)
def send_test_event(webhook_id: UUID) -> Any:
    """Send an event of the type `webhook.test`; its delivery tells what became of it."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    delivery = deliveries.send_test(session(), webhook, now=utc_now())
    return delivery_representations(session(), [delivery])[0]


@blueprint.route("/webhooks/<uuid:webhook_id>/deliveries")
@requires("admin")
@blueprint.arguments(DeliveryListArguments, location="query")
@blueprint.response(200, WebhookDeliveryPageSchema)
def list_webhook_deliveries(arguments: dict[str, Any], webhook_id: UUID) -> Any:
    """List the deliveries of the last 30 days, the newest first."""
    webhook = endpoints.get_webhook(session(), webhook_id)
    wanted = {"state": arguments.pop("state"), "event_type": arguments.pop("type")}
    statement = deliveries.select_deliveries(webhook.webhook_id, **wanted)
    key = [WebhookDelivery.created_at, WebhookDelivery.event_id]
    page = page_of(session(), statement, key, descending=True, **arguments)
    return linked(page, delivery_representations(session(), page.data))


@blueprint.route("/webhooks/<uuid:webhook_id>/deliveries/<uuid:event_id>/replay", methods=["POST"])
@requires("admin")
@blueprint.response(202, WebhookDeliverySchema)
def replay_webhook_delivery(webhook_id: UUID, event_id: UUID) -> Any:
    """Deliver an event once more, under the same id."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    delivery = deliveries.replay(session(), webhook, event_id, now=utc_now())
    return delivery_representations(session(), [delivery])[0]


@blueprint.route("/webhooks/<uuid:webhook_id>/listen", methods=["POST"])
@requires("admin")
@blueprint.arguments(ListenSchema)
@blueprint.response(200, FetchedEventsSchema)
def fetch_webhook_events(body: dict[str, Any], webhook_id: UUID) -> Any:
    """Fetch the next events of a webhook of the kind `listen`, and tell what became of the last ones."""
    webhook = endpoints.get_webhook(session(), webhook_id, lock=True)
    return listening.fetch(session(), webhook, secret_key=access_guard().secret_key, now=utc_now(), **body)


def _webhook_response(webhook: Webhook) -> Response:
    shown = webhook_representations(session(), [webhook])[0]
    return tagged(jsonify(WebhookSchema().dump(shown)), webhook_etag(webhook))
