"""Coaching, kudos and the language library as people use them."""

import pytest
from sqlalchemy import select

from qm.coaching.models import CoachingPlan
from qm.kudos.models import Kudos
from qm.language_library.models import LibraryEntry
from tests.api.coaching_api import TURNS, Coached
from tests.api.review_api import ReviewFixture
from tests.console.test_keyboard_walks import enter, tab_to

NEW = "/clients/northwind/coaching/new"


@pytest.fixture
def coached(provider):
    desk = ReviewFixture(provider)
    desk.publish("northwind")
    made = Coached(desk)
    for agent in ("a-1", "a-2", "a-3", "a-4"):
        made.work(agent, *((True,) * 9 + (False,) * 3), days=-20)
    return made


@pytest.fixture
def low(coached):
    return coached.work("a-7", *((True, False, False, False) * 3))


def person(coached, role, **profile):
    return coached.person(role, **profile).user


def plan_form(evaluations, **changes):
    return {
        "agent": "a-7",
        "scorecard": "care",
        "questions": "hears",
        "goal": "Name the feeling first.",
        "evaluations": [str(each.evaluation_id) for each in evaluations],
        "action-1": "Read two conversations.",
        "follow_up_after": "5",
    } | changes


def stored(coached, table):
    with coached.provider.session() as session:
        return session.scalars(select(table)).all()


def test_a_plan_is_made_worked_on_and_closed_without_javascript(coached, low, visitor):
    manager, agent = visitor("qm_manager"), visitor(user=person(coached, "agent", agent="a-7"))
    shown = manager.get("/clients/northwind/coaching/suggestions").text
    assert "Coach" in shown
    assert "low for everybody" not in shown

    refused = manager.post(NEW, plan_form(low[:1], follow_up_after="99"))
    made = manager.post(NEW, plan_form(low[1:3]))
    (plan,) = stored(coached, CoachingPlan)
    address = f"/coaching/{plan.plan_id}"

    assert (refused.status_code, "Name the feeling first." in refused.text) == (422, True)
    assert (made.status_code, made.headers["Location"]) == (303, address)
    assert "Name the feeling first." in agent.get("/").text
    assert "5 more reviewed answers are awaited" in agent.get(address).text
    assert agent.post(f"{address}/actions/1", {"done": "true"}).status_code == 303
    assert stored(coached, CoachingPlan)[0].actions[0]["done_at"]
    manager.post(f"{address}/change", {"goal": "Validate.", "text": "One more.", "due": ""})
    assert [each["text"] for each in stored(coached, CoachingPlan)[0].actions][1:] == ["One more."]
    manager.post(f"{address}/close", {"outcome": "reached", "note": "Well done."})
    assert "Well done." in agent.get(address).text
    csv = manager.get("/coaching?format=csv").text
    assert "Validate." in csv
    assert "reached" in csv


def test_kudos_are_given_by_hand_and_taken_back(coached, low, visitor):
    manager, agent = visitor("qm_manager"), visitor(user=person(coached, "agent", agent="a-7"))
    form = {"interaction": str(low[0].interaction_id), "source": "hand", "state": "confirmed", "turn": "2"}

    assert manager.post("/clients/northwind/kudos", form | {"note": "Great."}).status_code == 303
    assert TURNS[1]["text"] in agent.get("/").text
    assert TURNS[1]["text"] in agent.get("/kudos").text
    (given,) = stored(coached, Kudos)
    manager.post(f"/clients/northwind/kudos/{given.kudos_id}/take-back")
    assert stored(coached, Kudos) == []
    assert manager.post("/clients/northwind/kudos", form | {"turn": "1"}).status_code == 422


def test_the_library_is_confirmed_from_proposals_and_read_by_agents(coached, low, visitor):
    manager, agent = visitor("qm_manager"), visitor("agent")
    form = {
        "evaluation": str(low[0].evaluation_id),
        "question": "hears",
        "kind": "phrase",
        "turn": "1",
        "emotion": "anger",
        "state": "confirmed",
    }

    assert manager.get("/clients/northwind/language-library/proposals").status_code == 200
    assert manager.post("/clients/northwind/language-library/proposals", form).status_code == 303
    assert TURNS[1]["text"] in agent.get("/clients/northwind/language-library?emotion=anger").text
    assert TURNS[1]["text"] not in agent.get("/clients/northwind/language-library?emotion=worry").text
    (entry,) = stored(coached, LibraryEntry)
    manager.post(f"/clients/northwind/language-library/{entry.entry_id}/withdraw")
    assert stored(coached, LibraryEntry) == []


def test_manager_and_agent_walk_through_coaching_in_a_browser(coached, low, window, provider):
    manager, agent = person(coached, "qm_manager"), person(coached, "agent", agent="a-7")
    at_work = window(manager)
    page = at_work.goto("/clients/northwind/coaching/suggestions")
    assert at_work.faults() == []
    page.get_by_role("link", name="Coach Name of a-7").first.click()
    page.get_by_label("What the agent tries").fill("Name the feeling first.")
    page.get_by_label("Action 1", exact=True).fill("Read two conversations.")
    assert at_work.faults() == []
    page.get_by_role("button", name="Make the plan").click()
    assert "It cannot be told yet" in page.content()
    assert at_work.faults() == []
    for path in ("/coaching", "/clients/northwind/kudos", "/kudos", "/clients/northwind/language-library"):
        at_work.goto(path)
        assert at_work.faults() == []
    at_work.goto("/clients/northwind/language-library/proposals")
    assert at_work.faults() == []

    own = window(agent)
    page = own.goto("/")
    assert own.faults() == []
    page.get_by_role("link", name="Name the feeling first.").click()
    page.get_by_role("button", name="Done").click()
    assert "✓ done" in page.content()
    assert own.faults() == []


def test_a_plan_is_made_and_worked_off_with_the_keyboard_alone(coached, low, window, provider):
    manager, agent = person(coached, "qm_manager"), person(coached, "agent", agent="a-7")
    at_work = window(manager)
    page, keys = at_work.goto("/clients/northwind/coaching/suggestions"), at_work.page.keyboard
    enter(page, "Coach Name of a-7", "**/coaching/new**")
    tab_to(page, "What the agent tries")
    keys.type("Name the feeling first.")
    tab_to(page, "Action 1")
    keys.type("Read two conversations.")
    tab_to(page, "Make the plan")
    keys.press("Enter")
    page.get_by_text("It cannot be told yet").first.wait_for()
    assert at_work.faults() == []

    own = window(agent)
    page, keys = own.goto("/"), own.page.keyboard
    enter(page, "Name the feeling first.", "**/coaching/*")
    tab_to(page, "Done")
    keys.press("Enter")
    page.get_by_text("✓ done").first.wait_for()
    assert own.faults() == []
