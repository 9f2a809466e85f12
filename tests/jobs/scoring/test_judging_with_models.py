"""Scoring with models: a first evaluation uses the model in force, rescoring the model of the first one."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tenants.models import utc_now
from tests.jobs.training_fixture import COLD, WARM, TrainingFixture
from workers import context
from workers.scoring import job

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")


@pytest.fixture
def training_fixture(make_provider):
    return TrainingFixture(make_provider("northwind"))


@pytest.fixture
def manager(training_fixture):
    return training_fixture.provider.caller()


@pytest.fixture
def worker(training_fixture):
    return context.start(training_fixture.provider.services)


def push(training_fixture, external_id, agent):
    body = {
        "external_id": external_id,
        "channel": "chat",
        "started_at": (utc_now() + timedelta(seconds=1)).isoformat(),
        "turns": [
            {"speaker": "customer", "text": "Where is my parcel?"},
            {"speaker": "agent", "text": agent},
        ],
    }
    answer = training_fixture.provider.caller("interactions:write").post(
        "/v1/clients/northwind/interactions", json=body
    )
    assert answer.status_code in {200, 201}, answer.json
    return answer.json["id"]


def score(training_fixture):
    while job.score_tenant(str(training_fixture.provider.tenant.tenant_id)):
        pass


def judged(training_fixture, interaction_id):
    where = "interaction_id = :id and kind = 'automatic' and superseded_at is null"
    found = training_fixture.ask(
        f"select answers, versions, findings from evaluations where {where}", id=interaction_id
    )[0]
    return {each["question"]: each for each in found.answers}, found.versions, found.findings


def open_gate(training_fixture, state="assisted"):
    with training_fixture.provider.session() as session:
        session.execute(text("update gates set state = :state where question = 'warm'"), {"state": state})


def test_model_answer_has_evidence_confidence_clause_and_versions(training_fixture, manager, worker):
    training_fixture.teach(240)
    training_fixture.train(manager)
    open_gate(training_fixture)
    ids = {said: push(training_fixture, f"I-{place}", said) for place, said in enumerate((WARM[0], COLD[0]))}
    score(training_fixture)

    for said, value in ((WARM[0], "yes"), (COLD[0], "no")):
        answers, versions, findings = judged(training_fixture, ids[said])
        warm = answers["warm"]
        assert (warm["value"], warm["source"], warm["gate"], warm["abstained"]) == (
            value,
            "model",
            "assisted",
            False,
        )
        assert warm["confidence"] > 0.7
        assert warm["clause"] == "care/warm"
        assert [span["turn"] for span in warm["evidence"]] == [1]
        assert [(each["key"], each["version"]) for each in versions["model"]] == [("answers", 1)]
        assert findings["model"]["version"] == 1
        assert 0 < findings["model"]["familiarity"] <= 1


def test_human_only_gate_makes_model_abstain_with_reason(training_fixture, manager, worker):
    training_fixture.teach(240)
    training_fixture.train(manager)
    open_gate(training_fixture, "human_only")
    interaction_id = push(training_fixture, "I-1", WARM[0])
    score(training_fixture)

    warm = judged(training_fixture, interaction_id)[0]["warm"]
    assert (warm["abstained"], warm["gate"]) == (True, "human_only")
    assert "People judge" in warm["reason"]


def test_rescoring_uses_model_of_first_evaluation(training_fixture, manager, worker):
    training_fixture.teach(240)
    training_fixture.train(manager)
    open_gate(training_fixture)
    old = push(training_fixture, "old", WARM[0])
    score(training_fixture)
    training_fixture.teach(60, seed=2)
    training_fixture.train(manager)
    push(training_fixture, "old", WARM[1])
    new = push(training_fixture, "new", WARM[0])
    score(training_fixture)

    assert [judged(training_fixture, each)[1]["model"][0]["version"] for each in (old, new)] == [1, 2]


def test_rescoring_uses_rules_if_first_evaluation_had_no_model(training_fixture, manager, worker):
    old = push(training_fixture, "old", WARM[0])
    score(training_fixture)
    training_fixture.teach(240)
    training_fixture.train(manager)
    open_gate(training_fixture)
    push(training_fixture, "old", WARM[1])
    score(training_fixture)

    answers, versions, _ = judged(training_fixture, old)
    assert "model" not in versions
    assert answers["warm"]["abstained"]


def test_unreadable_model_falls_back_to_rules_and_lists_fault(training_fixture, manager, worker):
    training_fixture.teach(240)
    training_fixture.train(manager)
    with training_fixture.provider.session() as session:
        session.execute(text("update models set artefact = substring(artefact from 1 for 100)"))
    interaction_id = push(training_fixture, "I-1", WARM[0])
    score(training_fixture)

    answers, versions, _ = judged(training_fixture, interaction_id)
    assert "model" not in versions
    assert answers["warm"]["abstained"]
    listed = manager.get("/v1/models").json["data"][0]
    assert listed["fault"], json.dumps(listed)
