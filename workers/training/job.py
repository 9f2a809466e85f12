"""Has models trained: claims a training, runs it in a process of its own, and sees to it that it ends well.

A look at a provider, by the clock, keeps its gates and asks for trainings; it runs none, so that no training
that somebody waits for stands behind the looks at all others.
Killing anything anywhere leaves the model in force where it is: the training's one commit holds only while
its claim's token does. A training whose lease ran out is taken up again, or given up after a few attempts.
"""

import os
import subprocess
import time
import uuid
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from qm import jobs
from workers.context import WorkerContext, running
from workers.monitoring import gate_review
from workers.thread_limits import ONE_THREAD
from workers.training import claims, triggers
from workers.training.claims import ClaimedTraining

log = structlog.get_logger(__name__)

MAX_SECONDS = 3600
"""A training that takes longer is ended and counts as failed."""

_POLL_SECONDS = 0.1
_PATIENCE = 5.0


def check_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Keep a provider's gates and ask for trainings where labels have come; returns how many were asked."""
    runtime, tenant = _begun(jobs.TRAINING_CHECKS, tenant_id, trace)
    with claims.as_learner(runtime.services.engine, tenant) as session:
        asked = triggers.request_due_trainings(session, runtime.services.redis)
    gate_review.review_gates(runtime.services.engine, tenant)
    return len(asked)


def train_tenant(tenant_id: str, trace: str | None = None) -> int:
    """Run one training of a provider, if one waits; returns how many were run."""
    runtime, tenant = _begun(jobs.TRAININGS, tenant_id, trace)
    lease = runtime.services.settings.lease_seconds
    held = claims.claim(runtime.services.engine, tenant, lease=lease)
    if held is None:
        return 0
    # Another client's may wait, for another learner or behind other providers: found out by looking.
    jobs.wake(runtime.services.redis, tenant, trace=trace, queue=jobs.TRAININGS)
    with structlog.contextvars.bound_contextvars(training=str(held.training_id)):
        _supervise(runtime, held)
    # This one may wait again.
    jobs.wake(runtime.services.redis, tenant, trace=trace, queue=jobs.TRAININGS)
    return 1


def _begun(line: jobs.JobQueue, tenant_id: str, trace: str | None) -> tuple[WorkerContext, uuid.UUID]:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(tenant=tenant_id, trace=trace)
    runtime, tenant = running(), uuid.UUID(tenant_id)
    jobs.mark_awake(runtime.services.redis, tenant, line)
    return runtime, tenant


def _supervise(runtime: WorkerContext, held: ClaimedTraining) -> None:
    """Run the training program; whatever it leaves unfinished is given back or marked as failed."""
    program = [*runtime.training_program, *map(str, (held.tenant_id, held.training_id, held.token))]
    # It reads its input to the end and then ends: should this process be killed, it does not outlive us.
    process = subprocess.Popen(program, stdin=subprocess.PIPE, env={**os.environ, **ONE_THREAD})
    try:
        reason = _watched(runtime, held, process)
        if reason == "lost":
            # Mostly it has just been stored: it ends by itself. If not, nothing of it can be stored any more.
            _waited(process)
    finally:
        _ended(process)
    if process.returncode != 0:
        log.warning("training_interrupted", reason=reason or "crashed", status=process.returncode)
    try:
        _settle(runtime, held, reason)
    except SQLAlchemyError as error:
        # The lease frees it.
        log.warning("training_not_settled", error=type(error).__name__)


def _watched(runtime: WorkerContext, held: ClaimedTraining, process: subprocess.Popen[bytes]) -> str | None:
    """Wait for the end of the program, renewing the lease; returns why it had to be ended, if it had."""
    lease = runtime.services.settings.lease_seconds
    began = renewed = time.monotonic()
    while process.poll() is None:
        if runtime.stop.wait(_POLL_SECONDS):
            return "stopped"
        now = time.monotonic()
        if now - began > MAX_SECONDS:
            return "too_long"
        if now - renewed > lease / 4:
            if not _renewed(runtime, held):
                return "lost"
            renewed = now
    return None


def _renewed(runtime: WorkerContext, held: ClaimedTraining) -> bool:
    lease = runtime.services.settings.lease_seconds
    try:
        return claims.renew(runtime.services.engine, held, lease=lease)
    except SQLAlchemyError as error:
        log.warning("lease_not_renewed", error=type(error).__name__)
        return True


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
    if not _waited(process):
        process.kill()
        process.wait()


def _waited(process: subprocess.Popen[bytes]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_PATIENCE)
    return process.returncode is not None


def _settle(runtime: WorkerContext, held: ClaimedTraining, reason: str | None) -> None:
    """Give back what is still under our token; one that took too long has failed."""
    engine = runtime.services.engine
    if reason == "too_long":
        claims.fail(engine, held, error=f"it took longer than {MAX_SECONDS} seconds")
    elif reason == "stopped":
        claims.give_back(engine, held, error=None, forgiven=True)
    else:
        claims.give_back(engine, held, error=claims.LOST, forgiven=False)
