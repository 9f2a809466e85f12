"""Self and peer reviews: asked for on a page, answered by the agent, marked, and in no list of others."""

import re

import pytest
from sqlalchemy import select

from qm.reviews.models import Review
from tests.api.review_api import ReviewFixture
from tests.api.reviews.test_evaluations import agent_of
from tests.console.test_workbench import form_of

PAGE = "/reviews/agents"


@pytest.fixture
def review_fixture(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def asked(fixture):
    with fixture.provider.session() as session:
        found = session.scalars(select(Review).where(Review.kind != "standard").order_by(Review.created_at))
        return [(each.kind, each.state, each.note, each.due_at) for each in found]


def form(agent, *external_ids, **changes):
    return {
        "kind": "self",
        "client": "northwind",
        "user": str(agent.user.user_id),
        "interactions": "\r\n".join(external_ids),
        "due_at": "2036-12-24",
        "note": "The tone.",
    } | changes


def test_a_manager_asks_an_agent_who_answers_and_it_is_marked(review_fixture, visitor):
    ada = agent_of(review_fixture, "a-7")
    for name in ("T-one", "T-two"):
        review_fixture.drawn(external_id=name)
    manager = visitor(user=review_fixture.person("qm_manager"))

    assert manager.post(PAGE, form(ada, "T-one", "T-two", "T-one")).status_code == 303
    told = [(kind, state, note, due.date().isoformat()) for kind, state, note, due in asked(review_fixture)]
    assert told == [("self", "queued", "The tone.", "2036-12-24")] * 2
    assert manager.get(PAGE).text.count("self-review</span>") == 2
    listed = manager.get("/reviews/all?kind=self&columns=interaction.external_id,kind").text
    assert len(re.findall("T-(?:one|two)</a>", listed)) == 2
    assert "T-one" not in manager.get("/reviews/all?kind=peer").text

    agent = visitor(user=ada.user)
    home = agent.get("/").text
    assert "Reviews you are asked for" in home
    assert "“The tone.”" in home
    begun = agent.post("/reviews/next")
    assert begun.status_code == 303
    assert "self-review" in agent.get(begun.headers["Location"]).text


def test_what_an_agent_answered_is_marked_and_stands_for_no_drawn_review(review_fixture, visitor):
    ada = agent_of(review_fixture, "a-7")
    drawn = review_fixture.drawn(external_id="T-one")
    manager = visitor(user=review_fixture.person("qm_manager"))
    assert manager.post(PAGE, form(ada, "T-one")).status_code == 303

    agent = visitor(user=ada.user)
    address = agent.post("/reviews/next").headers["Location"]
    assert agent.post(address, form_of(agent, address)).status_code == 303

    reader = review_fixture.provider.caller("reviews:read")
    (review,) = reader.get("/v1/reviews?kind=self").json["data"]
    assert (review["kind"], review["state"]) == ("self", "submitted")
    assert reader.get("/v1/reviews?kind=peer").json["data"] == []
    assert "answered" in manager.get(PAGE).text
    # The drawn review of the same interaction still waits for a reviewer.
    assert review_fixture.reviewer().post("/v1/reviews/next").json["id"] == str(drawn.review_id)


def test_every_fault_is_told_and_nobody_is_asked_for_a_part(review_fixture, visitor):
    ada, bo = agent_of(review_fixture, "a-7"), agent_of(review_fixture, "a-8")
    review_fixture.drawn(external_id="T-one")
    review_fixture.drawn(external_id="T-other", agent="a-8")
    manager = visitor(user=review_fixture.person("qm_manager"))

    refused = manager.post(PAGE, form(ada, "T-one", "T-other", "T-invented"))
    assert refused.status_code == 422
    assert "T-other: This interaction is not their own." in refused.text
    assert "T-invented: There is no such interaction of this client." in refused.text
    assert "T-one:" not in refused.text
    assert ">T-one\r\nT-other\r\nT-invented</textarea>" in refused.text
    bad = manager.post(PAGE, form(ada, kind="standard", client="invented", due_at="soon"))
    assert (bad.status_code, "Expected a day" in bad.text) == (422, True)
    assert manager.post(PAGE, form(ada, kind="standard")).text.count('class="fault"') == 2
    assert "no such client" in manager.post(PAGE, form(ada, "T-one", client="invented")).text.lower()
    nobody = form(ada, "T-one", user=str(review_fixture.person("qm_manager").user_id))
    assert "This person is no agent" in manager.post(PAGE, nobody).text
    assert asked(review_fixture) == []
    assert manager.post(PAGE, form(bo, "T-one", kind="peer")).status_code == 303
    again = manager.post(PAGE, form(bo, "T-one", kind="peer"))
    assert "T-one: A review of this interaction that was picked by hand waits already." in again.text


def test_of_several_agents_each_is_asked_for_their_own_part(review_fixture, visitor):
    ada, bo = agent_of(review_fixture, "a-7"), agent_of(review_fixture, "a-8")
    review_fixture.interaction(external_id="T-shared")
    parts = {
        agent: review_fixture.interaction(external_id="T-shared", agent=agent, part_agent=agent)
        for agent in ("a-7", "a-8")
    }
    manager = visitor(user=review_fixture.person("qm_manager"))

    assert manager.post(PAGE, form(bo, "T-shared")).status_code == 303
    assert manager.post(PAGE, form(bo, "T-shared", kind="peer")).status_code == 303
    with review_fixture.provider.session() as session:
        found = session.execute(select(Review.kind, Review.interaction_id)).all()
    assert sorted(found) == [("peer", parts["a-7"].interaction_id), ("self", parts["a-8"].interaction_id)]
    assert ada.user.user_id != bo.user.user_id


def test_what_an_agent_is_asked_for_stays_until_they_leave(review_fixture, visitor):
    ada = agent_of(review_fixture, "a-7")
    review_fixture.drawn(external_id="T-one")
    assert visitor(user=review_fixture.person("qm_manager")).post(PAGE, form(ada, "T-one")).status_code == 303

    named = visitor(user=ada.user).post("/account", {"name": "Ada", "time_zone": "Asia/Manila"})
    assert named.status_code == 303
    assert [state for _, state, _, _ in asked(review_fixture)] == ["queued"]
    leaves = {"clients": ["contoso"]}
    admin = review_fixture.provider.caller(user=review_fixture.person("admin"))
    assert admin.patch(f"/v1/users/{ada.user.user_id}", json=leaves).status_code == 200
    assert [state for _, state, _, _ in asked(review_fixture)] == ["cancelled"]


def test_only_managers_ask(review_fixture, visitor):
    ada = agent_of(review_fixture, "a-7")
    review_fixture.drawn(external_id="T-one")
    for role in ("reviewer", "team_lead", "agent", "client_stakeholder"):
        slugs = ("northwind",) if role == "client_stakeholder" else ()
        assert visitor(role, *slugs).post(PAGE, form(ada, "T-one")).status_code == 403
    assert asked(review_fixture) == []


def test_the_page_in_a_browser(review_fixture, window):
    agent_of(review_fixture, "a-7")
    drawn = review_fixture.drawn(external_id="T-one")
    opened = window(review_fixture.person("qm_manager"))
    page = opened.goto(f"/interactions/{drawn.interaction_id}")
    page.get_by_role("link", name="Ask an agent").click()
    page.get_by_label("Due on").fill("2020-01-31")
    assert page.get_by_label("Which interactions").input_value() == "T-one"
    assert opened.faults() == []
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("1 review is asked for.").wait_for()
    assert page.get_by_text("▲").is_visible()
    assert opened.faults() == []
