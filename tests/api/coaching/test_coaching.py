"""Coaching plans: who makes and sees them, what they cite, and whether what they coach moved."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from qm.coaching.follow_up import coached_questions_that_moved
from qm.coaching.leaving import close_plans
from qm.coaching.models import CoachingPlan
from qm.reviews.models import Review
from tenants.changes import AccessChange
from tests.api.review_api import pointers

LOW = (True, False, False, False) * 3


@pytest.fixture
def low(coached):
    """The reviewed work of an agent who is low on one question, among others who are not."""
    for agent in ("a-1", "a-2", "a-3", "a-4"):
        coached.work(agent, *((True,) * 9 + (False,) * 3), days=-20)
    return coached.work("a-7", *LOW)


def back_to(coached, plan_id, days):
    """Have a plan begin so many days ago."""
    with coached.provider.session() as session:
        plan = session.scalars(select(CoachingPlan).where(CoachingPlan.plan_id == plan_id)).one()
        plan.created_at = coached.desk.now - timedelta(days=days)


def test_a_plan_cites_published_evaluations_with_their_words(coached, manager, low):
    made = coached.plan(manager, low[1:3])

    assert made.status_code == 201, made.json
    assert made.headers["Location"].endswith(made.json["id"])
    (cited, _) = made.json["evidence"]
    assert cited["answers"] == [{"question": "hears", "points": 0.0, "note": None, "quotes": ["I can hear"]}]
    assert (made.json["agent_name"], made.json["team"]) == ("Name of a-7", "Blue")
    (told,) = made.json["follow_up"]
    assert (told["verdict"], told["missing"], told["text"]) == ("too_early", 5, "Heard?")
    assert told["after"]["estimate"] is None


def test_every_fault_of_a_plan_is_named_and_nothing_is_made(coached, manager, low):
    others = coached.work("a-9", False)

    sent = coached.plan(
        manager,
        [low[0], low[0], others[0]],
        questions=["hears", "nothing", "hears"],
        follow_up_on="2020-01-01",
    )

    assert sent.status_code == 422
    assert pointers(sent) == [
        ("/evaluations/1", "duplicate"),
        ("/evaluations/2", "other_agent"),
        ("/follow_up_on", "in_past"),
        ("/questions/1", "unknown_question"),
        ("/questions/2", "duplicate"),
    ]
    assert pointers(coached.plan(manager, low[:1], agent="nobody"))[0] == ("/agent", "unknown_agent")
    assert pointers(coached.plan(manager, low[:1], scorecard="none")) == [("/scorecard", "unknown_scorecard")]
    assert manager.get("/v1/coaching").json["data"] == []


def test_a_second_plan_of_the_same_question_is_refused(coached, manager, low):
    assert coached.plan(manager, low[:1]).status_code == 201

    again = coached.plan(manager, low[:1])

    assert (again.status_code, again.json["code"]) == (409, "already_coached")


def test_a_question_that_moved_is_told_after_the_fixed_number_and_stays_told(coached, manager, low):
    plan = coached.plan(manager, low[1:3], follow_up_after=10).json
    back_to(coached, plan["id"], days=5)
    address = f"/v1/coaching/{plan['id']}"

    coached.work("a-7", *((True,) * 9), days=-4)
    assert manager.get(address).json["follow_up"][0]["missing"] == 1
    coached.work("a-7", True, days=-3)
    (told,) = manager.get(address).json["follow_up"]
    coached.work("a-7", *((False,) * 20), days=-2)
    (later,) = manager.get(address).json["follow_up"]

    assert (told["verdict"], told["after"]["estimate"], told["before_mean"]) == ("moved", 100.0, 25.0)
    assert 25.0 < told["before"]["estimate"] < 75.0
    assert told["difference"]["low"] > 0
    assert (told["concurrency_before"], told["concurrency_after"]) == (2.0, 2.0)
    assert later == told
    with coached.provider.session() as session:
        ((scorecard, question, _),) = coached_questions_that_moved(session, "a-7")
    assert (scorecard, question) == ("care", "hears")


def test_a_question_that_stayed_low_did_not_move(coached, manager, low):
    plan = coached.plan(manager, low[1:3]).json
    back_to(coached, plan["id"], days=5)
    coached.work("a-7", True, False, False, False, True, days=-4)

    (told,) = manager.get(f"/v1/coaching/{plan['id']}").json["follow_up"]

    assert told["verdict"] == "did_not_move"


def test_hand_picked_reviews_are_not_measured(coached, manager, low):
    plan = coached.plan(manager, low[1:3]).json
    back_to(coached, plan["id"], days=5)
    picked = coached.work("a-7", *((True,) * 5), days=-4)
    with coached.provider.session() as session:
        ids = [each.interaction_id for each in picked]
        for review in session.scalars(select(Review).where(Review.interaction_id.in_(ids))):
            review.targeted, review.draw, review.inclusion_probability = True, None, None

    assert manager.get(f"/v1/coaching/{plan['id']}").json["follow_up"][0]["missing"] == 5


def test_agents_see_and_tick_their_own_plans_and_nobody_elses(coached, manager, low):
    plan = coached.plan(manager, low[:1]).json
    own, peer = coached.person("agent", agent="a-7"), coached.person("agent", agent="a-1")
    address = f"/v1/coaching/{plan['id']}"

    assert [each["id"] for each in own.get("/v1/coaching").json["data"]] == [plan["id"]]
    assert peer.get("/v1/coaching").json["data"] == []
    assert (own.get(address).status_code, peer.get(address).status_code) == (200, 404)
    ticked = own.post(f"{address}/actions/1")
    assert ticked.json["actions"][0]["done_at"] is not None
    assert ticked.json["actions_done"] == 1
    assert own.post(f"{address}/actions/1", json={"done": False}).json["actions_done"] == 0
    assert own.post(f"{address}/actions/2").status_code == 404
    assert peer.post(f"{address}/actions/1").status_code == 404
    assert own.patch(address, json={"goal": "Less."}).status_code == 403
    assert own.post(f"{address}/close", json={"outcome": "reached"}).status_code == 403
    assert coached.plan(own, low[:1]).status_code == 403


def test_team_leads_coach_their_team_and_stakeholders_see_no_plan(coached, low):
    blue, red = coached.person("team_lead", team="Blue"), coached.person("team_lead", team="Red")
    stakeholder = coached.person("client_stakeholder")

    refused = coached.plan(red, low[:1])
    plan = coached.plan(blue, low[:1]).json

    assert pointers(refused) == [("/agent", "other_team")]
    assert [len(each.get("/v1/coaching").json["data"]) for each in (blue, red)] == [1, 0]
    assert red.get(f"/v1/coaching/{plan['id']}").status_code == 404
    assert stakeholder.get("/v1/coaching").status_code == 403
    assert stakeholder.get(f"/v1/coaching/{plan['id']}").status_code == 403


def test_closing_keeps_what_was_measured_and_ends_changes(coached, manager, low):
    plan = coached.plan(manager, low[1:3]).json
    address = f"/v1/coaching/{plan['id']}"
    changed = manager.patch(address, json={"goal": "Validate.", "actions": [{"text": "Read.", "done": True}]})
    stale = manager.patch(address, json={"goal": "Other."}, headers={"If-Match": '"old"'})

    closed = manager.post(f"{address}/close", json={"outcome": "stopped", "note": "Moved on."})

    assert (changed.json["goal"], changed.json["actions_done"], stale.status_code) == ("Validate.", 1, 412)
    assert (closed.json["state"], closed.json["outcome"]) == ("closed", "stopped")
    assert closed.json["follow_up"] == manager.get(address).json["follow_up"]
    for sent in (
        manager.post(f"{address}/close", json={"outcome": "reached"}),
        manager.patch(address, json={"goal": "More."}),
        manager.post(f"{address}/actions/1"),
    ):
        assert (sent.status_code, sent.json["code"]) == (409, "coaching_closed")
    assert manager.get("/v1/coaching?state=open").json["data"] == []


def test_erased_interactions_take_their_words_and_the_plan_says_how_many(coached, manager, low):
    plan = coached.plan(manager, low[1:3]).json
    eraser = coached.provider.caller("interactions:write", "interactions:read")
    assert eraser.delete(f"/v1/interactions/{low[1].interaction_id}").status_code == 200

    shown = manager.get(f"/v1/coaching/{plan['id']}").json

    assert shown["evidence_erased"] == 1
    assert [each["evaluation"] for each in shown["evidence"]] == [str(low[2].evaluation_id)]


def test_plans_of_who_leaves_are_closed_and_name_nobody(coached, manager, low):
    agent = coached.person("agent", agent="a-7")
    plan = coached.plan(manager, low[:1]).json
    with coached.provider.session() as session:
        user = session.merge(agent.user)
        user.disabled_at, user.agent, user.name = coached.desk.now, None, "Former colleague"
        session.flush()
        close_plans(session, AccessChange(user.user_id))

    shown = manager.get(f"/v1/coaching/{plan['id']}").json

    assert (shown["state"], shown["outcome"], shown["follow_up"]) == ("closed", "left", [])
    assert shown["agent_name"] == "Former colleague"


def test_suggestions_name_who_is_low_and_what_to_expect_without_coaching(coached, manager, low):
    (suggested,) = manager.get("/v1/clients/northwind/coaching-suggestions").json["data"]

    assert (suggested["agent"], suggested["question"], suggested["reviewed"]) == ("a-7", "hears", 8)
    assert suggested["mean"] == 25.0
    assert suggested["mean"] < suggested["expected"] < suggested["usual"]
    assert suggested["evaluations"][0] == str(low[-1].evaluation_id)
    assert coached.plan(manager, low[:1]).status_code == 201
    assert manager.get("/v1/clients/northwind/coaching-suggestions").json["data"] == []


def test_nobody_is_suggested_or_coached_who_has_left(coached, manager, low):
    agent = coached.person("agent", agent="a-7")
    with coached.provider.session() as session:
        session.merge(agent.user).disabled_at = coached.desk.now

    assert manager.get("/v1/clients/northwind/coaching-suggestions").json["data"] == []
    refused = coached.plan(manager, low[1:3])
    assert pointers(refused) == [("/agent", "agent_left")]
    coached.person("agent", agent="a-7")
    assert len(manager.get("/v1/clients/northwind/coaching-suggestions").json["data"]) == 1, "they are back"


def test_the_threshold_of_suggestions_is_the_clients(coached, manager, low):
    admin = coached.provider.caller("clients:read", "clients:write")
    setting = {"coaching_suggestions": {"after": 3, "below": 80}}
    assert admin.patch("/v1/clients/northwind", json={"settings": setting}).status_code == 200

    answer = manager.get("/v1/clients/northwind/coaching-suggestions").json

    assert (answer["after"], answer["below"], len(low)) == (3, 80.0, 12)
    assert {each["agent"] for each in answer["data"]} == {"a-7", "a-1", "a-2", "a-3", "a-4"}
    lead = coached.person("team_lead", team="Red")
    assert lead.get("/v1/clients/northwind/coaching-suggestions").json["data"] == []
    agent = coached.person("agent", agent="a-7")
    assert agent.get("/v1/clients/northwind/coaching-suggestions").status_code == 403
