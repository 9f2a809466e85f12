"""Model what-if: how answers and scores would change under another model before it is put in force."""

import copy

import pytest
from sqlalchemy import text

from scorecards.sampling.holdout import holdout_key, in_holdout
from tests.jobs.training_fixture import CARD, TrainingFixture

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")

LEARNED = ("warm", "offers")


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    """Judge the whole sample, however slow the machine is."""
    monkeypatch.setattr("qm.what_if.model_what_if.MAX_SECONDS", 600)


@pytest.fixture
def caller(provider):
    return provider.caller("definitions:write", "definitions:read", "interactions:read")


@pytest.fixture
def training_fixture(provider):
    """Return a client whose questions have rules, so that their gates begin as assisted."""
    made = TrainingFixture(provider)
    card = copy.deepcopy(CARD)
    for question in card["sections"][0]["questions"][:2]:
        question["auto"] = "greets"
    made.publish(card)
    return made


@pytest.fixture
def two_models(training_fixture, caller):
    """Return an old model and the one in force, which was taught that warm words are not enough."""
    training_fixture.teach(150)
    assert training_fixture.train(caller)["state"] == "finished"
    training_fixture.teach(400, answer=warm_only_if_offered, seed=2)
    second = training_fixture.train(caller)
    assert second["state"] == "finished", second["refusals"]
    return training_fixture.models("model_id, version, state")


@pytest.fixture
def one_model(training_fixture, caller):
    training_fixture.teach(150)
    assert training_fixture.train(caller)["state"] == "finished"
    return training_fixture.models("model_id")[0].model_id


def warm_only_if_offered(truth, _place):
    """Warm words count only where something is offered."""
    return {"warm": "yes" if truth["warm"] == truth["offers"] == "yes" else "no"}


def asked(caller, model_id, query=""):
    found = caller.post(f"/v1/models/{model_id}/what-if{query}")
    assert found.status_code == 200, found.text
    return found.json


def questions(found):
    return {each["question"]: each for each in found["questions"]}


def test_an_old_model_is_compared_with_the_one_in_force(two_models, caller, provider):
    old, present = two_models
    found = asked(caller, old.model_id, "?sample=60")

    assert (found["model"]["version"], found["instead_of"]["version"]) == (old.version, present.version)
    assert (found["interactions"], found["of"]) == (60, 550)
    warm = questions(found)["warm"]
    assert warm["changed"] > 5
    assert warm["low"] < warm["share"] < warm["high"]
    assert warm["moves"][0] | {"count": 0} == {"before": "no", "after": "yes", "count": 0}
    assert warm["agreement"]["n"] == 60
    assert warm["confidence"]["n"] == 60
    total = found["comparison"]["total"]
    assert total["difference"] > 0
    assert total["low"] <= total["difference"] <= total["high"]
    assert abs(found["most_changed"][0]["difference"]) >= abs(found["most_changed"][-1]["difference"])
    assert "version 2" in found["method_note"]


def test_models_are_compared_with_human_answers_on_holdout(two_models, caller, provider):
    found = asked(caller, two_models[0].model_id, "?sample=1")["held_out"]
    with provider.session() as session:
        ids = session.scalars(text("select interaction_id from reviews where not targeted")).all()
    key = holdout_key(provider.services.sampling_key)

    assert found["of"] == sum(in_holdout(key, each) for each in ids)
    assert found["interactions"] == min(200, found["of"])
    (warm,) = [each for each in found["questions"] if each["question"] == "warm"]
    assert warm["agreement"]["n"] == found["interactions"]
    assert warm["agreement"]["low"] <= warm["agreement"]["difference"] <= warm["agreement"]["high"]


def test_holdout_excludes_hand_picked_reviews(training_fixture, caller):
    training_fixture.teach(150)
    training_fixture.train(caller)
    before = asked(caller, training_fixture.models("model_id")[0].model_id, "?sample=1")["held_out"]["of"]
    training_fixture.teach(60, targeted=True, seed=3)

    assert (
        asked(caller, training_fixture.models("model_id")[0].model_id, "?sample=1")["held_out"]["of"]
        == before
    )


def test_the_model_in_force_is_compared_with_the_rules_alone(training_fixture, caller):
    training_fixture.teach(150)
    training_fixture.train(caller)
    (model,) = training_fixture.models("model_id")
    found = asked(caller, model.model_id, "?sample=40")

    assert found["instead_of"] is None
    assert "the rules alone" in found["method_note"]
    assert questions(found)["warm"]["changed"] > 0
    assert questions(found)["warm"]["agreement"]["difference"] > 0


def test_model_what_if_stores_nothing(one_model, caller, provider):
    tables = ("models", "gates", "evaluations", "interactions", "reviews", "audit_entries", "trainings")

    def everything():
        with provider.session() as session:
            return [
                session.execute(
                    text(f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t")
                ).one()
                for table in tables
            ]

    before = everything()
    asked(caller, one_model)
    assert everything() == before


def test_human_only_questions_get_no_model_answers_in_what_if(provider, caller):
    training_fixture = TrainingFixture(provider)
    training_fixture.teach(150)
    training_fixture.train(caller)
    (model,) = training_fixture.models("model_id")
    with provider.session() as session:
        session.execute(text("update gates set state = 'human_only', threshold = null"))
    found = asked(caller, model.model_id, "?sample=20")

    assert {each["answered_after"] for each in found["questions"]} == {0}


def test_sample_excludes_interactions_with_open_review_of_caller(one_model, provider, training_fixture):
    manager = provider.add_user("qm_manager")
    with provider.session() as session:
        session.execute(
            text(
                "update reviews set state = 'claimed', reviewer_id = :who, evaluation_id = null"
                " where review_id = (select review_id from reviews order by review_id limit 1)"
            ),
            {"who": manager.user_id},
        )
    blind = provider.caller("definitions:write", user=manager)

    assert asked(blind, one_model, "?sample=1")["of"] == 149


def test_interaction_details_require_interactions_read_scope(one_model, provider):
    found = asked(provider.caller("definitions:write"), one_model, "?sample=20")

    assert (found["most_changed"], found["comparison"]["agents"]) == (None, None)


# What is refused -------------------------------------------------------------------------------------


def refused(caller, model_id):
    found = caller.post(f"/v1/models/{model_id}/what-if")
    return found.status_code, found.json["code"]


def test_what_if_of_unreadable_model_returns_409(one_model, caller, provider):
    with provider.session() as session:
        session.execute(text("update models set artefact = 'nonsense' where version = 1"))

    assert refused(caller, one_model) == (409, "unreadable_model")


def test_what_if_of_model_without_artefact_returns_409(one_model, caller, provider):
    with provider.session() as session:
        session.execute(text("update models set artefact = null where version = 1"))

    assert refused(caller, one_model) == (409, "artefact_not_kept")


def test_what_if_compares_with_rules_if_model_in_force_is_unreadable(two_models, caller, provider):
    with provider.session() as session:
        session.execute(text("update models set artefact = 'nonsense' where version = 2"))
    found = asked(caller, two_models[0].model_id, "?sample=20")

    assert found["instead_of"] is None
    with provider.session() as session:
        assert session.scalar(text("select count(*) from models where fault is not null")) == 0


def test_what_if_of_sentiment_model_returns_409(training_fixture, caller, provider):
    with provider.session() as session:
        (made,) = session.execute(
            text(
                "insert into models (tenant_id, model_id, kind, version, state, card, lessons, digest,"
                " created_at, revision) values (:tenant, gen_random_uuid(), 'sentiment', 1, 'retired', '{}',"
                " '[]', '', now(), 1) returning model_id"
            ),
            {"tenant": provider.tenant.tenant_id},
        ).one()

    assert refused(caller, made) == (409, "not_of_answers")


def test_model_what_if_requires_definitions_write_scope(one_model, provider):
    assert refused(provider.caller("definitions:read"), one_model) == (403, "forbidden")


def test_what_if_returns_404_for_model_of_other_client_or_provider(one_model, provider, make_provider):
    bound = provider.caller("definitions:write", bound_to=("contoso",))
    other = make_provider("northwind").caller("definitions:write")

    assert {refused(each, one_model) for each in (bound, other)} == {(404, "not_found")}
