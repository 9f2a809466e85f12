"""Events from the change they tell of to a receiver: stored with it, sent once it is committed, retried."""

import json
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from qm import jobs
from qm.webhooks import announcements, delivery_claims
from qm.webhooks.events import EVENT_TYPES
from qm.webhooks.models import WebhookDelivery
from qm.webhooks.retry_schedule import RETRY_DELAYS
from qm.webhooks.signing import body_of
from tenants.clients import tenant_scope
from tenants.isolation import lookup, transaction
from tests.jobs.worker_processes import BUNDLE, ScoringFixture, interaction
from tests.waiting import wait_until
from tests.webhook_receiver import receiving
from tests.whole_words import has_word
from workers import context, event_watch, schedule
from workers.deliveries.job import deliver_tenant
from workers.scoring import job as scoring_job

COLD = (
    ("customer", "My parcel is two weeks late and I'm really upset and crying."),
    ("agent", "No."),
)
CRITICAL = BUNDLE.replace(
    "scorecards: [{key: care, name: Care, template: empathy}]",
    "scorecards: [{key: care, name: Care, pass_mark: 50, sections: [{key: s, name: S, questions: [{key:"
    " hears, text: Heard?, kind: yes_no, auto: validates_feeling, critical: {rule: fail_form, area: customer,"
    ' options: ["no"]}}]}]}]',
)
ALLOWED = {"QM_WEBHOOK_HTTP": "yes", "QM_WEBHOOK_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def desk(make_provider):
    return ScoringFixture(make_provider("northwind", "contoso"), ("northwind", "contoso"), bundle=CRITICAL)


@pytest.fixture
def worker(services):
    """This process, as a worker that may send to this machine."""
    settings = replace(services.settings, webhook_http="yes", webhook_networks="127.0.0.0/8")
    started = context.start(replace(services, settings=settings))
    yield started
    context._current.clear()


@pytest.fixture
def endpoint(desk, receiver):
    """Make an endpoint in the database; an address of this machine cannot be had over the API here."""

    def make(*events, clients=None, **changes):
        made = desk.http.post(
            "/v1/webhooks",
            json={"url": "https://example.com/x", "events": list(events or EVENT_TYPES), "clients": clients},
        ).json
        desk.ask(
            "update webhooks set url = :url where webhook_id = :id returning 1",
            url=receiver.url,
            id=made["id"],
        )
        return made

    return make


def tenant_of(desk):
    return str(desk.provider.tenant.tenant_id)


def score(desk):
    while scoring_job.score_tenant(tenant_of(desk)):
        pass


def stored(desk, *types):
    with desk.provider.session() as session:
        found = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.created_at)).all()
    return [each for each in found if not types or each.type in types]


def deliveries(desk, made, **query):
    answer = desk.http.get(f"/v1/webhooks/{made['id']}/deliveries", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def test_a_scored_batch_tells_what_it_found_to_whoever_wants_it_and_to_nobody_else(
    desk, worker, endpoint, receiver, make_provider
):
    stranger = make_provider("northwind").caller()
    other = {"url": "https://example.com/y", "events": list(EVENT_TYPES)}
    theirs = stranger.post("/v1/webhooks", json=other).json
    every, of_contoso, gates = endpoint(), endpoint(clients=["contoso"]), endpoint("gate.moved")
    now = datetime.now(UTC)
    desk.push(
        [
            interaction("T-1", lines=COLD, at=now - timedelta(hours=1)),
            interaction("T-old", lines=COLD[:1], at=now - timedelta(days=60)),
        ]
    )
    desk.push([interaction("T-2", at=now - timedelta(hours=1))], "contoso")
    score(desk)

    told = {(each.webhook_id, each.type, each.data["external_id"]) for each in stored(desk)}
    mine, contoso = uuid.UUID(every["id"]), uuid.UUID(of_contoso["id"])
    assert {each for each in told if each[1] == "interaction.scored"} == {
        *((mine, "interaction.scored", each) for each in ("T-1", "T-old", "T-2")),
        (contoso, "interaction.scored", "T-2"),
    }
    assert (mine, "critical.found", "T-1") in told
    assert {each[0] for each in told} == {mine, contoso}
    assert "T-old" not in {each.data["external_id"] for each in stored(desk, "sla.breached")}
    assert deliveries(desk, gates) == []
    assert stranger.get(f"/v1/webhooks/{theirs['id']}/deliveries").json["data"] == []

    assert deliver_tenant(tenant_of(desk)) == len(told)
    verifiers = [Verifier(each["secret"]) for each in (every, of_contoso)]
    bodies = []
    for headers, body in receiver.received:
        for verifier in verifiers:
            try:
                bodies.append(verifier.verify(body, headers))
            except Exception:  # noqa: BLE001 - the other one's
                continue
    assert len(bodies) == len(told)
    sent = b"".join(body for _, body in receiver.received).decode()
    for said in ("parcel", "upset", "a-7", "Ana"):
        assert not has_word(sent, said)
    [critical] = [
        each for each in bodies if each["type"] == "critical.found" and each["data"]["external_id"] == "T-1"
    ]
    assert critical["data"] | {"interaction_id": 0, "evaluation_id": 0} == {
        "client": "northwind",
        "interaction_id": 0,
        "external_id": "T-1",
        "evaluation_id": 0,
        "score": 0.0,
        "critical": ["hears"],
        "found": ["hears"],
        "kind": "automatic",
    }
    assert {each["state"] for each in deliveries(desk, every)} == {"delivered"}
    assert deliver_tenant(tenant_of(desk)) == 0


def test_a_batch_that_is_rolled_back_tells_nothing_and_one_that_comes_out_the_same_nothing_new(
    desk, worker, endpoint, monkeypatch
):
    endpoint("interaction.scored", "critical.found")
    desk.push([interaction("T-1", lines=COLD)])
    real, called = scoring_job.store_scoring_events, []

    def store_then_fail(*arguments, **options):
        called.append(real(*arguments, **options))
        raise ValueError("the batch is bad")

    monkeypatch.setattr(scoring_job, "store_scoring_events", store_then_fail)
    scoring_job.score_tenant(tenant_of(desk))
    assert called[0] == 2
    assert stored(desk) == []

    monkeypatch.setattr(scoring_job, "store_scoring_events", real)
    score(desk)
    assert [each.type for each in stored(desk)] == ["interaction.scored", "critical.found"]
    desk.ask("update interactions set state = 'pending' returning 1")
    score(desk)
    assert len(stored(desk)) == 2
    interaction_id = str(stored(desk)[0].interaction_id)
    assert desk.http.delete(f"/v1/interactions/{interaction_id}").status_code == 200
    assert stored(desk) == []


def test_a_running_clock_that_runs_out_is_told_once_by_the_schedule(desk, worker, endpoint, services):
    endpoint("sla.breached")
    now = datetime.now(UTC)
    desk.push([interaction("T-1", lines=COLD[:1], at=now)])
    score(desk)
    assert stored(desk) == []

    clients = [desk.provider.clients[slug].client_id for slug in desk.slugs]
    for minutes, count in ((0, 0), (2, 1), (3, 1), (4, 1)):
        with desk.provider.session() as session:
            event_watch.watch_tenant(session, clients, now=now + timedelta(minutes=minutes))
        assert len(stored(desk)) == count
    [breach] = stored(desk)
    assert (breach.data["target"], breach.data["goal_seconds"], breach.data["stopped_at"]) == (
        *("first_response", 60, None),
    )
    with transaction(services.engine) as session:
        watching = {row.tenant_id for row in lookup(session, "select tenant_id from qm_webhooks_watching()")}
        due = {row.tenant_id for row in lookup(session, "select tenant_id from qm_webhooks_due()")}
    assert desk.provider.tenant.tenant_id in watching & due


def test_failures_are_retried_by_the_schedule_and_an_endpoint_that_fails_for_long_is_disabled(
    desk, worker, endpoint, receiver
):
    made = endpoint("interaction.scored")
    desk.push([interaction("T-1")])
    score(desk)
    receiver.answers = [500] * 3 + [200]
    for number, delay in enumerate(RETRY_DELAYS[:3], 1):
        assert deliver_tenant(tenant_of(desk)) == 0
        [each] = deliveries(desk, made)
        assert (each["state"], each["attempts"], each["status_code"]) == ("pending", number, 500)
        waited = datetime.fromisoformat(each["next_attempt_at"]) - datetime.fromisoformat(
            each["attempted_at"]
        )
        assert waited == delay
        assert deliver_tenant(tenant_of(desk)) == 0
        assert len(receiver.received) == number
        desk.ask("update webhooks set resting_until = null returning 1")
        desk.ask("update webhook_deliveries set due_at = now() returning 1")
    assert deliver_tenant(tenant_of(desk)) == 1
    assert len(set(receiver.ids())) == 1
    shown = desk.http.get(f"/v1/webhooks/{made['id']}").json
    assert (shown["failing_since"], shown["attempts_failed"], shown["attempts_succeeded"]) == (None, 3, 1)

    # Once more by hand: the same event, under the same id.
    [each] = deliveries(desk, made)
    replayed = desk.http.post(f"/v1/webhooks/{made['id']}/deliveries/{each['id']}/replay")
    assert (replayed.status_code, replayed.json["state"], replayed.json["attempts"]) == (202, "pending", 0)
    assert deliver_tenant(tenant_of(desk)) == 1
    assert len(receiver.received) == 5
    assert (
        len({(ident, body) for ident, (_, body) in zip(receiver.ids(), receiver.received, strict=True)}) == 1
    )

    # Nothing has succeeded for five days: the next failure disables it.
    receiver.answers = [503]
    test_event = desk.http.post(f"/v1/webhooks/{made['id']}/test")
    assert (test_event.status_code, test_event.json["type"]) == (202, "webhook.test")
    desk.ask("update webhooks set failing_since = now() - interval '5 days' returning 1")
    assert deliver_tenant(tenant_of(desk)) == 0
    shown = desk.http.get(f"/v1/webhooks/{made['id']}").json
    assert (shown["state"], shown["disabled_because"]) == ("disabled", "failing")
    desk.push([interaction("T-2")])
    score(desk)
    assert len(deliveries(desk, made)) == 2
    refused = desk.http.post(f"/v1/webhooks/{made['id']}/test")
    assert (refused.status_code, refused.json["code"]) == (409, "webhook_disabled")
    entries = desk.http.get("/v1/audit", query_string={"action": "webhook.disabled"}).json["data"]
    assert [each["details"]["because"] for each in entries] == ["failing"]

    # Enabled again, what waited comes; gone is gone.
    assert desk.http.patch(f"/v1/webhooks/{made['id']}", json={"state": "enabled"}).status_code == 200
    receiver.answers = [410]
    desk.ask("update webhook_deliveries set due_at = now() where state = 'pending' returning 1")
    deliver_tenant(tenant_of(desk))
    assert desk.http.get(f"/v1/webhooks/{made['id']}").json["disabled_because"] == "gone"


def test_people_and_gates_tell_their_events(desk, worker, endpoint):
    endpoint()
    client = desk.provider.clients["northwind"]
    desk.push([interaction("T-1", lines=COLD)])
    [interaction_id] = [row.interaction_id for row in desk.ask("select interaction_id from interactions")]
    reviewer = desk.provider.add_user("qm_manager")
    caller = desk.provider.caller("interactions:read", "reviews:read", "reviews:write", user=reviewer)
    picked = caller.post(f"/v1/interactions/{interaction_id}/reviews", json={"note": "Look."}).json["id"]
    claimed = caller.post("/v1/reviews/next", json={})
    assert claimed.json["id"] == picked, claimed.json
    answers = [{"question": "hears", "value": "no", "evidence": [{"turn": 1}]}]
    submitted = caller.post(f"/v1/reviews/{picked}/submit", json={"answers": answers})
    assert submitted.status_code == 200, submitted.json

    told = {each.type: each.data for each in stored(desk)}
    assert set(told) == {"evaluation.published", "critical.found"}
    assert told["critical.found"]["kind"] == "human"
    assert told["evaluation.published"]["external_id"] == "T-1"
    assert told["evaluation.published"]["replaces"] is None
    evaluation_id = told["evaluation.published"]["evaluation_id"]
    edited = caller.post(
        f"/v1/evaluations/{evaluation_id}/versions",
        json={"answers": answers, "reason": "The same once more."},
    )
    assert edited.status_code == 201, edited.json
    published = [each.data for each in stored(desk, "evaluation.published")]
    assert [each["replaces"] for each in published] == [None, evaluation_id]
    assert len(stored(desk, "critical.found")) == 1

    # What is published by the clock is told when its hour has come, and once.
    desk.ask("delete from webhook_deliveries returning 1")
    at = datetime.now(UTC) + timedelta(hours=3)
    desk.ask("update evaluations set published_at = :at where superseded_at is null returning 1", at=at)
    for hours, count in ((2, 0), (3, 1), (4, 1)):
        with desk.provider.session() as session:
            event_watch.watch_tenant(session, [client.client_id], now=at + timedelta(hours=hours - 3))
        assert len(stored(desk, "evaluation.published")) == count

    desk.ask("delete from webhook_deliveries returning 1")
    capped = desk.http.put(
        "/v1/clients/northwind/gates/care/hears", json={"highest": "human_only", "reason": "Not yet."}
    )
    assert capped.status_code == 200, capped.json
    snapshot = uuid.uuid4()
    for _ in range(2):
        with desk.provider.session() as session:
            days = {"first": datetime(2026, 7, 1).date(), "last": datetime(2026, 7, 31).date()}  # noqa: DTZ001
            announcements.report_frozen(
                session, client.client_id, snapshot_id=snapshot, **days, content_hash="ab" * 32
            )
    told = {each.type: each.data for each in stored(desk)}
    assert (told["gate.moved"]["to"], told["gate.moved"]["cause"]) == ("human_only", "capped")
    assert (told["report.frozen"]["from"], told["report.frozen"]["to"]) == ("2026-07-01", "2026-07-31")
    assert len(stored(desk)) == 2


def test_events_have_the_form_that_the_contract_says(desk, worker, endpoint, app):
    endpoint()
    now = datetime.now(UTC)
    desk.push(
        [interaction("T-1", lines=COLD[:1], at=now - timedelta(hours=1)), interaction("T-2", lines=COLD)]
    )
    score(desk)
    document = app.extensions["qm.openapi"]
    kinds = set()
    for each in stored(desk):
        kinds.add(each.type)
        body = json.loads(body_of(each.type, each.occurred_at, each.data))
        schema = document["webhooks"][each.type]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
        assert [error.message for error in validator.iter_errors(body)] == []
    assert kinds == {"interaction.scored", "critical.found", "sla.breached"}
    assert set(document["webhooks"]) == {*EVENT_TYPES, "webhook.test"}
    for name, described in document["webhooks"].items():
        media = described["post"]["requestBody"]["content"]["application/json"]
        validator = jsonschema_rs.Draft202012Validator(
            {**media["schema"], "components": document["components"]}
        )
        assert media["example"]["type"] == name
        assert [error.message for error in validator.iter_errors(media["example"])] == []


def test_what_a_killed_process_was_sending_is_sent_again_under_the_same_id(
    desk, endpoint, receiver, worker, worker_processes, services
):
    endpoint("interaction.scored")
    desk.push([interaction("T-1")])
    score(desk)
    receiver.held = threading.Event()
    first = worker_processes.deliverer(**ALLOWED)
    jobs.wake(services.redis, desk.provider.tenant.tenant_id, queue=jobs.DELIVERIES)
    wait_until(lambda: receiver.received)
    first.kill()
    [held] = stored(desk)
    assert (held.state, held.attempts, held.claim_token is None) == ("pending", 0, False)
    assert deliver_tenant(tenant_of(desk)) == 0  # another one's until the lease is over

    receiver.held.set()
    desk.ask("update webhook_deliveries set lease_until = now() - interval '1 second' returning 1")
    with transaction(services.engine) as session:
        schedule.sweep(services, session)
    worker_processes.deliverer(**ALLOWED)
    wait_until(lambda: stored(desk)[0].state == "delivered")
    assert len(receiver.received) == 2
    assert len(set(receiver.ids())) == 1


def test_a_claim_that_was_lost_stores_nothing(desk, worker, endpoint):
    endpoint("interaction.scored")
    desk.push([interaction("T-1")])
    score(desk)
    with desk.provider.session() as session:
        claim = delivery_claims.claim(session, most=5, for_each=5)
    desk.lapse()
    desk.ask("update webhook_deliveries set claim_token = :other returning 1", other=uuid.uuid4())
    [held] = claim.deliveries
    with desk.provider.session() as session:
        outcome = delivery_claims.Outcome(held.webhook_id, held.event_id, status_code=200)
        delivery_claims.finish(session, claim.token, [outcome], now=datetime.now(UTC))
    assert stored(desk)[0].state == "pending"
    with transaction(worker.services.engine) as session:
        scope = tenant_scope(session, desk.provider.tenant.tenant_id)
    assert len(scope.client_ids) == 2
