"""Endpoints: made, changed, rotated, removed; each change is in the audit log, no secret ever is."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from qm.webhooks.addresses import Rules, UnsafeAddress, target_of
from qm.webhooks.events import EVENT_TYPES
from qm.webhooks.models import Webhook
from qm.webhooks.signing import new_secret, sealed
from tenants import audit
from tenants.clients import clients_named
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import scope_of
from tenants.models import Client, utc_now

MAX_WEBHOOKS = 50
OLD_SECRET_HOURS = 24
"""For so long both secrets sign after one was rotated."""


@dataclass(frozen=True, slots=True)
class SealedWebhook:
    """An endpoint with its new secret, which cannot be read again."""

    webhook: Webhook
    secret: str


def select_webhooks() -> Select[Webhook]:
    """Return the statement of all endpoints."""
    return select(Webhook)


def get_webhook(session: Session, webhook_id: uuid.UUID, *, lock: bool = False) -> Webhook:
    """Return an endpoint of the tenant; raise NotFound for any other."""
    wanted = select(Webhook).where(Webhook.webhook_id == webhook_id)
    found = session.scalars(wanted.with_for_update(key_share=True) if lock else wanted).one_or_none()
    if found is None:
        raise NotFound("webhook")
    return found


def create_webhook(
    session: Session, body: Mapping[str, Any], *, rules: Rules, secret_key: str
) -> SealedWebhook:
    """Make an endpoint of `http`, which has an address, or of `listen`, which has none.

    Raises
    ------
    Invalid
        With every fault.
    """
    kind = body.get("kind", "http")
    _check(session, body, kind, rules, is_new=True)
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MAX_WEBHOOKS:
        raise Conflict(f"There are {MAX_WEBHOOKS} webhooks already; remove one first.", "too_many_webhooks")
    secret = new_secret()
    webhook = Webhook(
        tenant_id=scope_of(session).tenant_id,
        kind=kind,
        url=body.get("url"),
        description=body.get("description", ""),
        events=in_order(body["events"]),
        clients=_client_ids(session, body.get("clients")),
        secret=sealed(secret_key, secret),
        polled_at=utc_now() if kind == "listen" else None,
    )
    session.add(webhook)
    session.flush()
    _record(session, webhook, "created")
    return SealedWebhook(webhook, secret)


def change_webhook(session: Session, webhook: Webhook, body: Mapping[str, Any], *, rules: Rules) -> Webhook:
    """Change an endpoint; enabled again it gets what happens from now on, and what waited."""
    _check(session, body, webhook.kind, rules, is_new=False)
    for name in ("url", "description"):
        if name in body:
            setattr(webhook, name, body[name])
    if "events" in body:
        webhook.events = in_order(body["events"])
    if "clients" in body:
        webhook.clients = _client_ids(session, body["clients"])
    if body.get("state", webhook.state) != webhook.state:
        webhook.state = body["state"]
        webhook.disabled_because = "by_hand" if webhook.state == "disabled" else None
        webhook.watched_until = utc_now()
    if "url" in body or body.get("state") == "enabled":
        webhook.failing_since, webhook.resting_until = None, None
    webhook.revision += 1
    session.flush()
    _record(session, webhook, "changed", state=webhook.state)
    return webhook


def rotate_secret(
    session: Session, webhook: Webhook, *, secret_key: str, at_once: bool, now: datetime
) -> SealedWebhook:
    """Give an endpoint another secret; the one before signs beside it for a day, or not at all any more."""
    secret = new_secret()
    webhook.previous_secret = None if at_once else webhook.secret
    webhook.previous_until = None if at_once else now + timedelta(hours=OLD_SECRET_HOURS)
    webhook.secret = sealed(secret_key, secret)
    webhook.revision += 1
    session.flush()
    _record(session, webhook, "rotated", previous_until=webhook.previous_until)
    return SealedWebhook(webhook, secret)


def remove_webhook(session: Session, webhook: Webhook) -> None:
    """Remove an endpoint with its deliveries."""
    session.delete(webhook)
    session.flush()
    _record(session, webhook, "removed")


def stopped_webhooks(session: Session) -> Sequence[Webhook]:
    """Return the endpoints that nobody disabled: they failed for too long, or answered that they are gone."""
    by_itself = Webhook.disabled_because.in_(("failing", "gone"))
    return session.scalars(select(Webhook).where(by_itself).order_by(Webhook.webhook_id)).all()


def in_order(events: Sequence[str]) -> list[str]:
    """Return event types once each, in the order of the documentation."""
    return [each for each in EVENT_TYPES if each in events]


def clients_of(session: Session, webhooks: Sequence[Webhook]) -> Mapping[uuid.UUID, str]:
    """Return the slugs of the clients that endpoints are limited to; of removed ones there is none."""
    wanted = {each for webhook in webhooks for each in webhook.clients or ()}
    if not wanted:
        return {}
    found = session.execute(select(Client.client_id, Client.slug).where(Client.client_id.in_(wanted)))
    return {row.client_id: row.slug for row in found}


def _check(session: Session, body: Mapping[str, Any], kind: str, rules: Rules, *, is_new: bool) -> None:
    faults = FaultCollector()
    url = body.get("url")
    if kind == "listen" and url is not None:
        faults.add(Fault("/url", "no_address", "What is listened to has no address."))
    elif kind == "http" and url is None and (is_new or "url" in body):
        faults.add(Fault("/url", "required", "Where are the events to be sent?"))
    elif url is not None:
        with faults:
            _check_url(url, rules)
    if "events" in body and not body["events"]:
        faults.add(Fault("/events", "required", "At least one kind of event is needed."))
    with faults:
        clients_named(session, body.get("clients") or ())
    if body.get("clients") == []:
        faults.add(Fault("/clients", "required", "Name clients, or give null for all of them."))
    faults.raise_all()


def _check_url(url: str, rules: Rules) -> None:
    try:
        target_of(url, rules)
    except UnsafeAddress as error:
        raise Invalid([Fault("/url", "bad_address", str(error))]) from error


def _client_ids(session: Session, names: Sequence[str] | None) -> list[uuid.UUID] | None:
    return None if names is None else [each.client_id for each in clients_named(session, names)]


def _record(session: Session, webhook: Webhook, deed: str, **details: Any) -> None:
    """Note a change, without the address."""
    audit.record(
        session,
        f"webhook.{deed}",
        f"webhook:{webhook.webhook_id}",
        kind=webhook.kind,
        name=webhook.name,
        events=webhook.events,
        **details,
    )
