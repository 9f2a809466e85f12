"""RQ job queues that wake the workers; a job names only the tenant, its work is in the database.

There are four queues. Scoring has its own workers, because training a model may take minutes. The learner
serves two: requested trainings first, then periodic training checks of every tenant. Webhooks have a process
of their own too, because receivers may be slow. A queue holds at most one job per tenant, so tenants take
turns however much each of them pushes.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from tenants.isolation import after_commit, scope_of

log = structlog.get_logger(__name__)

SCORE = "workers.scoring.job.score_tenant"
TRAIN = "workers.training.job.train_tenant"
CHECK_TRAININGS = "workers.training.job.check_tenant"
DELIVER = "workers.deliveries.job.deliver_tenant"
JOBS = (SCORE, TRAIN, CHECK_TRAININGS, DELIVER)
RENAMED_JOBS = {
    "workers.scoring.score_tenant": SCORE,
    "workers.learning.train_tenant": TRAIN,
    "workers.learning.look_at_tenant": CHECK_TRAININGS,
}
"""Job names of version 0.1, still run if they are queued; to be removed in the release after next."""
# The sweep clears the flag of a job whose worker died; this expiry is a fallback.
_FLAG_SECONDS = 3600
_FAILED_SECONDS = 3600
_ID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class JobQueue:
    """An RQ queue, and the function that all its jobs call."""

    name: str
    job: str


SCORING = JobQueue("qm", SCORE)
TRAININGS = JobQueue("qm-learning", TRAIN)
TRAINING_CHECKS = JobQueue("qm-looking", CHECK_TRAININGS)
DELIVERIES = JobQueue("qm-deliveries", DELIVER)
QUEUES = (SCORING, TRAININGS, TRAINING_CHECKS, DELIVERIES)


def connect(redis_url: str) -> Redis:
    """Return a Redis client with short timeouts and no retries: a request must not wait for Redis."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=0.5, socket_timeout=1.0, retry=Retry(NoBackoff(), 0)
    )


def rq_queue(redis: Redis, queue: JobQueue = SCORING) -> Queue:
    """Return the RQ queue; its jobs are JSON, not pickles, so they cannot execute code when loaded."""
    return Queue(queue.name, connection=redis, serializer=JSONSerializer)


def wake_after_commit(session: Session, redis: Redis, queue: JobQueue = SCORING) -> None:
    """Wake a worker for the tenant of this transaction after it commits."""
    woken: set[JobQueue] = session.info.setdefault("woken", set())
    if queue in woken:
        return
    woken.add(queue)
    trace = structlog.contextvars.get_contextvars().get("trace")
    after_commit(session, partial(wake, redis, scope_of(session).tenant_id, trace=trace, queue=queue))


def wake(redis: Redis, tenant_id: uuid.UUID, *, trace: str | None = None, queue: JobQueue = SCORING) -> bool:
    """Enqueue one job for a tenant unless one is queued already; False if Redis is unavailable.

    A lost wake-up only delays work until the next sweep.
    """
    try:
        if redis.set(_flag(queue, tenant_id), 1, nx=True, ex=_FLAG_SECONDS):
            rq_queue(redis, queue).enqueue(
                queue.job,
                job_id=f"{tenant_id}_{uuid.uuid4().hex}",
                kwargs=_job_arguments(tenant_id, trace),
                result_ttl=0,
                failure_ttl=_FAILED_SECONDS,
            )
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__, tenant=str(tenant_id))
        return False
    return True


def mark_awake(redis: Redis, tenant_id: uuid.UUID, queue: JobQueue = SCORING) -> None:
    """Clear the flag of the queued job, which has begun, so that the next wake-up enqueues another."""
    try:
        redis.delete(_flag(queue, tenant_id))
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__, tenant=str(tenant_id))


def enqueue(
    redis: Redis, tenant_id: uuid.UUID, *, trace: str | None = None, queue: JobQueue = SCORING
) -> None:
    """Enqueue a tenant's next job from within its job, unless the sweep has enqueued one meanwhile.

    Two jobs of one tenant would continue in parallel as long as there is work, and take two turns each time.
    """
    try:
        queued = str(tenant_id) in _queued_tenants(redis, queue)
    except RedisError:
        queued = False
    if not queued:
        wake(redis, tenant_id, trace=trace, queue=queue)


def wake_many(redis: Redis, tenant_ids: Iterable[uuid.UUID], queue: JobQueue = SCORING) -> int:
    """Enqueue a job for each of these tenants that has none in the queue; return how many there were.

    The queue is checked, not the flags: a flag may outlive its job if a worker or Redis died.
    """
    try:
        queued = _queued_tenants(redis, queue)
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__)
        return 0
    missing = [each for each in tenant_ids if str(each) not in queued]
    for tenant_id in missing:
        mark_awake(redis, tenant_id, queue)
        wake(redis, tenant_id, queue=queue)
    return len(missing)


def _queued_tenants(redis: Redis, queue: JobQueue) -> set[str]:
    return {each[:_ID_LENGTH] for each in rq_queue(redis, queue).job_ids}


def _flag(queue: JobQueue, tenant_id: uuid.UUID) -> str:
    return f"{queue.name}:woken:{tenant_id}"


def _job_arguments(tenant_id: uuid.UUID, trace: str | None) -> Mapping[str, str | None]:
    return {"tenant_id": str(tenant_id), "trace": trace}
