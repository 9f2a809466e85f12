"""Answer-model training: fits on two thirds of the labels, evaluates on the holdout, stores atomically."""

import copy
import json
import random
import uuid
from collections import Counter

import pytest
from sqlalchemy import select, text

from qm.learning import registry
from qm.learning.model_cache import ModelCache
from qm.learning.models import ANSWERS, Model
from scorecards.sampling import holdout
from tenants.isolation import acting_as
from tests.database.scratch import owner_engine
from tests.jobs.training_fixture import CARD, Classroom
from workers.definitions_cache import DefinitionsCache
from workers.training import answer_model, claims, triggers
from workers.training.dataset import read_dataset


@pytest.fixture
def room(make_provider):
    return Classroom(make_provider("northwind"))


@pytest.fixture
def manager(room):
    return room.provider.caller()


def labels_of(room, slug="northwind", key=None):
    key = key or holdout.holdout_key(room.provider.services.sampling_key)
    with room.provider.session() as session:
        return read_dataset(session, DefinitionsCache(), client=room.provider.clients[slug], holdout_key=key)


def card_of(room, version=1):
    return room.ask("select card from models where version = :version", version=version)[0].card


def lines(card):
    return {line["question"]: line for line in card["questions"]}


def held_out(room, ids):
    key = holdout.holdout_key(room.provider.services.sampling_key)
    return {each for each in ids if holdout.in_holdout(key, each)}


def rewrite_human_answers(room, ids, change):
    """Change what people said of some interactions."""
    with room.provider.session() as session:
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


def test_training_puts_model_in_force_with_provenance_in_model_card(room, manager):
    ids = room.teach(150)
    ended = room.train(manager)
    card = card_of(room)

    assert (ended["state"], ended["labels"], ended["refusals"]) == ("finished", 150, [])
    assert (card["trained_on"], card["proving"]) == (150 - len(held_out(room, ids)), len(held_out(room, ids)))
    assert set(card["versions"]) == {"python", "numpy", "scipy", "scikit-learn", "qm"}
    assert (len(card["data_hash"]), card["seed"], card["reviewers"]) == (64, 1, 3)
    assert 0 < card["familiarity"]["mean"] <= 1
    assert card["familiarity"]["n"] == card["proving"]


def test_model_card_evaluates_each_question_on_holdout(room, manager):
    ids = room.teach(150)
    room.train(manager)
    found = lines(card_of(room))

    assert set(found) == {"warm", "offers"}
    for line in found.values():
        assert line["learned_from"] == 150 - len(held_out(room, ids))
        assert line["proved_on"] == line["labelled"] == len(held_out(room, ids))
        assert min(line["accuracy"], line["macro_f1"], line["kappa"]) > 0.6
        assert 0 <= line["ece"] < 0.4
        assert set(line["recall"]) <= set(line["classes"])
        assert line["refused"] is None
    assert found["offers"]["classes"] == ["yes", "no", "n/a"]


def test_training_without_new_labels_keeps_current_model(room, manager):
    room.teach(150)
    first = room.train(manager)
    again = room.train(manager)

    assert (again["state"], again["model_id"]) == ("finished", first["model_id"])
    assert len(room.models()) == 1


def test_training_is_deterministic_byte_for_byte(room):
    room.teach(120)
    one, other = (
        answer_model.train_answers(labels_of(room), version=1, limit=0.1, current=None) for _ in range(2)
    )

    assert one.artefact == other.artefact
    assert one.card["data_hash"] == other.card["data_hash"]


def test_holdout_labels_do_not_influence_model(room):
    ids = room.teach(150)
    before = answer_model.train_answers(labels_of(room), version=1, limit=0.1, current=None)
    rewrite_human_answers(room, held_out(room, ids), flip_warm_answer)
    after = answer_model.train_answers(labels_of(room), version=1, limit=0.1, current=None)

    assert after.artefact == before.artefact
    assert after.card["data_hash"] != before.card["data_hash"]
    assert lines(after.card)["warm"]["accuracy"] < 0.1


def test_hand_picked_reviews_are_trained_on_but_excluded_from_holdout_evaluation(room, manager):
    drawn = room.teach(90)
    picked = room.teach(60, targeted=True, seed=2)
    room.train(manager)
    card = card_of(room)

    assert card["trained_on"] == 150 - len(held_out(room, drawn + picked))
    assert lines(card)["warm"]["labelled"] == len(held_out(room, drawn))


def test_oversampled_interactions_are_thinned_in_holdout_evaluation(room, manager):
    often, seldom = room.teach(150, chance=1.0), room.teach(60, chance=0.25, seed=2)
    room.train(manager)
    line = lines(card_of(room))["warm"]

    assert line["labelled"] == len(held_out(room, often + seldom))
    assert len(held_out(room, seldom)) <= line["proved_on"] < 0.75 * line["labelled"]


def test_training_with_too_few_labels_is_refused_and_keeps_current_model(room, manager):
    room.teach(150)
    room.train(manager)
    room.ask("delete from reviews where ctid not in (select ctid from reviews limit 20) returning 1")
    ended = room.train(manager)

    assert ended["state"] == "refused"
    assert {each["code"] for each in ended["refusals"]} == {"too_few_labels"}
    assert {(each["scorecard"], each["question"]) for each in ended["refusals"]} == {
        ("care", "warm"),
        ("care", "offers"),
    }
    assert [(row.version, row.state) for row in room.models()] == [(1, "in_force")]


def test_training_without_reviews_is_refused(room, manager):
    ended = room.train(manager)

    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "too_few_labels")
    assert room.models() == []


def test_question_with_one_class_is_refused_and_remaining_questions_are_trained(room, manager):
    room.teach(150, answer=lambda *_: {"warm": "yes"})
    ended = room.train(manager)

    assert (ended["state"], [each["code"] for each in ended["refusals"]]) == ("finished", ["one_class"])
    found = lines(card_of(room))
    assert found["warm"]["refused"]["code"] == "one_class"
    assert found["offers"]["refused"] is None


def test_training_on_random_labels_is_refused_and_keeps_current_model(room, manager):
    room.teach(150)
    room.train(manager)
    room.ask("delete from reviews returning 1")
    dice = random.Random(4)

    def noise(*_):
        return {key: dice.choice(["yes", "no"]) for key in ("warm", "offers")}

    room.teach(150, answer=noise, seed=9)
    ended = room.train(manager)

    assert ended["state"] == "refused"
    # By chance one of the two may look as if there were sense in it.
    codes = {each["code"] for each in ended["refusals"]}
    assert "contradictory" in codes <= {"contradictory", "would_forget"}
    assert [row.version for row in room.models() if row.state == "in_force"] == [1]


def test_conflicting_reviewer_is_named_to_staff_but_not_to_stakeholder(room, manager):
    opposite = {"yes": "no", "no": "yes"}
    room.teach(
        240,
        answer=lambda truth, place: {"warm": opposite[truth["warm"]] if place % 3 == 1 else truth["warm"]},
    )
    ended = room.train(manager)
    stakeholder = room.provider.add_user("client_stakeholder", "northwind", email="s@example.com")
    outside = room.provider.caller("definitions:read", user=stakeholder)
    [told] = outside.get("/v1/models/trainings").json["data"]
    card = manager.get(f"/v1/models/{ended['model_id']}").json["card"]

    assert [each["code"] for each in ended["refusals"]] == ["poisoned"]
    assert "Reviewer (kappa" in ended["refusals"][0]["detail"]
    assert lines(card)["warm"]["refused"]["detail"] == ended["refusals"][0]["detail"]
    assert told["refusals"][0]["detail"] == "Labels contradict what all the others teach."
    assert told["asked_by"] is None


def test_model_that_would_lose_a_question_is_kept_as_candidate(room, manager):
    room.teach(120)
    room.train(manager)
    room.ask("delete from reviews returning 1")
    room.teach(120, answer=lambda *_: {"warm": "yes"}, seed=2)
    ended = room.train(manager)

    assert ended["state"] == "refused"
    assert [each["code"] for each in ended["refusals"]] == ["would_forget", "one_class"]
    assert "care/warm" in ended["refusals"][0]["detail"]
    assert [(row.version, row.state) for row in room.models()] == [(1, "in_force"), (2, "candidate")]


def test_question_with_changed_options_does_not_block_new_model(room, manager):
    room.teach(120)
    room.train(manager)
    changed = copy.deepcopy(CARD)
    grades = [{"key": f"g{grade}", "label": str(grade), "value": grade / 2} for grade in range(3)]
    changed["sections"][0]["questions"][0] |= {"kind": "scale", "options": grades}
    room.publish(changed)
    ended = room.train(manager)

    assert ended["state"] == "finished"
    assert [(each["code"], each["question"]) for each in ended["refusals"]] == [("too_few_labels", "warm")]
    assert [(row.version, row.state) for row in room.models()] == [(1, "retired"), (2, "in_force")]


def test_significantly_worse_model_is_kept_as_candidate(room, manager):
    ids = room.teach(150)
    room.train(manager)
    rewrite_human_answers(room, set(ids) - held_out(room, ids), flip_warm_answer)
    ended = room.train(manager)

    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "worse_than_before")
    assert [(row.version, row.state) for row in room.models()] == [(1, "in_force"), (2, "candidate")]


def test_new_model_retires_previous_model(room, manager):
    room.teach(120)
    room.train(manager)
    room.teach(60, seed=2)
    room.train(manager)
    first, second = room.models()

    assert [(each.version, each.state) for each in (first, second)] == [(1, "retired"), (2, "in_force")]
    assert first.retired_at == second.in_force_since


def test_training_records_outcome_of_each_override(room, manager):
    ids = room.teach(150)
    room.train(manager)
    lessons = room.ask("select lessons from models")[0].lessons
    parts = Counter(each["part"] for each in lessons)

    # The machine always said that nobody was warm.
    assert {(each["question"], each["machine"], each["human"]) for each in lessons} == {("warm", "no", "yes")}
    assert {each["interaction_id"] for each in lessons if each["part"] == "proving"} <= {
        str(each) for each in held_out(room, ids)
    }
    assert min(parts["learning"], parts["proving"]) > 5
    assert sum(each["now"] == "yes" for each in lessons) > 0.9 * len(lessons)
    assert card_of(room)["lessons"] == {
        "overrides": len(lessons),
        "followed": sum(each["now"] == "yes" for each in lessons),
    }


def test_answers_to_reworded_question_of_earlier_version_are_training_examples(room):
    room.teach(30)
    reworded = json.loads(json.dumps(CARD))
    reworded["sections"][0]["questions"][0]["text"] = "Did the agent sound warm?"
    room.publish(reworded)
    room.teach(30, seed=2)

    assert [len(each.labels) for each in labels_of(room).evaluations] == [2] * 60


def test_answers_to_earlier_version_with_other_options_are_no_training_examples(room):
    room.teach(30)
    other = json.loads(json.dumps(CARD))
    question = other["sections"][0]["questions"][0]
    question["kind"] = "single"
    question["options"] = [
        {"key": "yes", "label": "Yes", "value": 1},
        {"key": "no", "label": "No", "value": 0},
    ]
    room.publish(other)

    assert [set(each.labels) for each in labels_of(room).evaluations] == [{("care", "offers")}] * 30


def test_unreadable_scorecard_version_excludes_only_own_labels(room, services):
    room.teach(10)
    room.publish(json.loads(json.dumps(CARD)) | {"name": "Care, again"})
    room.teach(10, seed=2)
    engine = owner_engine(services)
    with room.provider.session() as session:
        scope = session.info["scope"]
    with acting_as(engine, scope) as session:
        session.execute(text("alter table definitions disable trigger keep_published"))
        session.execute(text("update definitions set body = '{\"sections\": [1]}' where version = 1"))
        session.execute(text("alter table definitions enable trigger keep_published"))
    engine.dispose()

    assert [len(each.labels) for each in labels_of(room).evaluations].count(2) == 10


def test_superseded_evaluations_and_deleted_transcripts_are_no_training_examples(room):
    first, second, *_ = room.teach(10)
    room.ask("update evaluations set superseded_at = now() where interaction_id = :id returning 1", id=first)
    room.ask("update interactions set turns = '[]' where interaction_id = :id returning 1", id=second)

    assert {each.interaction_id for each in labels_of(room).evaluations} & {first, second} == set()
    assert len(labels_of(room).evaluations) == 8


def test_evidence_outside_changed_transcript_is_ignored(room):
    [only] = room.teach(1)
    room.ask("update interactions set turns = turns - 3 where interaction_id = :id returning 1", id=only)
    [found] = labels_of(room).evaluations

    assert [label.spans for label in found.labels.values()].count(()) == 1


def test_training_of_one_client_does_not_affect_model_of_other_client(make_provider):
    room = Classroom(make_provider("northwind", "contoso"), ("northwind", "contoso"))
    room.teach(120)
    room.teach(90, "contoso", answer=lambda truth, _: {"warm": "no" if truth["warm"] == "yes" else "yes"})
    manager = room.provider.caller()
    room.train(manager)
    before = room.models("model_id, digest, state, revision")
    room.train(manager, "contoso")
    rows = room.ask("select client_id, digest, card from models order by created_at")

    assert [tuple(row) for row in before] == [
        tuple(row) for row in room.models("model_id, digest, state, revision") if row in before
    ]
    assert [row.card["trained_on"] + row.card["proving"] for row in rows] == [120, 90]
    assert rows[0].digest != rows[1].digest


def test_a_training_of_one_provider_touches_nothing_of_another(make_provider):
    rooms = [Classroom(make_provider("northwind")) for _ in range(2)]
    for room in rooms:
        room.teach(100)
    rooms[0].train(rooms[0].provider.caller())

    assert [len(room.models()) for room in rooms] == [1, 0]
    assert [len(room.trainings()) for room in rooms] == [1, 0]


def test_holdout_split_is_deterministic_and_about_one_third():
    key = holdout.holdout_key(b"a key of sixteen bytes at least")
    ids = [uuid.UUID(int=number) for number in range(6000)]
    chosen = [holdout.in_holdout(key, each) for each in ids]

    assert chosen == [holdout.in_holdout(key, each) for each in ids]
    assert 1850 < sum(chosen) < 2150


def test_only_ten_newest_model_versions_keep_artefact(room, manager):
    room.teach(120)
    room.train(manager)
    with room.provider.session() as session:
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
    room.teach(40, seed=2)
    room.train(manager)

    kept = [row.version for row in room.models("version, artefact") if row.artefact is not None]
    assert kept == list(range(4, 14))


def test_training_with_lost_claim_stores_nothing(room, manager):
    room.teach(120)
    room.ask_for(manager)
    engine, tenant = room.provider.services.engine, room.provider.tenant.tenant_id
    held = claims.claim(engine, tenant, lease=60)
    stolen = claims.ClaimedTraining(tenant, held.training_id, uuid.uuid4())

    assert room.run(stolen) is False
    assert room.models() == []
    assert room.trainings()[0].state == "running"


def test_a_training_that_breaks_is_marked_as_failed_with_its_error(room, manager):
    room.teach(120)
    room.ask("update definitions set state = 'retired' returning 1")
    room.ask("update evaluations set answers = '[{\"value\": 1}]' where kind = 'human' returning 1")
    ended = room.train(manager)

    assert (ended["state"], ended["error"]) == ("failed", "KeyError: 'question'")
    assert room.models() == []


def test_model_cache_follows_model_in_force(room, manager):
    shelf = ModelCache(1 << 28)
    client_id = room.provider.clients["northwind"].client_id
    room.teach(120)
    found = []
    for seed in (2, 3):
        with room.provider.session() as session:
            found.append(shelf.get(session, client_id))
        room.teach(60, seed=seed)
        room.train(manager)
    with room.provider.session() as session:
        found.append(shelf.get(session, client_id))
        found.append(shelf.get(session, client_id))

    assert [each and each.version for each in found] == [None, 1, 2, 2]
    assert found[2] is found[3]
    assert ("care", "warm") in found[2].model.questions


def test_model_cache_evicts_oldest_entry_when_full(make_provider):
    slugs = ("one", "two", "three")
    room = Classroom(make_provider(*slugs), slugs)
    manager = room.provider.caller()
    for slug in slugs:
        room.teach(100, slug)
        room.train(manager, slug)
    ids = [room.provider.clients[slug].client_id for slug in slugs]
    with room.provider.session() as session:
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
def test_model_cache_returns_none_for_corrupt_artefact_and_records_fault(room, manager, artefact, fault):
    room.teach(120)
    room.train(manager)
    room.ask(f"update models set artefact = {artefact} returning 1")
    client_id = room.provider.clients["northwind"].client_id
    shelf = ModelCache(1 << 28)
    with room.provider.session() as session:
        assert shelf.get(session, client_id) is None
    with room.provider.session() as session:
        assert shelf.get(session, client_id) is None
        assert registry.model_in_force(session, client_id, ANSWERS).version == 1

    assert fault in manager.get("/v1/models").json["data"][0]["fault"]
    assert [row.action for row in room.ask("select action from audit_entries")].count("model.unreadable") == 1


def test_model_cache_returns_none_for_newer_artefact_format_and_records_fault(room, manager):
    room.teach(120)
    room.train(manager)
    room.ask(
        "update models set artefact = overlay(artefact placing '\\x0063'::bytea from 5),"
        " digest = sha256(overlay(artefact placing '\\x0063'::bytea from 5)) returning 1"
    )
    with room.provider.session() as session:
        assert ModelCache(1 << 28).get(session, room.provider.clients["northwind"].client_id) is None

    assert "format 99" in manager.get("/v1/models").json["data"][0]["fault"]


def trainings_requested_by_schedule(room):
    with claims.as_learner(room.provider.services.engine, room.provider.tenant.tenant_id) as session:
        return list(triggers.request_due_trainings(session, room.provider.services.redis))


def test_schedule_requests_first_training_after_enough_reviews(room):
    room.teach(triggers.MIN_FIRST_LABELS - 1)
    assert trainings_requested_by_schedule(room) == []
    room.teach(1)
    assert trainings_requested_by_schedule(room) == ["answers"]
    assert trainings_requested_by_schedule(room) == []
    assert room.trainings()[0].asked_by == "schedule"


def test_schedule_requests_retraining_after_new_reviews_and_one_hour(room, manager):
    room.teach(100)
    room.train(manager)
    room.ask("update trainings set created_at = now() - interval '2 hours' returning 1")
    room.teach(triggers.MIN_NEW_LABELS - 1, seed=2)
    assert trainings_requested_by_schedule(room) == []
    room.teach(1, seed=3)
    room.ask("update trainings set created_at = now() - interval '59 minutes' returning 1")
    assert trainings_requested_by_schedule(room) == []
    room.ask("update trainings set created_at = now() - interval '61 minutes' returning 1")
    assert trainings_requested_by_schedule(room) == ["answers"]


def test_schedule_requires_ten_percent_new_reviews_for_retraining(room, manager):
    room.teach(100)
    room.train(manager)
    room.ask("update trainings set labels = 400, created_at = now() - interval '2 hours' returning 1")
    room.teach(39, seed=2)
    assert trainings_requested_by_schedule(room) == []
    room.teach(1, seed=3)
    assert trainings_requested_by_schedule(room) == ["answers"]


def test_schedule_requests_failed_training_again(room):
    room.teach(100)
    assert trainings_requested_by_schedule(room) == ["answers"]
    room.ask("update trainings set state = 'failed', created_at = now() - interval '2 hours' returning 1")
    assert trainings_requested_by_schedule(room) == ["answers"]
