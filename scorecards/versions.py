"""Drafts become published versions, published versions never change, and each has its time.

Every kind of definition lives the same life: draft -> published (from a moment on) -> retired. A version is
in force from `effective_from` until the next one of the same key takes over, or until it is retired.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from scorecards.models import Definition
from scorecards.validation import faults_of
from tenants import audit
from tenants.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client, utc_now

# The first version of a definition judges what came before it too: there was no other truth then.
ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def digest_of(body: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a body, whatever the order of its fields (32 bytes)."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()


def in_force(session: Session, *, client_id: uuid.UUID, at: datetime | None = None) -> Sequence[Definition]:
    """Return what judges an interaction of this client that took place `at` (now if left out)."""
    moment = at or utc_now()
    return session.scalars(
        select(Definition)
        .where(
            Definition.client_id == client_id,
            Definition.state != "draft",
            Definition.effective_from <= moment,
            or_(Definition.effective_to.is_(None), Definition.effective_to > moment),
        )
        .order_by(Definition.kind, Definition.key)
    ).all()


def versions_of(session: Session, *, client_id: uuid.UUID, kind: str, key: str) -> Sequence[Definition]:
    """Return every version of a definition, newest first."""
    found = session.scalars(
        select(Definition)
        .where(Definition.client_id == client_id, Definition.kind == kind, Definition.key == key)
        .order_by(Definition.version.desc())
    ).all()
    if not found:
        raise NotFound(kind.replace("_", " "))
    return found


def newest(session: Session, *, client_id: uuid.UUID, kind: str) -> Sequence[Definition]:
    """Return the newest version of each definition of a kind, drafts included, by key."""
    return session.scalars(
        select(Definition)
        .where(Definition.client_id == client_id, Definition.kind == kind)
        .distinct(Definition.key)
        .order_by(Definition.key, Definition.version.desc())
    ).all()


def save_draft(
    session: Session, client: Client, *, kind: str, key: str, body: Mapping[str, Any]
) -> Definition:
    """Keep a draft: the one there is, or a new one after the newest version.

    A draft may be unfinished; what it lacks is said by `faults_of` and refused by `publish`.
    """
    newest_version = _newest(session, client, kind, key)
    if newest_version is not None and newest_version.state == "draft":
        draft = newest_version
        draft.body, draft.digest, draft.revision = dict(body), digest_of(body), draft.revision + 1
    else:
        draft = Definition(
            tenant_id=client.tenant_id,
            client_id=client.client_id,
            kind=kind,
            key=key,
            version=1 if newest_version is None else newest_version.version + 1,
            state="draft",
            body=dict(body),
            digest=digest_of(body),
        )
        session.add(draft)
    session.flush()
    _note(session, draft, "drafted")
    return draft


def publish(
    session: Session, client: Client, *, kind: str, key: str, effective_from: datetime | None = None
) -> Definition:
    """Put the draft in force from a moment on: now, or for a first version since always.

    Raises
    ------
    Invalid
        Naming everything that is wrong with the draft, or a moment before the version it follows.
    Conflict
        When there is no draft.
    """
    draft = _newest(session, client, kind, key, lock=True)
    if draft is None:
        raise NotFound(kind.replace("_", " "))
    if draft.state != "draft":
        raise Conflict("There is no draft to publish.", "no_draft")
    faults = faults_of(kind, draft.body)
    if faults:
        raise Invalid(faults)
    previous = _last_published(session, client, kind, key)
    start = effective_from or (utc_now() if previous else ALWAYS)
    _end_previous(previous, start)
    session.flush()
    draft.state, draft.effective_from, draft.published_at = "published", start, utc_now()
    draft.revision += 1
    session.flush()
    _note(session, draft, "published", effective_from=start)
    return draft


def put_in_force(
    session: Session, client: Client, *, kind: str, key: str, body: Mapping[str, Any]
) -> tuple[Definition, str]:
    """Draft and publish in one step; returns the version and `created`, `updated` or `unchanged`."""
    last = _last_published(session, client, kind, key)
    if last is not None and last.effective_to is None and last.digest == digest_of(body):
        return last, "unchanged"
    save_draft(session, client, kind=kind, key=key, body=body)
    made = publish(session, client, kind=kind, key=key)
    return made, "created" if last is None else "updated"


def retire(session: Session, client: Client, *, kind: str, key: str) -> Definition:
    """End a definition now; what was judged under it stays as it is."""
    last = _last_published(session, client, kind, key)
    if last is None or last.effective_to is not None:
        raise NotFound(kind.replace("_", " "))
    now = utc_now()
    last.state, last.effective_to, last.retired_at = "retired", now, now
    last.revision += 1
    session.flush()
    _note(session, last, "retired")
    return last


def _newest(
    session: Session, client: Client, kind: str, key: str, *, lock: bool = False
) -> Definition | None:
    statement = (
        select(Definition)
        .where(Definition.client_id == client.client_id, Definition.kind == kind, Definition.key == key)
        .order_by(Definition.version.desc())
        .limit(1)
    )
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def _last_published(session: Session, client: Client, kind: str, key: str) -> Definition | None:
    last_version = (
        select(func.max(Definition.version))
        .where(
            Definition.client_id == client.client_id,
            Definition.kind == kind,
            Definition.key == key,
            Definition.state != "draft",
        )
        .scalar_subquery()
    )
    return session.scalars(
        select(Definition).where(
            Definition.client_id == client.client_id,
            Definition.kind == kind,
            Definition.key == key,
            Definition.version == last_version,
        )
    ).one_or_none()


def _end_previous(previous: Definition | None, start: datetime) -> None:
    if previous is None or previous.effective_from is None:
        return
    if start <= previous.effective_from:
        detail = f"It must come after version {previous.version}, which began {previous.effective_from}."
        raise Invalid([Fault("/effective_from", "before_previous", detail)])
    if previous.effective_to is None or previous.effective_to > start:
        previous.effective_to = start
        previous.revision += 1


def _note(session: Session, definition: Definition, what: str, **details: Any) -> None:
    audit.record(
        session,
        f"{definition.kind}.{what}",
        f"definition:{definition.definition_id}",
        client_id=definition.client_id,
        key=definition.key,
        version=definition.version,
        **details,
    )
