"""Workers are killed, told to end, and cut off from Redis in the middle of their work."""

import dataclasses
import random
import signal
import subprocess
import time

import pytest
from redis.exceptions import RedisError

from infra.embedded import programs, server_processes
from qm import jobs
from qm.app import create_app
from tests.conftest import Caller
from tests.jobs.worker_processes import ScoringFixture, interaction
from tests.waiting import PATIENCE, wait_until


def test_workers_killed_at_random_moments_lose_and_double_nothing(scoring_fixture, worker_processes):
    worker_processes.settings = {"QM_SLICE": 100, "QM_MAX_ATTEMPTS": 20}
    worker_processes.clock()
    workers = [worker_processes.worker(), worker_processes.worker()]
    chance = random.Random(7)
    for part in range(5):
        scoring_fixture.push([interaction(f"T-{part}-{number}") for number in range(420)])
        pushed = 420 * (part + 1)
        wait_until(
            lambda pushed=pushed: (
                scoring_fixture.count("claimed") or scoring_fixture.count("scored") == pushed
            )
        )
        time.sleep(chance.uniform(0, 0.2))
        workers.pop(0).kill()
        # The living worker's claim runs out as well: what it still finishes must not count twice.
        scoring_fixture.lapse()
        workers.append(worker_processes.worker())
    scoring_fixture.all_scored(2100)

    assert scoring_fixture.wrongs() == []
    assert scoring_fixture.ask("select count(*) from evaluations") == [(2100,)]
    finished = "select sum((details->>'count')::int) from audit_entries where action = 'interactions.scored'"
    assert scoring_fixture.ask(finished) == [(2100,)]


def test_interaction_that_kills_every_worker_becomes_dead(scoring_fixture, worker_processes):
    worker_processes.settings = {"QM_SLICE": 100, "QM_MAX_ATTEMPTS": 3}
    worker_processes.clock()
    # So long, and no sentence said twice, that it is still being judged when its claim is seen.
    words = [
        (speaker, " ".join(f"{said} {turn}/{number}?" for number in range(12)))
        for turn in range(700)
        for speaker, said in (("customer", "I am upset, where is order"), ("agent", "Sorry, is it number"))
    ]
    poison = interaction("poison", lines=words)
    scoring_fixture.push([*(interaction(f"T-{number}") for number in range(30)), poison])
    scoring_fixture.push([interaction(f"T-{number}") for number in range(30, 60)])
    worker, seen = worker_processes.worker(), set()
    while (row := scoring_fixture.row("poison")).state != "dead":
        assert row.state != "scored"
        if row.claim_token is not None and row.claim_token not in seen:
            seen.add(row.claim_token)
            worker.kill()
            scoring_fixture.lapse()
            worker = worker_processes.worker()
        time.sleep(0.005)
    scoring_fixture.all_scored(60)

    assert len(seen) == 3
    assert scoring_fixture.row("poison").error == "the worker was lost while it judged this"
    assert scoring_fixture.wrongs() == []


def test_sigterm_lets_busy_worker_finish_slice_and_stops_idle_worker_at_once(
    scoring_fixture, worker_processes, hold_definitions_lock
):
    workers = [worker_processes.worker(), worker_processes.worker()]
    # The gate is for one claim only: the other worker stays idle.
    with hold_definitions_lock():
        scoring_fixture.push([interaction(f"T-{number}") for number in range(20)])
        wait_until(lambda: scoring_fixture.count("claimed") == 20)
        wait_until(lambda: all(worker.lines("ready") for worker in workers))
        for worker in workers:
            worker.process.send_signal(signal.SIGTERM)
        # Listening for jobs would end by itself after 45 seconds.
        wait_until(lambda: sum(worker.alive for worker in workers) == 1, seconds=30)
    assert [worker.process.wait(timeout=PATIENCE) for worker in workers] == [0, 0]
    assert scoring_fixture.count("scored") == 20


def test_scoring_beyond_lease_is_aborted_and_claim_released(
    scoring_fixture, worker_processes, hold_definitions_lock
):
    worker_processes.clock()
    hasty = worker_processes.worker(QM_LEASE_SECONDS=1, QM_MAX_ATTEMPTS=20)
    with hold_definitions_lock():
        scoring_fixture.push([interaction("T-1")])
        wait_until(lambda: scoring_fixture.row("T-1").error)
        assert "OutOfTime" in scoring_fixture.row("T-1").error
        assert hasty.alive
        assert hasty.kill(signal.SIGTERM) == 0
    worker_processes.worker()
    scoring_fixture.all_scored(1)


@pytest.fixture
def own_redis(tmp_path):
    """Start and stop a Redis of the test's own."""

    class OwnRedis:
        port = server_processes.free_port(None)
        url = f"redis://127.0.0.1:{port}/0"
        process = None

        def start(self):
            command = [programs.find().redis, "--port", str(self.port), "--dir", tmp_path, "--save", ""]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(lambda: server_processes.answers(self.port))

        def stop(self):
            self.process.kill()
            self.process.wait(timeout=PATIENCE)

    made = OwnRedis()
    made.start()
    yield made
    made.stop()


def test_intake_works_without_redis_and_scoring_resumes_after_outage(
    make_provider, services, worker_processes, own_redis
):
    settings = dataclasses.replace(services.settings, redis_url=own_redis.url)
    with jobs.connect(own_redis.url) as redis:
        application = create_app(dataclasses.replace(services, settings=settings, redis=redis))
        provider = make_provider("northwind")
        scoring_fixture = ScoringFixture(provider, http=Caller(application.test_client(), provider.key().key))
        worker_processes.settings = {"QM_REDIS_URL": own_redis.url}
        worker, clock = worker_processes.worker(), worker_processes.clock()
        scoring_fixture.push([interaction("before")])
        scoring_fixture.all_scored(1)

        own_redis.stop()
        with pytest.raises(RedisError):
            redis.ping()
        answer = scoring_fixture.http.post(
            "/v1/clients/northwind/interactions", json=interaction("meanwhile")
        )
        assert answer.status_code == 201
        assert scoring_fixture.row("meanwhile").state == "pending"
        wait_until(lambda: worker.log.read_text().count("could not connect") or worker.lines("redis_away"))
        own_redis.start()
        scoring_fixture.all_scored(2)

        assert [each.kill(signal.SIGTERM) for each in (worker, clock)] == [0, 0]
        assert scoring_fixture.wrongs() == []
