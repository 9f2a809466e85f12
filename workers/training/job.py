"""The learner's jobs: the periodic check of a provider, and the training of a model in a child process.

A check reviews the provider's gates and requests trainings; it runs none, so that a requested training never
waits for the checks of all other providers.
Killing any process at any time leaves the model in force unchanged: the training's one commit takes effect
only while its claim's token is valid. A training whose lease expired is retried, and fails after a few
attempts.
"""

import os
import subprocess
import time
import uuid
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from qm import jobs
from workers.context import WorkerContext, current_context
from workers.monitoring import gate_review
from workers.thread_limits import ONE_THREAD
from workers.training import claims, triggers
from workers.training.claims import ClaimedTraining

log = structlog.get_logger(__name__)

MAX_SECONDS = 3600
"""A training that takes longer is terminated and fails."""

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 5.0


def check_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Request a provider's due trainings and review its gates; returns how many trainings were requested."""
    context, tenant = _start_job(jobs.TRAINING_CHECKS, tenant_id, trace)
    with claims.as_learner(context.services.engine, tenant) as session:
        requested = triggers.request_due_trainings(session, context.services.redis)
    gate_review.review_gates(context.services.engine, tenant)
    return len(requested)


def train_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Run one training of a provider, if one waits; returns how many were run."""
    context, tenant = _start_job(jobs.TRAININGS, tenant_id, trace)
    lease = context.services.settings.lease_seconds
    claim = claims.claim(context.services.engine, tenant, lease=lease)
    if claim is None:
        return 0
    # Another client's training may wait: another learner can claim it now, or this one after other providers.
    jobs.wake(context.services.redis, tenant, trace=trace, queue=jobs.TRAININGS)
    with structlog.contextvars.bound_contextvars(training=str(claim.training_id)):
        _supervise(context, claim)
    # This one may be back in the queue.
    jobs.wake(context.services.redis, tenant, trace=trace, queue=jobs.TRAININGS)
    return 1


def _start_job(queue: jobs.JobQueue, tenant_id: str, trace: str | None) -> tuple[WorkerContext, uuid.UUID]:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    context, tenant = current_context(), uuid.UUID(tenant_id)
    jobs.mark_awake(context.services.redis, tenant, queue)
    return context, tenant


def _supervise(context: WorkerContext, claim: ClaimedTraining) -> None:
    """Run the training program; a training that it leaves unfinished is returned to the queue or fails."""
    program = [*context.training_program, *map(str, (claim.tenant_id, claim.training_id, claim.token))]
    # The child exits at the end of its standard input, so it does not outlive this process if that is killed.
    process = subprocess.Popen(program, stdin=subprocess.PIPE, env={**os.environ, **ONE_THREAD})
    try:
        reason = _watch(context, claim, process)
        if reason == "lost":
            # Mostly the training was just stored and the child exits by itself; else nothing can be stored.
            _wait(process)
    finally:
        _terminate(process)
    if process.returncode != 0:
        log.warning("training_interrupted", reason=reason or "crashed", status=process.returncode)
    try:
        _settle(context, claim, reason)
    except SQLAlchemyError as error:
        # The claim ends when its lease expires.
        log.warning("training_not_settled", error=type(error).__name__)


def _watch(context: WorkerContext, claim: ClaimedTraining, process: subprocess.Popen[bytes]) -> str | None:
    """Wait for the program to exit, renewing the lease; returns why it has to be terminated, or None."""
    lease = context.services.settings.lease_seconds
    began = renewed = time.monotonic()
    while process.poll() is None:
        if context.stop.wait(_POLL_SECONDS):
            return "stopped"
        now = time.monotonic()
        if now - began > MAX_SECONDS:
            return "too_long"
        if now - renewed > lease / 4:
            if not _renew_lease(context, claim):
                return "lost"
            renewed = now
    return None


def _renew_lease(context: WorkerContext, claim: ClaimedTraining) -> bool:
    lease = context.services.settings.lease_seconds
    try:
        return claims.renew(context.services.engine, claim, lease=lease)
    except SQLAlchemyError as error:
        log.warning("lease_not_renewed", error=type(error).__name__)
        return True


def _terminate(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
    if not _wait(process):
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE_SECONDS)
    return process.returncode is not None


def _settle(context: WorkerContext, claim: ClaimedTraining, reason: str | None) -> None:
    """Return a training that is still claimed to the queue; one that took too long fails."""
    engine = context.services.engine
    if reason == "too_long":
        claims.fail(engine, claim, error=f"it took longer than {MAX_SECONDS} seconds")
    elif reason == "stopped":
        claims.give_back(engine, claim, error=None, forgiven=True)
    else:
        claims.give_back(engine, claim, error=claims.LOST, forgiven=False)
