"""Scores what waits: claim a slice, judge it outside any transaction, commit everything of it at once.

Killing this process anywhere loses nothing: before the commit the claim's lease runs out and another worker
takes over; the commit itself holds only while the claim's token does.
"""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import structlog
from sqlalchemy import exc, select, update
from sqlalchemy.orm import Session

from qm import jobs
from qm.facts.rollups import store_facts
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.bulk_sql import id_array, insert_rows
from tenants.clients import tenant_scope
from tenants.isolation import Scope, acting_as, set_scope, transaction
from tenants.models import new_id, utc_now
from workers.context import WorkerContext, running
from workers.database_errors import error_line, is_database_fault
from workers.scoring import claims, judge, results
from workers.scoring.claims import Claim
from workers.scoring.results import Result

log = structlog.get_logger(__name__)


def score_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Score one slice of a provider's waiting interactions; returns how many were finished.

    While more waits, the next wake-up is queued before the work begins, so that another worker can take
    it at once and every other provider still comes first in the queue.
    """
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    runtime, tenant = running(), uuid.UUID(tenant_id)
    redis = runtime.services.redis
    jobs.mark_awake(redis, tenant)
    held = _claim(runtime, tenant)
    if held is None:
        return 0
    if held.more:
        jobs.enqueue(redis, tenant, trace=trace)
    finished = score_claim(runtime, held)
    log.info("scored", client=str(held.client_id), claimed=len(held.rows), finished=finished)
    if finished < len(held.rows):
        # What was given back is tried again, behind all others.
        jobs.wake(redis, tenant, trace=trace)
    return finished


def _claim(runtime: WorkerContext, tenant_id: uuid.UUID) -> Claim | None:
    settings = runtime.services.settings
    terms = claims.ClaimTerms(settings.slice, settings.lease_seconds, settings.max_attempts)
    with transaction(runtime.services.engine) as session:
        set_scope(session, tenant_scope(session, tenant_id))
        audit.act_as(session, "worker")
        return claims.claim(session, tenant_id, runtime.round_robin, terms)


def score_claim(runtime: WorkerContext, held: Claim) -> int:
    """Judge and commit a claimed slice; what cannot be judged is given back with its error."""
    failures: dict[uuid.UUID, Exception] = {}
    try:
        finished = _score(runtime, held, failures)
        for interaction_id, error in failures.items():
            log.error("not_scored", interaction=str(interaction_id), error=error_line(error), exc_info=error)
            _give_back(runtime, held, [interaction_id], error)
    except BaseException as error:
        # The lease would free it in the end; this does so now.
        try:
            _give_back(runtime, held, held.ids, error)
        except exc.SQLAlchemyError as further:
            log.warning("not_given_back", client=str(held.client_id), error=type(further).__name__)
        raise
    return finished


def _score(runtime: WorkerContext, held: Claim, failures: dict[uuid.UUID, Exception]) -> int:
    with acting_as(runtime.services.engine, Scope(held.tenant_id, (held.client_id,))) as session:
        prepared = judge.prepare(session, runtime, held, failures.__setitem__)
    judged = judge.judge(prepared, failures.__setitem__)
    made = judge.individually(
        judged,
        partial(results.result_of, now=utc_now(), key=runtime.services.sampling_key),
        lambda each: each.prepared.row.interaction_id,
        failures.__setitem__,
    )
    return _commit(runtime, held, made, failures)


def _commit(
    runtime: WorkerContext, held: Claim, made: Sequence[Result], failures: dict[uuid.UUID, Exception]
) -> int:
    """Commit all results at once; if the database refuses one of them, find it by halves."""
    if not made:
        return 0
    try:
        return _store(runtime, held, made)
    except Exception as error:
        if is_database_fault(error):
            raise
        if len(made) == 1:
            failures[made[0].facts["interaction_id"]] = error
            return 0
    middle = len(made) // 2
    halves = made[:middle], made[middle:]
    return sum(_commit(runtime, held, half, failures) for half in halves)


def _store(runtime: WorkerContext, held: Claim, made: Sequence[Result]) -> int:
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
    current = (
        Evaluation.interaction_id == id_array(ids),
        Evaluation.kind == "automatic",
        Evaluation.superseded_at.is_(None),
    )
    columns = [Evaluation.__table__.columns[name] for name in ("interaction_id", *_SAID)]
    present = {found.interaction_id: found for found in session.execute(select(*columns).where(*current))}
    new = [row for row in rows if not _same(present.get(row["interaction_id"]), row)]
    replaced = [row["interaction_id"] for row in new if row["interaction_id"] in present]
    if replaced:
        session.execute(
            update(Evaluation)
            .where(*current, Evaluation.interaction_id == id_array(replaced))
            .values(superseded_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    made = {"created_at": utc_now(), "superseded_at": None}
    insert_rows(session, Evaluation, [{**row, **made, "evaluation_id": new_id()} for row in new])


# What an evaluation says; the rest of its row is who made it and when.
_SAID = ("answers", "versions", "findings", "sections", "critical", "score", "outcome", "band", "empathy")


def _same(found: Any, row: dict[str, Any]) -> bool:
    if found is None:
        return False
    # As it would be stored: JSON knows no tuples.
    said = msgspec.json.decode(msgspec.json.encode([row[name] for name in _SAID]))
    return bool(said == [getattr(found, name) for name in _SAID])


def _queue_reviews(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue drawn interactions; one that is queued already keeps its place and the higher probability."""
    insert_rows(
        session,
        Review,
        [{**row, "review_id": new_id()} for row in rows],
        "on conflict (tenant_id, interaction_id) where not targeted do update"
        " set inclusion_probability = excluded.inclusion_probability, reasons = excluded.reasons",
    )


def _give_back(runtime: WorkerContext, held: Claim, ids: Sequence[uuid.UUID], error: BaseException) -> None:
    with acting_as(runtime.services.engine, Scope(held.tenant_id, (held.client_id,))) as session:
        audit.act_as(session, "worker")
        claims.give_back(
            session,
            held,
            ids,
            error=error_line(error),
            max_attempts=runtime.services.settings.max_attempts,
            forgiven=is_database_fault(error),
        )
