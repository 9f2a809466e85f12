"""The SQL statements that store facts and add the difference, new minus old, to the rollups.

They are built from the tables' columns: a new measure needs no change here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from qm.facts.models import COUNTED, DIMENSIONS, MEASURED, DailyRollup, InteractionFacts
from tenants.bulk_sql import binary_codec

_FACTS = tuple(InteractionFacts.__table__.columns)
_KEY = ("tenant_id", "client_id", *DIMENSIONS)
SUMS = (*COUNTED, *(f"{name}_{part}" for name in MEASURED for part in ("count", "sum")))
DRAW_COLUMNS = ("inclusion_probability", "threshold", "settled", "sampled", "drawable_since")
"""What quotas change of stored facts."""
CHANGED_BY_DRAWS = ("interaction_id", *DRAW_COLUMNS)
REBUILD_LOCK = "select pg_advisory_xact_lock(hashtextextended('rollups:' || %s, 0))"


def _text_or_empty(value: str | None) -> str:
    return value or ""


def _number_or_zero(value: int | None) -> int:
    return value or 0


_UNKNOWN: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("channel", "program", "queue", "priority", "agent", "sla_rule"), _text_or_empty),
    "sla_version": _number_or_zero,
}

CODECS = {column.name: binary_codec(column.type) for column in _FACTS}
ENCODERS = {name: _UNKNOWN.get(name, read) for name, (_, _, read) in CODECS.items()}


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
_ANY_NONZERO = " or ".join(f"{name} <> 0" for name in SUMS)
_ADDED = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in SUMS)
_CHANGED = _names(f"{column.name} = excluded.{column.name}" for column in _FACTS if not column.primary_key)
_ADD = f"""
    insert into {DailyRollup.__tablename__} as kept ({_names((*_KEY, *SUMS))})
    select {_names((*_KEY, *SUMS))} from moved order by {_names(_KEY)}
    on conflict ({_names(_KEY)}) do update set {_ADDED}
"""  # noqa: S608 - built from column names, as are the statements below
_UPDATE_SUMS = f"""
    moved as (
        select * from (select {_names(_KEY)}, {_summed()} from parts group by {_names(_KEY)}) as summed
        where {_ANY_NONZERO}
    ),
    kept as ({_ADD})
"""  # noqa: S608
_OLD = f"""
    old as (
        select {_FACT_COLUMNS} from interaction_facts
        where tenant_id = %b and interaction_id = any(%b::uuid[])
    )
"""  # noqa: S608
_ADD_DIFFERENCE = f"""
    parts as (
        select 1 as sign, {_FACT_COLUMNS} from stored
        union all
        select -1, {_FACT_COLUMNS} from old
    ),
    {_UPDATE_SUMS}
"""  # noqa: S608
# Locking within the statements below would be too late: a statement does not see what is committed while
# it waits.
LOCK = "select pg_advisory_xact_lock(hashtextextended('facts:' || x, 0)) from unnest(%s::text[]) as x"
OWNERS = """
    select distinct client_id from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
"""
STORE = f"""
    with given as materialized (
        select {", ".join(f"x.{name}{cast} as {name}" for name, (_, cast, _) in CODECS.items())}
        from unnest({", ".join(f"%b::{array}" for array, _, _ in CODECS.values())}) as x ({_names(CODECS)})
    ),
    {_OLD},
    stored as (
        insert into interaction_facts ({_names(CODECS)})
        select {_names(CODECS)} from given order by interaction_id
        on conflict (tenant_id, interaction_id) do update set {_CHANGED}
        returning {_FACT_COLUMNS}
    ),
    {_ADD_DIFFERENCE}
    select 1
"""  # noqa: S608
CHANGE_DRAWS = f"""
    with given as materialized (
        select {", ".join(f"x.{name}{CODECS[name][1]} as {name}" for name in CHANGED_BY_DRAWS)}
        from unnest({", ".join(f"%b::{CODECS[name][0]}" for name in CHANGED_BY_DRAWS)})
             as x ({_names(CHANGED_BY_DRAWS)})
    ),
    {_OLD},
    stored as (
        update interaction_facts as f set {", ".join(f"{name} = given.{name}" for name in DRAW_COLUMNS)}
        from given where f.tenant_id = %b and f.interaction_id = given.interaction_id
        returning {_names((*_KEY, *COUNTED, *MEASURED), "f.")}
    ),
    {_ADD_DIFFERENCE}
    select 1
"""  # noqa: S608
DELETE = f"""
    with gone as (
        delete from interaction_facts where tenant_id = %b and interaction_id = any(%b::uuid[])
        returning {_FACT_COLUMNS}
    ),
    parts as (select -1 as sign, {_FACT_COLUMNS} from gone),
    {_UPDATE_SUMS}
    select 1 from gone
"""  # noqa: S608
TIME_SPAN = """
    select min(started_at), max(started_at) from interaction_facts where tenant_id = %b and client_id = %b
"""
REDATE = f"""
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
    {_ADD_DIFFERENCE}
    select 1 from old
"""  # noqa: S608
_DIFFERENCES = f"""
    with parts as (
        select 1 as sign, {_FACT_COLUMNS} from interaction_facts where tenant_id = %s and client_id = %s
    ),
    moved as (
        select * from (
            select {_names(_KEY)}, {_names(f"sum({name}) as {name}" for name in SUMS)}
            from (
                select {_names(_KEY)}, {_summed()} from parts group by {_names(_KEY)}
                union all
                select {_names(_KEY)}, {_names(SUMS, "-")} from {DailyRollup.__tablename__}
                where tenant_id = %s and client_id = %s
            ) as both_sides
            group by {_names(_KEY)}
        ) as summed
        where {_ANY_NONZERO}
    )
"""  # noqa: S608
SELECT_DIFFERENCES = f"""
    {_DIFFERENCES} select {_names((*DIMENSIONS, *SUMS))} from moved order by {_names(DIMENSIONS)}
"""  # noqa: S608
REPAIR = f"{_DIFFERENCES}, kept as ({_ADD}) select count(*) from moved"  # noqa: S608
# Rollups that another transaction has locked are about to change, and will not be empty.
DELETE_EMPTY = f"""
    delete from {DailyRollup.__tablename__} where ({_names(_KEY)}) in (
        select {_names(_KEY)} from {DailyRollup.__tablename__}
        where tenant_id = %s and client_id = %s and not ({_ANY_NONZERO}) for update skip locked
    )
"""  # noqa: S608
