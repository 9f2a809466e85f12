"""Sentiment model: trained on the turn-level sentiment labels of all clients of a provider."""

import json
import random

import pytest
from sqlalchemy import text

from qm.learning.model_cache import ModelCache
from qm.learning.models import SENTIMENT
from tests.jobs.training_fixture import TrainingFixture
from workers.training import claims, triggers

SAID = {
    "negative": (
        "This is awful, I am so angry.",
        "I am really upset now.",
        "What a terrible mess, I hate it.",
    ),
    "neutral": ("My number is written below.", "The box is blue.", "It is the second of May."),
    "positive": ("Thank you so much, that is great!", "Wonderful, I love it.", "Perfect, you made me happy."),
}


@pytest.fixture
def training_fixture(make_provider):
    slugs = ("northwind", "contoso")
    return TrainingFixture(make_provider(*slugs), slugs)


def add_sentiment_reviews(training_fixture, number, slug="northwind", seed=1):
    """Store reviewed interactions whose customer turns have a feeling that reviewers named."""
    dice = random.Random(seed)
    ids = training_fixture.teach(number, slug, seed=seed)
    with training_fixture.provider.session() as session:
        for each in ids:
            felt = [dice.choice(list(SAID)) for _ in range(2)]
            turns = [
                {"speaker": speaker, "text": words}
                for feeling in felt
                for speaker, words in (("customer", dice.choice(SAID[feeling])), ("agent", "I see."))
            ]
            labels = [{"turn": 2 * place, "feeling": feeling} for place, feeling in enumerate(felt)]
            session.execute(
                text("update interactions set turns = cast(:turns as jsonb) where interaction_id = :id"),
                {"turns": json.dumps(turns), "id": each},
            )
            session.execute(
                text(
                    "update evaluations set findings = cast(:found as jsonb)"
                    " where interaction_id = :id and kind = 'human'"
                ),
                {"found": json.dumps({"sentiment_labels": labels}), "id": each},
            )
    return ids


def test_sentiment_training_pools_labels_of_all_clients(training_fixture):
    add_sentiment_reviews(training_fixture, 60)
    add_sentiment_reviews(training_fixture, 40, "contoso", seed=2)
    ended = training_fixture.train(training_fixture.provider.caller(), kind=SENTIMENT)
    [model] = training_fixture.models()

    assert (ended["state"], ended["client"], ended["labels"]) == ("finished", None, 100)
    assert (model.client_id, model.state, model.card["trained_on"] + model.card["proving"]) == (
        None,
        "in_force",
        100,
    )
    [line] = model.card["questions"]
    assert (line["question"], line["classes"]) == ("feeling", ["negative", "neutral", "positive"])
    assert line["accuracy"] > 0.7


def test_model_cache_returns_provider_wide_sentiment_model(training_fixture):
    add_sentiment_reviews(training_fixture, 90)
    training_fixture.train(training_fixture.provider.caller(), kind=SENTIMENT)
    shelf = ModelCache(1 << 28)
    with training_fixture.provider.session() as session:
        held = shelf.get(session, None, SENTIMENT)
        other = shelf.get(session, training_fixture.provider.clients["northwind"].client_id)

    assert (held.version, other) == (1, None)


def test_sentiment_training_without_new_labels_creates_no_version(training_fixture):
    add_sentiment_reviews(training_fixture, 90)
    caller = training_fixture.provider.caller()
    first = training_fixture.train(caller, kind=SENTIMENT)
    again = training_fixture.train(caller, kind=SENTIMENT)

    assert (again["state"], again["model_id"]) == ("finished", first["model_id"])


@pytest.mark.parametrize("number", [0, 12])
def test_sentiment_training_with_too_few_labels_is_refused(training_fixture, number):
    if number:
        add_sentiment_reviews(training_fixture, number)
    ended = training_fixture.train(training_fixture.provider.caller(), kind=SENTIMENT)

    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "too_few_labels")
    assert training_fixture.models() == []


def test_schedule_requests_sentiment_training_after_enough_labelled_reviews(training_fixture):
    add_sentiment_reviews(training_fixture, triggers.MIN_FIRST_LABELS - 1)
    training_fixture.teach(100, "contoso")

    def asked():
        engine, tenant = training_fixture.provider.services.engine, training_fixture.provider.tenant.tenant_id
        with claims.as_learner(engine, tenant) as session:
            return list(triggers.request_due_trainings(session, training_fixture.provider.services.redis))

    assert asked() == ["answers"]
    add_sentiment_reviews(training_fixture, 1, "contoso", seed=3)
    assert asked() == ["sentiment"]
