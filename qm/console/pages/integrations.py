"""Integrations: keys for machines, the first interaction that one of them pushes, and webhooks."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.interactions.models import Interaction
from qm.webhooks.endpoints import MAX_WEBHOOKS, select_webhooks
from qm.webhooks.models import Webhook
from qm.webhooks.representations import webhook_representations
from tenants import credentials, key_requests
from tenants.access import actor, public_address, session
from tenants.credentials import IssuedKey
from tenants.http.contract import page_of
from tenants.http.deferred_faults import FAULTS, FaultCollector
from tenants.http.faults import NotFound
from tenants.models import Client, Credential, utc_now
from tenants.schemas import NewCredentialSchema

_PUSH = "interactions:write"
_MAX_KEYS = 200


@blueprint.route("/integrations", methods=["GET", "POST"])
@page("admin")
def integrations() -> Any:
    """Show the keys, and make one, which is shown once."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = read_form(NewCredentialSchema)
            body["live"] = True
            issued = key_requests.create_key(session(), actor(), body, FaultCollector(body.pop(FAULTS, ())))
        if not tried.failed:
            return render("integrations/key.html", key=issued, **_first_push(issued))
    page_of_keys = page_of(
        session(),
        select(Credential).where(Credential.kind == "key", Credential.revoked_at.is_(None)),
        [Credential.credential_id],
        limit=_MAX_KEYS,
        cursor=request.args.get("cursor"),
        descending=True,
    )
    shown = render(
        "integrations/integrations.html",
        keys=page_of_keys.data,
        next_cursor=page_of_keys.next_cursor,
        faults=tried.faults,
        typed=request.form,
        clients=[(client.slug, client.name) for client in _clients()],
        push_scopes=(_PUSH, "interactions:read", "clients:read"),
        webhooks=_webhooks(),
        **_first_push(None),
    )
    return shown, tried.status


def _webhooks() -> Sequence[Mapping[str, Any]]:
    newest = select_webhooks().order_by(Webhook.webhook_id.desc()).limit(MAX_WEBHOOKS)
    return webhook_representations(session(), session().scalars(newest).all())


def _clients() -> Sequence[Client]:
    return session().scalars(select(Client).order_by(Client.name)).all()


def _first_push(issued: IssuedKey | None) -> Mapping[str, Any]:
    """Return the command that pushes an example, if there is a client to push it for, and what came last."""
    found = _clients()
    bound = issued is not None and issued.credential.bound
    named = [each for each in found if not bound or each.slug in request.form.getlist("clients")]
    if not named or (issued is not None and _PUSH not in issued.credential.scopes):
        return {"command": None, "received": _newest(None), "since": utc_now()}
    return {
        "command": push_command(public_address(), named[0].slug, issued.key if issued else "YOUR_KEY"),
        "received": _newest(None),
        "since": utc_now(),
    }


def push_command(address: str, client: str, key: str) -> str:
    """Return the command line that pushes an example interaction."""
    now = utc_now().replace(microsecond=0)
    begun = now - timedelta(minutes=20)
    turns = [
        (begun, "customer", "My tent has not arrived and we leave on Friday. I am really upset."),
        (begun + timedelta(seconds=40), "agent", "I can see how upsetting that is. I send a new one today."),
    ]
    pushed = {
        "external_id": f"first-{now:%H%M%S}",
        "channel": "chat",
        "started_at": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
        "agent": {"external_id": "a-7", "name": "Ana"},
        "turns": [
            {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "speaker": speaker, "text": text}
            for at, speaker, text in turns
        ],
    }
    return (
        f"curl -fsS {address}/v1/clients/{client}/interactions \\\n"
        f"  -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(pushed)}'"
    )


@blueprint.route("/integrations/received")
@page("admin")
def integrations_received() -> Any:
    """Say what has come since a moment, or go on looking."""
    try:
        since = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        raise NotFound("moment") from None
    if since.tzinfo is None:
        raise NotFound("moment")
    return render("integrations/received.html", received=_newest(since), since=since)


def _newest(since: datetime | None) -> Mapping[str, Any] | None:
    """Return the interaction that came last, of those since a moment."""
    statement = (
        select(Interaction.external_id, Interaction.received_at, Interaction.state, Client.name)
        .join(Client, Client.client_id == Interaction.client_id)
        .order_by(Interaction.received_at.desc())
        .limit(1)
    )
    if since is not None:
        statement = statement.where(Interaction.received_at > since)
    found = session().execute(statement).one_or_none()
    return None if found is None else found._asdict()


@blueprint.route("/integrations/keys/<uuid:credential_id>/revoke", methods=["POST"])
@page("admin")
def integrations_revoke(credential_id: UUID) -> Response:
    """Revoke a key."""
    is_key = Credential.credential_id == credential_id, Credential.kind == "key"
    if session().scalar(select(Credential.credential_id).where(*is_key)) is None:
        raise NotFound("key")
    credentials.revoke(session(), credential_id=credential_id)
    flash(gettext("The key is revoked; what uses it stops working now."))
    return see("console.integrations")
