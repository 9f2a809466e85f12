"""Kudos and the language library: proposed, confirmed by people, shown to whom they are for."""

from datetime import timedelta

import pytest

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.kudos.giving import count_confirmed
from qm.reviews.models import Evaluation
from tests.api.coaching_api import TURNS
from tests.api.review_api import GOOD, PLACE, pointers

KUDOS = "/v1/kudos"
LIBRARY = "/v1/clients/northwind/language-library"
PHRASE = {"turn": 1}


@pytest.fixture
def praised(coached):
    """An interaction of which the machine is sure that its empathy was exceptional."""
    (human,) = coached.work("a-7", True, days=-2)
    ids = {name: getattr(human, name) for name in ("tenant_id", "client_id", "interaction_id")}
    answers = [
        {
            "question": key,
            "value": value,
            "na": False,
            "confidence": 0.95,
            "evidence": PLACE,
            "abstained": False,
        }
        for key, value in (("hears", "yes"), ("how", "well"))
    ]
    at = coached.desk.now - timedelta(days=2)
    texts = dict.fromkeys(("program", "queue", "priority", "sla_rule"), "")
    counts = {
        column.name: 0
        for column in InteractionFacts.__table__.columns
        if column.type.python_type is int and not column.nullable
    }
    with coached.provider.session() as session:
        session.add(
            Evaluation(
                **ids,
                kind="automatic",
                scorecard_id=human.scorecard_id,
                versions={},
                answers=answers,
                sections={},
                findings={},
                critical=[],
                empathy=100.0,
                score=100.0,
            )
        )
        session.add(
            InteractionFacts(
                **ids,
                **texts,
                **(counts | {"scored": 1, "judged": 1, "charged": 1}),
                day=at.date(),
                channel="chat",
                agent="a-7",
                rate=0.5,
                started_at=at,
                drawable_since=at,
                empathy=100.0,
                peak_distress=0.9,
                clocks=[],
            )
        )
    return human


def test_the_machine_proposes_and_a_person_confirms_or_declines(coached, manager, praised):
    (proposed,) = manager.get("/v1/clients/northwind/kudos-proposals").json["data"]

    assert (proposed["empathy"], proposed["confidence"], proposed["words"]) == (100.0, 0.95, "I can hear")
    body = {name: proposed[name] for name in ("interaction", "quote")}
    given = manager.post(KUDOS, json={**body, "source": "machine", "note": "Wonderful."})
    again = manager.post(KUDOS, json=body)

    assert (given.status_code, given.json["words"]) == (201, "I can hear")
    assert (again.status_code, again.json["code"]) == (409, "already_praised")
    assert manager.get("/v1/clients/northwind/kudos-proposals").json["data"] == []
    with coached.provider.session() as session:
        assert (count_confirmed(session, "a-7"), count_confirmed(session, "a-1")) == (1, 0)
    assert manager.delete(f"{KUDOS}/{given.json['id']}").status_code == 204
    assert len(manager.get("/v1/clients/northwind/kudos-proposals").json["data"]) == 1


def test_kudos_are_for_the_agent_and_without_a_name_for_the_client(coached, manager, praised):
    body = {"interaction": str(praised.interaction_id), "quote": PHRASE, "note": "Good, Name, says Priya!"}
    assert manager.post(KUDOS, json=body).status_code == 201
    own, peer = coached.person("agent", agent="a-7"), coached.person("agent", agent="a-1")
    blue, red = coached.person("team_lead", team="Blue"), coached.person("team_lead", team="Red")
    coached.person("team_lead", name="Priya Nair")
    stakeholder = coached.person("client_stakeholder")

    seen = [len(each.get(KUDOS).json["data"]) for each in (own, peer, blue, red, stakeholder)]
    (shown,) = stakeholder.get(KUDOS).json["data"]

    assert seen == [1, 0, 1, 0, 1]
    assert {shown[name] for name in ("agent", "agent_name", "interaction", "external_id", "author")} == {None}
    assert (shown["words"], shown["note"]) == (TURNS[1]["text"], "Good, [NAME], says [NAME]!")
    assert own.post(KUDOS, json=body).status_code == 403
    assert stakeholder.get("/v1/clients/northwind/kudos-proposals").status_code == 403


def test_declined_kudos_are_for_those_who_decide_alone(coached, manager, praised):
    body = {"interaction": str(praised.interaction_id), "state": "declined"}
    assert manager.post(KUDOS, json=body).status_code == 201

    assert len(manager.get(f"{KUDOS}?state=declined").json["data"]) == 1
    for role, profile in (("agent", {"agent": "a-7"}), ("client_stakeholder", {})):
        assert coached.person(role, **profile).get(KUDOS).json["data"] == []


def test_kudos_of_what_is_not_there_or_not_the_agents_are_refused(coached, manager, praised):
    lead = coached.person("team_lead", team="Red")
    here = {"interaction": str(praised.interaction_id)}

    assert pointers(manager.post(KUDOS, json={**here, "quote": {"turn": 0}})) == [
        ("/quote/turn", "not_the_agents")
    ]
    assert pointers(manager.post(KUDOS, json={**here, "quote": {"turn": 1, "start": 5, "end": 999}})) == [
        ("/quote", "outside_turn")
    ]
    assert pointers(lead.post(KUDOS, json=here)) == [("/interaction", "other_team")]
    unknown = {"interaction": str(coached.client.client_id)}
    assert pointers(manager.post(KUDOS, json=unknown)) == [("/interaction", "unknown_interaction")]


def test_the_library_is_made_of_confirmed_words_and_shows_them_to_everybody(coached, manager):
    coached.work("a-7", True, turns=[TURNS[0], {**TURNS[1], "text": "I can hear how hard it is."}, TURNS[2]])
    proposed = manager.get(f"{LIBRARY}/proposals").json["data"]
    agent, stakeholder = coached.person("agent", agent="a-1"), coached.person("client_stakeholder")
    assert {each["kind"] for each in proposed} <= {"phrase", "scenario"}
    assert agent.get(LIBRARY).json["data"] == []

    (evaluation,) = coached.work("a-7", True, days=-3)
    body = {"evaluation": str(evaluation.evaluation_id), "question": "hears", "place": PHRASE}
    made = manager.post(LIBRARY, json={**body, "emotion": "anger", "note": "When it is the third time."})
    again = manager.post(LIBRARY, json={**body, "place": {"turn": 1, "start": 0}})
    scene = manager.post(LIBRARY, json={**body, "kind": "scenario", "place": {"turn": 0, "last": 2}})

    assert (made.status_code, again.status_code, scene.status_code) == (201, 409, 201), scene.json
    for reader in (agent, stakeholder):
        shown = reader.get(f"{LIBRARY}?kind=phrase").json["data"]
        assert [(each["words"], each["emotion"], each["text"]) for each in shown] == [
            (TURNS[1]["text"], "anger", "Heard?")
        ]
        assert {shown[0]["author"], shown[0]["interaction"]} == {None}
    assert [turn["speaker"] for turn in scene.json["turns"]] == ["customer", "agent", "customer"]
    assert agent.get(f"{LIBRARY}/proposals").status_code == 403
    assert agent.post(LIBRARY, json=body).status_code == 403
    assert manager.delete(f"{LIBRARY}/{made.json['id']}").status_code == 204


def test_only_the_best_answers_words_of_the_agent_are_examples(coached, manager):
    low, high = (coached.work("a-7", good)[0] for good in (False, True))
    body = {"question": "hears", "place": PHRASE}

    assert pointers(manager.post(LIBRARY, json={**body, "evaluation": str(low.evaluation_id)})) == [
        ("/question", "not_best")
    ]
    sent = {**body, "evaluation": str(high.evaluation_id)}
    assert pointers(manager.post(LIBRARY, json={**sent, "place": {"turn": 0}})) == [
        ("/place/turn", "not_the_agents")
    ]
    assert pointers(manager.post(LIBRARY, json={**sent, "kind": "scenario"})) == [
        ("/place/last", "bad_scenario")
    ]
    nobody = {**body, "evaluation": str(coached.client.client_id)}
    assert pointers(manager.post(LIBRARY, json=nobody)) == [("/evaluation", "unknown_evaluation")]


def test_what_is_erased_or_changes_leaves_the_library_and_kudos(coached, manager, praised):
    body = {"evaluation": str(praised.evaluation_id), "question": "hears", "place": PHRASE}
    assert manager.post(LIBRARY, json=body).status_code == 201
    assert manager.post(KUDOS, json={"interaction": str(praised.interaction_id)}).status_code == 201
    with coached.provider.session() as session:
        found = session.get_one(Interaction, (praised.tenant_id, praised.interaction_id, praised.client_id))
        found.turns = [TURNS[0], {**TURNS[1], "text": "Other words."}, TURNS[2]]
    assert [each["words"] for each in manager.get(LIBRARY).json["data"]] == [None]

    eraser = coached.provider.caller("interactions:write", "interactions:read")
    assert eraser.delete(f"/v1/interactions/{praised.interaction_id}").status_code == 200

    assert manager.get(LIBRARY).json["data"] == manager.get(KUDOS).json["data"] == []


def test_a_reviewer_praises_what_they_have_reviewed_and_nothing_else(coached, review_fixture):
    review_fixture.drawn()
    reviewer, other = review_fixture.reviewer(), review_fixture.reviewer()
    held = reviewer.post("/v1/reviews/next").json
    address = f"/v1/reviews/{held['id']}/kudos"
    early = reviewer.post(address, json={"note": "Wonderful."})
    assert (early.status_code, early.json["code"]) == (409, "not_submitted")
    assert reviewer.post(f"/v1/reviews/{held['id']}/submit", json={"answers": GOOD}).status_code == 200

    assert other.post(address, json={}).status_code == 404
    assert pointers(reviewer.post(address, json={"quote": {"turn": 0}})) == [
        ("/quote/turn", "not_the_agents")
    ]
    given = reviewer.post(address, json={"note": "Wonderful.", "quote": {"turn": 1}})
    again = reviewer.post(address, json={})

    assert (given.status_code, given.json["source"], given.json["state"]) == (201, "hand", "confirmed")
    assert given.json["author"]["id"] == str(reviewer.user.user_id)
    assert (again.status_code, again.json["code"]) == (409, "already_praised")
    (shown,) = coached.person("agent", agent="a-7").get(KUDOS).json["data"]
    assert (shown["note"], shown["words"]) == ("Wonderful.", "I can hear how maddening this is.")
