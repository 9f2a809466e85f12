"""Pages of reviewer quality, golden items, recognition, and of changing a session."""

import os
import re
from pathlib import Path

import pytest

from tests.api.calibration_api import Desk
from tests.api.quality_api import OTHER, QualityDesk
from tests.api.review_api import ReviewFixture

PICTURES = os.environ.get("QM_PICTURES")


@pytest.fixture
def reviews(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


@pytest.fixture
def desk(reviews):
    return QualityDesk(reviews)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_a_manager_makes_an_evaluation_a_golden_item_and_retires_it(desk, visitor):
    (review,) = desk.reviewed(desk.ben)
    evaluation = desk.reviews_of(review)["evaluation_id"]
    manager = visitor(user=desk.manager.user)
    assert "No golden item yet" in text_of(manager.get("/clients/northwind/golden-items"))
    assert "Make it a golden item" in text_of(manager.get(f"/evaluations/{evaluation}"))
    made = manager.post("/clients/northwind/golden-items", {"evaluation": evaluation, "note": "Hears."})
    assert made.status_code == 303
    shown = text_of(manager.get("/clients/northwind/golden-items"))
    assert "Hears." in shown
    assert "None is offered: the rate in the settings is 0." in shown
    again = manager.post("/clients/northwind/golden-items", {"evaluation": evaluation})
    assert (again.status_code, "golden item already" in text_of(again)) == (422, True)
    (retire,) = re.findall(
        r'action="(/clients/northwind/golden-items/[^"]+)"',
        manager.get("/clients/northwind/golden-items").text,
    )
    assert manager.post(retire, {"reason": ""}).status_code == 422
    assert manager.post(retire, {"reason": "Known by now."}).status_code == 303
    assert "Known by now." in text_of(manager.get("/clients/northwind/golden-items"))
    assert visitor(user=desk.ada.user).get("/clients/northwind/golden-items").status_code == 403


def test_the_pages_of_reviews_tell_nothing_of_a_check(desk, visitor):
    desk.golden(1)
    desk.rates(golden=1)
    for _ in range(2):
        desk.reviews.drawn()
    ada = visitor(user=desk.ada.user)
    claimed = desk.next(desk.ada).json
    assert desk.reviews_of(claimed)["quality_check"] == "golden"
    shown = text_of(ada.get(f"/reviews/{claimed['id']}")) + text_of(ada.get("/reviews"))
    assert "random sample" in shown
    assert "picked by hand" not in shown


def test_a_session_is_changed_and_reopened_on_its_page(reviews, visitor):
    desk = Desk(reviews)
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    manager = visitor(user=desk.manager.user)
    page = f"/calibrations/{session}/change"
    cleo = str(desk.cleo.user.user_id)
    assert (
        manager.post(page, {"name": "December", "deadline": "", "add": cleo, "reason": ""}).status_code == 422
    )
    form = {"name": "December", "deadline": "2100-01-01T10:00", "add": cleo, "reason": "Cleo is back."}
    assert manager.post(page, form).status_code == 303
    shown = text_of(manager.get(f"/calibrations/{session}"))
    assert "December" in shown
    assert "3 people" in shown
    manager.post(f"/calibrations/{session}/close")
    assert "Reopen the session" in text_of(manager.get(page))
    assert (
        manager.post(f"/calibrations/{session}/reopen", {"reason": "Too early.", "deadline": ""}).status_code
        == 303
    )
    assert visitor(user=desk.ada.user).get(page).status_code == 403


def test_a_browser_finds_no_fault_on_any_of_the_pages(desk, window, visitor):
    desk.golden(3)
    desk.rates(golden=1)
    for _ in range(4):
        desk.reviews.drawn()
    for _ in range(3):
        desk.check(desk.ben, OTHER)
    visitor(user=desk.manager.user).post("/recognition", {"enabled": "true"})
    goal = {
        "client": "northwind",
        "measure": "golden_agreement",
        "target": "85",
        "from": "2026-01-01",
        "to": "2100-01-01",
    }
    assert visitor(user=desk.manager.user).post("/recognition/goals", goal).status_code == 303
    walks = {
        "manager": (desk.manager, ["/reviewers", "/clients/northwind/golden-items", "/recognition"]),
        "ben": (desk.ben, ["/reviewers", "/recognition"]),
    }
    for name, (caller, paths) in walks.items():
        opened = window(user=caller.user)
        for path in paths:
            opened.goto(path)
            assert opened.faults() == [], path
            if PICTURES:
                opened.page.screenshot(
                    path=Path(PICTURES) / f"{name}{path.replace('/', '-')}.png", full_page=True
                )


def test_recognition_shows_a_person_their_own_and_takes_goals_from_managers_alone(desk, visitor):
    manager, ada, ben = (visitor(user=each.user) for each in (desk.manager, desk.ada, desk.ben))
    assert "Recognition is switched off here" in text_of(ada.get("/recognition"))
    assert ada.post("/recognition", {"enabled": "true"}).status_code == 403
    assert manager.post("/recognition", {"enabled": "true"}).status_code == 303
    goal = {
        "client": "northwind",
        "measure": "golden_agreement",
        "target": "85",
        "from": "2026-01-01",
        "to": "2100-01-01",
    }
    refused = manager.post("/recognition/goals", goal | {"target": "lots", "to": "2025-01-01"})
    assert refused.status_code == 422
    assert 'value="2025-01-01"' in refused.text, "what was typed stays"
    assert ada.post("/recognition/goals", goal).status_code == 403
    assert manager.post("/recognition/goals", goal).status_code == 303
    desk.golden(12)
    desk.rates(golden=1)
    for _ in range(30):
        desk.reviews.drawn()
    for caller, answers in ((desk.ada, None), (desk.ben, OTHER)):
        for _ in range(11):
            desk.check(caller, answers)

    shown, others = text_of(ada.get("/recognition")), text_of(ben.get("/recognition"))
    assert "Sure hand, 80 %" in shown
    assert "fewer than three people yet" in shown
    assert "None yet." in others
    for words in (str(desk.ada.user.user_id), "Sure hand", "Set the goal", "Switch it"):
        assert words not in others
    (end,) = re.findall(r'action="(/recognition/goals/[^"]+)"', manager.get("/recognition").text)
    assert ben.post(end).status_code == 403
    assert manager.post(end).status_code == 303
    assert "No goal is set." in text_of(ada.get("/recognition"))


def test_a_reviewer_gives_kudos_on_the_page_of_what_they_reviewed(desk, visitor):
    (review,) = desk.reviewed(desk.ada)
    ada = visitor(user=desk.ada.user)
    page = f"/reviews/{review['id']}"
    assert "Give kudos" in text_of(ada.get(page))
    assert ada.post(f"{page}/kudos", {"turn": "1", "note": ""}).status_code == 303
    assert "has to be of a turn of the agent" in text_of(ada.get(page))
    assert ada.post(f"{page}/kudos", {"turn": "2", "note": "Well heard."}).status_code == 303
    assert "The agent sees it." in text_of(ada.get(page))
    assert ada.post(f"{page}/kudos", {"turn": "", "note": ""}).status_code == 303
    assert "decided about kudos for this interaction before" in text_of(ada.get(page))
    assert "Well heard." in text_of(visitor(user=desk.manager.user).get("/kudos"))
