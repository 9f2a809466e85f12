"""Sums a client's friction, outcomes and the like day by day, of the days that are not right any more."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ARRAY, Date, bindparam, func, literal, or_, select, text
from sqlalchemy.orm import Session

from qm.facts.models import DailyRollup
from qm.friction.empowerment import sum_empowerment
from qm.friction.models import (
    CELL,
    EVERY_CHANNEL,
    KEYS,
    OUTCOME_SUMS,
    OUTCOMES,
    REPEAT_DAYS,
    SUMS,
    FrictionSum,
)
from qm.friction.retention import sum_retention
from qm.friction.workload import sum_workload
from tenants.isolation import scope_of

_LATER = REPEAT_DAYS + 2
"""Days after which nothing of a day is still to be followed, in any time zone."""

_SAME = "tenant_id = :tenant and client_id = :client and day = any(:days)"
_DELETE = text(f"delete from friction_sums where {_SAME}").bindparams(bindparam("days", type_=ARRAY(Date)))  # noqa: S608
_INSERT = text(
    f"""
    with contacts as materialized (
        select interaction_id, started_at, min(started_at) over (
            partition by customer order by started_at
            range between interval '1 microsecond' following and interval '{REPEAT_DAYS} days' following
        ) as next_at
        from interactions
        where tenant_id = :tenant and client_id = :client and part_agent = '' and customer is not null
          and started_at >= :since and started_at < :until
    ),
    own as materialized (
        select f.day, f.channel, f.program, f.queue, f.shift, f.peak_distress, f.interaction_id,
               t.theme, t.apologised, t.handle_seconds, c.started_at <= :followed as followed,
               c.started_at <= :followed and c.next_at is not null as repeated
        from interaction_facts f
        join friction_facts t on t.tenant_id = f.tenant_id and t.interaction_id = f.interaction_id
        left join contacts c on c.interaction_id = f.interaction_id
        where f.tenant_id = :tenant and f.client_id = :client and f.day = any(:days) and f.scored = 1
    )
    insert into friction_sums (tenant_id, client_id, {", ".join((*KEYS, *SUMS))}, examples, summed_at, stale)
    select cast(:tenant as uuid), cast(:client as uuid), day, coalesce(channel, '{EVERY_CHANNEL}'),
           coalesce(program, ''), coalesce(queue, ''), theme, count(*), sum(apologised),
           count(*) filter (where followed), count(*) filter (where repeated),
           count(handle_seconds), coalesce(sum(handle_seconds), 0),
           count(handle_seconds) filter (where apologised = 1),
           coalesce(sum(handle_seconds) filter (where apologised = 1), 0),
           count(shift), coalesce(sum(shift), 0), coalesce(sum(shift * shift), 0),
           (array_agg(interaction_id order by peak_distress desc, interaction_id))[1:3], :now, false
    from own group by grouping sets (({", ".join(KEYS)}), (day, theme))
    """  # noqa: S608 - built from constants
).bindparams(bindparam("days", type_=ARRAY(Date)))

_DELETE_OUTCOMES = text(f"delete from outcome_sums where {_SAME}").bindparams(  # noqa: S608
    bindparam("days", type_=ARRAY(Date))
)
_VALUES = ", ".join(f"('{name}', t.{name})" for name in OUTCOMES)
_OF_CELL = "f.channel, f.program, f.queue, f.priority, i.language, t.theme"
_INSERT_OUTCOMES = text(
    f"""
    insert into outcome_sums
        (tenant_id, client_id, measure, day, {", ".join((*CELL, *OUTCOME_SUMS))})
    select cast(:tenant as uuid), cast(:client as uuid), o.measure, f.day, {_OF_CELL},
           count(*), sum(o.y), sum(o.y * o.y), count(f.empathy),
           coalesce(sum(f.empathy), 0), coalesce(sum(f.empathy * f.empathy), 0),
           coalesce(sum(o.y) filter (where f.empathy is not null), 0),
           coalesce(sum(o.y * o.y) filter (where f.empathy is not null), 0),
           coalesce(sum(o.y * f.empathy), 0)
    from interaction_facts f
    join friction_facts t on t.tenant_id = f.tenant_id and t.interaction_id = f.interaction_id
    join interactions i on i.tenant_id = f.tenant_id and i.interaction_id = f.interaction_id
    cross join lateral (values {_VALUES}) as o (measure, y)
    where f.tenant_id = :tenant and f.client_id = :client and f.day = any(:days) and f.scored = 1
      and o.y is not null
    group by o.measure, f.day, {_OF_CELL}
    """  # noqa: S608 - built from constants
).bindparams(bindparam("days", type_=ARRAY(Date)))


def wrong_days(session: Session, client_id: uuid.UUID, now: datetime) -> Sequence[date]:
    """Return the days whose sums are stale or incomplete, the newest first."""
    tenant_id = scope_of(session).tenant_id
    followed = (FrictionSum.summed_at < FrictionSum.day + literal(timedelta(days=_LATER))) & (
        FrictionSum.day < now.date() - timedelta(days=_LATER)
    )
    summed = (
        select(
            FrictionSum.day,
            func.sum(FrictionSum.interactions).label("interactions"),
            func.bool_or(or_(FrictionSum.stale, followed)).label("stale"),
        )
        .where(
            FrictionSum.tenant_id == tenant_id,
            FrictionSum.client_id == client_id,
            FrictionSum.channel == EVERY_CHANNEL,
        )
        .group_by(FrictionSum.day)
        .subquery()
    )
    scored = (
        select(DailyRollup.day, func.sum(DailyRollup.scored).label("interactions"))
        .where(DailyRollup.tenant_id == tenant_id, DailyRollup.client_id == client_id)
        .group_by(DailyRollup.day)
        .having(func.sum(DailyRollup.scored) > 0)
        .subquery()
    )
    day: Any = func.coalesce(summed.c.day, scored.c.day)
    differ = func.coalesce(summed.c.interactions, 0) != func.coalesce(scored.c.interactions, 0)
    both = summed.join(scored, summed.c.day == scored.c.day, full=True)
    statement = select(day).select_from(both).where(or_(summed.c.stale, differ)).order_by(day.desc())
    return session.scalars(statement).all()


def sum_days(session: Session, client_id: uuid.UUID, days: Sequence[date], now: datetime) -> None:
    """Make the sums of these days anew; the nearer they are to each other, the less is read.

    Repeat contacts are found by sorting, not by a search for each interaction: PostgreSQL may search by the
    wrong index as long as tables are not analysed.
    """
    own = {"tenant": scope_of(session).tenant_id, "client": client_id, "days": list(days)}
    session.execute(_DELETE, own)
    session.execute(_DELETE_OUTCOMES, own)
    session.execute(_INSERT_OUTCOMES, own)
    read = {
        "since": datetime.combine(min(days) - timedelta(days=1), time.min, UTC),
        "until": datetime.combine(max(days) + timedelta(days=_LATER + 1), time.min, UTC),
    }
    session.execute(_INSERT, {**own, **read, "now": now, "followed": now - timedelta(days=REPEAT_DAYS)})
    sum_retention(session, client_id, days)
    sum_empowerment(session, client_id, days)
    sum_workload(session, client_id, days)
