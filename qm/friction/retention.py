"""Sums of the cases after which customers left or stayed, by day, and the days that a leaving changes."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ARRAY, Date, Text, bindparam, text
from sqlalchemy.orm import Session

from qm.friction.models import HORIZONS, RETENTION_SUMS
from tenants.isolation import scope_of
from tenants.models import Moment

_KEY = ("day", "channel", "program", "queue", "charged")
_DAYS = bindparam("days", type_=ARRAY(Date))
_DELETE = text(
    "delete from retention_sums where tenant_id = :tenant and client_id = :client and day = any(:days)"
).bindparams(_DAYS)
_LEFT = ", ".join(f"count(*) filter (where stayed <= interval '{days} days')" for days in HORIZONS)
_INSERT = text(
    f"""
    with leaving as materialized (
        select i.customer, t.churned_at
        from friction_facts t
        join interactions i on i.tenant_id = t.tenant_id and i.interaction_id = t.interaction_id
        where t.tenant_id = :tenant and t.client_id = :client and i.customer is not null
          and t.churned_at >= :since and t.churned_at < :until
    ),
    own as (
        select {", ".join(f"f.{name}" for name in _KEY)}, i.customer,
               min(l.churned_at) - i.started_at as stayed
        from interaction_facts f
        join interactions i on i.tenant_id = f.tenant_id and i.interaction_id = f.interaction_id
        left join leaving l on l.customer = i.customer and l.churned_at >= i.started_at
        where f.tenant_id = :tenant and f.client_id = :client and f.day = any(:days) and f.scored = 1
        group by {", ".join(f"f.{name}" for name in _KEY)}, i.customer, i.started_at, i.interaction_id
    )
    insert into retention_sums (tenant_id, client_id, {", ".join((*_KEY, *RETENTION_SUMS))})
    select cast(:tenant as uuid), cast(:client as uuid), {", ".join(_KEY)},
           count(customer), count(*) filter (where customer is null), {_LEFT}
    from own group by {", ".join(_KEY)}
    """  # noqa: S608 - built from constants
).bindparams(_DAYS)
_AFFECTED = text(
    """
    select distinct f.day
    from unnest(:customers, :moments) as l (customer, moment)
    join interactions i on i.tenant_id = :tenant and i.client_id = :client and i.customer = l.customer
         and i.started_at <= l.moment and i.started_at >= l.moment - cast(:reach as interval)
    join interaction_facts f on f.tenant_id = i.tenant_id and f.interaction_id = i.interaction_id
    where i.part_agent = ''
    """
).bindparams(bindparam("customers", type_=ARRAY(Text)), bindparam("moments", type_=ARRAY(Moment)))


def sum_retention(session: Session, client_id: uuid.UUID, days: Sequence[date]) -> None:
    """Make the sums of these days anew."""
    own = {"tenant": scope_of(session).tenant_id, "client": client_id, "days": list(days)}
    session.execute(_DELETE, own)
    read = {
        "since": datetime.combine(min(days) - timedelta(days=1), time.min, UTC),
        "until": datetime.combine(max(days) + timedelta(days=max(HORIZONS) + 3), time.min, UTC),
    }
    session.execute(_INSERT, {**own, **read})


def days_before_leaving(
    session: Session, client_id: uuid.UUID, left: Iterable[tuple[str, datetime]]
) -> list[date]:
    """Return the days of the cases that count otherwise when customers left at these moments."""
    pairs = list(left)
    found = session.scalars(
        _AFFECTED,
        {
            "tenant": scope_of(session).tenant_id,
            "client": client_id,
            "customers": [customer for customer, _ in pairs],
            "moments": [at for _, at in pairs],
            "reach": timedelta(days=max(HORIZONS)),
        },
    )
    return list(found)
