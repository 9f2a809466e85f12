"""Queries for stored versions of definitions: by key and number, the newest, the open-ended ones."""

import uuid
from collections.abc import Collection, Sequence

from marshmallow import ValidationError
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from scorecards.authoring.fields import KEY
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Form
from tenants.bulk_sql import id_array
from tenants.http.faults import NotFound

# The published version without an end date: in force now, or from a later moment on.
OPEN_ENDED = (Definition.state == "published", Definition.effective_to.is_(None))


def noun(kind: str) -> str:
    """Return a kind of definition as a noun for messages."""
    return kind.replace("_", " ")


def of_key(*, client_id: uuid.UUID, kind: str, key: str) -> Select[Definition]:
    """Return the statement that selects every version of a definition; raise NotFound for an invalid key."""
    try:
        KEY(key)
    except ValidationError as error:
        raise NotFound(noun(kind)) from error
    return select(Definition).where(
        Definition.client_id == client_id, Definition.kind == kind, Definition.key == key
    )


def newest_version(session: Session, *, client_id: uuid.UUID, kind: str, key: str) -> Definition | None:
    """Return the newest version of a definition, drafts included, or None."""
    statement = of_key(client_id=client_id, kind=kind, key=key).order_by(Definition.version.desc())
    return session.scalars(statement.limit(1)).one_or_none()


def version_of(
    session: Session,
    *,
    client_id: uuid.UUID,
    kind: str,
    key: str,
    version: int | None = None,
    state: str | None = None,
) -> Definition:
    """Return the newest version of a definition, a numbered one, its draft, or the open-ended one."""
    statement = of_key(client_id=client_id, kind=kind, key=key).order_by(Definition.version.desc()).limit(1)
    if version is not None:
        statement = statement.where(Definition.version == version)
    if state is not None:
        statement = statement.where(Definition.state == state)
    if state == "published":
        statement = statement.where(Definition.effective_to.is_(None))
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(noun(kind))
    return found


def open_ended_version(session: Session, *, client_id: uuid.UUID, kind: str, key: str) -> Definition | None:
    """Return the published version without an end date, in force now or from a later moment on, or None."""
    return session.scalars(of_key(client_id=client_id, kind=kind, key=key).where(*OPEN_ENDED)).one_or_none()


def open_ended_versions(session: Session, *, client_id: uuid.UUID) -> Sequence[Definition]:
    """Return every published version of a client that has no end date."""
    return session.scalars(select(Definition).where(Definition.client_id == client_id, *OPEN_ENDED)).all()


def newest_of_kind(*, client_id: uuid.UUID, kind: str) -> Select[Definition]:
    """Return the statement that selects the newest version of each definition of a kind."""
    ranked = (
        select(Definition.definition_id)
        .where(Definition.client_id == client_id, Definition.kind == kind)
        .ext(distinct_on(Definition.key))
        .order_by(Definition.key, Definition.version.desc())
    )
    return select(Definition).where(
        Definition.client_id == client_id, Definition.definition_id.in_(ranked.scalar_subquery())
    )


def forms_by_id(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Form]:
    """Return scorecards by the ids of their versions."""
    if not ids:
        return {}
    columns = (Definition.definition_id, Definition.key, Definition.body)
    rows = session.execute(select(*columns).where(Definition.definition_id == id_array(list(ids))))
    return {row.definition_id: Form.from_body({**row.body, "key": row.key}) for row in rows}


def compared_version(
    session: Session, *, client_id: uuid.UUID, kind: str, key: str, against: int | None = None
) -> Definition | None:
    """Return the version that another is compared with: a numbered one, or the open-ended one, if any."""
    if against is None:
        return open_ended_version(session, client_id=client_id, kind=kind, key=key)
    return version_of(session, client_id=client_id, kind=kind, key=key, version=against)
