"""Scoring end to end: each interaction is scored once, in its latest version, by the definitions in force."""

import ast
import importlib
import json
import uuid
import zlib
from datetime import timedelta

import pytest
from rq.job import Job

from qm import jobs
from scorecards.authoring.bundle_import import load_bundle
from tests.jobs.worker_processes import BEGAN, LINES, ROOT, ScoringFixture, interaction, wait_until

COLD = (LINES[0], ("agent", "It is what it is. Per our policy nothing can be done."), *LINES[2:])


def test_pushed_interactions_get_evaluation_facts_rollups_and_sampled_reviews(scoring_fixture, shared_worker):
    scoring_fixture.push(
        [interaction(f"T-{number}", at=BEGAN + timedelta(hours=number)) for number in range(120)]
    )
    scoring_fixture.all_scored(120)

    assert scoring_fixture.wrongs() == []
    assert 5 < scoring_fixture.ask("select count(*) from reviews")[0][0] < 115
    [first] = scoring_fixture.evaluations("T-0")
    assert first.kind == "automatic"
    assert first.versions["scorecard"][0]["key"] == "care"
    assert first.score is not None


@pytest.mark.parametrize("named", ["of the interaction", "of its turns"])
def test_backfill_in_reverse_order_does_not_mark_old_agent_as_new(make_provider, shared_worker, named):
    def pushed(day):
        made = interaction(f"D-{day}", at=BEGAN + timedelta(days=day))
        if named == "of its turns":
            agent = made.pop("agent")["external_id"]
            for turn in made["turns"]:
                if turn["speaker"] == "agent":
                    turn["agent"] = agent
        return made

    scoring_fixture = ScoringFixture(make_provider("northwind", "harbor"), ("northwind",))
    with scoring_fixture.provider.session() as session:
        policy = "{base_rate: 0.3, terms: [{when: new_agent, days: 10, rate: 0.8}]}"
        text = f"qm_bundle: 1\nsampling_policy: {policy}"
        load_bundle(session, scoring_fixture.provider.clients["harbor"], text=text)
    scoring_fixture.push([pushed(day) for day in reversed(range(60))], slug="harbor")
    scoring_fixture.all_scored(60, slug="harbor")

    new = "select min(day), max(day), count(*) from interaction_facts where inclusion_probability = 0.8"
    assert scoring_fixture.ask(new) == [(BEGAN.date(), BEGAN.date() + timedelta(days=9), 10)]


def test_a_single_push_is_scored_and_shown_with_its_score(scoring_fixture, shared_worker):
    answer = scoring_fixture.http.post("/v1/clients/northwind/interactions", json=interaction("one"))
    assert answer.status_code == 201
    scoring_fixture.all_scored(1)

    shown = scoring_fixture.http.get(f"/v1/interactions/{answer.json['id']}").json
    assert shown["state"] == "scored"
    assert shown["score"] == pytest.approx(scoring_fixture.evaluations("one")[0].score, abs=0.0001)


def test_changed_transcript_supersedes_evaluation_and_adjusts_rollups(scoring_fixture, shared_worker):
    scoring_fixture.push([interaction("stays"), interaction("changes")])
    scoring_fixture.all_scored(2)
    before = scoring_fixture.sums()
    scoring_fixture.push([interaction("changes", lines=COLD)])
    wait_until(lambda: len(scoring_fixture.evaluations("changes")) == 2)

    old, new = scoring_fixture.evaluations("changes")
    assert old.superseded_at is not None
    assert new.superseded_at is None
    assert new.empathy < old.empathy
    after = scoring_fixture.sums()
    assert after["scored"] == before["scored"] == 2
    assert float(after["empathy"] - before["empathy"]) == pytest.approx(new.empathy - old.empathy, abs=0.001)
    assert scoring_fixture.wrongs() == []


def test_reviews_follow_an_interaction_pushed_again_with_another_start(scoring_fixture, shared_worker):
    scoring_fixture.push([interaction(f"T-{number}") for number in range(20)])
    scoring_fixture.all_scored(20)
    [(queued,)] = scoring_fixture.ask("select count(*) from reviews")
    later = BEGAN + timedelta(days=30)
    scoring_fixture.push([interaction(f"T-{number}", at=later) for number in range(20)])
    scoring_fixture.all_scored(20)

    [(count, first, last)] = scoring_fixture.ask(
        "select count(*), min(started_at), max(started_at) from reviews"
    )
    assert 0 < queued <= count
    assert first == last == later


def test_later_event_updates_facts_without_duplicate_evaluation(scoring_fixture, shared_worker):
    [known] = scoring_fixture.push([interaction("T-1")])
    scoring_fixture.all_scored(1)
    event = {"at": (BEGAN + timedelta(minutes=9)).isoformat(), "kind": "resolved", "value": True}
    assert scoring_fixture.http.post(f"/v1/interactions/{known}/events", json=event).status_code == 201
    wait_until(lambda: scoring_fixture.ask("select resolution_met from interaction_facts") == [(1,)])

    assert scoring_fixture.row("T-1").state == "scored"
    assert len(scoring_fixture.evaluations("T-1")) == 1
    assert scoring_fixture.wrongs() == []


def test_update_during_scoring_is_scored_instead_of_old_version(
    scoring_fixture, shared_worker, hold_definitions_lock
):
    with hold_definitions_lock():
        scoring_fixture.push([interaction("T-1"), interaction("T-2")])
        wait_until(lambda: scoring_fixture.count("claimed") == 2)
        scoring_fixture.push([interaction("T-1", lines=COLD)])
    scoring_fixture.all_scored(2)

    [only] = scoring_fixture.evaluations("T-1")
    [cold] = [each for each in only.answers if each["question"] == "validates_feeling"]
    assert cold["value"] == "no"
    assert scoring_fixture.wrongs() == []


def test_duplicate_scoring_jobs_change_nothing(scoring_fixture, shared_worker, services):
    tenant_id = scoring_fixture.provider.tenant.tenant_id
    scoring_fixture.push([interaction(f"T-{number}") for number in range(60)])
    for _ in range(20):
        jobs.mark_awake(services.redis, tenant_id)
        jobs.wake(services.redis, tenant_id)
    scoring_fixture.all_scored(60)
    wait_until(lambda: jobs.rq_queue(services.redis).count == 0)

    assert scoring_fixture.wrongs() == []
    assert scoring_fixture.ask("select count(*) from evaluations") == [(60,)]


def test_worker_log_carries_request_trace_id(scoring_fixture, shared_worker):
    trace = uuid.uuid4().hex
    scoring_fixture.push([interaction("T-1")], headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    scoring_fixture.all_scored(1)

    [line] = wait_until(lambda: [each for each in shared_worker.lines("scored") if each["trace"] == trace])
    assert line["tenant"] == str(scoring_fixture.provider.tenant.tenant_id)


def test_every_job_has_a_name_that_leads_to_a_function():
    for name in jobs.JOBS:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", [old for old, new in jobs.RENAMED_JOBS.items() if new == jobs.SCORE])
def test_job_queued_under_its_name_of_the_previous_release_is_run(services, shared_worker, name):
    queue = jobs.rq_queue(services.redis, jobs.SCORING)
    job = queue.enqueue(name, kwargs={"tenant_id": str(uuid.uuid4()), "trace": None}, result_ttl=0)
    failed = queue.failed_job_registry
    wait_until(lambda: not Job.exists(job.id, connection=services.redis) or job.id in failed.get_job_ids())

    assert job.id not in failed.get_job_ids()
    assert not Job.exists(job.id, connection=services.redis)


def test_renamed_jobs_lead_to_jobs_that_exist():
    assert set(jobs.RENAMED_JOBS.values()) <= set(jobs.JOBS)
    assert not set(jobs.RENAMED_JOBS) & set(jobs.JOBS)


def enqueuing_calls(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and "enqueue" in node.func.attr
            and ast.unparse(node.func.value) != "jobs"
        ):
            yield path.name, ast.unparse(node.args[0])


def test_jobs_are_enqueued_in_one_place_and_registered():
    rooms = ("tenants", "scorecards", "qm", "workers", "infra")
    calls = {
        call
        for training_fixture in rooms
        for path in (ROOT / training_fixture).rglob("*.py")
        for call in enqueuing_calls(path)
    }
    assert calls == {("jobs.py", "queue.job")}
    assert {queue.job for queue in jobs.QUEUES} == set(jobs.JOBS)


def test_a_job_is_json_and_carries_ids_only(services):
    # A database of Redis that no worker looks into.
    with jobs.connect(services.settings.redis_url.removesuffix("0") + "5") as redis:
        tenant_id = uuid.uuid4()
        jobs.wake(redis, tenant_id, trace="ab" * 16)
        jobs.wake(redis, tenant_id)
        [job] = jobs.rq_queue(redis).jobs
        function, _, args, kwargs = json.loads(zlib.decompress(redis.hget(job.key, "data")))

    assert function == jobs.SCORE
    assert (args, kwargs) == ([], {"tenant_id": str(tenant_id), "trace": "ab" * 16})
