"""Versioning of definitions: drafts, immutable published versions, and their validity periods.

Every kind of definition has the same life cycle: draft -> published (effective from a moment) -> retired. A
version is in force in [effective_from, effective_to); `effective_to` is set when the next version of the same
key takes over or the version is retired, so at most one published version is open-ended. A future version is
withdrawn when another is published for the same or an earlier moment; it then was never in force.

A version may be effective from a moment in the past. Whatever changes which version is in force is announced,
so that clocks measured by another are measured again: what they say does not depend on when a version was
entered. An SLA policy may even be corrected for a time in which others have begun: it replaces those, which
are kept, but then hold for nothing.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from scorecards.authoring.models import KINDS, Definition
from scorecards.authoring.validation import faults_of
from scorecards.authoring.version_queries import newest_version, noun, of_key, open_ended_version, version_of
from tenants import audit
from tenants.changes import ALWAYS, Change, announce
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import Client, id_for, utc_now

_NOT_EMPTY = and_(
    Definition.state != "draft",
    or_(Definition.effective_to.is_(None), Definition.effective_to > Definition.effective_from),
)

# Clocks are measured again whenever their policy changes. What people and the machine have answered, and what
# was drawn, is not: the version behind it keeps the time in which it was in force.
_CORRECTABLE = frozenset({"sla_policy"})


def digest_of(body: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a body, independent of the order of its fields (32 bytes)."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()


def in_force(
    session: Session, *, client_id: uuid.UUID, at: datetime | None = None, kinds: Sequence[str] = KINDS
) -> Sequence[Definition]:
    """Return the versions that apply to an interaction of this client that took place `at` (default: now)."""
    moment = at or utc_now()
    return session.scalars(
        select(Definition)
        .where(
            Definition.client_id == client_id,
            Definition.kind.in_(kinds),
            Definition.state != "draft",
            Definition.effective_from <= moment,
            or_(Definition.effective_to.is_(None), Definition.effective_to > moment),
        )
        .order_by(Definition.kind, Definition.key)
    ).all()


def lock_definitions(session: Session, client: Client) -> Client:
    """Lock a client's definitions against concurrent changes until the transaction ends.

    Returns the refreshed client. Intake is not blocked: the row lock permits foreign key checks.
    """
    return session.scalars(
        select(Client)
        .where(Client.tenant_id == client.tenant_id, Client.client_id == client.client_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def start_draft(
    session: Session, client: Client, *, kind: str, key: str, body: Mapping[str, Any]
) -> Definition:
    """Save the first draft of a new definition.

    Raises
    ------
    Conflict
        When the client has, or had, a definition of this kind and key.
    """
    lock_definitions(session, client)
    if newest_version(session, client_id=client.client_id, kind=kind, key=key) is not None:
        raise Conflict(f"There is a {noun(kind)} '{key}' already; save a draft of it instead.", "key_taken")
    return save_draft(session, client, kind=kind, key=key, body=body)


def save_draft(
    session: Session, client: Client, *, kind: str, key: str, body: Mapping[str, Any]
) -> Definition:
    """Save a draft: update the existing one, or add one after the newest version.

    A draft may have semantic faults; `faults_of` lists them and `publish` refuses it.
    """
    lock_definitions(session, client)
    latest = newest_version(session, client_id=client.client_id, kind=kind, key=key)
    if latest is not None and latest.state == "draft":
        draft = latest
        if draft.body == body:
            return draft
        draft.body, draft.digest, draft.revision = dict(body), digest_of(body), draft.revision + 1
    else:
        draft = _new_version(client, kind, key, body, 1 if latest is None else latest.version + 1)
        session.add(draft)
    session.flush()
    _record(session, draft, "drafted")
    return draft


def publish(
    session: Session, client: Client, *, kind: str, key: str, effective_from: datetime | None = None
) -> Definition:
    """Publish the draft from a moment on: now by default, for a first version since `ALWAYS`.

    Raises
    ------
    Invalid
        With every fault of the draft, or when the moment lies before the start of a version that has begun
        and is not of a kind that can be corrected.
    Conflict
        When there is no draft.
    """
    lock_definitions(session, client)
    draft = version_of(session, client_id=client.client_id, kind=kind, key=key)
    if draft.state != "draft":
        raise Conflict("There is no draft to publish.", "no_draft")
    faults = faults_of(kind, draft.body)
    if faults:
        raise Invalid(faults)
    start = _end_overlapping(session, client, kind, key, effective_from)
    draft.revision += 1
    return _publish_from(session, draft, start)


def put_in_force(
    session: Session,
    client: Client,
    *,
    kind: str,
    key: str,
    body: Mapping[str, Any],
    effective_from: datetime | None = None,
) -> tuple[Definition, str]:
    """Publish a body in one step; return the version and `created`, `updated` or `unchanged`.

    An existing draft is kept and gets the next version number after the published one.
    """
    lock_definitions(session, client)
    last = open_ended_version(session, client_id=client.client_id, kind=kind, key=key)
    if last is not None and is_unchanged(last, body, effective_from):
        return last, "unchanged"
    faults = faults_of(kind, body)
    if faults:
        raise Invalid(faults)
    start = _end_overlapping(session, client, kind, key, effective_from)
    version = _new_version(client, kind, key, body, _next_number(session, client, kind, key))
    return _publish_from(session, version, start), "created" if last is None else "updated"


def is_unchanged(last: Definition, body: Mapping[str, Any], effective_from: datetime | None = None) -> bool:
    """Tell whether publishing a body after this open-ended version would change nothing."""
    return last.body == body and (last.effective_from or ALWAYS) <= (effective_from or utc_now())


def retire(session: Session, client: Client, *, kind: str, key: str) -> Definition:
    """Retire a definition now, future versions included; evaluations made under it are unchanged."""
    lock_definitions(session, client)
    now = utc_now()
    running = _running_after(session, client, kind, key, now)
    if not running:
        version_of(session, client_id=client.client_id, kind=kind, key=key)
        raise Conflict("It is not in force, so it cannot be retired.", "not_in_force")
    for version in running:
        _end(session, version, "retired", until=max(now, version.effective_from or ALWAYS), now=now)
    announce(session, Change(client.client_id, kind, now))
    return running[-1]


def _new_version(client: Client, kind: str, key: str, body: Mapping[str, Any], version: int) -> Definition:
    return Definition(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        definition_id=id_for("definition", client.client_id, kind, key, version),
        kind=kind,
        key=key,
        version=version,
        state="draft",
        body=dict(body),
        digest=digest_of(body),
    )


def _next_number(session: Session, client: Client, kind: str, key: str) -> int:
    """Return the number of the next published version; a draft that has it is moved up by one."""
    latest = newest_version(session, client_id=client.client_id, kind=kind, key=key)
    if latest is None:
        return 1
    number = latest.version
    if latest.state != "draft":
        return number + 1
    latest.version, latest.revision = number + 1, latest.revision + 1
    session.flush()
    return number


def _end_overlapping(
    session: Session, client: Client, kind: str, key: str, effective_from: datetime | None
) -> datetime:
    """End the versions that overlap the next one, and return the moment from which that one applies."""
    now = utc_now()
    start = effective_from or (now if _ever_began(session, client, kind, key, now) else ALWAYS)
    for version in _running_after(session, client, kind, key, start):
        began = version.effective_from or ALWAYS
        if start > began:
            if version.effective_to is not None:
                _record(session, version, "shortened", effective_to=start)
            version.effective_to, version.revision = start, version.revision + 1
        elif began >= now:
            _end(session, version, "withdrawn", until=began, now=now)
        elif kind in _CORRECTABLE:
            _end(session, version, "replaced", until=began, now=now)
        else:
            detail = f"It must come after version {version.version}, which began {began.isoformat()}."
            raise Invalid([Fault("/effective_from", "before_previous", detail)])
    session.flush()
    return start


def _ever_began(session: Session, client: Client, kind: str, key: str, now: datetime) -> bool:
    statement = (
        of_key(client_id=client.client_id, kind=kind, key=key)
        .where(_NOT_EMPTY, Definition.effective_from < now)
        .limit(1)
    )
    return session.scalars(statement).one_or_none() is not None


def _running_after(
    session: Session, client: Client, kind: str, key: str, moment: datetime
) -> Sequence[Definition]:
    """Return the published versions that are in force at some time after a moment, oldest first."""
    return session.scalars(
        of_key(client_id=client.client_id, kind=kind, key=key)
        .where(_NOT_EMPTY, or_(Definition.effective_to.is_(None), Definition.effective_to > moment))
        .order_by(Definition.version)
    ).all()


def _publish_from(session: Session, definition: Definition, start: datetime) -> Definition:
    definition.state, definition.effective_from, definition.published_at = "published", start, utc_now()
    session.add(definition)
    session.flush()
    _record(session, definition, "published", effective_from=start)
    announce(session, Change(definition.client_id, definition.kind, start))
    return definition


def _end(session: Session, version: Definition, what: str, *, until: datetime, now: datetime) -> None:
    """Retire a version, in force until a moment; a version that ends at its start holds for nothing."""
    version.state, version.retired_at = "retired", version.retired_at or now
    version.effective_to = until
    version.revision += 1
    session.flush()
    _record(session, version, what)


def _record(session: Session, definition: Definition, what: str, **details: Any) -> None:
    audit.record(
        session,
        f"{definition.kind}.{what}",
        f"definition:{definition.definition_id}",
        client_id=definition.client_id,
        key=definition.key,
        version=definition.version,
        **details,
    )
