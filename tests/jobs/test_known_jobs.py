"""Whoever can write to Redis can queue jobs; a worker runs ours and nothing else."""

import json
import pickle
import uuid
import zlib

import pytest
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from qm import jobs
from tests.waiting import wait_until
from workers.known_jobs import KnownJob, known_call

OURS = {"tenant_id": str(uuid.UUID(int=7)), "trace": None}


def compressed(*call):
    return zlib.compress(json.dumps(call).encode())


def test_a_job_of_ours_is_known():
    assert known_call(compressed(jobs.SCORE, None, [], OURS)) == (jobs.SCORE, None, [], OURS)


@pytest.mark.parametrize(
    "data",
    [
        compressed("os.system", None, ["true"], {}),
        compressed("os.system", None, [], OURS),
        compressed("workers.scoring.job.score_claim", None, [], OURS),
        compressed("infra.cli.main", None, [], OURS),
        compressed(" " + jobs.SCORE, None, [], OURS),
        compressed("upper", "an instance", [], OURS),
        compressed(jobs.SCORE, "an instance", [], OURS),
        compressed(jobs.SCORE, None, ["more"], OURS),
        compressed(jobs.SCORE, None, [], {**OURS, "more": 1}),
        compressed(jobs.SCORE, None, [], {"tenant_id": "nobody"}),
        compressed([jobs.SCORE], None, [], OURS),
        json.dumps([jobs.SCORE, None, [], OURS]).encode(),
        pickle.dumps((jobs.SCORE, None, (), OURS)),
        zlib.compress(pickle.dumps((jobs.SCORE, None, (), OURS))),
        zlib.compress(b"[" * 4000),
        zlib.compress(b" " * 10**8),
        b"",
    ],
)
def test_what_is_no_job_of_ours_is_not_known(data):
    assert known_call(data) is None


@pytest.fixture
def redis_without_workers(services):
    with jobs.connect(services.settings.redis_url.removesuffix("0") + "6") as redis:
        yield redis
        redis.flushdb()


def test_callbacks_webhooks_and_dependencies_of_a_job_are_dropped(redis_without_workers):
    redis = redis_without_workers
    jobs.wake(redis, uuid.uuid4())
    [job] = jobs.rq_queue(redis).jobs
    more = {
        "success_callback_name": "os.getcwd",
        "failure_callback_name": "os.getcwd",
        "stopped_callback_name": "os.getcwd",
        "webhooks": json.dumps([{"url": "http://127.0.0.1:1/"}]),
        "dependency_ids": '["other"]',
        "repeats_left": "5",
        "meta": "{}",
    }
    redis.hset(job.key, mapping=more)
    known = KnownJob.fetch(job.id, connection=redis, serializer=JSONSerializer)

    assert known.func_name == jobs.SCORE
    assert (known.success_callback, known.failure_callback, known.stopped_callback) == (None, None, None)
    assert not known.webhooks
    assert not known._dependency_ids
    assert known.repeats_left is None


def test_a_job_with_impossible_fields_is_refused_and_stops_nobody(redis_without_workers):
    redis = redis_without_workers
    jobs.wake(redis, uuid.uuid4())
    [job] = jobs.rq_queue(redis).jobs
    redis.hset(job.key, mapping={"created_at": "yesterday", "status": "mad"})

    with pytest.raises(NoSuchJobError):
        KnownJob.fetch(job.id, connection=redis, serializer=JSONSerializer)


@pytest.mark.parametrize("way", ["function", "callback"])
def test_a_worker_runs_nothing_that_somebody_put_into_redis(services, shared_worker, tmp_path, way):
    witness = tmp_path / "was-here"
    queue = jobs.rq_queue(services.redis, jobs.SCORING)
    refused = len(shared_worker.lines("job_refused"))
    job = Job.create(
        "os.mkdir" if way == "function" else jobs.SCORE,
        args=[str(witness)] if way == "function" else [],
        kwargs={} if way == "function" else OURS,
        connection=services.redis,
        serializer=JSONSerializer,
        origin=queue.name,
        result_ttl=0,
    )
    job.save()
    if way == "callback":
        services.redis.hset(job.key, mapping={"success_callback_name": "os._exit"})
    services.redis.rpush(queue.key, job.id)
    wait_until(lambda: queue.count == 0 and not Job.exists(job.id, connection=services.redis))

    assert not witness.exists()
    assert shared_worker.alive
    assert len(shared_worker.lines("job_refused")) == refused + (way == "function")
