"""The background processes: scoring workers, the learner, the deliverer, and the scheduler."""

import gc
import signal
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import UnixSignalDeathPenalty

from qm import jobs
from qm.services import Services
from qm.webhooks.delivery_claims import LEASE_SECONDS
from workers import context, schedule
from workers.known_jobs import KnownJob
from workers.training.job import MAX_SECONDS

log = structlog.get_logger(__name__)

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# RQ blocks for 15 seconds less before its next heartbeat, and its sockets time out 10 seconds after that.
_HEARTBEAT_SECONDS = 60


class _Deadline(UnixSignalDeathPenalty):
    """Interrupts a job that outlasts its lease, whatever it is doing."""

    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG002 - RQ's
        """Interrupt the job."""
        raise context.OutOfTime(f"the job took longer than {self._timeout} seconds")


class QueueWorker(SimpleWorker):
    """Runs jobs in its own process: no fork per job, so caches stay warm.

    On SIGTERM it exits at once while it waits for a job, else after the current one. It takes no commands
    through Redis, so it needs no thread that subscribes to them.
    """

    max_connection_wait_time = 5.0
    death_penalty_class = _Deadline
    job_class = KnownJob

    def __init__(
        self, connection: Redis, *, queues: Sequence[jobs.JobQueue], stop: threading.Event, max_seconds: int
    ) -> None:
        """Take the queues to serve, the event that ends the process, and how long a job may take.

        Jobs of an earlier queue come before those of all later ones.
        """
        super().__init__(
            [queue.name for queue in queues],
            connection=connection,
            serializer=JSONSerializer,
            log_job_description=False,
            worker_ttl=_HEARTBEAT_SECONDS,
        )
        self._stop, self._max_seconds, self._waiting = stop, max_seconds, False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's
        """Stop after the current job; waiting for one is interrupted."""
        self._stop.set()
        self._stop_requested = True
        if self._waiting:
            raise StopRequested

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """Wait for a job; only meanwhile may a signal interrupt."""
        self._waiting = True
        try:
            if self._stop.is_set():
                raise StopRequested
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        finally:
            self._waiting = False

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run a job no longer than its lease, after which others claim its work; then collect garbage."""
        job.timeout = self._max_seconds
        super().execute_job(job, queue)
        gc.collect(1)

    def subscribe(self) -> None:
        """Subscribe to no commands."""

    def unsubscribe(self) -> None:
        """Do nothing, as nothing was subscribed to."""


def run_worker(services: Services, *, burst: bool = False) -> None:
    """Run scoring jobs until told to stop; with `burst`, until none is left."""
    _serve(context.start(services), [jobs.SCORING], services.settings.lease_seconds, burst=burst)


def run_learner(services: Services, *, training_program: Sequence[str], burst: bool = False) -> None:
    """Run trainings and training checks until told to stop.

    Each training runs in a child process, which `training_program` starts.
    """
    worker_context = context.start(services, training_program=training_program)
    queues = [jobs.TRAININGS, jobs.TRAINING_CHECKS]
    _serve(worker_context, queues, MAX_SECONDS + _HEARTBEAT_SECONDS, burst=burst)


def run_deliverer(services: Services, *, burst: bool = False) -> None:
    """Send the events of webhooks until told to stop; with `burst`, until none is due."""
    _serve(context.start(services), [jobs.DELIVERIES], LEASE_SECONDS, burst=burst)


def _serve(
    worker_context: context.WorkerContext, queues: Sequence[jobs.JobQueue], max_seconds: int, *, burst: bool
) -> None:
    """Serve queues; where RQ's loop ends because the connection to Redis failed, it is restarted."""
    stop = _stop_on_signal(worker_context.stop)
    log.info("ready")
    while not stop.is_set():
        # Blocking reads need a connection without the short time-outs of requests.
        connection = Redis.from_url(
            worker_context.services.settings.redis_url or "",
            health_check_interval=30,
            retry=Retry(NoBackoff(), 1),
        )
        try:
            worker = QueueWorker(connection, queues=queues, stop=stop, max_seconds=max_seconds)
            worker.work(burst=burst, logging_level=None, with_scheduler=False)
            if burst:
                return
        except RedisError as error:
            log.warning("redis_away", error=type(error).__name__)
        finally:
            connection.close()
        stop.wait(1.0)


def run_scheduler(services: Services) -> None:
    """Run the periodic jobs until SIGTERM or SIGINT."""
    schedule.run(services, _stop_on_signal(threading.Event()))


def _stop_on_signal(stop: threading.Event) -> threading.Event:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in _STOP_SIGNALS:
        signal.signal(number, end)
    return stop
