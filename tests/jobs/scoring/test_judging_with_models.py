"""Scoring with models: a first evaluation uses the model in force, rescoring the model of the first one."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tenants.models import utc_now
from tests.jobs.training_fixture import COLD, WARM, Classroom
from workers import context
from workers.scoring import job

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")


@pytest.fixture
def room(make_provider):
    return Classroom(make_provider("northwind"))


@pytest.fixture
def manager(room):
    return room.provider.caller()


@pytest.fixture
def worker(room):
    return context.start(room.provider.services)


def push(room, external_id, agent):
    body = {
        "external_id": external_id,
        "channel": "chat",
        "started_at": (utc_now() + timedelta(seconds=1)).isoformat(),
        "turns": [
            {"speaker": "customer", "text": "Where is my parcel?"},
            {"speaker": "agent", "text": agent},
        ],
    }
    answer = room.provider.caller("interactions:write").post("/v1/clients/northwind/interactions", json=body)
    assert answer.status_code in {200, 201}, answer.json
    return answer.json["id"]


def score(room):
    while job.score_tenant(str(room.provider.tenant.tenant_id)):
        pass


def judged(room, interaction_id):
    where = "interaction_id = :id and kind = 'automatic' and superseded_at is null"
    found = room.ask(f"select answers, versions, findings from evaluations where {where}", id=interaction_id)[
        0
    ]
    return {each["question"]: each for each in found.answers}, found.versions, found.findings


def open_gate(room, state="assisted"):
    with room.provider.session() as session:
        session.execute(text("update gates set state = :state where question = 'warm'"), {"state": state})


def test_model_answer_has_evidence_confidence_clause_and_versions(room, manager, worker):
    room.teach(240)
    room.train(manager)
    open_gate(room)
    ids = {said: push(room, f"I-{place}", said) for place, said in enumerate((WARM[0], COLD[0]))}
    score(room)

    for said, value in ((WARM[0], "yes"), (COLD[0], "no")):
        answers, versions, findings = judged(room, ids[said])
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


def test_human_only_gate_makes_model_abstain_with_reason(room, manager, worker):
    room.teach(240)
    room.train(manager)
    open_gate(room, "human_only")
    interaction_id = push(room, "I-1", WARM[0])
    score(room)

    warm = judged(room, interaction_id)[0]["warm"]
    assert (warm["abstained"], warm["gate"]) == (True, "human_only")
    assert "People judge" in warm["reason"]


def test_rescoring_uses_model_of_first_evaluation(room, manager, worker):
    room.teach(240)
    room.train(manager)
    open_gate(room)
    old = push(room, "old", WARM[0])
    score(room)
    room.teach(60, seed=2)
    room.train(manager)
    push(room, "old", WARM[1])
    new = push(room, "new", WARM[0])
    score(room)

    assert [judged(room, each)[1]["model"][0]["version"] for each in (old, new)] == [1, 2]


def test_rescoring_uses_rules_if_first_evaluation_had_no_model(room, manager, worker):
    old = push(room, "old", WARM[0])
    score(room)
    room.teach(240)
    room.train(manager)
    open_gate(room)
    push(room, "old", WARM[1])
    score(room)

    answers, versions, _ = judged(room, old)
    assert "model" not in versions
    assert answers["warm"]["abstained"]


def test_unreadable_model_falls_back_to_rules_and_lists_fault(room, manager, worker):
    room.teach(240)
    room.train(manager)
    with room.provider.session() as session:
        session.execute(text("update models set artefact = substring(artefact from 1 for 100)"))
    interaction_id = push(room, "I-1", WARM[0])
    score(room)

    answers, versions, _ = judged(room, interaction_id)
    assert "model" not in versions
    assert answers["warm"]["abstained"]
    listed = manager.get("/v1/models").json["data"][0]
    assert listed["fault"], json.dumps(listed)
