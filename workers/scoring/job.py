"""The scoring job: claim a batch, evaluate it outside any transaction, commit all results at once.

Killing this process at any time loses nothing: before the commit the claim's lease expires and another worker
claims the batch; the commit itself takes effect only while the claim's token is valid.
"""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import structlog
from sqlalchemy import exc, select, update
from sqlalchemy.orm import Session

from qm import jobs
from qm.facts.models import InteractionFacts
from qm.interactions.parts import store_parts, stored_parts
from qm.reviews.models import Evaluation, Review
from qm.reviews.reviewed_words import outdate_reviews, withdraw_reviews
from qm.sampling.commitments import draw_keys
from qm.sampling.drawn_reviews import store_draws
from qm.sampling.draws import lock_groups
from tenants import audit
from tenants.bulk_sql import id_array, insert_rows
from tenants.clients import hold_client, tenant_scope
from tenants.isolation import Scope, acting_as, set_scope, transaction
from tenants.models import new_id, utc_now
from workers.context import WorkerContext, current_context
from workers.database_errors import error_line, is_database_fault
from workers.scoring import claims, judge, results
from workers.scoring.claims import Claim
from workers.scoring.event_storing import store_scoring_events
from workers.scoring.results import Result

log = structlog.get_logger(__name__)


def score_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Score one batch of a provider's waiting interactions; returns how many were finished.

    If more wait, the provider's next job is queued before the work begins, so that another worker can run it
    at once, and after the jobs of all other providers.
    """
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    context, tenant = current_context(), uuid.UUID(tenant_id)
    redis = context.services.redis
    jobs.mark_awake(redis, tenant)
    claim = _claim(context, tenant)
    if claim is None:
        return 0
    if claim.more:
        jobs.enqueue(redis, tenant, trace=trace)
    finished = score_claim(context, claim)
    log.info("scored", client=str(claim.client_id), claimed=len(claim.rows), finished=finished)
    if finished < len(claim.rows):
        # What was returned to the queue is retried after all others.
        jobs.wake(redis, tenant, trace=trace)
    return finished


def _claim(context: WorkerContext, tenant_id: uuid.UUID) -> Claim | None:
    settings = context.services.settings
    terms = claims.ClaimTerms(settings.slice, settings.lease_seconds, settings.max_attempts)
    with transaction(context.services.engine) as session:
        set_scope(session, tenant_scope(session, tenant_id))
        audit.act_as(session, "worker")
        return claims.claim(session, tenant_id, context.round_robin, terms)


def score_claim(context: WorkerContext, claim: Claim) -> int:
    """Evaluate and commit a claimed batch; what fails is returned to the queue with its error."""
    failures: dict[uuid.UUID, Exception] = {}
    try:
        finished = _score(context, claim, failures)
        for interaction_id, error in failures.items():
            log.error("not_scored", interaction=str(interaction_id), error=error_line(error), exc_info=error)
            _give_back(context, claim, [interaction_id], error)
    except BaseException as error:
        # The claim would end with its lease; this ends it now.
        try:
            _give_back(context, claim, claim.ids, error)
        except exc.SQLAlchemyError as further:
            log.warning("not_given_back", client=str(claim.client_id), error=type(further).__name__)
        raise
    return finished


def _score(context: WorkerContext, claim: Claim, failures: dict[uuid.UUID, Exception]) -> int:
    with acting_as(context.services.engine, Scope(claim.tenant_id, (claim.client_id,))) as session:
        tasks = judge.prepare(session, context, claim, failures.__setitem__)
        keys = draw_keys(session, claim.tenant_id, claim.client_id, context.services.sampling_key)
    evaluated = judge.evaluate(tasks, failures.__setitem__)
    scored = judge.individually(
        evaluated,
        partial(results.result_of, now=utc_now(), keys=keys),
        lambda each: each.task.row.interaction_id,
        failures.__setitem__,
    )
    return _commit(context, claim, scored, failures)


def _commit(
    context: WorkerContext, claim: Claim, scored: Sequence[Result], failures: dict[uuid.UUID, Exception]
) -> int:
    """Commit all results at once; if the database rejects one of them, find it by bisection."""
    if not scored:
        return 0
    try:
        return _store(context, claim, scored)
    except Exception as error:
        if is_database_fault(error):
            raise
        if len(scored) == 1:
            failures[scored[0].facts["interaction_id"]] = error
            return 0
    middle = len(scored) // 2
    halves = scored[:middle], scored[middle:]
    return sum(_commit(context, claim, half, failures) for half in halves)


def _store(context: WorkerContext, claim: Claim, scored: Sequence[Result]) -> int:
    scope = Scope(claim.tenant_id, (claim.client_id,))
    with acting_as(context.services.engine, scope) as session:
        audit.act_as(session, "worker")
        hold_client(session, claim.client_id)  # before interactions, as whoever requeues them does
        wholes = [each.whole for each in scored if each.whole]
        parts = [each.interaction_id for each in stored_parts(session, claim.client_id, wholes)]
        draws = lock_groups(session, claim.client_id, [each.facts for each in scored], parts)
        finished = claims.finish(session, claim, [each.facts["interaction_id"] for each in scored])
        stored = [each for each in scored if each.facts["interaction_id"] in finished]
        if not stored:
            return 0
        evaluations, critical_before = _replace_evaluations(session, [each.evaluation for each in stored])
        facts, reasons = [each.facts for each in stored], [each.reasons for each in stored]
        store_draws(session, claim.client_id, draws, facts, reasons, now=utc_now())
        ids = [each.facts["interaction_id"] for each in stored]
        _follow_interactions(session, claim, ids)
        outdated = outdate_reviews(session, ids)
        withdraw_reviews(
            session, [each.facts["interaction_id"] for each in stored if not each.facts["judged"]]
        )
        if store_parts(session, claim.client_id, [each.whole for each in stored if each.whole]):
            jobs.wake_after_commit(session, context.services.redis)
        audit.record(
            session,
            "interactions.scored",
            f"client:{claim.client_id}",
            client_id=claim.client_id,
            count=len(stored),
            drawn=sum(each.facts["sampled"] for each in stored),
            outdated=outdated,
        )
        store_scoring_events(session, claim, stored, evaluations, critical_before, now=utc_now())
        return len(stored)


def _replace_evaluations(
    session: Session, rows: Sequence[dict[str, Any]]
) -> tuple[Mapping[uuid.UUID, Mapping[str, Any]], Mapping[uuid.UUID, Sequence[str]]]:
    """Insert automatic evaluations and supersede those in force; equal content is not stored again.

    Returns the new rows, and what those that they replace had found critical, by interaction.
    """
    ids = [row["interaction_id"] for row in rows]
    current = (
        Evaluation.interaction_id == id_array(ids),
        Evaluation.kind == "automatic",
        Evaluation.superseded_at.is_(None),
    )
    columns = [Evaluation.__table__.columns[name] for name in ("interaction_id", *_CONTENT)]
    present = {found.interaction_id: found for found in session.execute(select(*columns).where(*current))}
    new = [row for row in rows if not _same_content(present.get(row["interaction_id"]), row)]
    replaced = [row["interaction_id"] for row in new if row["interaction_id"] in present]
    if replaced:
        session.execute(
            update(Evaluation)
            .where(*current, Evaluation.interaction_id == id_array(replaced))
            .values(superseded_at=utc_now())
            .execution_options(synchronize_session=False)
        )
    common = {"created_at": utc_now(), "superseded_at": None}
    inserted = [{**row, **common, "evaluation_id": new_id()} for row in new]
    insert_rows(session, Evaluation, inserted)
    return (
        {row["interaction_id"]: row for row in inserted},
        {each: present[each].critical for each in replaced},
    )


# The content of an evaluation; the other columns say who made it and when.
_CONTENT = ("answers", "versions", "findings", "sections", "critical", "score", "outcome", "band", "empathy")


def _same_content(found: Any, row: dict[str, Any]) -> bool:
    if found is None:
        return False
    # Compared as it would be stored: JSON has no tuples.
    content = msgspec.json.decode(msgspec.json.encode([row[name] for name in _CONTENT]))
    return bool(content == [getattr(found, name) for name in _CONTENT])


def _follow_interactions(session: Session, claim: Claim, interaction_ids: Sequence[uuid.UUID]) -> None:
    """Move reviews along with interactions that were pushed again with another start."""
    session.execute(
        update(Review)
        .where(
            Review.tenant_id == claim.tenant_id,
            Review.client_id == claim.client_id,
            Review.interaction_id == id_array(interaction_ids),
            InteractionFacts.tenant_id == Review.tenant_id,
            InteractionFacts.interaction_id == Review.interaction_id,
            Review.started_at != InteractionFacts.started_at,
        )
        .values(started_at=InteractionFacts.started_at)
        .execution_options(synchronize_session=False)
    )


def _give_back(context: WorkerContext, claim: Claim, ids: Sequence[uuid.UUID], error: BaseException) -> None:
    with acting_as(context.services.engine, Scope(claim.tenant_id, (claim.client_id,))) as session:
        audit.act_as(session, "worker")
        claims.give_back(
            session,
            claim,
            ids,
            error=error_line(error),
            max_attempts=context.services.settings.max_attempts,
            forgiven=is_database_fault(error),
        )
