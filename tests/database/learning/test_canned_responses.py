"""What a client's agents say again and again is counted, kept as a version, and told apart by the rules."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from qm.interactions.models import Interaction
from qm.learning.model_cache import ModelShelf
from qm.learning.models import CANNED
from tenants.models import new_id, utc_now
from tests.jobs.training_fixture import Classroom, interaction_row
from workers.scoring.models_in_force import standing_of
from workers.training import triggers

SCRIPT = "Our friendly team will look at order {n} and come back to you."


@pytest.fixture
def room(make_provider):
    return Classroom(make_provider("northwind", "harbor"), slugs=("northwind", "harbor"))


def talk(room, number, said, slug="northwind"):
    """Store scored interactions in which the agent says `said`."""
    client, now = room.provider.clients[slug], utc_now()
    rows = []
    for place in range(number):
        turns = [
            {"speaker": "customer", "text": "My lamp is broken."},
            {"speaker": "agent", "text": said.format(n=place)},
        ]
        own = {"tenant_id": client.tenant_id, "client_id": client.client_id, "interaction_id": new_id()}
        rows.append(own | interaction_row(turns, now - timedelta(seconds=number - place)))
    with room.provider.session() as session:
        session.execute(insert(Interaction), rows)


def memo(room, slug="northwind"):
    with room.provider.session() as session:
        return standing_of(session, ModelShelf(1 << 24), room.provider.clients[slug].client_id)


def test_a_sentence_of_many_interactions_is_known_as_canned_for_this_client_alone(room):
    talk(room, 30, SCRIPT)
    talk(room, 40, "Number {n} is something I have written for you and nobody but you, my dear {n}.")
    talk(room, 60, "Nothing of the kind is ever said to customers here, is it, number {n}?", "harbor")
    caller = room.provider.caller()
    ended = room.train(caller, kind=CANNED)
    card = caller.get(f"/v1/models/{ended['model_id']}").json["card"]

    assert (ended["state"], ended["kind"], ended["labels"]) == ("finished", "canned", 70)
    assert card["trained_on"] == 70
    assert card["canned_sentences"] == 2
    standing = memo(room)
    assert standing.learned.memo.times(SCRIPT.format(n=7).lower()) == 30
    assert [each["key"] for each in standing.versions["model"]] == ["canned"]
    assert memo(room, "harbor").learned.memo is None


def test_too_few_interactions_are_refused_and_change_nothing(room):
    talk(room, 10, SCRIPT)
    ended = room.train(room.provider.caller(), kind=CANNED)
    assert (ended["state"], ended["refusals"][0]["code"]) == ("refused", "too_few_interactions")
    assert room.models() == []


def test_counting_the_same_interactions_again_makes_no_new_version(room):
    talk(room, 60, SCRIPT)
    caller = room.provider.caller()
    first, again = (room.train(caller, kind=CANNED) for _ in range(2))
    assert first["model_id"] == again["model_id"]
    assert len(room.models()) == 1


def test_the_clock_asks_for_a_count_when_enough_was_said_and_not_twice_a_day(room):
    talk(room, triggers.ENOUGH_SAID, SCRIPT)
    redis = room.provider.services.redis
    with room.provider.session() as session:
        assert triggers.ask_where_due(session, redis) == [CANNED]
    with room.provider.session() as session:
        session.execute(
            text("update trainings set state = 'finished', created_at = now() - interval '2 hours'")
        )
        assert triggers.ask_where_due(session, redis) == []


def test_what_is_said_is_counted_for_one_client_that_has_to_be_named(room):
    answer = room.provider.caller().post("/v1/models/train", json={"kind": CANNED})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/client")
