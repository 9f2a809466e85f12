"""Frozen reports are mailed here: one letter for each address, tried again with growing pauses, listed."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.mail import Attachment, Letter
from qm.snapshots.models import ReportDelivery, ReportSnapshot
from qm.snapshots.sharing import share_snapshot
from tenants import audit
from tenants.http.faults import Conflict
from tenants.isolation import attempt
from tenants.models import Client

log = structlog.get_logger(__name__)

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 60, 360, 1440))
"""Between one attempt and the next; after the last one the delivery has failed."""
LINK_LASTS = timedelta(days=90)
_LETTER = """\
{provider} has frozen the report on {client} of {first} to {last}.

{finding}

{targets}

{method}

The whole report, until {until} UTC:

{link}

The file beside this letter is the report as it was frozen. The SHA-256 of its `content` is

{content_hash}
"""


def deliver_next(
    session: Session, client: Client, send: Callable[[Letter], None], address: str, now: datetime
) -> bool | None:
    """Mail the report that has waited longest for a client, and note what became of it.

    `address` is that of this server, for the link. Returns whether it was sent; None where nothing waits.
    """
    delivery = session.scalars(_select_waiting(client, now)).first()
    if delivery is None:
        return None
    snapshot = session.get_one(ReportSnapshot, (delivery.tenant_id, delivery.snapshot_id, delivery.client_id))
    delivery.attempts += 1
    try:
        with attempt(session):
            send(_letter(session, snapshot, delivery, address, now))
            delivery.state, delivery.sent_at, delivery.error = "sent", now, None
            session.flush()
    except (OSError, Conflict) as error:
        _note_failure(delivery, error, now)
        log.warning("report_not_mailed", error=type(error).__name__, attempts=delivery.attempts)
    session.flush()
    if delivery.state != "waiting":
        subject = f"snapshot:{snapshot.snapshot_id}"
        action = f"report_delivery.{delivery.state}"
        audit.record(session, action, subject, client_id=client.client_id, attempts=delivery.attempts)
    return delivery.state == "sent"


def _select_waiting(client: Client, now: datetime) -> Select[ReportDelivery]:
    return (
        select(ReportDelivery)
        .where(
            ReportDelivery.client_id == client.client_id,
            ReportDelivery.state == "waiting",
            ReportDelivery.next_attempt_at <= now,
        )
        .order_by(ReportDelivery.next_attempt_at, ReportDelivery.delivery_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _note_failure(delivery: ReportDelivery, error: Exception, now: datetime) -> None:
    """Say in words that hold no secret why it failed, and when it is tried again."""
    code = getattr(error, "smtp_code", None)
    delivery.error = type(error).__name__ if code is None else f"{type(error).__name__} {code}"
    if isinstance(error, Conflict):
        delivery.state, delivery.error = "failed", error.code
    elif delivery.attempts > len(PAUSES):
        delivery.state = "failed"
    else:
        delivery.next_attempt_at = now + PAUSES[delivery.attempts - 1]


def _letter(
    session: Session, snapshot: ReportSnapshot, delivery: ReportDelivery, address: str, now: datetime
) -> Letter:
    """Write the letter, with a link of its own that ends by itself."""
    until = now + LINK_LASTS
    made = share_snapshot(
        session, snapshot, address=address, expires_at=until, password=None, author_id=None, now=now
    )
    content = json.loads(snapshot.content)
    told = {
        "provider": content["provider"],
        "client": content["client"]["name"],
        "first": content["from"],
        "last": content["to"],
        "finding": content["reports"]["overview"]["finding"],
        "targets": content["reports"]["targets"]["finding"],
        "method": content["method"],
        "until": f"{until:%Y-%m-%d %H:%M}",
        "link": made.link,
        "content_hash": snapshot.content_hash,
    }
    name = f"{content['client']['slug']}-{content['from']}-{content['to']}.json"
    subject = f"Report on {told['client']}, {told['first']} to {told['last']} ({told['provider']})"
    body = {"id": str(snapshot.snapshot_id), "content_hash": snapshot.content_hash}
    body["content"] = snapshot.content
    data = json.dumps(body, ensure_ascii=False).encode()
    files = (Attachment(name, "application/json", data),)
    return Letter(delivery.address, " ".join(subject.split()), _LETTER.format(**told), files)
