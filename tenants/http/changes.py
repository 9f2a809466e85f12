"""Lists in the order of change, of which nothing is lost that changes while somebody reads them.

Rows are ordered by when they changed, but become visible when their transaction commits, and that may be
after later ones. So a page ends before the beginning of the oldest transaction that still runs: what it
changes is stamped later than that. A row that changes again moves to the end and comes again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from tenants.http.contract import Page, page_of

# The statement's own beginning is from before it looks: what begins after that look is stamped later too.
_SETTLED = text(
    "select least(statement_timestamp(), min(xact_start)) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


def page_of_changes(
    session: Session,
    statement: Select[Any],
    key: Sequence[Any],
    *,
    since: datetime | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return one page of a select of entities in the order of change, oldest change first.

    Needs a transaction that is no snapshot: rows are read after the moment up to which all is settled.

    Parameters
    ----------
    key
        The moment of change, and the id.
    since
        Only what changed at or after this moment.
    """
    settled = settled_since(session, [statement], key, since=since)
    return page_of(session, settled[0], key, limit=limit, cursor=cursor)


def settled_since(
    session: Session, statements: Sequence[Select[Any]], key: Sequence[Any], *, since: datetime | None
) -> list[Select[Any]]:
    """Limit statements to what changed at or after a moment, and before one up to which all is settled."""
    settled: datetime = session.scalars(_SETTLED).one()
    limited = [each.where(key[0] < settled) for each in statements]
    return limited if since is None else [each.where(key[0] >= since) for each in limited]
