"""When to train without a request: once there are enough new labels, and not too often."""

from collections.abc import Sequence

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
"""New reviews before a further training, or a tenth of the last one's labels if that is more."""
MIN_SENTENCES = 500
"""New interactions before canned responses are counted again."""
CANNED_REST_SECONDS = 86_400
"""Between two requests to count canned responses."""
REST_SECONDS = 3600
"""Between two requests for a training of a kind, however the first one ended."""

# The statements count only new rows, and stop at the number that is needed.
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
_NOT_RECENT = """
    not coalesce(last.under_way, false)
    and coalesce(last.asked_at, '-infinity') < now() - make_interval(secs => :min_seconds)
"""
_ANSWERS_DUE = text(
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
    where c.tenant_id = :tenant and {_NOT_RECENT} and new.found >= wanted.needed
    """  # noqa: S608 - built from the constants above
)
_CANNED_DUE = text(
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
    where c.tenant_id = :tenant and {_NOT_RECENT} and new.found >= {MIN_SENTENCES}
    """  # noqa: S608 - built from the constants above
)
_SENTIMENT_DUE = text(
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
    where {_NOT_RECENT} and new.found >= wanted.needed
    """  # noqa: S608 - built from the constants above
)


def request_due_trainings(session: Session, redis: Redis) -> Sequence[str]:
    """Request a training of every client of the provider that has enough new labels; returns the kinds.

    The cost is in proportion to what is new, and low where nothing is.
    """
    tenant_id = scope_of(session).tenant_id
    requested: list[str] = []
    for kind, clients_due, min_seconds in (
        (CANNED, _CANNED_DUE, CANNED_REST_SECONDS),
        (ANSWERS, _ANSWERS_DUE, REST_SECONDS),
    ):
        for row in session.execute(clients_due, {"tenant": tenant_id, "min_seconds": min_seconds}).all():
            client = session.get_one(Client, {"tenant_id": tenant_id, "client_id": row.client_id})
            queue_training(session, redis, kind=kind, client=client, asked_by=SCHEDULE)
            requested.append(kind)
    parameters = {"tenant": tenant_id, "min_seconds": REST_SECONDS}
    if session.execute(_SENTIMENT_DUE, parameters).first() is not None:
        queue_training(session, redis, kind=SENTIMENT, client=None, asked_by=SCHEDULE)
        requested.append(SENTIMENT)
    return requested
