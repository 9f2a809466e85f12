"""Webhooks: where events are sent, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.services import services
from qm.webhooks import deliveries, endpoints
from qm.webhooks.endpoints import SealedWebhook
from qm.webhooks.models import DELIVERY_STATES, Webhook, WebhookDelivery
from qm.webhooks.representations import delivery_representations, webhook_representations
from qm.webhooks.rules import rules_of
from qm.webhooks.schemas import NewWebhookSchema, WebhookChangeSchema
from tenants.access import access_guard, session
from tenants.http.contract import page_of
from tenants.http.faults import NotFound
from tenants.models import Client, utc_now

_PAGE_SIZE = 50


def event_words() -> Mapping[str, str]:
    """Return what each event tells, for people."""
    return {
        "interaction.scored": gettext("the machine scored an interaction"),
        "evaluation.published": gettext("an evaluation is published"),
        "critical.found": gettext("a critical question failed"),
        "sla.breached": gettext("an SLA clock ran out"),
        "gate.moved": gettext("the machine may do more or less"),
        "report.frozen": gettext("a report is frozen"),
    }


@blueprint.route("/integrations/webhooks/new", methods=["GET", "POST"])
@page("admin")
def webhooks_new() -> Any:
    """Make a webhook; its secret is shown once."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = {**read_form(NewWebhookSchema), "kind": "http"}
            body["clients"] = body["clients"] or None
            made = endpoints.create_webhook(
                session(), body, rules=rules_of(services().settings), secret_key=access_guard().secret_key
            )
        if not tried.failed:
            return _secret_page(made)
    return render("webhooks/new.html", typed=request.form, **_form(tried)), tried.status


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>", methods=["GET", "POST"])
@page("admin")
def webhook(webhook_id: UUID) -> Any:
    """Show a webhook with its deliveries, and change it."""
    found = endpoints.get_webhook(session(), webhook_id, lock=request.method == "POST")
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = read_form(WebhookChangeSchema)
            body = {"description": "", **body, "clients": body.get("clients") or None}
            endpoints.change_webhook(session(), found, body, rules=rules_of(services().settings))
        if not tried.failed:
            flash(gettext("Saved."))
            return see("console.webhook", webhook_id=webhook_id)
    shown = webhook_representations(session(), [found])[0]
    typed = request.form if tried.failed else None
    return render(
        "webhooks/webhook.html", webhook=shown, typed=typed, **_deliveries(found), **_form(tried)
    ), tried.status


def _deliveries(found: Webhook) -> dict[str, Any]:
    state = request.args.get("state") or None
    if state is not None and state not in DELIVERY_STATES:
        raise NotFound("state")
    listed = page_of(
        session(),
        deliveries.select_deliveries(found.webhook_id, state=state),
        [WebhookDelivery.created_at, WebhookDelivery.event_id],
        limit=_PAGE_SIZE,
        cursor=request.args.get("cursor"),
        descending=True,
    )
    return {
        "deliveries": delivery_representations(session(), listed.data),
        "next_cursor": listed.next_cursor,
        "state": state,
        "states": DELIVERY_STATES,
    }


def _form(tried: Attempt) -> dict[str, Any]:
    clients: Sequence[Client] = session().scalars(select(Client).order_by(Client.name)).all()
    return {
        "faults": tried.faults,
        "event_words": event_words(),
        "clients": [(client.slug, client.name) for client in clients],
    }


def _secret_page(made: SealedWebhook) -> str:
    return render("webhooks/secret.html", webhook=made.webhook, secret=made.secret)


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>/rotate", methods=["POST"])
@page("admin")
def webhook_rotate(webhook_id: UUID) -> str:
    """Give a webhook another secret, shown once."""
    found = endpoints.get_webhook(session(), webhook_id, lock=True)
    return _secret_page(
        endpoints.rotate_secret(
            session(), found, secret_key=access_guard().secret_key, at_once=False, now=utc_now()
        )
    )


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>/test", methods=["POST"])
@page("admin")
def webhook_test(webhook_id: UUID) -> Response:
    """Send an event that means nothing."""
    found = endpoints.get_webhook(session(), webhook_id, lock=True)
    deliveries.send_test(session(), found, now=utc_now())
    flash(gettext("A test is on its way; look again in a moment for what became of it."))
    return see("console.webhook", webhook_id=webhook_id)


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>/state", methods=["POST"])
@page("admin")
def webhook_state(webhook_id: UUID) -> Response:
    """Disable a webhook, or enable it again."""
    found = endpoints.get_webhook(session(), webhook_id, lock=True)
    state = "enabled" if request.form.get("state") == "enabled" else "disabled"
    endpoints.change_webhook(session(), found, {"state": state}, rules=rules_of(services().settings))
    flash(
        gettext("Enabled: what waited is sent now.")
        if state == "enabled"
        else gettext("Disabled: nothing is sent.")
    )
    return see("console.webhook", webhook_id=webhook_id)


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>/remove", methods=["POST"])
@page("admin")
def webhook_remove(webhook_id: UUID) -> Response:
    """Remove a webhook with its deliveries."""
    endpoints.remove_webhook(session(), endpoints.get_webhook(session(), webhook_id, lock=True))
    flash(gettext("The webhook is removed."))
    return see("console.integrations")


@blueprint.route("/integrations/webhooks/<uuid:webhook_id>/deliveries/<uuid:event_id>", methods=["POST"])
@page("admin")
def webhook_replay(webhook_id: UUID, event_id: UUID) -> Response:
    """Deliver an event once more."""
    found = endpoints.get_webhook(session(), webhook_id, lock=True)
    deliveries.replay(session(), found, event_id, now=utc_now())
    flash(gettext("It is sent once more, under the same id."))
    return see("console.webhook", webhook_id=webhook_id)
