"""The processes that do things later: a scoring worker, and the schedule."""

import signal
import threading
import time
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from qm import jobs
from qm.services import Services
from workers import runtime, schedule

log = structlog.get_logger(__name__)


def work(services: Services, *, burst: bool = False) -> None:
    """Take jobs until told to stop; with `burst`, until none is left.

    A SimpleWorker runs jobs in this very process: no fork for every job, compiled definitions stay warm.
    A supervisor restarts it should it die; while Redis is away it waits and tries again.
    """
    runtime.start(services)
    while True:
        # Blocking reads need a connection without the short time-outs that requests have.
        connection = Redis.from_url(services.settings.redis_url or "", health_check_interval=30)
        try:
            worker = SimpleWorker(
                [jobs.QUEUE], connection=connection, serializer=JSONSerializer, log_job_description=False
            )
            worker.work(burst=burst, logging_level=None, with_scheduler=False)
            if burst or worker._stop_requested:  # noqa: SLF001 - RQ ends its loop alike when Redis is away
                return
        except RedisError as error:
            log.warning("redis_away", error=type(error).__name__)
        finally:
            connection.close()
        time.sleep(1.0)


def keep_time(services: Services) -> None:
    """Run the schedule until SIGTERM or SIGINT."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    schedule.run(services, stop)
