"""Wakes the workers. A job says only whose work waits; the database says what it is.

There are three lines. Scoring has workers of its own, for the training of models may take minutes and must
not keep an interaction waiting. The learner serves the other two: trainings that were asked for come before
its rounds, in which it looks at every provider and mostly finds nothing to do. At most one wake-up per
provider stands in a line at any time, so a provider who pushes a hundred thousand interactions takes its
turn like every other.
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
CHECK_TRAININGS = "workers.training.job.look_at_tenant"
JOBS = (SCORE, TRAIN, CHECK_TRAININGS)
RENAMED = {
    "workers.scoring.score_tenant": SCORE,
    "workers.learning.train_tenant": TRAIN,
    "workers.learning.look_at_tenant": CHECK_TRAININGS,
}
"""Names that version 0.1 gave to jobs: what it queued is still run. They go with the release after next."""
# The mark of a job whose worker died is cleared by the sweep; this is for a sweep that never comes.
_WOKEN_SECONDS = 3600
_FAILED_SECONDS = 3600
_LENGTH_OF_ID = 36


@dataclass(frozen=True, slots=True)
class JobQueue:
    """A queue, and the job that is the only kind in it."""

    name: str
    job: str


SCORING = JobQueue("qm", SCORE)
TRAININGS = JobQueue("qm-learning", TRAIN)
TRAINING_CHECKS = JobQueue("qm-looking", CHECK_TRAININGS)
QUEUES = (SCORING, TRAININGS, TRAINING_CHECKS)


def connect(redis_url: str) -> Redis:
    """Return a client that gives up quickly: a request must not wait for Redis."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=0.5, socket_timeout=1.0, retry=Retry(NoBackoff(), 0)
    )


def rq_queue(redis: Redis, queue: JobQueue = SCORING) -> Queue:
    """Return the queue of a line; its jobs are JSON, so nothing in it can run code of its own."""
    return Queue(queue.name, connection=redis, serializer=JSONSerializer)


def wake_after_commit(session: Session, redis: Redis, queue: JobQueue = SCORING) -> None:
    """Wake a worker for this transaction's provider once its work is safe in the database."""
    woken: set[JobQueue] = session.info.setdefault("woken", set())
    if queue in woken:
        return
    woken.add(queue)
    trace = structlog.contextvars.get_contextvars().get("trace")
    after_commit(session, partial(wake, redis, scope_of(session).tenant_id, trace=trace, queue=queue))


def wake(redis: Redis, tenant_id: uuid.UUID, *, trace: str | None = None, queue: JobQueue = SCORING) -> bool:
    """Queue one job for a provider unless one waits already; False when Redis does not answer.

    A lost wake-up delays work until the next sweep and loses nothing.
    """
    try:
        if redis.set(_flag(queue, tenant_id), 1, nx=True, ex=_WOKEN_SECONDS):
            rq_queue(redis, queue).enqueue(
                queue.job,
                job_id=f"{tenant_id}_{uuid.uuid4().hex}",
                kwargs=_job(tenant_id, trace),
                result_ttl=0,
                failure_ttl=_FAILED_SECONDS,
            )
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__, tenant=str(tenant_id))
        return False
    return True


def mark_awake(redis: Redis, tenant_id: uuid.UUID, queue: JobQueue = SCORING) -> None:
    """Say that the queued job has begun: the next wake-up queues another."""
    try:
        redis.delete(_flag(queue, tenant_id))
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__, tenant=str(tenant_id))


def enqueue(
    redis: Redis, tenant_id: uuid.UUID, *, trace: str | None = None, queue: JobQueue = SCORING
) -> None:
    """Queue a provider's next job from within its job; where the sweep came between and queued one, none.

    Two jobs of one provider would go on side by side as long as there is work, and take two turns each time.
    """
    try:
        queued = str(tenant_id) in _queued(redis, queue)
    except RedisError:
        queued = False
    if not queued:
        wake(redis, tenant_id, trace=trace, queue=queue)


def wake_many(redis: Redis, tenant_ids: Iterable[uuid.UUID], queue: JobQueue = SCORING) -> int:
    """Queue a job for each of these providers that has none in the queue; returns how many that were.

    Here the queue itself is asked: a mark may outlive its job, when a worker or Redis died between the two.
    """
    try:
        queued = _queued(redis, queue)
    except RedisError as error:
        log.warning("wake_lost", error=type(error).__name__)
        return 0
    forgotten = [each for each in tenant_ids if str(each) not in queued]
    for tenant_id in forgotten:
        mark_awake(redis, tenant_id, queue)
        wake(redis, tenant_id, queue=queue)
    return len(forgotten)


def _queued(redis: Redis, queue: JobQueue) -> set[str]:
    return {each[:_LENGTH_OF_ID] for each in rq_queue(redis, queue).job_ids}


def _flag(queue: JobQueue, tenant_id: uuid.UUID) -> str:
    return f"{queue.name}:woken:{tenant_id}"


def _job(tenant_id: uuid.UUID, trace: str | None) -> Mapping[str, str | None]:
    return {"tenant_id": str(tenant_id), "trace": trace}
