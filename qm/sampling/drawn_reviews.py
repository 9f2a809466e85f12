"""The reviews of drawn interactions: queued, cancelled and queued again as draws change."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from qm.facts.rollups import change_draws, store_facts
from qm.reviews.models import Review
from qm.sampling.draws import FactsRow, OpenDraws, settle_draws, settle_without_quota
from tenants.bulk_sql import insert_rows
from tenants.isolation import scope_of
from tenants.models import new_id

BASE_RATE = "base_rate"
# A review that nobody has begun is cancelled when it is drawn no more; one that was begun stays as it is, and
# counts in no estimate, because its draw is not below its probability.
_FOLLOW = """
    update reviews as r
    set inclusion_probability = case when d.p > 0 then d.p else r.inclusion_probability end,
        arrived_at = case when d.p > r.inclusion_probability then d.now else r.arrived_at end,
        state = case when d.cancels then 'cancelled' when d.returns then 'queued' else r.state end,
        revision = r.revision + (d.cancels or d.returns)::int
    from (
        select w.review_id, x.p, %b::timestamptz as now,
               x.sampled = 0 and w.state = 'queued' and w.reviewer_id is null as cancels,
               x.sampled = 1 and w.state = 'cancelled' as returns
        from unnest(%b::uuid[], %b::float8[], %b::int4[]) as x (interaction_id, p, sampled)
        join reviews w on w.tenant_id = %b and w.interaction_id = x.interaction_id
        where not w.targeted and w.state <> 'outdated'
          and (w.inclusion_probability <> x.p or w.state in ('queued', 'cancelled'))
    ) as d
    where r.tenant_id = %b and r.review_id = d.review_id
      and (d.p <> r.inclusion_probability or d.cancels or d.returns)
"""
_UNIQUE = "on conflict (tenant_id, interaction_id) where not targeted and state <> 'outdated'"
_KEEP_WITH_REASONS = f"{_UNIQUE} do update set reasons = excluded.reasons"
_KEEP = f"{_UNIQUE} do nothing"
_COPIED = ("client_id", "interaction_id", "inclusion_probability", "draw", "policy_id", "started_at")


def store_draws(
    session: Session,
    client_id: uuid.UUID,
    draws: OpenDraws | None,
    rows: Sequence[FactsRow],
    reasons: Sequence[Sequence[str]],
    *,
    now: datetime,
) -> None:
    """Store facts and reviews of scored interactions, and of others of their groups whose draws change.

    `draws` is that of `lock_groups`; `reasons` are those of a review of each interaction.
    """
    others: Sequence[FactsRow] = ()
    if draws is None:
        for row in rows:
            settle_without_quota(row)
    else:
        others = settle_draws(session, client_id, draws, rows, now=now)
    follow_draws(session, rows, reasons=reasons, now=now)
    follow_draws(session, others, now=now)
    store_facts(session, rows)
    change_draws(session, others)


def follow_draws(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    reasons: Sequence[Sequence[str]] | None = None,
) -> None:
    """Give every drawn interaction its review, and every review the probability of its interaction.

    `rows` are facts whose draws are settled, of locked interactions; `reasons` those of a review of each, if
    they are known. What the rate drew and a maximum pushed out has a cancelled review, which keeps them.
    """
    rows = [row for row in rows if row["policy_id"]]
    if not rows:
        return
    session.flush()
    tenant_id = scope_of(session).tenant_id
    columns = [[row[name] for row in rows] for name in ("interaction_id", "inclusion_probability", "sampled")]
    cursor: Any = session.connection().connection.cursor()
    cursor.execute(_FOLLOW, [now, *columns, tenant_id, tenant_id])
    wanted = [
        (row, list(reasons[place]) if reasons else [BASE_RATE])
        for place, row in enumerate(rows)
        if row["sampled"] or (reasons and 0 < row["inclusion_probability"] <= row["draw"] < row["rate"])
    ]
    new = [{**{name: row[name] for name in _COPIED}, "reasons": why, **_state(row)} for row, why in wanted]
    common = {"tenant_id": tenant_id, "targeted": False, "draft": [], "revision": 1}
    dated = {**common, "created_at": now, "arrived_at": now}
    rows_of_reviews = [{**each, **dated, "review_id": new_id()} for each in new]
    insert_rows(session, Review, rows_of_reviews, _KEEP_WITH_REASONS if reasons else _KEEP)


def _state(row: Mapping[str, Any]) -> dict[str, str]:
    return {"state": "queued" if row["sampled"] else "cancelled"}
