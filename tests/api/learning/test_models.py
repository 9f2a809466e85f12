"""Models and trainings over HTTP: request, list, read and restore; permissions and visibility."""

import re
import uuid
from functools import partial

import pytest

from qm import jobs
from tests.api.review_api import run_together
from tests.jobs.training_fixture import TrainingFixture

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")


@pytest.fixture
def training_fixture(make_provider):
    return TrainingFixture(make_provider("northwind", "contoso"), ("northwind", "contoso"))


@pytest.fixture
def manager(training_fixture):
    return training_fixture.provider.caller()


@pytest.fixture
def trained(training_fixture, manager):
    """Two versions of one client's model; the second is in force."""
    for seed in (1, 2):
        training_fixture.teach(90, seed=seed)
        assert training_fixture.train(manager)["state"] == "finished"
    return manager.get("/v1/models").json["data"][::-1]


def actions(training_fixture):
    return [row.action for row in training_fixture.ask("select action from audit_entries order by number")]


def errors(answer):
    return {(each["pointer"], each["code"]) for each in answer.json["errors"]}


def test_train_request_is_queued_and_audited(training_fixture, manager):
    answer = manager.post("/v1/models/train", json={"client": "northwind"})

    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["kind"], answer.json["client"]) == (
        "queued",
        "answers",
        "northwind",
    )
    assert manager.get(answer.headers["Location"]).json == answer.json
    assert actions(training_fixture)[-1] == "training.asked_for"


def test_train_request_enqueues_learning_job_only(training_fixture, manager):
    redis, tenant = training_fixture.provider.services.redis, str(training_fixture.provider.tenant.tenant_id)
    training_fixture.ask_for(manager)

    def queued(line):
        return [each for each in jobs.rq_queue(redis, line).job_ids if each.startswith(tenant)]

    assert (len(queued(jobs.TRAININGS)), queued(jobs.SCORING)) == (1, [])


def test_train_request_returns_training_already_under_way(training_fixture, manager):
    first = training_fixture.ask_for(manager)
    assert training_fixture.ask_for(manager) == first
    training_fixture.ask("update trainings set state = 'running' returning 1")
    assert training_fixture.ask_for(manager) == first
    assert training_fixture.ask_for(manager, "contoso") != first
    assert actions(training_fixture).count("training.asked_for") == 2


def test_train_request_with_same_idempotency_key_is_replayed(training_fixture, manager):
    answers = [
        manager.post("/v1/models/train", json={"client": "contoso"}, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]

    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[1].headers["Location"] == answers[0].headers["Location"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("/client", "required")),
        ({"kind": "answers", "client": None}, ("/client", "required")),
        ({"by": "me"}, ("/client", "required")),
        ({"kind": "sentiment", "client": "northwind"}, ("/client", "not_wanted")),
        ({"kind": "gossip"}, ("/kind", "not_allowed")),
        ({"client": ""}, ("/client", "wrong_length")),
        ({"client": "northwind", "seed": 7}, ("/seed", "unknown_field")),
    ],
)
def test_train_request_rejects_invalid_body(body, error, manager):
    answer = manager.post("/v1/models/train", json=body)

    assert answer.status_code == 422
    assert error in errors(answer)


def test_train_and_list_return_404_for_unknown_client(manager):
    assert manager.post("/v1/models/train", json={"client": "nobody"}).status_code == 404
    assert manager.get("/v1/models?client=nobody").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("post", "models/train"), ("get", "models"), ("get", "trainings"), ("get", "models/{}")],
        ("post", "models/{}/restore"),
    ],
)
def test_model_endpoints_return_403_without_scope(method, path, training_fixture):
    other = training_fixture.provider.caller("reports:read")
    answer = getattr(other, method)(f"/v1/{path.format(uuid.uuid4())}", json={"client": "northwind"})

    assert answer.status_code == 403


def test_read_scope_cannot_train_or_restore(training_fixture, trained):
    reader = training_fixture.provider.caller("definitions:read")

    assert reader.get("/v1/models").status_code == 200
    assert reader.post("/v1/models/train", json={"client": "northwind"}).status_code == 403
    assert reader.post(f"/v1/models/{trained[0]['id']}/restore").status_code == 403


def test_models_are_listed_newest_first_page_by_page(manager, trained):
    first = manager.get("/v1/models?limit=1").json
    second = manager.get(f"/v1/models?limit=1&cursor={first['next_cursor']}").json

    assert [first["data"][0]["version"], second["data"][0]["version"]] == [2, 1]
    assert second["next_cursor"] is None


def test_models_and_trainings_are_filtered(training_fixture, manager, trained):
    training_fixture.train(manager, "contoso")

    def found(path):
        return [each["state"] for each in manager.get(f"/v1/{path}").json["data"]]

    assert found("models?client=northwind&kind=answers&state=in_force") == ["in_force"]
    assert found("models?client=contoso") == found("models?kind=sentiment") == []
    assert found("trainings?client=contoso") == found("trainings?state=refused") == ["refused"]
    assert found("trainings?client=northwind") == ["finished", "finished"]


def test_a_model_shows_its_card_and_never_its_artefact(training_fixture, manager, trained):
    body = manager.get(f"/v1/models/{trained[1]['id']}").json
    [row] = training_fixture.ask("select artefact, digest from models where version = 2")

    assert (body["digest"], body["bytes"]) == (row.digest.hex(), len(row.artefact))
    assert body["trained_on"] == body["card"]["trained_on"] > 80
    assert {each["question"] for each in body["card"]["questions"]} == {"warm", "offers"}
    assert body["card"]["questions"][0]["words"].endswith(".")
    assert not {"artefact", "lessons", "proof"} & {*body, *body["card"]["questions"][0]}


def test_get_model_with_matching_if_none_match_returns_304(manager, trained):
    address = f"/v1/models/{trained[1]['id']}"
    tag = manager.get(address).headers["ETag"]

    assert manager.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_restore_puts_old_version_in_force_and_is_audited(training_fixture, manager, trained):
    answer = manager.post(f"/v1/models/{trained[0]['id']}/restore")

    assert (answer.status_code, answer.json["state"], answer.json["retired_at"]) == (200, "in_force", None)
    assert [row.state for row in training_fixture.models()] == ["in_force", "retired"]
    assert "model.restored" in actions(training_fixture)


def test_a_candidate_may_be_put_in_force(training_fixture, manager, trained):
    training_fixture.ask("update models set state = 'candidate' where version = 1 returning 1")

    assert manager.post(f"/v1/models/{trained[0]['id']}/restore").status_code == 200
    assert [row.state for row in training_fixture.models()] == ["in_force", "retired"]


def test_restore_of_model_in_force_returns_409(manager, trained):
    answer = manager.post(f"/v1/models/{trained[1]['id']}/restore")

    assert (answer.status_code, answer.json["code"]) == (409, "already_in_force")


def test_restore_of_unreadable_version_returns_409(training_fixture, manager, trained):
    training_fixture.ask("update models set artefact = 'nonsense' where version = 1 returning 1")
    answer = manager.post(f"/v1/models/{trained[0]['id']}/restore")

    assert (answer.status_code, answer.json["code"]) == (409, "unreadable_model")
    assert [row.state for row in training_fixture.models()] == ["retired", "in_force"]


def test_restore_of_version_without_artefact_returns_409(training_fixture, manager, trained):
    training_fixture.ask("update models set artefact = null where version = 1 returning 1")
    answer = manager.post(f"/v1/models/{trained[0]['id']}/restore")

    assert (answer.status_code, answer.json["code"]) == (409, "artefact_not_kept")


def test_restore_clears_fault_of_readable_model_in_force(training_fixture, manager, trained):
    training_fixture.ask("update models set fault = 'It was damaged.' where version = 2 returning 1")
    answer = manager.post(f"/v1/models/{trained[1]['id']}/restore")

    assert (answer.status_code, answer.json["fault"], answer.json["state"]) == (200, None, "in_force")


def test_restore_with_stale_etag_returns_412(manager, trained):
    address = f"/v1/models/{trained[0]['id']}"
    tag = manager.get(address).headers["ETag"]

    assert manager.post(f"{address}/restore", headers={"If-Match": tag}).status_code == 200
    manager.post(f"/v1/models/{trained[1]['id']}/restore")
    assert manager.post(f"{address}/restore", headers={"If-Match": tag}).status_code == 412


def test_concurrent_restores_leave_one_version_in_force(training_fixture, manager, trained):
    training_fixture.ask("update models set state = 'retired' returning 1")
    answers = []

    def restore(model):
        caller = type(manager)(training_fixture.provider.http.application.test_client(), manager.key)
        answers.append(caller.post(f"/v1/models/{model['id']}/restore").status_code)

    run_together(*(partial(restore, model) for model in trained))

    assert answers == [200, 200]
    assert sorted(row.state for row in training_fixture.models()) == ["in_force", "retired"]


def test_a_caller_bound_to_one_client_sees_nothing_of_another(training_fixture, manager, trained):
    bound = training_fixture.provider.caller("definitions:read", "definitions:write", bound_to=("contoso",))
    address = f"/v1/models/{trained[0]['id']}"

    assert bound.get("/v1/models").json["data"] == []
    assert bound.get("/v1/trainings").json["data"] == []
    assert bound.get(address).status_code == bound.post(f"{address}/restore").status_code == 404
    assert bound.get(f"/v1/trainings/{trained[0]['training_id']}").status_code == 404
    assert bound.post("/v1/models/train", json={"client": "northwind"}).status_code == 404


def test_stakeholder_sees_training_refusals_without_numbers(training_fixture, manager):
    training_fixture.teach(3)
    training = training_fixture.train(manager)
    person = training_fixture.provider.add_user("client_stakeholder", "northwind")
    stakeholder = training_fixture.provider.caller("definitions:read", user=person)
    told = stakeholder.get(f"/v1/trainings/{training['id']}").json

    assert 0 < training["labels"] < 5
    assert told["labels"] is None
    assert {each["code"] for each in told["refusals"]} == {each["code"] for each in training["refusals"]}
    assert not [each for each in told["refusals"] if re.search(r"\d", each["detail"])]


def test_model_card_suppresses_small_counts_for_stakeholder(training_fixture, trained):
    person = training_fixture.provider.add_user("client_stakeholder", "northwind")
    stakeholder = training_fixture.provider.caller("definitions:read", user=person)
    training_fixture.ask(
        "update models set card = jsonb_set(card, '{questions,0,proof,answers}', cast(:few as jsonb))"
        " where version = 2 returning 1",
        few='{"yes": 40, "no": 3}',
    )
    card = stakeholder.get(f"/v1/models/{trained[1]['id']}").json["card"]

    assert card["reviewers"] is None
    assert (card["questions"][0]["recall"], card["questions"][0]["macro_f1"]) == (None, None)
    assert card["questions"][0]["accuracy"] is not None
    assert card["questions"][1]["recall"]


def test_client_bound_caller_cannot_access_provider_wide_trainings(training_fixture, manager):
    bound = training_fixture.provider.caller(
        "definitions:read", "definitions:write", bound_to=("northwind", "contoso")
    )
    training = training_fixture.ask_for(manager, kind="sentiment")

    assert bound.post("/v1/models/train", json={"kind": "sentiment"}).status_code == 403
    assert bound.get("/v1/trainings").json["data"] == []
    assert bound.get(f"/v1/trainings/{training}").status_code == 404
    assert [each["id"] for each in manager.get("/v1/trainings?kind=sentiment").json["data"]] == [training]


def test_model_of_other_provider_is_indistinguishable_from_missing(make_provider, trained):
    stranger = make_provider("northwind").caller()
    foreign = stranger.get(f"/v1/models/{trained[0]['id']}").json
    random = stranger.get(f"/v1/models/{uuid.uuid4()}").json

    assert {**foreign, "request_id": ""} == {**random, "request_id": ""}
    assert stranger.get("/v1/models").json["data"] == []


def test_the_metrics_count_trainings_under_way_and_models_that_cannot_be_read(
    training_fixture, manager, trained, anonymous_caller
):
    def counted():
        lines = anonymous_caller.get("/metrics").text.splitlines()
        return {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if not line.startswith("#")}

    before = counted()
    training_fixture.ask_for(manager, "contoso")
    training_fixture.ask("update models set fault = 'gone' where state = 'in_force' returning 1")
    after = counted()

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('qm_trainings_under_way{state="queued"}') == 1
    assert grown("qm_models_unreadable") == 1
