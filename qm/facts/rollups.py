"""Keeps the sums of a day equal to its facts: stored, changed and forgotten in one statement each.

Every change of facts moves the sums by exactly what it changed: new minus old. Writers of one client
take turns from the call to their commit, as two that touch the same day's sums would have to anyway;
so nothing can come between reading what the facts were and changing them. The statements are built
from the tables' own columns: a new measure needs no change here.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from qm.facts.models import COUNTED, DIMENSIONS, MEASURED, DailyRollup, InteractionFacts
from tenants import audit
from tenants.bulk_sql import binary_codec
from tenants.isolation import scope_of

_FACTS = tuple(InteractionFacts.__table__.columns)
_KEY = ("tenant_id", "client_id", *DIMENSIONS)
_SUMS = (*COUNTED, *(f"{name}_{part}" for name in MEASURED for part in ("count", "sum")))
_REBUILD_LOCK = "select pg_advisory_xact_lock(hashtextextended('rollups:' || %s, 0))"


@dataclass(frozen=True, slots=True)
class Difference:
    """One rollup that is not the sum of its facts: by how much each sum falls short (+) or exceeds (-)."""

    day: date
    channel: str
    program: str
    queue: str
    priority: str
    agent: str
    amounts: Mapping[str, float]


def store_facts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the facts of scored interactions, new or changed, and move the sums of their days.

    Each row holds every column of `interaction_facts` (an unknown program, queue or agent may be None);
    of several rows of one interaction the last holds. Call it once in a transaction, with the rows of all
    clients, after the interactions themselves are changed: then no two transactions wait in a circle.

    Raises
    ------
    ValueError
        When a number is not finite: it would spoil a sum for ever.
    """
    if not rows:
        return
    session.flush()
    cursor = _cursor(session)
    last = {row["interaction_id"]: row for row in rows}
    wanted = [scope_of(session).tenant_id, list(last)]
    _take_turns(cursor, {row["client_id"] for row in rows})
    cursor.execute(_STORE, [*([_READ[name](row[name]) for row in last.values()] for name in _WAYS), *wanted])


def forget(session: Session, interaction_ids: Iterable[uuid.UUID]) -> int:
    """Take the facts of interactions away, and out of the sums; returns how many there were.

    To be called before the interactions are deleted: the database would take the facts with them.
    """
    session.flush()
    cursor = _cursor(session)
    wanted = [scope_of(session).tenant_id, list(interaction_ids)]
    cursor.execute(_OWNERS, wanted)
    _take_turns(cursor, {row[0] for row in cursor.fetchall()})
    cursor.execute(_FORGET, wanted)
    return len(cursor.fetchall())


def differences(session: Session, client_id: uuid.UUID) -> list[Difference]:
    """Return where the sums of a client are not the sums of its facts; empty proves that they are."""
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(_SHOW, [*owner, *owner])
    return [_difference(row) for row in cursor.fetchall()]


def rebuild(session: Session, client_id: uuid.UUID) -> int:
    """Make the sums of a client equal to its facts again; returns how many were not.

    Facts and sums are compared in one snapshot and the difference is added, so nothing that workers
    store meanwhile is lost and they need not wait.
    """
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(_REBUILD_LOCK, [str(client_id)])
    cursor.execute(_MEND, [*owner, *owner])
    mended = int((cursor.fetchone() or (0,))[0])
    cursor.execute(_CLEAR, owner)
    if mended:
        audit.record(session, "rollups.rebuilt", f"client:{client_id}", client_id=client_id, rollups=mended)
    return mended


def _difference(row: Sequence[Any]) -> Difference:
    day, channel, program, queue, priority, agent, *sums = row
    amounts = {name: float(value) for name, value in zip(_SUMS, sums, strict=True) if value}
    return Difference(day, channel, program, queue, priority, agent, amounts)


def _cursor(session: Session) -> psycopg.Cursor[Any]:
    cursor: psycopg.Cursor[Any] = session.connection().connection.cursor()  # type: ignore[assignment]
    return cursor


def _take_turns(cursor: psycopg.Cursor[Any], client_ids: Iterable[uuid.UUID]) -> None:
    cursor.execute(_LOCK, [sorted(map(str, client_ids))])


def _word(value: str | None) -> str:
    return value or ""


_WAYS = {column.name: binary_codec(column.type) for column in _FACTS}
_READ = {name: _word if name in DIMENSIONS[1:] else read for name, (_, _, read) in _WAYS.items()}


def _names(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in names)


def _summed() -> str:
    """Return the sums of `parts`, rows of facts with a sign."""
    counted = [f"sum(sign * {name}) as {name}" for name in COUNTED]
    for name in MEASURED:
        counted.append(f"coalesce(sum(sign) filter (where {name} is not null), 0) as {name}_count")
        counted.append(f"coalesce(sum(sign * {name}), 0) as {name}_sum")
    return ", ".join(counted)


_OF_FACTS = _names((*_KEY, *COUNTED, *MEASURED))
_MOVED_AT_ALL = " or ".join(f"{name} <> 0" for name in _SUMS)
_ADDED = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in _SUMS)
_CHANGED = _names(f"{column.name} = excluded.{column.name}" for column in _FACTS if not column.primary_key)
_ADD = f"""
    insert into {DailyRollup.__tablename__} as kept ({_names((*_KEY, *_SUMS))})
    select {_names((*_KEY, *_SUMS))} from moved order by {_names(_KEY)}
    on conflict ({_names(_KEY)}) do update set {_ADDED}
"""  # noqa: S608 - built from column names, as are the statements below
_MOVE = f"""
    moved as (
        select * from (select {_names(_KEY)}, {_summed()} from parts group by {_names(_KEY)}) as summed
        where {_MOVED_AT_ALL}
    ),
    kept as ({_ADD})
"""  # noqa: S608
# A lock within the statements below would come too late: a statement does not see what was committed
# while it waited.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('facts:' || x, 0)) from unnest(%s::text[]) as x"
_OWNERS = """
    select distinct client_id from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
"""
_STORE = f"""
    with given as materialized (
        select {", ".join(f"x.{name}{cast} as {name}" for name, (_, cast, _) in _WAYS.items())}
        from unnest({", ".join(f"%b::{array}" for array, _, _ in _WAYS.values())}) as x ({_names(_WAYS)})
    ),
    old as (
        select {_OF_FACTS} from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
    ),
    stored as (
        insert into interaction_facts ({_names(_WAYS)})
        select {_names(_WAYS)} from given order by interaction_id
        on conflict (tenant_id, interaction_id) do update set {_CHANGED}
        returning {_OF_FACTS}
    ),
    parts as (
        select 1 as sign, {_OF_FACTS} from stored
        union all
        select -1, {_OF_FACTS} from old
    ),
    {_MOVE}
    select 1
"""  # noqa: S608
_FORGET = f"""
    with gone as (
        delete from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
        returning {_OF_FACTS}
    ),
    parts as (select -1 as sign, {_OF_FACTS} from gone),
    {_MOVE}
    select 1 from gone
"""  # noqa: S608
_DRIFT = f"""
    with parts as (
        select 1 as sign, {_OF_FACTS} from interaction_facts where tenant_id = %s and client_id = %s
    ),
    moved as (
        select * from (
            select {_names(_KEY)}, {_names(f"sum({name}) as {name}" for name in _SUMS)}
            from (
                select {_names(_KEY)}, {_summed()} from parts group by {_names(_KEY)}
                union all
                select {_names(_KEY)}, {_names(_SUMS, "-")} from {DailyRollup.__tablename__}
                where tenant_id = %s and client_id = %s
            ) as both_sides
            group by {_names(_KEY)}
        ) as summed
        where {_MOVED_AT_ALL}
    )
"""  # noqa: S608
_SHOW = f"""
    {_DRIFT} select {_names((*DIMENSIONS, *_SUMS))} from moved order by {_names(DIMENSIONS)}
"""  # noqa: S608
_MEND = f"{_DRIFT}, kept as ({_ADD}) select count(*) from moved"  # noqa: S608
# What another transaction holds is about to be moved, and no longer empty.
_CLEAR = f"""
    delete from {DailyRollup.__tablename__} where ({_names(_KEY)}) in (
        select {_names(_KEY)} from {DailyRollup.__tablename__}
        where tenant_id = %s and client_id = %s and not ({_MOVED_AT_ALL}) for update skip locked
    )
"""  # noqa: S608
