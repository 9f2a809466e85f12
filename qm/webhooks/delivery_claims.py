"""Claims of deliveries: exclusive to one process under a token and a lease, as claims of interactions are.

What is claimed is sent outside any transaction. Its outcome is stored only while the token is valid; a
process that was killed in between sends nothing twice but what it had begun, under the same `webhook-id`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from qm.webhooks.models import Webhook
from qm.webhooks.retry_schedule import is_given_up, next_attempt, rest_until
from qm.webhooks.signing import body_of
from tenants import audit
from tenants.isolation import scope_of
from tenants.models import new_id

LEASE_SECONDS = 120
GONE = 410
"""A receiver that answers so wants nothing any more (Standard Webhooks)."""
MAX_ERROR_LENGTH = 200

_DUE = "d.state = 'pending' and d.due_at <= now() and (d.lease_until is null or d.lease_until < now())"
# Each endpoint by its index of what is pending: one with a backlog costs the others nothing.
_CHOOSE = text(
    f"""
    select d.webhook_id, d.event_id, d.type, d.data::text as data, d.occurred_at
    from (
        select w.tenant_id, w.webhook_id from webhooks w
        where w.tenant_id = :tenant and w.kind = :kind and w.state = 'enabled'
          and (cast(:webhook as uuid) is null or w.webhook_id = :webhook)
          and (w.resting_until is null or w.resting_until <= now())
        order by random()
    ) as w cross join lateral (
        select d.* from webhook_deliveries d
        where d.tenant_id = w.tenant_id and d.webhook_id = w.webhook_id and {_DUE}
        order by d.due_at limit :size
        for no key update skip locked
    ) as d
    limit :most
    """  # noqa: S608 - built from the constant above
)
_CLAIM = text(
    """
    update webhook_deliveries
    set claim_token = :token, lease_until = now() + make_interval(secs => :lease)
    where tenant_id = :tenant
      and (webhook_id, event_id) in (select * from unnest(cast(:webhooks as uuid[]), cast(:events as uuid[])))
    """
)
_FINISH = text(
    """
    update webhook_deliveries
    set state = :state, due_at = coalesce(:due_at, due_at), attempts = attempts + 1, claim_token = null,
        lease_until = null, attempted_at = :now, status_code = :status_code, error = :error
    where tenant_id = :tenant and webhook_id = :webhook and event_id = :event and claim_token = :token
    """
)
_RELEASE = text(
    "update webhook_deliveries set claim_token = null, lease_until = null"
    " where tenant_id = :tenant and claim_token = :token"
)


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """One event to be sent, with the body that is signed."""

    webhook_id: uuid.UUID
    event_id: uuid.UUID
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """Deliveries of a tenant that are claimed under one token; `full` tells that there may be more."""

    token: uuid.UUID
    deliveries: Sequence[ClaimedDelivery]
    full: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the status that the receiver answered, or why there was no answer."""

    webhook_id: uuid.UUID
    event_id: uuid.UUID
    status_code: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it: any status from 200 to 299."""
        return self.status_code is not None and 200 <= self.status_code < 300


def claim(
    session: Session, *, most: int, for_each: int, kind: str = "http", webhook_id: uuid.UUID | None = None
) -> Claim | None:
    """Claim deliveries that are due, some of each endpoint; None when there are none.

    Endpoints that are disabled, or rest after a failure, are left out.
    """
    tenant_id, token = scope_of(session).tenant_id, new_id()
    chosen = {"tenant": tenant_id, "kind": kind, "webhook": webhook_id, "size": for_each, "most": most}
    rows = session.execute(_CHOOSE, chosen).all()
    if not rows:
        return None
    ids = {"webhooks": [row.webhook_id for row in rows], "events": [row.event_id for row in rows]}
    session.execute(_CLAIM, {"tenant": tenant_id, "token": token, "lease": LEASE_SECONDS, **ids})
    found = [_claimed(row) for row in rows]
    counts = {each: ids["webhooks"].count(each) for each in ids["webhooks"]}
    return Claim(token, found, full=len(rows) == most or for_each in counts.values())


def _claimed(row: Any) -> ClaimedDelivery:
    data = msgspec.json.decode(row.data)
    return ClaimedDelivery(row.webhook_id, row.event_id, row.type, body_of(row.type, row.occurred_at, data))


def finish(
    session: Session, token: uuid.UUID, outcomes: Sequence[Outcome], *, now: datetime, retried: bool = True
) -> None:
    """Store outcomes of what is still claimed under the token, and give back what was not attempted.

    A failure is tried again by the schedule, unless not `retried`, and its endpoint rests; one that has
    failed for too long, or is gone, is disabled.
    """
    tenant_id = scope_of(session).tenant_id
    owned = sorted({each.webhook_id for each in outcomes})
    # Locked first and in one order, so that two processes never wait for each other.
    locked = select(Webhook).where(Webhook.webhook_id.in_(owned)).order_by(Webhook.webhook_id)
    webhooks = {each.webhook_id: each for each in session.scalars(locked.with_for_update(key_share=True))}
    attempts = _attempts(session, tenant_id, token)
    for outcome in outcomes:
        key = outcome.webhook_id, outcome.event_id
        if key not in attempts or outcome.webhook_id not in webhooks:
            continue
        due_at = next_attempt(attempts[key] + 1, now) if retried and not outcome.succeeded else None
        state = "delivered" if outcome.succeeded else "failed" if due_at is None else "pending"
        stored = {
            "status_code": outcome.status_code,
            "error": (outcome.error or "")[:MAX_ERROR_LENGTH] or None,
        }
        named = {"tenant": tenant_id, "webhook": outcome.webhook_id, "event": outcome.event_id}
        session.execute(
            _FINISH, {**named, **stored, "token": token, "state": state, "due_at": due_at, "now": now}
        )
        _note(session, webhooks[outcome.webhook_id], outcome, now=now)
    session.execute(_RELEASE, {"tenant": tenant_id, "token": token})
    session.flush()


def _attempts(
    session: Session, tenant_id: uuid.UUID, token: uuid.UUID
) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
    statement = text(
        "select webhook_id, event_id, attempts from webhook_deliveries"
        " where tenant_id = :tenant and claim_token = :token for no key update"
    )
    found = session.execute(statement, {"tenant": tenant_id, "token": token})
    return {(row.webhook_id, row.event_id): row.attempts for row in found}


def _note(session: Session, webhook: Webhook, outcome: Outcome, *, now: datetime) -> None:
    """Count an attempt at its endpoint, let it rest after a failure, and disable it in the end."""
    if outcome.succeeded:
        webhook.succeeded += 1
        webhook.failing_since, webhook.resting_until = None, None
        return
    webhook.failed += 1
    if webhook.kind == "listen":
        return
    webhook.failing_since = webhook.failing_since or now
    webhook.resting_until = rest_until(webhook.failing_since, now)
    gone = outcome.status_code == GONE
    if webhook.state == "enabled" and (gone or is_given_up(webhook.failing_since, now)):
        webhook.state, webhook.disabled_because = "disabled", "gone" if gone else "failing"
        webhook.revision += 1
        audit.record(
            session,
            "webhook.disabled",
            f"webhook:{webhook.webhook_id}",
            name=webhook.name,
            because=webhook.disabled_because,
            failing_since=webhook.failing_since,
        )
