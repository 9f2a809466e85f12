"""Answer-model training: fits on two thirds of the labels, evaluates on the holdout, stores atomically."""

import copy
import json
import random
import uuid
from collections import Counter

import pytest
from sqlalchemy import select, text

from qm.learning import model_registry
from qm.learning.model_cache import ModelCache
from qm.learning.models import ANSWERS, Model
from scorecards.sampling import holdout
from tenants.isolation import acting_as
from tests.database.scratch import owner_engine
from tests.jobs.training_fixture import CARD, TrainingFixture
from workers.definitions_cache import DefinitionsCache
from workers.training import answer_model, claims, triggers
from workers.training.dataset import read_dataset


@pytest.fixture
def training_fixture(make_provider):
    return TrainingFixture(make_provider("northwind"))


@pytest.fixture
def manager(training_fixture):
    return training_fixture.provider.caller()


def labels_of(training_fixture, slug="northwind", key=None):
    key = key or holdout.holdout_key(training_fixture.provider.services.sampling_key)
    with training_fixture.provider.session() as session:
        return read_dataset(
            session, DefinitionsCache(), client=training_fixture.provider.clients[slug], holdout_key=key
        )


def card_of(training_fixture, version=1):
    return training_fixture.ask("select card from models where version = :version", version=version)[0].card


def lines(card):
    return {line["question"]: line for line in card["questions"]}


def held_out(training_fixture, ids):
    key = holdout.holdout_key(training_fixture.provider.services.sampling_key)
    return {each for each in ids if holdout.in_holdout(key, each)}


def rewrite_human_answers(training_fixture, ids, change):
    """Change what people said of some interactions."""
    with training_fixture.provider.session() as session:
        for row in session.execute(
            text(
                "select evaluation_id, answers from evaluations"
                " where kind = 'human' and interaction_id = any(:ids)"
            ),
            {"ids": list(ids)},
        ).all():
            session.execute(
                text("update evaluations set answers = cast(:answers as jsonb) where evaluation_id = :id"),
                {"answers": json.dumps([change(each) for each in row.answers]), "id": row.evaluation_id},
            )


def flip_warm_answer(answer):
    """The opposite answer to the first question."""
    if answer["question"] != "warm":
        return answer
    return answer | {"value": {"yes": "no", "no": "yes"}[answer["value"]]}


def test_training_puts_model_in_force_with_provenance_in_model_card(training_fixture, manager):
    ids = training_fixture.teach(150)
    ended = training_fixture.train(manager)
    card = card_of(training_fixture)

    assert (ended["state"], ended["labels"], ended["refusals"]) == ("finished", 150, [])
    assert (card["trained_on"], card["proving"]) == (
        150 - len(held_out(training_fixture, ids)),
        len(held_out(training_fixture, ids)),
    )
    assert set(card["versions"]) == {"python", "numpy", "scipy", "scikit-learn", "qm"}
    assert (len(card["data_hash"]), card["seed"], card["reviewers"]) == (64, 1, 3)
    assert 0 < card["familiarity"]["mean"] <= 1
    assert card["familiarity"]["n"] == card["proving"]


def test_model_card_evaluates_each_question_on_holdout(training_fixture, manager):
    ids = training_fixture.teach(150)
    training_fixture.train(manager)
    found = lines(card_of(training_fixture))

    assert set(found) == {"warm", "offers"}
    for line in found.values():
        assert line["learned_from"] == 150 - len(held_out(training_fixture, ids))
        assert line["proved_on"] == line["labelled"] == len(held_out(training_fixture, ids))
        assert min(line["accuracy"], line["macro_f1"], line["kappa"]) > 0.6
        assert 0 <= line["ece"] < 0.4
        assert set(line["recall"]) <= set(line["classes"])
        assert line["refused"] is None
    assert found["offers"]["classes"] == ["yes", "no", "n/a"]


def test_training_without_new_labels_keeps_current_model(training_fixture, manager):
    training_fixture.teach(150)
    first = training_fixture.train(manager)
    again = training_fixture.train(manager)

    assert (again["state"], again["model_id"]) == ("finished", first["model_id"])
    assert len(training_fixture.models()) == 1


def test_training_is_deterministic_byte_for_byte(training_fixture):
    training_fixture.teach(120)
    one, other = (
        answer_model.train_answers(labels_of(training_fixture), version=1, limit=0.1, current=None)
        for _ in range(2)
    )

    assert one.artefact == other.artefact
    assert one.card["data_hash"] == other.card["data_hash"]


def test_holdout_labels_do_not_influence_model(training_fixture):
    ids = training_fixture.teach(150)
    before = answer_model.train_answers(labels_of(training_fixture), version=1, limit=0.1, current=None)
    rewrite_human_answers(training_fixture, held_out(training_fixture, ids), flip_warm_answer)
    after = answer_model.train_answers(labels_of(training_fixture), version=1, limit=0.1, current=None)

    assert after.artefact == before.artefact
    assert after.card["data_hash"] != before.card["data_hash"]
    assert lines(after.card)["warm"]["accuracy"] < 0.1


def test_hand_picked_reviews_are_trained_on_but_excluded_from_holdout_evaluation(training_fixture, manager):
    drawn = training_fixture.teach(90)
    picked = training_fixture.teach(60, targeted=True, seed=2)
    training_fixture.train(manager)
    card = card_of(training_fixture)

    assert card["trained_on"] == 150 - len(held_out(training_fixture, drawn + picked))
    assert lines(card)["warm"]["labelled"] == len(held_out(training_fixture, drawn))


def test_oversampled_interactions_are_thinned_in_holdout_evaluation(training_fixture, manager):
    often, seldom = training_fixture.teach(150, chance=1.0), training_fixture.teach(60, chance=0.25, seed=2)
    training_fixture.train(manager)
    line = lines(card_of(training_fixture))["warm"]

    assert line["labelled"] == len(held_out(training_fixture, often + seldom))
    assert len(held_out(training_fixture, seldom)) <= line["proved_on"] < 0.75 * line["labelled"]


def test_training_with_too_few_labels_is_refused_and_keeps_current_model(training_fixture, manager):
    training_fixture.teach(150)
    training_fixture.train(manager)
    training_fixture.ask(
        "delete from reviews where ctid not in (select ctid from reviews limit 20) returning 1"
    )
    ended = training_fixture.train(manager)

    assert ended["state"] == "refused"
    assert {each["code"] for each in ended["refusals"]} == {"too_few_labels"}
    assert {(each["scorecard"], each["question"]) for each in ended["refusals"]} == {
        ("care", "warm"),
        ("care", "offers"),
    }
    assert [(row.version, row.state) for row in training_fixture.models()] == [(1, "in_force")]


def test_training_without_reviews_is_refused(training_fixture, manager):
    ended = training_fixture.train(manager)

    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "too_few_labels")
    assert training_fixture.models() == []


def test_question_with_one_class_is_refused_and_remaining_questions_are_trained(training_fixture, manager):
    training_fixture.teach(150, answer=lambda *_: {"warm": "yes"})
    ended = training_fixture.train(manager)

    assert (ended["state"], [each["code"] for each in ended["refusals"]]) == ("finished", ["one_class"])
    found = lines(card_of(training_fixture))
    assert found["warm"]["refused"]["code"] == "one_class"
    assert found["offers"]["refused"] is None


def test_training_on_random_labels_is_refused_and_keeps_current_model(training_fixture, manager):
    training_fixture.teach(150)
    training_fixture.train(manager)
    training_fixture.ask("delete from reviews returning 1")
    dice = random.Random(4)

    def noise(*_):
        return {key: dice.choice(["yes", "no"]) for key in ("warm", "offers")}

    training_fixture.teach(150, answer=noise, seed=9)
    ended = training_fixture.train(manager)

    assert ended["state"] == "refused"
    # By chance one of the two may look as if there were sense in it.
    codes = {each["code"] for each in ended["refusals"]}
    assert "contradictory" in codes <= {"contradictory", "would_forget"}
    assert [row.version for row in training_fixture.models() if row.state == "in_force"] == [1]


def test_conflicting_reviewer_is_named_to_staff_but_not_to_stakeholder(training_fixture, manager):
    opposite = {"yes": "no", "no": "yes"}
    training_fixture.teach(
        240,
        answer=lambda truth, place: {"warm": opposite[truth["warm"]] if place % 3 == 1 else truth["warm"]},
    )
    ended = training_fixture.train(manager)
    stakeholder = training_fixture.provider.add_user("client_stakeholder", "northwind", email="s@example.com")
    outside = training_fixture.provider.caller("definitions:read", user=stakeholder)
    [told] = outside.get("/v1/trainings").json["data"]
    card = manager.get(f"/v1/models/{ended['model_id']}").json["card"]

    assert [each["code"] for each in ended["refusals"]] == ["poisoned"]
    assert "Reviewer (kappa" in ended["refusals"][0]["detail"]
    assert lines(card)["warm"]["refused"]["detail"] == ended["refusals"][0]["detail"]
    assert told["refusals"][0]["detail"] == "Labels contradict what all the others teach."
    assert told["asked_by"] is None


def test_model_that_would_lose_a_question_is_kept_as_candidate(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.train(manager)
    training_fixture.ask("delete from reviews returning 1")
    training_fixture.teach(120, answer=lambda *_: {"warm": "yes"}, seed=2)
    ended = training_fixture.train(manager)

    assert ended["state"] == "refused"
    assert [each["code"] for each in ended["refusals"]] == ["would_forget", "one_class"]
    assert "care/warm" in ended["refusals"][0]["detail"]
    assert [(row.version, row.state) for row in training_fixture.models()] == [
        (1, "in_force"),
        (2, "candidate"),
    ]


def test_question_with_changed_options_does_not_block_new_model(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.train(manager)
    changed = copy.deepcopy(CARD)
    grades = [{"key": f"g{grade}", "label": str(grade), "value": grade / 2} for grade in range(3)]
    changed["sections"][0]["questions"][0] |= {"kind": "scale", "options": grades}
    training_fixture.publish(changed)
    ended = training_fixture.train(manager)

    assert ended["state"] == "finished"
    assert [(each["code"], each["question"]) for each in ended["refusals"]] == [("too_few_labels", "warm")]
    assert [(row.version, row.state) for row in training_fixture.models()] == [
        (1, "retired"),
        (2, "in_force"),
    ]


def test_significantly_worse_model_is_kept_as_candidate(training_fixture, manager):
    ids = training_fixture.teach(150)
    training_fixture.train(manager)
    rewrite_human_answers(training_fixture, set(ids) - held_out(training_fixture, ids), flip_warm_answer)
    ended = training_fixture.train(manager)

    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "worse_than_before")
    assert [(row.version, row.state) for row in training_fixture.models()] == [
        (1, "in_force"),
        (2, "candidate"),
    ]


def test_new_model_retires_previous_model(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.train(manager)
    training_fixture.teach(60, seed=2)
    training_fixture.train(manager)
    first, second = training_fixture.models()

    assert [(each.version, each.state) for each in (first, second)] == [(1, "retired"), (2, "in_force")]
    assert first.retired_at == second.in_force_since


def test_training_records_outcome_of_each_override(training_fixture, manager):
    ids = training_fixture.teach(150)
    training_fixture.train(manager)
    lessons = training_fixture.ask("select lessons from models")[0].lessons
    parts = Counter(each["part"] for each in lessons)

    # The machine always said that nobody was warm.
    assert {(each["question"], each["machine"], each["human"]) for each in lessons} == {("warm", "no", "yes")}
    assert {each["interaction_id"] for each in lessons if each["part"] == "proving"} <= {
        str(each) for each in held_out(training_fixture, ids)
    }
    assert min(parts["learning"], parts["proving"]) > 5
    assert sum(each["now"] == "yes" for each in lessons) > 0.9 * len(lessons)
    assert card_of(training_fixture)["lessons"] == {
        "overrides": len(lessons),
        "followed": sum(each["now"] == "yes" for each in lessons),
    }


def test_answers_to_reworded_question_of_earlier_version_are_training_examples(training_fixture):
    training_fixture.teach(30)
    reworded = json.loads(json.dumps(CARD))
    reworded["sections"][0]["questions"][0]["text"] = "Did the agent sound warm?"
    training_fixture.publish(reworded)
    training_fixture.teach(30, seed=2)

    assert [len(each.labels) for each in labels_of(training_fixture).evaluations] == [2] * 60


def test_answers_to_earlier_version_with_other_options_are_no_training_examples(training_fixture):
    training_fixture.teach(30)
    other = json.loads(json.dumps(CARD))
    question = other["sections"][0]["questions"][0]
    question["kind"] = "single"
    question["options"] = [
        {"key": "yes", "label": "Yes", "value": 1},
        {"key": "no", "label": "No", "value": 0},
    ]
    training_fixture.publish(other)

    assert [set(each.labels) for each in labels_of(training_fixture).evaluations] == [
        {("care", "offers")}
    ] * 30


def test_unreadable_scorecard_version_excludes_only_own_labels(training_fixture, services):
    training_fixture.teach(10)
    training_fixture.publish(json.loads(json.dumps(CARD)) | {"name": "Care, again"})
    training_fixture.teach(10, seed=2)
    engine = owner_engine(services)
    with training_fixture.provider.session() as session:
        scope = session.info["scope"]
    with acting_as(engine, scope) as session:
        session.execute(text("alter table definitions disable trigger keep_published"))
        session.execute(text("update definitions set body = '{\"sections\": [1]}' where version = 1"))
        session.execute(text("alter table definitions enable trigger keep_published"))
    engine.dispose()

    assert [len(each.labels) for each in labels_of(training_fixture).evaluations].count(2) == 10


def test_superseded_evaluations_and_deleted_transcripts_are_no_training_examples(training_fixture):
    first, second, *_ = training_fixture.teach(10)
    training_fixture.ask(
        "update evaluations set superseded_at = now() where interaction_id = :id returning 1", id=first
    )
    training_fixture.ask(
        "update interactions set turns = '[]' where interaction_id = :id returning 1", id=second
    )

    assert {each.interaction_id for each in labels_of(training_fixture).evaluations} & {
        first,
        second,
    } == set()
    assert len(labels_of(training_fixture).evaluations) == 8


def test_evidence_outside_changed_transcript_is_ignored(training_fixture):
    [only] = training_fixture.teach(1)
    training_fixture.ask(
        "update interactions set turns = turns - 3 where interaction_id = :id returning 1", id=only
    )
    [found] = labels_of(training_fixture).evaluations

    assert [label.spans for label in found.labels.values()].count(()) == 1


def test_training_of_one_client_does_not_affect_model_of_other_client(make_provider):
    training_fixture = TrainingFixture(make_provider("northwind", "contoso"), ("northwind", "contoso"))
    training_fixture.teach(120)
    training_fixture.teach(
        90, "contoso", answer=lambda truth, _: {"warm": "no" if truth["warm"] == "yes" else "yes"}
    )
    manager = training_fixture.provider.caller()
    training_fixture.train(manager)
    before = training_fixture.models("model_id, digest, state, revision")
    training_fixture.train(manager, "contoso")
    rows = training_fixture.ask("select client_id, digest, card from models order by created_at")

    assert [tuple(row) for row in before] == [
        tuple(row) for row in training_fixture.models("model_id, digest, state, revision") if row in before
    ]
    assert [row.card["trained_on"] + row.card["proving"] for row in rows] == [120, 90]
    assert rows[0].digest != rows[1].digest


def test_a_training_of_one_provider_touches_nothing_of_another(make_provider):
    rooms = [TrainingFixture(make_provider("northwind")) for _ in range(2)]
    for training_fixture in rooms:
        training_fixture.teach(100)
    rooms[0].train(rooms[0].provider.caller())

    assert [len(training_fixture.models()) for training_fixture in rooms] == [1, 0]
    assert [len(training_fixture.trainings()) for training_fixture in rooms] == [1, 0]


def test_holdout_split_is_deterministic_and_about_one_third():
    key = holdout.holdout_key(b"a key of sixteen bytes at least")
    ids = [uuid.UUID(int=number) for number in range(6000)]
    chosen = [holdout.in_holdout(key, each) for each in ids]

    assert chosen == [holdout.in_holdout(key, each) for each in ids]
    assert 1850 < sum(chosen) < 2150


def test_only_ten_newest_model_versions_keep_artefact(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.train(manager)
    with training_fixture.provider.session() as session:
        mine = session.scalars(select(Model)).one()
        for version in range(2, 13):
            session.add(
                Model(
                    tenant_id=mine.tenant_id,
                    client_id=mine.client_id,
                    kind=ANSWERS,
                    version=version,
                    state="retired",
                    card={},
                    artefact=b"kept",
                    digest=b"",
                )
            )
    training_fixture.teach(40, seed=2)
    training_fixture.train(manager)

    kept = [row.version for row in training_fixture.models("version, artefact") if row.artefact is not None]
    assert kept == list(range(4, 14))


def test_training_with_lost_claim_stores_nothing(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.ask_for(manager)
    engine, tenant = training_fixture.provider.services.engine, training_fixture.provider.tenant.tenant_id
    held = claims.claim(engine, tenant, lease=60)
    stolen = claims.ClaimedTraining(tenant, held.training_id, uuid.uuid4())

    assert training_fixture.run(stolen) is False
    assert training_fixture.models() == []
    assert training_fixture.trainings()[0].state == "running"


def test_a_training_that_breaks_is_marked_as_failed_with_its_error(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.ask("update definitions set state = 'retired' returning 1")
    training_fixture.ask(
        "update evaluations set answers = '[{\"value\": 1}]' where kind = 'human' returning 1"
    )
    ended = training_fixture.train(manager)

    assert (ended["state"], ended["error"]) == ("failed", "KeyError: 'question'")
    assert training_fixture.models() == []


def test_model_cache_follows_model_in_force(training_fixture, manager):
    shelf = ModelCache(1 << 28)
    client_id = training_fixture.provider.clients["northwind"].client_id
    training_fixture.teach(120)
    found = []
    for seed in (2, 3):
        with training_fixture.provider.session() as session:
            found.append(shelf.get(session, client_id))
        training_fixture.teach(60, seed=seed)
        training_fixture.train(manager)
    with training_fixture.provider.session() as session:
        found.append(shelf.get(session, client_id))
        found.append(shelf.get(session, client_id))

    assert [each and each.version for each in found] == [None, 1, 2, 2]
    assert found[2] is found[3]
    assert ("care", "warm") in found[2].model.questions


def test_model_cache_evicts_oldest_entry_when_full(make_provider):
    slugs = ("one", "two", "three")
    training_fixture = TrainingFixture(make_provider(*slugs), slugs)
    manager = training_fixture.provider.caller()
    for slug in slugs:
        training_fixture.teach(100, slug)
        training_fixture.train(manager, slug)
    ids = [training_fixture.provider.clients[slug].client_id for slug in slugs]
    with training_fixture.provider.session() as session:
        size = ModelCache(1 << 28).get(session, ids[0]).model.size
        shelf = ModelCache(int(2.5 * size))
        held = [shelf.get(session, each) for each in ids]
        again = [shelf.get(session, each) for each in (ids[2], ids[1], ids[0])]

    assert shelf.size <= 2.5 * size
    assert [again[0] is held[2], again[1] is held[1], again[2] is held[0]] == [True, True, False]


@pytest.mark.parametrize(
    ("artefact", "fault"),
    [
        ("'\\x00'::bytea", "digest differs"),
        ("null", "digest differs"),
        ("substring(artefact from 1 for octet_length(artefact) / 2)", "digest differs"),
    ],
)
def test_model_cache_returns_none_for_corrupt_artefact_and_records_fault(
    training_fixture, manager, artefact, fault
):
    training_fixture.teach(120)
    training_fixture.train(manager)
    training_fixture.ask(f"update models set artefact = {artefact} returning 1")
    client_id = training_fixture.provider.clients["northwind"].client_id
    shelf = ModelCache(1 << 28)
    with training_fixture.provider.session() as session:
        assert shelf.get(session, client_id) is None
    with training_fixture.provider.session() as session:
        assert shelf.get(session, client_id) is None
        assert model_registry.model_in_force(session, client_id, ANSWERS).version == 1

    assert fault in manager.get("/v1/models").json["data"][0]["fault"]
    assert [row.action for row in training_fixture.ask("select action from audit_entries")].count(
        "model.unreadable"
    ) == 1


def test_model_cache_returns_none_for_newer_artefact_format_and_records_fault(training_fixture, manager):
    training_fixture.teach(120)
    training_fixture.train(manager)
    training_fixture.ask(
        "update models set artefact = overlay(artefact placing '\\x0063'::bytea from 5),"
        " digest = sha256(overlay(artefact placing '\\x0063'::bytea from 5)) returning 1"
    )
    with training_fixture.provider.session() as session:
        assert (
            ModelCache(1 << 28).get(session, training_fixture.provider.clients["northwind"].client_id) is None
        )

    assert "format 99" in manager.get("/v1/models").json["data"][0]["fault"]


def trainings_requested_by_schedule(training_fixture):
    with claims.as_learner(
        training_fixture.provider.services.engine, training_fixture.provider.tenant.tenant_id
    ) as session:
        return list(triggers.request_due_trainings(session, training_fixture.provider.services.redis))


def test_schedule_requests_first_training_after_enough_reviews(training_fixture):
    training_fixture.teach(triggers.MIN_FIRST_LABELS - 1)
    assert trainings_requested_by_schedule(training_fixture) == []
    training_fixture.teach(1)
    assert trainings_requested_by_schedule(training_fixture) == ["answers"]
    assert trainings_requested_by_schedule(training_fixture) == []
    assert training_fixture.trainings()[0].asked_by == "schedule"


def test_schedule_requests_retraining_after_new_reviews_and_one_hour(training_fixture, manager):
    training_fixture.teach(100)
    training_fixture.train(manager)
    training_fixture.ask("update trainings set created_at = now() - interval '2 hours' returning 1")
    training_fixture.teach(triggers.MIN_NEW_LABELS - 1, seed=2)
    assert trainings_requested_by_schedule(training_fixture) == []
    training_fixture.teach(1, seed=3)
    training_fixture.ask("update trainings set created_at = now() - interval '59 minutes' returning 1")
    assert trainings_requested_by_schedule(training_fixture) == []
    training_fixture.ask("update trainings set created_at = now() - interval '61 minutes' returning 1")
    assert trainings_requested_by_schedule(training_fixture) == ["answers"]


def test_schedule_requires_ten_percent_new_reviews_for_retraining(training_fixture, manager):
    training_fixture.teach(100)
    training_fixture.train(manager)
    training_fixture.ask(
        "update trainings set labels = 400, created_at = now() - interval '2 hours' returning 1"
    )
    training_fixture.teach(39, seed=2)
    assert trainings_requested_by_schedule(training_fixture) == []
    training_fixture.teach(1, seed=3)
    assert trainings_requested_by_schedule(training_fixture) == ["answers"]


def test_schedule_requests_failed_training_again(training_fixture):
    training_fixture.teach(100)
    assert trainings_requested_by_schedule(training_fixture) == ["answers"]
    training_fixture.ask(
        "update trainings set state = 'failed', created_at = now() - interval '2 hours' returning 1"
    )
    assert trainings_requested_by_schedule(training_fixture) == ["answers"]
