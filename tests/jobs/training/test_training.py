"""Learner processes: train from reviews, survive kills and lost connections, spare the model in force."""

import signal

import psutil
import psycopg
import pytest
from sqlalchemy import make_url, text

from infra.embedded import servers
from qm import jobs
from tenants.models import new_id
from tests.jobs.training_fixture import ASKS, COLD, WARM, TrainingFixture
from tests.jobs.worker_processes import interaction, wait_until
from workers import schedule
from workers.training import claims

LOOKS = 40
ALL_DRAWN = "qm_bundle: 1\nsampling_policy: {base_rate: 1.0}"


@pytest.fixture(scope="module", autouse=True)
def _fail_leftover_trainings(services, data_dir):
    """Let no learner of this file begin with the trainings that other files asked for and nobody ran."""
    database = make_url(services.settings.owner_url).database
    with psycopg.connect(servers.ensure(data_dir).admin_url, dbname=database) as connection:
        connection.execute("update trainings set state = 'failed' where state in ('queued', 'running')")


@pytest.fixture
def training_fixture(make_provider, services):
    made = TrainingFixture(make_provider("northwind"))
    # A schedule of an earlier test may have had the learner look at every provider of the run.
    services.redis.delete(jobs.rq_queue(services.redis, jobs.TRAINING_CHECKS).key)
    yield made
    # What a test leaves waiting would be the next test's learner's first work.
    made.ask("update trainings set state = 'failed' where state in ('queued', 'running') returning 1")


@pytest.fixture
def manager(training_fixture):
    return training_fixture.provider.caller()


@pytest.fixture
def release_models_lock(services):
    """Hold every training where it is about to store its model, until the connection is closed."""
    held = psycopg.connect((services.settings.owner_url or "").replace("+psycopg", ""))
    held.execute("lock table models in share row exclusive mode")
    yield held.close
    held.close()


def training_of(learner):
    """Return the process that runs a training for a learner, once it waits at the models."""
    found = wait_until(lambda: psutil.Process(learner.process.pid).children())
    return found[0]


def wait_until_blocked_on_models(services, number=1):
    with services.engine.connect() as connection:
        waiting = "select count(*) from pg_locks where relation = 'models'::regclass and not granted"
        return wait_until(lambda: connection.scalar(text(waiting)) >= number)


def states(training_fixture):
    return [(row.version, row.state) for row in training_fixture.models("version, state")]


def push_and_review(training_fixture, number):
    """Push interactions through the API, and review each of them through the API."""
    pushed = []
    for place in range(number):
        warm = place % 2 == 0
        lines = (
            ("customer", f"{ASKS[place % 4]} Order {place}."),
            ("agent", f"{(WARM if warm else COLD)[place % 3]} Ticket {place}."),
        )
        pushed.append(interaction(f"T-{place}", lines=lines))
    caller = training_fixture.provider.caller("interactions:write")
    for item in pushed:
        assert caller.post("/v1/clients/northwind/interactions", json=item).status_code in {201, 202}
    count = "select count(*) from reviews"
    wait_until(lambda: training_fixture.ask(count)[0][0] == number)
    reviewer = training_fixture.provider.caller(
        "reviews:read", "reviews:write", user=training_fixture.people[0]
    )
    for _ in range(number):
        review = reviewer.post("/v1/reviews/next").json
        warm = int(review["interaction"]["external_id"].removeprefix("T-")) % 2 == 0
        evidence = [{"turn": 1}]
        answers = [
            {"question": "warm", "value": "yes" if warm else "no", "evidence": evidence},
            {"question": "offers", "na": True},
        ]
        done = reviewer.post(f"/v1/reviews/{review['id']}/submit", json={"answers": answers})
        assert done.status_code == 200, done.json


def test_learner_trains_model_in_force_from_submitted_reviews(training_fixture, manager, worker_processes):
    manager.post("/v1/clients/northwind/bundle", data=ALL_DRAWN, content_type="application/yaml")
    worker_processes.start("infra.worker")
    push_and_review(training_fixture, 90)
    learner = worker_processes.start("infra.learner")
    ended = training_fixture.ended(manager, training_fixture.ask_for(manager))

    assert (ended["state"], ended["labels"], ended["attempts"]) == ("finished", 90, 1)
    model = manager.get(f"/v1/models/{ended['model_id']}").json
    [warm] = [each for each in model["card"]["questions"] if each["question"] == "warm"]
    assert warm["accuracy"] > 0.8
    assert psutil.Process(learner.process.pid).nice() == 10
    assert "sklearn" not in " ".join(each.path for each in psutil.Process(learner.process.pid).memory_maps())


def test_finished_training_is_logged_without_errors(training_fixture, manager, worker_processes):
    training_fixture.teach(60)
    learner = worker_processes.learner()
    ended = training_fixture.ended(manager, training_fixture.ask_for(manager))
    wait_until(lambda: ended["id"] in {line["training"] for line in learner.lines("trained")})
    wait_until(lambda: not psutil.Process(learner.process.pid).children())

    # Told to end, it has said by then whatever it had to say of this training.
    assert learner.kill(signal.SIGTERM) == 0
    assert ended["id"] not in {line["training"] for line in learner.lines("training_interrupted")}
    assert "Fatal" not in learner.log.read_text()


def test_killed_training_is_retried(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    learner = worker_processes.learner()
    asked = training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    training_of(learner).kill()
    release_models_lock()
    ended = training_fixture.ended(manager, asked)

    assert (ended["state"], ended["attempts"]) == ("finished", 2)
    assert states(training_fixture) == [(1, "in_force")]


def test_training_killed_every_time_fails_and_keeps_current_model(
    training_fixture, manager, worker_processes, services
):
    training_fixture.teach(90)
    training_fixture.train(manager)
    training_fixture.teach(30, seed=2)
    asked = training_fixture.ask_for(manager)
    with psycopg.connect((services.settings.owner_url or "").replace("+psycopg", "")) as held:
        held.execute("lock table models in share row exclusive mode")
        learner = worker_processes.learner()
        for _ in range(claims.MAX_ATTEMPTS):
            wait_until_blocked_on_models(services)
            child = training_of(learner)
            child.kill()
            wait_until(lambda gone=child: not gone.is_running())
    ended = training_fixture.ended(manager, asked)

    assert (ended["state"], ended["error"]) == ("failed", claims.LOST)
    assert states(training_fixture) == [(1, "in_force")]


def test_training_of_killed_learner_ends_and_is_retried_by_another_learner(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    learner = worker_processes.learner()
    asked = training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    child = training_of(learner)
    learner.kill()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    # As if the lease had run out.
    training_fixture.ask("update trainings set lease_until = now() - interval '1 second' returning 1")
    release_models_lock()
    worker_processes.clock()
    worker_processes.learner()
    ended = training_fixture.ended(manager, asked)

    assert (ended["state"], ended["attempts"]) == ("finished", 2)
    assert states(training_fixture) == [(1, "in_force")]


def test_sigterm_makes_learner_requeue_training_at_once(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    learner = worker_processes.learner()
    training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    child = training_of(learner)

    assert learner.kill(signal.SIGTERM) == 0
    assert not child.is_running()
    [training] = training_fixture.trainings()
    assert (training.state, training.attempts, training.claim_token) == ("queued", 0, None)


def test_a_lease_is_renewed_while_the_training_takes_long(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    worker_processes.learner(QM_LEASE_SECONDS=1)
    asked = training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    before = training_fixture.trainings()[0].lease_until
    wait_until(lambda: training_fixture.trainings()[0].lease_until > before)
    release_models_lock()

    assert training_fixture.ended(manager, asked)["attempts"] == 1


def test_training_is_retried_after_database_connection_loss(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    worker_processes.learner()
    asked = training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    with psycopg.connect((services.settings.owner_url or "").replace("+psycopg", "")) as owner:
        pids = owner.execute("select pid from pg_locks where relation = 'models'::regclass and not granted")
        waiting = [row[0] for row in pids]
    with training_fixture.provider.session() as session:
        session.execute(text("select pg_terminate_backend(pid) from unnest(:pids) as pid"), {"pids": waiting})
    release_models_lock()
    ended = training_fixture.ended(manager, asked)

    assert (ended["state"], ended["attempts"]) == ("finished", 2)


def test_two_learners_run_each_training_once(make_provider, worker_processes):
    slugs = ("one", "two", "three")
    training_fixture = TrainingFixture(make_provider(*slugs), slugs)
    manager = training_fixture.provider.caller()
    for slug in slugs:
        training_fixture.teach(90, slug)
    worker_processes.learner(), worker_processes.learner()
    asked = [training_fixture.ask_for(manager, slug) for slug in slugs for _ in range(3)]
    ended = [training_fixture.ended(manager, each) for each in dict.fromkeys(asked)]

    assert len(ended) == 3
    assert [(each["state"], each["attempts"]) for each in ended] == [("finished", 1)] * 3
    assert [(row.version, row.state) for row in training_fixture.models()] == [(1, "in_force")] * 3


def test_two_learners_train_two_clients_concurrently(
    make_provider, worker_processes, services, release_models_lock
):
    slugs = ("one", "two")
    training_fixture = TrainingFixture(make_provider(*slugs), slugs)
    manager = training_fixture.provider.caller()
    for slug in slugs:
        training_fixture.teach(90, slug)
    asked = [training_fixture.ask_for(manager, slug) for slug in slugs]
    worker_processes.learner(), worker_processes.learner()
    wait_until_blocked_on_models(services, len(slugs))
    release_models_lock()

    assert [training_fixture.ended(manager, each)["state"] for each in asked] == ["finished"] * 2


def test_training_does_not_block_scoring(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    manager.post("/v1/clients/northwind/bundle", data=ALL_DRAWN, content_type="application/yaml")
    worker_processes.learner()
    worker_processes.worker()
    training_fixture.ask_for(manager)
    wait_until_blocked_on_models(services)
    training_fixture.provider.caller("interactions:write").post(
        "/v1/clients/northwind/interactions", json=interaction("T-new")
    )
    scored = "select count(*) from interactions where external_id = 'T-new' and state = 'scored'"

    assert wait_until(lambda: training_fixture.ask(scored)[0][0] == 1)
    assert training_fixture.trainings()[0].state == "running"


def test_scheduled_check_triggers_training_after_enough_reviews(
    training_fixture, manager, worker_processes, services
):
    training_fixture.teach(90)
    entries = {entry.name: entry for entry in schedule.table(services)}
    looking = jobs.rq_queue(services.redis, jobs.TRAINING_CHECKS)

    assert schedule.run_entry(services, entries["look_for_labels"])
    [ours] = [
        each for each in looking.job_ids if each.startswith(str(training_fixture.provider.tenant.tenant_id))
    ]
    # The providers of all other tests would be looked at first.
    services.redis.delete(looking.key)
    looking.push_job_id(ours)
    worker_processes.learner()
    wait_until(lambda: states(training_fixture) == [(1, "in_force")])
    assert [row.asked_by for row in training_fixture.trainings()] == ["schedule"]


def test_requested_training_precedes_queued_training_checks(
    training_fixture, manager, worker_processes, services, release_models_lock
):
    training_fixture.teach(90)
    for _ in range(LOOKS):
        jobs.wake(services.redis, new_id(), queue=jobs.TRAINING_CHECKS)
    asked = training_fixture.ask_for(manager)
    worker_processes.learner()
    wait_until_blocked_on_models(services)

    assert jobs.rq_queue(services.redis, jobs.TRAINING_CHECKS).count == LOOKS
    release_models_lock()
    assert training_fixture.ended(manager, asked)["state"] == "finished"
    wait_until(lambda: jobs.rq_queue(services.redis, jobs.TRAINING_CHECKS).count == 0)


def test_sweep_enqueues_training_if_wake_up_was_lost(training_fixture, manager, services):
    training_fixture.ask_for(manager)
    services.redis.flushall()
    entries = {entry.name: entry for entry in schedule.table(services)}

    assert schedule.run_entry(services, entries["sweep"])
    queued = jobs.rq_queue(services.redis, jobs.TRAININGS).job_ids
    assert sum(each.startswith(str(training_fixture.provider.tenant.tenant_id)) for each in queued) == 1
