"""Corrective actions are written and read here: a text for each period, of which every version is kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from qm.corrective_actions.models import CorrectiveActions
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict
from tenants.models import Client, User


def read_corrective_actions(
    session: Session, client: Client, first: date, last: date, *, authors: bool
) -> dict[str, Any]:
    """Return the text of a report's period with all its versions, the newest first.

    Who wrote them is told to the provider's own people (`authors`), never to the client's.
    """
    versions = [_shown(row, name, authors=authors) for row, name in _rows(session, client, first, last)]
    newest = versions[0] if versions else {"text": "", "version": 0, "author": None, "written_at": None}
    return {"client": client.slug, "from": first, "to": last, **newest, "versions": versions}


def write_corrective_actions(
    session: Session,
    actor: Actor,
    client: Client,
    *,
    first: date,
    last: date,
    text: str,
    version: int | None,
    now: datetime,
) -> None:
    """Write the next version of the text of a period; the same text again is no version.

    Raises
    ------
    Conflict
        When `version`, the one that the writer has read, is not the newest one.
    """
    rows = _rows(session, client, first, last)
    newest = rows[0][0].version if rows else 0
    if version is not None and version != newest:
        raise _changed_meanwhile()
    if (rows[0][0].text if rows else "") == text:
        return
    written = session.scalar(
        insert(CorrectiveActions)
        .values(
            tenant_id=client.tenant_id,
            client_id=client.client_id,
            first_day=first,
            last_day=last,
            version=newest + 1,
            text=text,
            author_id=actor.user_id,
            written_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CorrectiveActions.version)
    )
    if written is None:
        raise _changed_meanwhile()
    audit.record(
        session,
        "corrective_actions.written",
        f"client:{client.client_id}",
        client_id=client.client_id,
        first_day=first,
        last_day=last,
        version=written,
    )


def _rows(
    session: Session, client: Client, first: date, last: date
) -> Sequence[tuple[CorrectiveActions, str | None]]:
    found = session.execute(
        select(CorrectiveActions, User.name)
        .outerjoin(
            User,
            and_(User.tenant_id == CorrectiveActions.tenant_id, User.user_id == CorrectiveActions.author_id),
        )
        .where(
            CorrectiveActions.client_id == client.client_id,
            CorrectiveActions.first_day == first,
            CorrectiveActions.last_day == last,
        )
        .order_by(CorrectiveActions.version.desc())
    )
    return [(row, name) for row, name in found]


def _shown(row: CorrectiveActions, author: str | None, *, authors: bool) -> dict[str, Any]:
    return {
        "version": row.version,
        "text": row.text,
        "author": author if authors else None,
        "written_at": row.written_at,
    }


def _changed_meanwhile() -> Conflict:
    return Conflict("Somebody else has written about this period meanwhile; read it first.", "text_changed")
