"""Scores what waits: claim a slice, judge it outside any transaction, commit everything of it at once.

Killing this process anywhere loses nothing: before the commit the claim's lease runs out and another worker
takes over; the commit itself holds only while the claim's token does.
"""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from qm import jobs
from qm.reports.rollups import store_facts
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.clients import whole_scope
from tenants.isolation import Scope, acting_as, transaction
from tenants.models import new_id, utc_now
from workers import claims, judging, results
from workers.claims import Claim
from workers.results import Result
from workers.runtime import Runtime, running

log = structlog.get_logger(__name__)

_LONGEST_ERROR = 500


def score_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Score one slice of a provider's waiting interactions; returns how many were finished.

    While more waits, the next wake-up is queued before the work begins, so that another worker can take
    it at once and every other provider still comes first in the queue.
    """
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    runtime = running()
    settings, tenant = runtime.services.settings, uuid.UUID(tenant_id)
    jobs.awake(runtime.services.redis, tenant)
    with transaction(runtime.services.engine) as session:
        scope = whole_scope(session, tenant)
    with acting_as(runtime.services.engine, scope) as session:
        audit.act_as(session, "worker")
        held = claims.claim(
            session,
            tenant_id=tenant,
            size=settings.slice,
            lease_seconds=settings.lease_seconds,
            most_attempts=settings.max_attempts,
        )
    if held is None:
        return 0
    if held.full:
        jobs.wake(runtime.services.redis, tenant, trace=trace)
    finished = score_claim(runtime, held)
    # A client with less than a slice may not have been the only one with work.
    jobs.wake(runtime.services.redis, tenant, trace=trace)
    return finished


def score_claim(runtime: Runtime, held: Claim) -> int:
    """Judge and commit a claimed slice; what cannot be judged is given back with its error."""
    with acting_as(runtime.services.engine, Scope(held.tenant_id, (held.client_id,))) as session:
        prepared = judging.prepare(session, runtime, held)
    judged = judging.judge(prepared, partial(_give_back, runtime, held))
    now, key = utc_now(), runtime.services.sampling_key
    return _commit(runtime, held, [results.result_of(each, now=now, key=key) for each in judged])


def _commit(runtime: Runtime, held: Claim, made: Sequence[Result]) -> int:
    """Commit all results at once; if the database refuses one of them, find it by committing each alone."""
    if not made:
        return 0
    try:
        return _store(runtime, held, made)
    except (DataError, IntegrityError) as error:
        if len(made) == 1:
            _give_back(runtime, held, made[0].facts["interaction_id"], error)
            return 0
        return sum(_commit(runtime, held, [result]) for result in made)


def _store(runtime: Runtime, held: Claim, made: Sequence[Result]) -> int:
    scope = Scope(held.tenant_id, (held.client_id,))
    with acting_as(runtime.services.engine, scope) as session:
        audit.act_as(session, "worker")
        kept = claims.finish(session, held, [result.facts["interaction_id"] for result in made])
        mine = [result for result in made if result.facts["interaction_id"] in kept]
        if not mine:
            return 0
        _replace_evaluations(session, [each.evaluation for each in mine])
        _queue_reviews(session, [each.review for each in mine if each.review])
        store_facts(session, [each.facts for each in mine])
        audit.record(
            session,
            "interactions.scored",
            f"client:{held.client_id}",
            client_id=held.client_id,
            count=len(mine),
            drawn=sum(each.review is not None for each in mine),
        )
        return len(mine)


def _replace_evaluations(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert automatic evaluations, keeping those they follow; one that says the same is not repeated."""
    ids = [row["interaction_id"] for row in rows]
    present = {
        found.interaction_id: found
        for found in session.execute(
            select(
                Evaluation.interaction_id, Evaluation.answers, Evaluation.versions, Evaluation.findings
            ).where(
                Evaluation.interaction_id.in_(ids),
                Evaluation.kind == "automatic",
                Evaluation.superseded_at.is_(None),
            )
        )
    }
    new = [row for row in rows if not _same(present.get(row["interaction_id"]), row)]
    replaced = [row["interaction_id"] for row in new if row["interaction_id"] in present]
    if replaced:
        session.execute(
            update(Evaluation)
            .where(
                Evaluation.interaction_id.in_(replaced),
                Evaluation.kind == "automatic",
                Evaluation.superseded_at.is_(None),
            )
            .values(superseded_at=utc_now())
        )
    if new:
        session.execute(insert(Evaluation), new)


def _same(found: Any, row: dict[str, Any]) -> bool:
    return found is not None and (found.answers, found.versions) == (row["answers"], row["versions"])


def _queue_reviews(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue drawn interactions; one that is queued already keeps its place and the higher probability."""
    if not rows:
        return
    statement = insert(Review).values([{**row, "review_id": new_id()} for row in rows])
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "interaction_id"],
            index_where=text("not targeted"),
            set_={
                "inclusion_probability": statement.excluded.inclusion_probability,
                "reasons": statement.excluded.reasons,
            },
        )
    )


def _give_back(runtime: Runtime, held: Claim, interaction_id: uuid.UUID, error: Exception) -> None:
    described = f"{type(error).__name__}: {getattr(error, 'orig', error)}".split("\n", 1)[0][:_LONGEST_ERROR]
    log.error("not_scored", interaction=str(interaction_id), error=described)
    with acting_as(runtime.services.engine, Scope(held.tenant_id, (held.client_id,))) as session:
        audit.act_as(session, "worker")
        claims.fail(
            session,
            held,
            interaction_id,
            error=described,
            most_attempts=runtime.services.settings.max_attempts,
        )
