"""When to train without being asked: once enough answers of people are new, and not too often."""

from collections.abc import Sequence
from typing import Any

from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from qm.learning.models import ANSWERS, CANNED, SENTIMENT
from qm.learning.trainings import SCHEDULE, queue_training
from tenants.isolation import scope_of
from tenants.models import Client

MIN_FIRST_LABELS = 60
"""Reviews before the first training: with a third held out, as many as the first question needs."""
MIN_NEW_LABELS = 25
"""New reviews before a further one, or a tenth of what the last one read if that is more."""
MIN_SENTENCES = 500
"""New interactions before canned sentences are counted again."""
DAY_SECONDS = 86_400
"""At least this long between two counts."""
REST_SECONDS = 3600
"""At least this long after the last training was asked for, however it ended."""

# Both count only what is new, and stop counting at what is enough.
_NEEDED = f"""case when last.read_at is null
    then {MIN_FIRST_LABELS} else greatest({MIN_NEW_LABELS}, last.labels / 10) end"""
_LAST = """
    select max(t.created_at) as asked_at,
           bool_or(t.state in ('queued', 'running')) as under_way,
           max(t.read_at) as read_at,
           (array_agg(t.labels order by t.read_at desc nulls last))[1] as labels
    from (
        select * from trainings
        where trainings.tenant_id = {tenant} and trainings.client_id is not distinct from {client}
          and trainings.kind = {kind}
        order by training_id desc limit 20
    ) t
"""
_RESTED = """
    not coalesce(last.under_way, false)
    and coalesce(last.asked_at, '-infinity') < now() - make_interval(secs => :rest)
"""
_DUE_CLIENTS = text(
    f"""
    select c.client_id
    from clients c
    cross join lateral ({_LAST.format(tenant="c.tenant_id", client="c.client_id", kind="'answers'")}) last
    cross join lateral (select {_NEEDED} as needed) wanted
    cross join lateral (
        select count(*) as found from (
            select from reviews r
            where r.tenant_id = c.tenant_id and r.client_id = c.client_id and r.state = 'submitted'
              and r.finished_at > coalesce(last.read_at, '-infinity')
            limit wanted.needed
        ) fresh
    ) new
    where c.tenant_id = :tenant and {_RESTED} and new.found >= wanted.needed
    """  # noqa: S608 - built from the constants above
)
_SENTENCES_DUE = text(
    f"""
    select c.client_id
    from clients c
    cross join lateral ({_LAST.format(tenant="c.tenant_id", client="c.client_id", kind="'canned'")}) last
    cross join lateral (
        select count(*) as found from (
            select from interactions i
            where i.tenant_id = c.tenant_id and i.client_id = c.client_id
              and i.started_at > coalesce(last.read_at, '-infinity')
            limit {MIN_SENTENCES}
        ) fresh
    ) new
    where c.tenant_id = :tenant and {_RESTED} and new.found >= {MIN_SENTENCES}
    """  # noqa: S608 - built from the constants above
)
_FEELINGS_DUE = text(
    f"""
    select from ({_LAST.format(tenant=":tenant", client="null", kind="'sentiment'")}) last
    cross join lateral (select {_NEEDED} as needed) wanted
    cross join lateral (
        select count(*) as found from (
            select from reviews r
            join evaluations e on e.tenant_id = r.tenant_id and e.interaction_id = r.interaction_id
                              and e.evaluation_id = r.evaluation_id
            where r.tenant_id = :tenant and r.state = 'submitted' and e.findings ? 'sentiment_labels'
              and r.finished_at > coalesce(last.read_at, '-infinity')
            limit wanted.needed
        ) fresh
    ) new
    where {_RESTED} and new.found >= wanted.needed
    """  # noqa: S608 - built from the constants above
)


def request_due_trainings(session: Session, redis: Redis) -> Sequence[str]:
    """Ask for a training of every client of the provider that has enough new labels; returns the kinds asked.

    Costs in proportion to what is new, and little where nothing is.
    """
    terms: dict[str, Any] = {"tenant": scope_of(session).tenant_id, "rest": REST_SECONDS}
    asked: list[str] = []
    for kind, due, rest in ((CANNED, _SENTENCES_DUE, DAY_SECONDS), (ANSWERS, _DUE_CLIENTS, REST_SECONDS)):
        for row in session.execute(due, terms | {"rest": rest}).all():
            client = session.get_one(Client, _identity(terms, row))
            queue_training(session, redis, kind=kind, client=client, asked_by=SCHEDULE)
            asked.append(kind)
    if session.execute(_FEELINGS_DUE, terms).first() is not None:
        queue_training(session, redis, kind=SENTIMENT, client=None, asked_by=SCHEDULE)
        asked.append(SENTIMENT)
    return asked


def _identity(terms: dict[str, Any], row: Any) -> dict[str, Any]:
    return {"tenant_id": terms["tenant"], "client_id": row.client_id}
