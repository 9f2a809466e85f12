"""The pages of evaluations and of the workload, by role."""

import re

import pytest
from sqlalchemy import select

from qm.reviews.models import Evaluation
from tenants.models import User
from tests.api.review_api import ReviewFixture
from tests.console.test_workbench import ANSWERS, claim, form_of


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def submitted(desk, reviewer):
    """Review on pages; return the address of the evaluation."""
    drawn = desk.drawn()
    address = claim(reviewer)
    assert reviewer.post(address, form_of(reviewer, address)).status_code == 303
    return f"/evaluations/{desk.stored(drawn.review_id).evaluation_id}"


def agent(desk, visitor, external_id):
    user = desk.person("agent")
    with desk.provider.session() as session:
        session.get_one(User, (user.tenant_id, user.user_id)).agent = external_id
    return visitor(user=user)


def test_an_agent_reads_their_own_published_evaluation_and_no_other(desk, visitor):
    reviewer = visitor(user=desk.person())
    address = submitted(desk, reviewer)

    shown = agent(desk, visitor, "a-7").get(address)
    assert shown.status_code == 200
    assert "I can hear how maddening this is." in shown.text
    assert "Void" not in shown.text
    assert reviewer.user.name not in re.sub(r"<header.*?</header>", "", shown.text, flags=re.DOTALL)
    assert agent(desk, visitor, "a-8").get(address).status_code == 404
    assert visitor("client_stakeholder", "northwind").get(address).status_code == 200
    assert visitor("client_stakeholder", "contoso").get(address).status_code == 404
    assert visitor(user=desk.person("reviewer", "contoso")).get(address).status_code == 404


def test_a_manager_edits_by_a_new_version_and_voids_with_a_reason(desk, visitor):
    address = submitted(desk, visitor(user=desk.person()))
    manager = visitor(user=desk.person("qm_manager"))
    other = visitor(user=desk.person())

    edit = manager.get(f"{address}/edit")
    assert 'value="T2:0-10"' in edit.text
    changed = {**ANSWERS, "value-checks": "yes"}
    assert manager.post(f"{address}/edit", changed).status_code == 422
    made = manager.post(f"{address}/edit", {**changed, "reason": "He did check."})
    assert made.status_code == 303
    newer = made.headers["Location"]
    shown = manager.get(newer).text
    assert "He did check." in shown
    assert re.search(r"<del>\s*No.*?</del> → <ins>\s*Yes", shown, re.DOTALL)
    assert other.get(f"{newer}/edit").status_code in {403, 404}
    assert manager.post(f"{newer}/void", {"reason": ""}).status_code == 422
    assert manager.post(f"{newer}/void", {"reason": "The wrong form."}).status_code == 303
    assert "The wrong form." in manager.get(newer).text
    with desk.provider.session() as session:
        assert session.get(Evaluation, desk_key(desk, session, newer)).voided_at is not None


def desk_key(desk, session, address):
    found = session.scalars(
        select(Evaluation).where(Evaluation.evaluation_id == address.rpartition("/")[2])
    ).one()
    return (found.tenant_id, found.interaction_id, found.evaluation_id)


def test_a_manager_gives_a_review_to_another_and_back_to_the_queue(desk, visitor):
    one, two = desk.person(), desk.person()
    drawn = desk.drawn()
    claim(visitor(user=one))
    manager = visitor(user=desk.person("qm_manager"))

    assert drawn.review_id.hex in manager.get("/workload").text.replace("-", "")
    assert manager.post(f"/workload/{drawn.review_id}", {"user": "x"}).status_code == 422
    given = manager.post(f"/workload/{drawn.review_id}", {"user": str(two.user_id), "due": "2026-12-24"})
    assert given.status_code == 303
    stored = desk.stored(drawn.review_id)
    assert (stored.reviewer_id, stored.state, stored.due_at.day) == (two.user_id, "queued", 24)
    assert manager.post(f"/workload/{drawn.review_id}", {"user": ""}).status_code == 303
    assert desk.stored(drawn.review_id).reviewer_id is None


def test_the_pages_of_managers_read_well(desk, window, visitor):
    address = submitted(desk, visitor(user=desk.person()))
    desk.drawn()
    claim(visitor(user=desk.person()))
    shown = window(desk.person("qm_manager"))

    for path in ("/workload", address, f"{address}/edit"):
        shown.goto(path)
        assert shown.faults() == []
