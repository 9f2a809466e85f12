"""Keeps daily rollups equal to the sums of their facts, which are stored and deleted in one statement each.

Every change of facts adds the difference, new minus old, to the rollups. An advisory lock serializes writers
of one client until they commit, so that the old facts do not change after they are read; writers to the same
rollups would wait for each other anyway.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from qm.facts.models import DIMENSIONS
from qm.facts.rollup_statements import (
    CHANGE_DRAWS,
    CHANGED_BY_DRAWS,
    CODECS,
    DELETE,
    DELETE_EMPTY,
    ENCODERS,
    LOCK,
    OWNERS,
    REBUILD_LOCK,
    REDATE,
    REPAIR,
    SELECT_DIFFERENCES,
    STORE,
    SUMS,
    TIME_SPAN,
)
from tenants import audit
from tenants.clients import time_zone_of
from tenants.days import DayStarts
from tenants.isolation import scope_of
from tenants.models import Client


@dataclass(frozen=True, slots=True)
class RollupDifference:
    """A rollup that differs from the sum of its facts, with how much is missing (+) or too much (-)."""

    day: date
    channel: str
    program: str
    queue: str
    priority: str
    agent: str
    rate: float
    sla_rule: str
    sla_version: int
    amounts: Mapping[str, float]


def store_facts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update the facts of scored interactions, and update the rollups of their days.

    Each row has every column of `interaction_facts` (an unknown dimension other than the day may be None); of
    several rows of one interaction the last is stored. Call it once per transaction, with the rows of all
    clients, after the interactions themselves are changed: this lock order avoids deadlocks.

    Raises
    ------
    ValueError
        When a number is not finite: it would make a sum NaN for ever.
    """
    if not rows:
        return
    session.flush()
    cursor = _cursor(session)
    last = {row["interaction_id"]: row for row in rows}
    tenant_and_ids = [scope_of(session).tenant_id, list(last)]
    _lock_clients(cursor, {row["client_id"] for row in rows})
    cursor.execute(
        STORE,
        [*([ENCODERS[name](row[name]) for row in last.values()] for name in CODECS), *tenant_and_ids],
    )


def change_draws(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change the draws of stored interactions, and the rollups with them.

    Each row has its client, its interaction and the columns of `DRAW_COLUMNS`. Call it after the interactions
    and their reviews are locked, as `store_facts`.
    """
    if not rows:
        return
    session.flush()
    cursor = _cursor(session)
    _lock_clients(cursor, {row["client_id"] for row in rows})
    tenant_and_ids = [scope_of(session).tenant_id, [row["interaction_id"] for row in rows]]
    given = [[ENCODERS[name](row[name]) for row in rows] for name in CHANGED_BY_DRAWS]
    cursor.execute(CHANGE_DRAWS, [*given, *tenant_and_ids, tenant_and_ids[0]])


def delete_facts(session: Session, interaction_ids: Iterable[uuid.UUID]) -> int:
    """Delete the facts of interactions, subtract them from the rollups, and return how many there were.

    Call it before the interactions are deleted, which would cascade to their facts.
    """
    session.flush()
    cursor = _cursor(session)
    tenant_and_ids = [scope_of(session).tenant_id, list(interaction_ids)]
    cursor.execute(OWNERS, tenant_and_ids)
    _lock_clients(cursor, {row[0] for row in cursor.fetchall()})
    cursor.execute(DELETE, tenant_and_ids)
    return len(cursor.fetchall())


def redate_facts(session: Session, client: Client) -> int:
    """Move a client's facts to the days of its time zone, with their rollups; return how many moved."""
    session.flush()
    cursor = _cursor(session)
    _lock_clients(cursor, [client.client_id])
    owner = [client.tenant_id, client.client_id]
    cursor.execute(TIME_SPAN, owner)
    first, last = cursor.fetchall()[0]
    if first is None:
        return 0
    days = DayStarts.between(first, last, time_zone_of(client))
    cursor.execute(REDATE, [days.first, days.starts, *owner])
    return len(cursor.fetchall())


def rollup_differences(session: Session, client_id: uuid.UUID) -> list[RollupDifference]:
    """Return the rollups of a client that differ from the sums of their facts; empty if all are equal."""
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(SELECT_DIFFERENCES, [*owner, *owner])
    return [_difference(row) for row in cursor.fetchall()]


def rebuild_rollups(session: Session, client_id: uuid.UUID) -> int:
    """Repair the rollups of a client that differ from the sums of their facts; return how many there were.

    Facts and rollups are compared in one snapshot and the difference is added, so workers can store facts
    meanwhile without waiting, and nothing is lost.
    """
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(REBUILD_LOCK, [str(client_id)])
    cursor.execute(REPAIR, [*owner, *owner])
    repaired = int((cursor.fetchone() or (0,))[0])
    cursor.execute(DELETE_EMPTY, owner)
    if repaired:
        audit.record(session, "rollups.rebuilt", f"client:{client_id}", client_id=client_id, rollups=repaired)
    return repaired


def _difference(row: Sequence[Any]) -> RollupDifference:
    key = dict(zip(DIMENSIONS, row, strict=False))
    amounts = {name: float(value) for name, value in zip(SUMS, row[len(DIMENSIONS) :], strict=True) if value}
    return RollupDifference(**key, amounts=amounts)


def _cursor(session: Session) -> psycopg.Cursor[Any]:
    cursor: psycopg.Cursor[Any] = session.connection().connection.cursor()  # type: ignore[assignment]
    return cursor


def _lock_clients(cursor: psycopg.Cursor[Any], client_ids: Iterable[uuid.UUID]) -> None:
    cursor.execute(LOCK, [sorted(map(str, client_ids))])
