"""The processes that do things later: a scoring worker, the learner, and the schedule."""

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
from workers import context, schedule
from workers.training.job import MAX_SECONDS

log = structlog.get_logger(__name__)

_ENDING = (signal.SIGTERM, signal.SIGINT)
# RQ listens for 15 seconds less before it says that it is alive, and gives an answer 10 seconds more.
_ALIVE_SECONDS = 60


class _Deadline(UnixSignalDeathPenalty):
    """Ends a job that outlasts its lease, whatever it is doing."""

    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG002 - RQ's
        """Break off the job."""
        raise context.OutOfTime(f"the job took longer than {self._timeout} seconds")


class QueueWorker(SimpleWorker):
    """Runs jobs in this very process: no fork for every job, compiled definitions stay warm.

    It ends on SIGTERM at once while it waits for jobs, else after the job in hand. Nobody commands it
    through Redis, so it needs no thread that listens there.
    """

    max_connection_wait_time = 5.0
    death_penalty_class = _Deadline

    def __init__(
        self, connection: Redis, *, lines: Sequence[jobs.JobQueue], stop: threading.Event, most_seconds: int
    ) -> None:
        """Take the lines to serve, the event that ends the process, and how long a job may take.

        A job of an earlier line goes before those of all later ones.
        """
        super().__init__(
            [line.name for line in lines],
            connection=connection,
            serializer=JSONSerializer,
            log_job_description=False,
            worker_ttl=_ALIVE_SECONDS,
        )
        self._stop, self._most_seconds, self._waits = stop, most_seconds, False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's
        """End after the job in hand; waiting for one is broken off."""
        self._stop.set()
        self._stop_requested = True
        if self._waits:
            raise StopRequested

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """Wait for a job, and only meanwhile let a signal break in."""
        self._waits = True
        try:
            if self._stop.is_set():
                raise StopRequested
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        finally:
            self._waits = False

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run a job no longer than its lease, after which others take its work over; then clear up."""
        job.timeout = self._most_seconds
        job.func_name = jobs.RENAMED_JOBS.get(job.func_name, job.func_name)
        super().execute_job(job, queue)
        gc.collect(1)

    def subscribe(self) -> None:
        """Listen to no commands."""

    def unsubscribe(self) -> None:
        """Leave nothing behind, as there was nothing."""


def run_worker(services: Services, *, burst: bool = False) -> None:
    """Take scoring jobs until told to stop; with `burst`, until none is left."""
    _serve(context.start(services), [jobs.SCORING], services.settings.lease_seconds, burst=burst)


def run_learner(services: Services, *, training_program: Sequence[str], burst: bool = False) -> None:
    """Take trainings and looks for what to train until told to stop.

    Each training has a process of its own, which `training_program` starts.
    """
    held = context.start(services, training_program=training_program)
    _serve(held, [jobs.TRAININGS, jobs.TRAINING_CHECKS], MAX_SECONDS + _ALIVE_SECONDS, burst=burst)


def _serve(
    held: context.WorkerContext, lines: Sequence[jobs.JobQueue], most_seconds: int, *, burst: bool
) -> None:
    """Serve these lines; RQ ends its loop when Redis goes away at the wrong moment: then it is begun anew."""
    stop = _told_to_end(held.stop)
    log.info("ready")
    while not stop.is_set():
        # Blocking reads need a connection without the short time-outs that requests have.
        connection = Redis.from_url(
            held.services.settings.redis_url or "", health_check_interval=30, retry=Retry(NoBackoff(), 1)
        )
        try:
            worker = QueueWorker(connection, lines=lines, stop=stop, most_seconds=most_seconds)
            worker.work(burst=burst, logging_level=None, with_scheduler=False)
            if burst:
                return
        except RedisError as error:
            log.warning("redis_away", error=type(error).__name__)
        finally:
            connection.close()
        stop.wait(1.0)


def run_scheduler(services: Services) -> None:
    """Run the schedule until SIGTERM or SIGINT."""
    schedule.run(services, _told_to_end(threading.Event()))


def _told_to_end(stop: threading.Event) -> threading.Event:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in _ENDING:
        signal.signal(number, end)
    return stop
