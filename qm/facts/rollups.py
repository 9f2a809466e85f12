"""Keeps daily rollups equal to the sums of their facts, which are stored and deleted in one statement each.

Every change of facts adds the difference, new minus old, to the rollups. An advisory lock serializes writers
of one client until they commit, so that the old facts do not change after they are read; writers to the same
rollups would wait for each other anyway. The statements are built from the tables' columns: a new measure
needs no change here.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from qm.facts.models import COUNTED, DIMENSIONS, MEASURED, DailyRollup, InteractionFacts
from tenants import audit
from tenants.bulk_sql import binary_codec
from tenants.clients import time_zone_of
from tenants.days import DayStarts
from tenants.isolation import scope_of
from tenants.models import Client

_FACTS = tuple(InteractionFacts.__table__.columns)
_KEY = ("tenant_id", "client_id", *DIMENSIONS)
_SUMS = (*COUNTED, *(f"{name}_{part}" for name in MEASURED for part in ("count", "sum")))
DRAW_COLUMNS = ("inclusion_probability", "threshold", "settled", "sampled", "drawable_since")
"""What quotas change of stored facts."""
_CHANGED_BY_DRAWS = ("interaction_id", *DRAW_COLUMNS)
_REBUILD_LOCK = "select pg_advisory_xact_lock(hashtextextended('rollups:' || %s, 0))"


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
        _STORE,
        [*([_ENCODERS[name](row[name]) for row in last.values()] for name in _CODECS), *tenant_and_ids],
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
    given = [[_ENCODERS[name](row[name]) for row in rows] for name in _CHANGED_BY_DRAWS]
    cursor.execute(_CHANGE_DRAWS, [*given, *tenant_and_ids, tenant_and_ids[0]])


def delete_facts(session: Session, interaction_ids: Iterable[uuid.UUID]) -> int:
    """Delete the facts of interactions, subtract them from the rollups, and return how many there were.

    Call it before the interactions are deleted, which would cascade to their facts.
    """
    session.flush()
    cursor = _cursor(session)
    tenant_and_ids = [scope_of(session).tenant_id, list(interaction_ids)]
    cursor.execute(_OWNERS, tenant_and_ids)
    _lock_clients(cursor, {row[0] for row in cursor.fetchall()})
    cursor.execute(_DELETE, tenant_and_ids)
    return len(cursor.fetchall())


def redate_facts(session: Session, client: Client) -> int:
    """Move a client's facts to the days of its time zone, with their rollups; return how many moved."""
    session.flush()
    cursor = _cursor(session)
    _lock_clients(cursor, [client.client_id])
    owner = [client.tenant_id, client.client_id]
    cursor.execute(_TIME_SPAN, owner)
    first, last = cursor.fetchall()[0]
    if first is None:
        return 0
    days = DayStarts.between(first, last, time_zone_of(client))
    cursor.execute(_REDATE, [days.first, days.starts, *owner])
    return len(cursor.fetchall())


def rollup_differences(session: Session, client_id: uuid.UUID) -> list[RollupDifference]:
    """Return the rollups of a client that differ from the sums of their facts; empty if all are equal."""
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(_SELECT_DIFFERENCES, [*owner, *owner])
    return [_difference(row) for row in cursor.fetchall()]


def rebuild_rollups(session: Session, client_id: uuid.UUID) -> int:
    """Repair the rollups of a client that differ from the sums of their facts; return how many there were.

    Facts and rollups are compared in one snapshot and the difference is added, so workers can store facts
    meanwhile without waiting, and nothing is lost.
    """
    session.flush()
    cursor = _cursor(session)
    owner = [scope_of(session).tenant_id, client_id]
    cursor.execute(_REBUILD_LOCK, [str(client_id)])
    cursor.execute(_REPAIR, [*owner, *owner])
    repaired = int((cursor.fetchone() or (0,))[0])
    cursor.execute(_DELETE_EMPTY, owner)
    if repaired:
        audit.record(session, "rollups.rebuilt", f"client:{client_id}", client_id=client_id, rollups=repaired)
    return repaired


def _difference(row: Sequence[Any]) -> RollupDifference:
    key = dict(zip(DIMENSIONS, row, strict=False))
    amounts = {name: float(value) for name, value in zip(_SUMS, row[len(DIMENSIONS) :], strict=True) if value}
    return RollupDifference(**key, amounts=amounts)


def _cursor(session: Session) -> psycopg.Cursor[Any]:
    cursor: psycopg.Cursor[Any] = session.connection().connection.cursor()  # type: ignore[assignment]
    return cursor


def _lock_clients(cursor: psycopg.Cursor[Any], client_ids: Iterable[uuid.UUID]) -> None:
    cursor.execute(_LOCK, [sorted(map(str, client_ids))])


def _text_or_empty(value: str | None) -> str:
    return value or ""


def _number_or_zero(value: int | None) -> int:
    return value or 0


_UNKNOWN: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("channel", "program", "queue", "priority", "agent", "sla_rule"), _text_or_empty),
    "sla_version": _number_or_zero,
}


_CODECS = {column.name: binary_codec(column.type) for column in _FACTS}
_ENCODERS = {name: _UNKNOWN.get(name, read) for name, (_, _, read) in _CODECS.items()}


def _names(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in names)


def _summed() -> str:
    """Return the SQL aggregates over `parts`, rows of facts with a sign."""
    counted = [f"sum(sign * {name}) as {name}" for name in COUNTED]
    for name in MEASURED:
        counted.append(f"coalesce(sum(sign) filter (where {name} is not null), 0) as {name}_count")
        counted.append(f"coalesce(sum(sign * {name}), 0) as {name}_sum")
    return ", ".join(counted)


_FACT_COLUMNS = _names((*_KEY, *COUNTED, *MEASURED))
_ANY_NONZERO = " or ".join(f"{name} <> 0" for name in _SUMS)
_ADDED = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in _SUMS)
_CHANGED = _names(f"{column.name} = excluded.{column.name}" for column in _FACTS if not column.primary_key)
_ADD = f"""
    insert into {DailyRollup.__tablename__} as kept ({_names((*_KEY, *_SUMS))})
    select {_names((*_KEY, *_SUMS))} from moved order by {_names(_KEY)}
    on conflict ({_names(_KEY)}) do update set {_ADDED}
"""  # noqa: S608 - built from column names, as are the statements below
_UPDATE_SUMS = f"""
    moved as (
        select * from (select {_names(_KEY)}, {_summed()} from parts group by {_names(_KEY)}) as summed
        where {_ANY_NONZERO}
    ),
    kept as ({_ADD})
"""  # noqa: S608
# Locking within the statements below would be too late: a statement does not see what is committed while
# it waits.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('facts:' || x, 0)) from unnest(%s::text[]) as x"
_OWNERS = """
    select distinct client_id from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
"""
_STORE = f"""
    with given as materialized (
        select {", ".join(f"x.{name}{cast} as {name}" for name, (_, cast, _) in _CODECS.items())}
        from unnest({", ".join(f"%b::{array}" for array, _, _ in _CODECS.values())}) as x ({_names(_CODECS)})
    ),
    old as (
        select {_FACT_COLUMNS} from interaction_facts
        where tenant_id = %b and interaction_id = any(%b::uuid[])
    ),
    stored as (
        insert into interaction_facts ({_names(_CODECS)})
        select {_names(_CODECS)} from given order by interaction_id
        on conflict (tenant_id, interaction_id) do update set {_CHANGED}
        returning {_FACT_COLUMNS}
    ),
    parts as (
        select 1 as sign, {_FACT_COLUMNS} from stored
        union all
        select -1, {_FACT_COLUMNS} from old
    ),
    {_UPDATE_SUMS}
    select 1
"""  # noqa: S608
_CHANGE_DRAWS = f"""
    with given as materialized (
        select {", ".join(f"x.{name}{_CODECS[name][1]} as {name}" for name in _CHANGED_BY_DRAWS)}
        from unnest({", ".join(f"%b::{_CODECS[name][0]}" for name in _CHANGED_BY_DRAWS)})
             as x ({_names(_CHANGED_BY_DRAWS)})
    ),
    old as (
        select {_FACT_COLUMNS} from interaction_facts
        where tenant_id = %b and interaction_id = any(%b::uuid[])
    ),
    stored as (
        update interaction_facts as f set {", ".join(f"{name} = given.{name}" for name in DRAW_COLUMNS)}
        from given where f.tenant_id = %b and f.interaction_id = given.interaction_id
        returning {_names((*_KEY, *COUNTED, *MEASURED), "f.")}
    ),
    parts as (
        select 1 as sign, {_FACT_COLUMNS} from stored
        union all
        select -1, {_FACT_COLUMNS} from old
    ),
    {_UPDATE_SUMS}
    select 1
"""  # noqa: S608
_DELETE = f"""
    with gone as (
        delete from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
        returning {_FACT_COLUMNS}
    ),
    parts as (select -1 as sign, {_FACT_COLUMNS} from gone),
    {_UPDATE_SUMS}
    select 1 from gone
"""  # noqa: S608
_TIME_SPAN = """
    select min(started_at), max(started_at) from interaction_facts where tenant_id = %b and client_id = %b
"""
_REDATE = f"""
    with dated as materialized (
        select tenant_id, interaction_id, %b::date + width_bucket(started_at, %b::timestamptz[]) - 1 as on_day
        from interaction_facts where tenant_id = %b and client_id = %b
    ),
    old as (
        select {_names(("interaction_id", *_KEY, *COUNTED, *MEASURED), "f.")}
        from interaction_facts f join dated d using (tenant_id, interaction_id) where f.day <> d.on_day
    ),
    stored as (
        update interaction_facts f set day = d.on_day from dated d
        where f.tenant_id = d.tenant_id and f.interaction_id = d.interaction_id and f.day <> d.on_day
        returning {_names((*_KEY, *COUNTED, *MEASURED), "f.")}
    ),
    parts as (
        select 1 as sign, {_FACT_COLUMNS} from stored
        union all
        select -1, {_FACT_COLUMNS} from old
    ),
    {_UPDATE_SUMS}
    select 1 from old
"""  # noqa: S608
_DIFFERENCES = f"""
    with parts as (
        select 1 as sign, {_FACT_COLUMNS} from interaction_facts where tenant_id = %s and client_id = %s
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
        where {_ANY_NONZERO}
    )
"""  # noqa: S608
_SELECT_DIFFERENCES = f"""
    {_DIFFERENCES} select {_names((*DIMENSIONS, *_SUMS))} from moved order by {_names(DIMENSIONS)}
"""  # noqa: S608
_REPAIR = f"{_DIFFERENCES}, kept as ({_ADD}) select count(*) from moved"  # noqa: S608
# Rollups that another transaction has locked are about to change, and will not be empty.
_DELETE_EMPTY = f"""
    delete from {DailyRollup.__tablename__} where ({_names(_KEY)}) in (
        select {_names(_KEY)} from {DailyRollup.__tablename__}
        where tenant_id = %s and client_id = %s and not ({_ANY_NONZERO}) for update skip locked
    )
"""  # noqa: S608
