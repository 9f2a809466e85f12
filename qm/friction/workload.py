"""Sums of empathy by the load of the agent, among interactions that are alike, by day."""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ARRAY, Date, bindparam, text
from sqlalchemy.orm import Session

from qm.friction.models import LOADS
from tenants.isolation import scope_of

_CELL = ("channel", "program", "queue")
_DAYS = bindparam("days", type_=ARRAY(Date))
_DELETE = text(
    "delete from workload_sums where tenant_id = :tenant and client_id = :client and day = any(:days)"
).bindparams(_DAYS)
_KNOWN = {"concurrency": "t.concurrency", "handle_time": "t.handle_seconds / 60"}
_VALUES = ", ".join(f"('{name}', {_KNOWN[name]}, array{list(edges)})" for name, edges in LOADS.items())
_INSERT = text(
    f"""
    insert into workload_sums
        (tenant_id, client_id, day, {", ".join(_CELL)}, theme, measure, load, interactions, y, yy)
    select cast(:tenant as uuid), cast(:client as uuid), f.day, {", ".join(f"f.{name}" for name in _CELL)},
           t.theme, l.measure, l.edges[greatest(1, width_bucket(l.value, cast(l.edges as float8[])))],
           count(*), sum(f.empathy), sum(f.empathy * f.empathy)
    from interaction_facts f
    join friction_facts t on t.tenant_id = f.tenant_id and t.interaction_id = f.interaction_id
    cross join lateral (values {_VALUES}) as l (measure, value, edges)
    where f.tenant_id = :tenant and f.client_id = :client and f.day = any(:days) and f.scored = 1
      and f.empathy is not null and l.value is not null
    group by 3, 4, 5, 6, 7, 8, 9
    """  # noqa: S608 - built from constants
).bindparams(_DAYS)


def sum_workload(session: Session, client_id: uuid.UUID, days: Sequence[date]) -> None:
    """Make the sums of these days anew."""
    own = {"tenant": scope_of(session).tenant_id, "client": client_id, "days": list(days)}
    session.execute(_DELETE, own)
    session.execute(_INSERT, own)
