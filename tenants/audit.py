"""The audit log: who changed what, as a hash chain per tenant that makes tampering evident.

Entries are collected in the session and written just before the commit, so that the lock on the head of a
tenant's chain is brief, however long the transaction takes.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, any_, func, literal, or_, select
from sqlalchemy.orm import Session

from tenants.isolation import before_commit, scope_of
from tenants.models import AuditEntry, AuditHead, utc_now

_LOCK_HEAD = select(AuditHead.number, AuditHead.digest).with_for_update()
# Entries and new head in one statement: one round trip less under the lock.
_APPEND = """
    with moved as (update audit_heads set number = %b, digest = %b)
    insert into audit_entries (tenant_id, number, client_id, at, actor, action, subject, details, digest)
    select %b, x.number, x.client_id, x.at, %b, x.action, x.subject, x.details::jsonb, x.digest
    from unnest(%b::int8[], %b::uuid[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::bytea[])
         as x (number, client_id, at, action, subject, details, digest)
"""


@dataclass(frozen=True, slots=True)
class _Pending:
    action: str
    subject: str
    client_id: uuid.UUID | None
    details: dict[str, Any]
    at: datetime = field(default_factory=utc_now)


def act_as(session: Session, actor: str) -> None:
    """Set the actor of the changes of this transaction, as in `credential:<id>` or `worker`."""
    session.info["actor"] = actor


def record(
    session: Session, action: str, subject: str, *, client_id: uuid.UUID | None = None, **details: Any
) -> None:
    """Record one change; it is written in the same transaction as the change.

    What a reader does is written in a transaction of its own before the answer is given.

    Raises
    ------
    ValueError
        For a detail that is nan or infinite.
    """
    pending: list[_Pending] | None = session.info.get("audit")
    if pending is None:
        pending = session.info["audit"] = []
        before_commit(session, _write)
    plain = json.loads(json.dumps(details, default=str, allow_nan=False), parse_float=_jsonb_number)
    pending.append(_Pending(action, subject, client_id, plain))


def _jsonb_number(text: str) -> float:
    """Return a number that survives a round trip through jsonb, which -0.0 and 1e+22 as floats would not."""
    number = float(text)
    return int(number) if number.is_integer() else number


def digest_of(
    previous: bytes,
    *,
    number: int,
    client_id: uuid.UUID | None,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Any,
) -> bytes:
    """Return the SHA-256 of an entry's content and the previous entry's digest (32 bytes)."""
    client = None if client_id is None else str(client_id)
    moment = at.astimezone(UTC).isoformat()
    content = json.dumps(
        [number, client, moment, actor, action, subject, details], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(previous + content.encode()).digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The number and digest of an entry, kept where whoever changes the database does not reach."""

    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"


def newest(session: Session) -> Anchor:
    """Return the anchor of the newest entry; number 0 when the head of the chain is missing."""
    head = session.scalars(select(AuditHead)).one_or_none()
    return Anchor(0, b"") if head is None else Anchor(head.number, head.digest)


def select_entries(filters: Mapping[str, Any]) -> Select[AuditEntry]:
    """Return the statement of entries by `actor`, `action`, `subject`, `start` and `end`, where given.

    An actor is a person, a credential, or what works by itself. An action or subject without what follows
    its dot or colon is all of that kind.
    """
    conditions: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "actor": lambda who: literal(who) == any_(func.string_to_array(AuditEntry.actor, " ")),
        "action": lambda what: _begins_with(AuditEntry.action, what, "."),
        "subject": lambda what: _begins_with(AuditEntry.subject, what, ":"),
        "start": lambda moment: AuditEntry.at >= moment,
        "end": lambda moment: AuditEntry.at < moment,
    }
    wanted = [conditions[name](value) for name, value in filters.items() if value is not None]
    return select(AuditEntry).where(*wanted)


def _begins_with(column: Any, text: str, divider: str) -> ColumnElement[bool]:
    if divider in text:
        return cast("ColumnElement[bool]", column == text)
    return or_(column == text, column.startswith(text + divider, autoescape=True))


def verify(session: Session, anchor: Anchor | None = None) -> int | None:
    """Return the number of the first entry that breaks the chain, or None for an intact chain.

    Truncation of the newest entries is detected against the head. A chain without entries is broken: the
    first one is written when the tenant is made. Whoever can rewrite entries and head together can make
    another chain that is intact, but without an `anchor` that was kept elsewhere. The transaction must see
    all clients of the tenant: in a narrower one, entries are missing.
    """
    previous, expected = b"", 1
    in_order = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=500)
    with closing(session.scalars(in_order)) as entries:
        for entry in entries:
            digest = _digest_of_entry(previous, entry)
            is_first = entry.number == 1
            if (
                entry.number != expected
                or entry.digest != digest
                or (is_first and not _begins(session, entry))
            ):
                return expected
            if anchor is not None and anchor.number == entry.number and anchor.digest != digest:
                return expected
            previous, expected = digest, expected + 1
    end = newest(session)
    is_whole = expected > 1 and (end.number, end.digest) == (expected - 1, previous)
    return None if is_whole and (anchor is None or 0 < anchor.number < expected) else expected


def _begins(session: Session, entry: AuditEntry) -> bool:
    tenant = f"tenant:{scope_of(session).tenant_id}"
    return (entry.action, entry.subject) == ("tenant.created", tenant)


def _digest_of_entry(previous: bytes, entry: AuditEntry) -> bytes:
    return digest_of(
        previous,
        number=entry.number,
        client_id=entry.client_id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
    )


def _write(session: Session) -> None:
    pending: list[_Pending] = session.info.pop("audit", [])
    tenant_id = scope_of(session).tenant_id
    actor = session.info.get("actor", "system")
    number, digest = session.execute(_LOCK_HEAD).one()
    rows = []
    for entry in pending:
        number += 1
        digest = digest_of(
            digest,
            number=number,
            client_id=entry.client_id,
            at=entry.at,
            actor=actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
        )
        details = json.dumps(entry.details)
        rows.append((number, entry.client_id, entry.at, entry.action, entry.subject, details, digest))
    arrays = [list(column) for column in zip(*rows, strict=True)]
    session.connection().exec_driver_sql(_APPEND, (number, digest, tenant_id, actor, *arrays))
