"""Canned responses: frequent agent sentences of a client are counted and stored as a model version."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from qm.interactions.models import Interaction
from qm.learning.model_cache import ModelCache
from qm.learning.models import CANNED
from tenants.models import new_id, utc_now
from tests.jobs.training_fixture import TrainingFixture, interaction_row
from workers.scoring.models_in_force import current_models
from workers.training import triggers

SCRIPT = "Our friendly team will look at order {n} and come back to you."


@pytest.fixture
def training_fixture(make_provider):
    return TrainingFixture(make_provider("northwind", "harbor"), slugs=("northwind", "harbor"))


def add_scored_interactions(training_fixture, number, said, slug="northwind"):
    """Store scored interactions in which the agent says `said`."""
    client, now = training_fixture.provider.clients[slug], utc_now()
    rows = []
    for place in range(number):
        turns = [
            {"speaker": "customer", "text": "My lamp is broken."},
            {"speaker": "agent", "text": said.format(n=place)},
        ]
        own = {"tenant_id": client.tenant_id, "client_id": client.client_id, "interaction_id": new_id()}
        rows.append(own | interaction_row(turns, now - timedelta(seconds=number - place)))
    with training_fixture.provider.session() as session:
        session.execute(insert(Interaction), rows)


def memo(training_fixture, slug="northwind"):
    with training_fixture.provider.session() as session:
        return current_models(session, ModelCache(1 << 24), training_fixture.provider.clients[slug].client_id)


def test_frequent_agent_sentence_becomes_canned_response_of_own_client_only(training_fixture):
    add_scored_interactions(training_fixture, 30, SCRIPT)
    add_scored_interactions(
        training_fixture,
        40,
        "Number {n} is something I have written for you and nobody but you, my dear {n}.",
    )
    add_scored_interactions(
        training_fixture,
        60,
        "Nothing of the kind is ever said to customers here, is it, number {n}?",
        "harbor",
    )
    caller = training_fixture.provider.caller()
    ended = training_fixture.train(caller, kind=CANNED)
    card = caller.get(f"/v1/models/{ended['model_id']}").json["card"]

    assert (ended["state"], ended["kind"], ended["labels"]) == ("finished", "canned", 70)
    assert card["trained_on"] == 70
    assert card["canned_sentences"] == 2
    shared_worker = memo(training_fixture)
    assert shared_worker.client_models.canned_responses.times(SCRIPT.format(n=7).lower()) == 30
    assert [each["key"] for each in shared_worker.versions["model"]] == ["canned"]
    assert memo(training_fixture, "harbor").client_models.canned_responses is None


def test_canned_training_with_too_few_interactions_is_refused(training_fixture):
    add_scored_interactions(training_fixture, 10, SCRIPT)
    ended = training_fixture.train(training_fixture.provider.caller(), kind=CANNED)
    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "too_few_interactions")
    assert training_fixture.models() == []


def test_canned_training_on_same_interactions_creates_no_new_version(training_fixture):
    add_scored_interactions(training_fixture, 60, SCRIPT)
    caller = training_fixture.provider.caller()
    first, again = (training_fixture.train(caller, kind=CANNED) for _ in range(2))
    assert first["model_id"] == again["model_id"]
    assert len(training_fixture.models()) == 1


def test_schedule_requests_canned_training_when_due_and_at_most_daily(training_fixture):
    add_scored_interactions(training_fixture, triggers.MIN_SENTENCES, SCRIPT)
    redis = training_fixture.provider.services.redis
    with training_fixture.provider.session() as session:
        assert triggers.request_due_trainings(session, redis) == [CANNED]
    with training_fixture.provider.session() as session:
        session.execute(
            text("update trainings set state = 'finished', created_at = now() - interval '2 hours'")
        )
        assert triggers.request_due_trainings(session, redis) == []


def test_canned_training_request_requires_client(training_fixture):
    answer = training_fixture.provider.caller().post("/v1/models/train", json={"kind": CANNED})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/client")
