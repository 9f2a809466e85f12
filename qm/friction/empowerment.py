"""Where a playbook's discretion applied and how it was used: of each interaction, and summed by day."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Date, Uuid, bindparam, text
from sqlalchemy.orm import Session

from qm.friction.models import ANY_CLAUSE, EMPOWERMENT_SUMS
from scorecards.scoring.discretion_use import discretion_uses
from tenants.isolation import scope_of

_KEY = ("day", "channel", "program", "queue")
_DAYS = bindparam("days", type_=ARRAY(Date))
_FINDINGS = text(
    """
    select i.interaction_id, e.findings -> 'playbooks' as playbooks
    from interactions i
    join interactions p on p.tenant_id = i.tenant_id and p.client_id = i.client_id
         and p.external_id = i.external_id
    join evaluations e on e.tenant_id = p.tenant_id and e.interaction_id = p.interaction_id
         and e.kind = 'automatic' and e.superseded_at is null
    where i.tenant_id = :tenant and i.interaction_id = any(:ids)
          and jsonb_typeof(e.findings -> 'playbooks') = 'array'
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))
_DELETE = text(
    "delete from empowerment_sums where tenant_id = :tenant and client_id = :client and day = any(:days)"
).bindparams(_DAYS)
_INSERT = text(
    f"""
    with used as materialized (
        select {", ".join(f"f.{name}" for name in _KEY)}, f.interaction_id,
               d.value ->> 0 as clause, cast(d.value ->> 1 as boolean) as needed, d.value ->> 2 as use
        from interaction_facts f
        join friction_facts t on t.tenant_id = f.tenant_id and t.interaction_id = f.interaction_id
        cross join lateral jsonb_array_elements(t.discretion) as d
        where f.tenant_id = :tenant and f.client_id = :client and f.day = any(:days) and f.scored = 1
    ),
    cases as (
        select {", ".join(_KEY)}, clause, bool_or(needed) as needed,
               bool_or(needed and use = 'within') as within, bool_or(needed and use = 'over') as over_limit,
               bool_or(needed and use = 'unclear') as unclear,
               bool_or(not needed) as unasked, bool_or(not needed and use = 'over') as unasked_over
        from used group by grouping sets (
            ({", ".join(_KEY)}, interaction_id, clause), ({", ".join(_KEY)}, interaction_id)
        )
    )
    insert into empowerment_sums
        (tenant_id, client_id, {", ".join(_KEY)}, clause, {", ".join(EMPOWERMENT_SUMS)})
    select cast(:tenant as uuid), cast(:client as uuid), {", ".join(_KEY)}, coalesce(clause, '{ANY_CLAUSE}'),
           count(*) filter (where needed), count(*) filter (where within and not over_limit),
           count(*) filter (where over_limit),
           count(*) filter (where unclear and not within and not over_limit),
           count(*) filter (where unasked), count(*) filter (where unasked_over)
    from cases group by {", ".join(_KEY)}, coalesce(clause, '{ANY_CLAUSE}')
    """  # noqa: S608 - built from constants
).bindparams(_DAYS)


def playbook_findings(
    session: Session, interaction_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, list[list[dict[str, Any]]]]:
    """Return what the machine found on playbooks in interactions and their parts, by interaction."""
    found: dict[uuid.UUID, list[list[dict[str, Any]]]] = {}
    given = {"tenant": scope_of(session).tenant_id, "ids": list(interaction_ids)}
    for row in session.execute(_FINDINGS, given):
        found.setdefault(row.interaction_id, []).append(row.playbooks)
    return found


def discretion_fact(
    findings: Sequence[Sequence[Mapping[str, Any]]], outcome: Mapping[str, Any]
) -> list[list[Any]]:
    """Return the use of discretion in an interaction, as it is stored in its fact."""
    uses = discretion_uses(findings, outcome.get("discretion_used") or ())
    return [[each.clause, each.needed, each.use] for each in uses]


def sum_empowerment(session: Session, client_id: uuid.UUID, days: Sequence[date]) -> None:
    """Make the sums of these days anew."""
    own = {"tenant": scope_of(session).tenant_id, "client": client_id, "days": list(days)}
    session.execute(_DELETE, own)
    session.execute(_INSERT, own)
