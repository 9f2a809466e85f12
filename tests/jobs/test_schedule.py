"""Scheduler: each entry runs in one process at a time, and the sweep enqueues forgotten work."""

import signal
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from qm import jobs
from tenants import audit
from tenants.models import AccessToken, IdempotencyKey, utc_now
from tests.jobs.worker_processes import interaction, wait_until
from workers import rollup_check, schedule


@pytest.fixture
def entries(services):
    return {entry.name: entry for entry in schedule.table(services)}


@pytest.fixture
def waiting(scoring_fixture):
    scoring_fixture.push([interaction("T-1")])
    return scoring_fixture


def queued(services, scoring_fixture):
    ids = jobs.rq_queue(services.redis).job_ids
    return sum(each.startswith(str(scoring_fixture.provider.tenant.tenant_id)) for each in ids)


def test_sweep_enqueues_job_if_wake_up_was_lost(waiting, services, entries):
    # The job is gone, its mark is not: so it stands after the death of a worker.
    services.redis.delete(jobs.rq_queue(services.redis).key)
    jobs.wake(services.redis, waiting.provider.tenant.tenant_id)
    assert queued(services, waiting) == 0

    assert schedule.run_entry(services, entries["sweep"])
    assert queued(services, waiting) == 1


def test_sweep_does_not_enqueue_duplicate_jobs(waiting, services, entries):
    for _ in range(3):
        schedule.run_entry(services, entries["sweep"])
    assert queued(services, waiting) == 1


def test_the_sweep_finds_claims_whose_lease_ran_out(waiting, services, entries):
    waiting.ask(
        "update interactions set state = 'claimed', lease_until = now() - interval '1 second' returning 1"
    )
    services.redis.flushall()
    schedule.run_entry(services, entries["sweep"])
    assert queued(services, waiting) == 1


def test_sweep_ignores_claimed_scored_and_dead_interactions(make_scoring_fixture, services, entries):
    teams = {state: make_scoring_fixture() for state in ("claimed", "scored", "dead")}
    for state, scoring_fixture in teams.items():
        scoring_fixture.push([interaction("T-1")])
        scoring_fixture.ask(
            "update interactions set state = :s, lease_until = now() + interval '1 hour' returning 1", s=state
        )
    services.redis.flushall()
    schedule.run_entry(services, entries["sweep"])
    assert [queued(services, scoring_fixture) for scoring_fixture in teams.values()] == [0, 0, 0]


def test_schedule_entry_runs_in_one_process_at_a_time(waiting, services, entries):
    services.redis.flushall()
    with services.engine.connect() as other:
        other.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": schedule._LOCK})
        assert not schedule.run_entry(services, entries["sweep"])
    assert queued(services, waiting) == 0
    assert schedule.run_entry(services, entries["sweep"])


def acted_since(session, moment, schedule_process):
    """Tell whether a schedule has looked into the database since."""
    ports = [each.laddr.port for each in psutil.Process(schedule_process.pid).net_connections()]
    seen = "select count(*) from pg_stat_activity where client_port = any(:ports) and query_start > :moment"
    return session.scalar(text(seen), {"ports": ports, "moment": moment}) > 0


def test_two_schedules_at_once_queue_one_job_and_end_on_sigterm(waiting, services, worker_processes):
    services.redis.flushall()
    clocks = [worker_processes.start("infra.scheduler"), worker_processes.clock()]
    wait_until(lambda: queued(services, waiting))
    with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        moment = session.scalar(text("select clock_timestamp()"))
        for clock in clocks:
            wait_until(lambda clock=clock: acted_since(session, moment, clock.process))

    assert queued(services, waiting) == 1
    assert [clock.kill(signal.SIGTERM) for clock in clocks] == [0, 0]
    # With one connection allowed, jobs with transactions of their own are not left out.
    assert [clock.lines("schedule_missed") for clock in clocks] == [[], []]


def test_sums_that_differ_from_their_facts_are_mended(make_scoring_fixture, services, entries, shared_worker):
    teams = [make_scoring_fixture(), make_scoring_fixture(), make_scoring_fixture()]
    for scoring_fixture in teams:
        scoring_fixture.push([interaction("T-1"), interaction("T-2")])
    for scoring_fixture in teams:
        scoring_fixture.all_scored(2)
    for scoring_fixture in teams[:2]:
        scoring_fixture.ask("update daily_rollups set scored = 14 returning 1")
    rollup_check.check_rollups.due.clear()

    # One client that was mended ends a run.
    wait_until(
        lambda: (
            schedule.run_entry(services, entries["mend_sums"])
            and not any(scoring_fixture.wrongs() for scoring_fixture in teams)
        )
    )
    mended = "select actor, details ->> 'rollups' from audit_entries where action = 'rollups.rebuilt'"
    assert [scoring_fixture.ask(mended) for scoring_fixture in teams] == [[("schedule", "1")]] * 2 + [[]]


def test_tidy_writes_the_newest_entry_of_each_audit_log_to_its_log(make_scoring_fixture, services, entries):
    scoring_fixture = make_scoring_fixture()
    tenant = str(scoring_fixture.provider.tenant.tenant_id)
    with capture_logs() as written:
        assert schedule.run_entry(services, entries["tidy"])

    [line] = [each for each in written if each["event"] == "audit_newest" and each["tenant"] == tenant]
    with scoring_fixture.provider.session() as session:
        assert line["anchor"] == str(audit.newest(session))


def test_tidy_deletes_expired_tokens_and_idempotency_keys_only(make_scoring_fixture, services, entries):
    now = utc_now()
    teams = [make_scoring_fixture(), make_scoring_fixture()]
    for scoring_fixture in teams:
        issued = scoring_fixture.provider.key("clients:read")
        owner = {
            "tenant_id": scoring_fixture.provider.tenant.tenant_id,
            "credential_id": issued.credential.credential_id,
        }
        with scoring_fixture.provider.session() as session:
            for name, age in (("old", timedelta(hours=25)), ("young", timedelta(hours=23))):
                until = now - timedelta(hours=24) + timedelta(hours=24) * (name == "young") * 2
                session.add(AccessToken(**owner, token_hash=name.encode(), scopes=[], expires_at=until))
                session.add(
                    IdempotencyKey(**owner, key=name, request_digest=b"", headers={}, created_at=now - age)
                )
    assert schedule.run_entry(services, entries["tidy"])
    for scoring_fixture in teams:
        with scoring_fixture.provider.session() as session:
            assert list(session.scalars(select(AccessToken.token_hash))) == [b"young"]
            assert list(session.scalars(select(IdempotencyKey.key))) == ["young"]
