"""Pages of calibration: a session from invitation to a reworded question, per role, and in a real browser."""

import html
import os
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from qm.calibration.models import Calibration
from qm.interactions.models import Interaction
from tests.api.calibration_api import Desk, said
from tests.api.review_api import SCORECARD, TURNS, ReviewFixture

PICTURES = os.environ.get("QM_PICTURES")


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return Desk(made)


def answered(desk, number=10):
    """A session that everybody has answered; they differ on two questions."""
    items = desk.judged(number)
    session = desk.make(items, reference="consensus")
    desk.answer_all("ada", session, items, lambda place: said(checks="yes" if place % 2 else "no"))
    desk.answer_all("ben", session, items, lambda place: said("no" if place % 3 == 0 else "yes"))
    desk.answer_all("cleo", session, items, lambda place: said("no" if place % 2 else "yes", checks="yes"))
    return session, items


def text_of(answer):
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_a_participant_answers_interaction_by_interaction_and_then_sees_the_board(desk, visitor):
    items = desk.judged(2)
    session = desk.make(items, "ada", "ben")
    ada = visitor(user=desk.ada.user)

    assert "2 interactions wait for your answers" in text_of(ada.get("/calibrations"))
    shown = text_of(ada.get(f"/calibrations/{session}"))
    assert "2 interactions are left for you" in shown
    assert "Agreement per question" not in shown
    path = f"/calibrations/{session}/answers/{items[0].interaction_id}"
    assert "I can hear how maddening this is." in text_of(ada.get(path))

    form = {"value-hears": "yes", "evidence-hears": "2", "value-how": "well", "evidence-how": "2"}
    refused = ada.post(path, form)
    assert refused.status_code == 422
    assert "This has to be answered." in text_of(refused).partition("Checked?")[2]
    assert re.search(r'name="value-hears" value="yes"[^>]* checked', text_of(refused))
    unread = {**form, "value-checks": "no", "evidence-checks": "the second", "evidence-how": "T0"}
    wrong = html.unescape(text_of(ada.post(path, unread)))
    for piece in ("the", "second", "T0"):
        assert f"'{piece}' is no place: write a turn, such as T2." in wrong
    outside = text_of(ada.post(path, {**unread, "evidence-checks": "1", "evidence-how": "T99"}))
    assert "A place that was marked lies outside the conversation: mark it again." in outside
    assert (
        "/answers/" not in outside.partition("<main")[2].partition('<form method="post" class="scorecard"')[0]
    )
    unproved = ada.post(path, {**form, "evidence-how": "", "value-checks": "no", "evidence-checks": "1"})
    assert 'id="fault-how-1"' in text_of(unproved)
    kept = ada.post(path, {**form, "value-checks": "no", "evidence-checks": "1, 2", "note-checks": "No code"})
    assert (kept.status_code, kept.headers["Location"]) == (
        303,
        f"/calibrations/{session}/answers/{items[1].interaction_id}",
    )
    # What is not asked after this answer is left out, so that a form without scripts can be sent.
    last = f"/calibrations/{session}/answers/{items[1].interaction_id}"
    done = ada.post(last, {**form, "value-hears": "no", "value-checks": "no", "evidence-checks": "1"})
    assert done.headers["Location"] == f"/calibrations/{session}"
    assert "Most disputed" not in text_of(ada.get(f"/calibrations/{session}"))
    assert "Agreement per question" in text_of(ada.get(f"/calibrations/{session}"))
    final = ada.post(path, {**form, "value-checks": "no", "evidence-checks": "1"})
    assert final.status_code == 422
    assert "would not be blind any more" in text_of(final)


def test_a_manager_makes_closes_and_rewords(desk, visitor):
    items = desk.judged(6)
    manager = visitor(user=desk.manager.user)
    day = items[0].started_at.date().isoformat()
    people = [str(desk.callers[name].user.user_id) for name in ("ada", "ben", "cleo")]
    form = {"name": "December", "source": "drawn", "from": day, "to": day, "count": "6"}

    nobody = manager.post(
        "/clients/northwind/calibrations/new", {**form, "reference": "expert", "expert": ""}
    )
    assert "Name the expert where the reference is one, and nobody otherwise." in text_of(nobody)
    refused = manager.post("/clients/northwind/calibrations/new", {**form, "name": "", "count": "many"})
    assert refused.status_code == 422
    assert 'value="many"' in text_of(refused)
    made = manager.post(
        "/clients/northwind/calibrations/new",
        {**form, "participants": people, "deadline": "2099-01-01T12:00", "reference": "consensus"},
    )
    assert made.status_code == 303, text_of(made)
    path = made.headers["Location"]
    session = path.rpartition("/")[2]
    assert "blind until the session ends" in text_of(manager.get(path))
    for name, answers in (("ada", said()), ("ben", said("no")), ("cleo", said())):
        desk.answer_all(name, session, items, answers)
    assert manager.post(f"{path}/close").status_code == 303
    board = text_of(manager.get(path))
    assert "“Heard?” is not yet shared language" in board
    assert "Which questions need a better wording" in board
    assert "Most disputed, side by side" in board
    drafted = manager.post(f"{path}/draft", {"scorecard": "care", "question": "hears"})
    assert drafted.status_code == 303
    assert drafted.headers["Location"] == "/clients/northwind/scorecards/care/edit#listen_validate/hears"
    assert "is a draft with a note at the question" in text_of(manager.get(path))
    again = manager.post(f"{path}/draft", {"scorecard": "care", "question": "hears"})
    assert again.status_code == 303
    assert "carries a note at this question already" in text_of(manager.get(path))


def test_picked_interactions_are_ticked_where_flagged_or_named_as_their_sender_does(desk, visitor):
    first, second, third = desk.judged(3)
    claimed = desk.reviews.review_of(third)
    flagged = {"flagged": True}
    holder = desk.ada.post("/v1/reviews/next").json
    assert holder["id"] == str(claimed.review_id)
    assert desk.ada.put(f"/v1/reviews/{holder['id']}/flag", json=flagged).status_code == 200
    manager = visitor(user=desk.manager.user)
    address = "/clients/northwind/calibrations/new"
    assert re.search(rf'id="flagged-{third.interaction_id}"', text_of(manager.get(address)))

    people = [str(desk.callers[name].user.user_id) for name in ("ben", "cleo")]
    form = {"name": "Picked", "source": "picked", "participants": people, "reference": "consensus"}
    typed = [str(third.interaction_id), f"{first.external_id}\nT-unknown\n{second.interaction_id}"]
    refused = manager.post(address, {**form, "name": "", "interactions": typed})
    shown = text_of(refused)
    assert refused.status_code == 422
    assert "T-unknown: No such interaction." in shown
    twice = manager.post(address, {**form, "interactions": f"{first.external_id}\n{first.interaction_id}"})
    assert f"{first.interaction_id}: It is picked twice." in text_of(twice)
    assert re.search(rf'id="flagged-{third.interaction_id}"[^>]* checked', shown)
    stray = manager.post(address, {**form, "source": "drawn", "interactions": typed[:1], "count": "2"})
    assert stray.status_code == 422
    made = manager.post(address, {**form, "interactions": [typed[0], f" {first.external_id} \n\n"]})
    assert made.status_code == 303, text_of(made)
    session = made.headers["Location"].rpartition("/")[2]
    items = desk.manager.get(f"/v1/calibrations/{session}").json["items"]
    assert [each["external_id"] for each in items] == [third.external_id, first.external_id]
    assert f"flagged-{third.interaction_id}" not in text_of(manager.get(address)), "it was asked"


def test_who_is_asked_finds_it_on_their_first_page(desk, visitor):
    items = desk.judged(2)
    session = desk.make(items, "ada", "cleo")
    ada, cleo, ben = (visitor(user=desk.callers[name].user) for name in ("ada", "cleo", "ben"))

    for who in (ada, cleo, visitor(user=desk.manager.user)):
        assert f"/calibrations/{session}" in text_of(who.get("/"))
    assert f"/calibrations/{session}" not in text_of(ben.get("/"))
    desk.answer_all("cleo", session, items)
    assert cleo.get("/").headers["Location"] == "/clients/northwind/report"
    desk.close(session)
    assert f"/calibrations/{session}" not in text_of(ada.get("/"))


def test_a_draw_that_finds_fewer_says_so(desk, visitor):
    items = desk.judged(3)
    day = items[0].started_at.date().isoformat()
    form = {"name": "Few", "source": "drawn", "from": day, "to": day, "count": "12", "channel": "chat"}
    manager = visitor(user=desk.manager.user)
    made = manager.post(
        "/clients/northwind/calibrations/new", {**form, "participants": [str(desk.ada.user.user_id)]}
    )
    assert "There were only 3 interactions instead of 12." in text_of(manager.get(made.headers["Location"]))


def test_pages_hide_what_the_api_hides(desk, visitor, make_provider):
    session, items = answered(desk)
    other = desk.make(items, "ada", "ben")
    ben, cleo, manager = (visitor(user=desk.callers[name].user) for name in ("ben", "cleo", "manager"))

    assert "Agreement per question" not in text_of(manager.get(f"/calibrations/{session}"))
    shown = text_of(cleo.get(f"/calibrations/{session}"))
    assert "Agreement per question" in shown
    assert "Reviewer 1" in shown
    assert items[0].external_id not in shown
    assert "Reword in a draft" not in shown
    assert cleo.get(f"/calibrations/{other}").status_code == 404
    assert other not in text_of(cleo.get("/calibrations"))
    assert other not in text_of(cleo.get("/clients/northwind/calibrations?format=csv"))
    assert "Agreement per question" not in text_of(ben.get(f"/calibrations/{other}"))
    assert cleo.get("/clients/northwind/calibrations/new").status_code == 403
    assert cleo.post(f"/calibrations/{session}/close").status_code == 403
    assert ben.post(f"/calibrations/{session}/draft").status_code == 403
    for stranger in (visitor("admin", of=make_provider("fabrikam")), visitor("qm_manager", "contoso")):
        assert stranger.get(f"/calibrations/{session}").status_code == 404
        assert stranger.post(f"/calibrations/{session}/close").status_code == 404
        assert stranger.post(f"/calibrations/{session}/draft").status_code == 404
    nobody = visitor("reviewer")
    assert nobody.get(f"/calibrations/{session}").status_code == 404
    assert nobody.get(f"/calibrations/{session}/answers/{items[0].interaction_id}").status_code == 404


def test_a_small_session_shows_a_client_no_figures(desk, visitor):
    items = desk.judged(3)
    session = desk.make(items, "ada", "cleo")
    desk.answer_all("ada", session, items)
    desk.answer_all("cleo", session, items, said("no"))

    shown = text_of(visitor(user=desk.cleo.user).get(f"/calibrations/{session}"))

    assert "Fewer than five interactions" in shown
    assert "Agreement per question" not in shown


def test_what_goes_wrong_meanwhile_is_said_on_the_page(desk, visitor):
    """Erased, corrected, a newer version, somebody who never answers: nothing is lost, and it is told."""
    items = desk.judged(6)
    session = desk.make(items)
    ada, manager = visitor(user=desk.ada.user), visitor(user=desk.manager.user)
    desk.answer_all("ada", session, items[:3])
    desk.answer_all("ben", session, items)
    page = f"/calibrations/{session}/answers"
    form = {"value-hears": "no", "evidence-hears": "2", "value-checks": "no", "evidence-checks": "1"}
    eraser = desk.reviews.provider.caller("interactions:write")

    assert eraser.delete(f"/v1/interactions/{items[3].interaction_id}").status_code == 200
    gone = ada.post(f"{page}/{items[3].interaction_id}", form)
    assert gone.status_code == 303, text_of(gone)
    assert gone.headers["Location"] == f"/calibrations/{session}"
    assert "was erased meanwhile" in text_of(ada.get(f"/calibrations/{session}"))
    assert ada.get(f"{page}/{uuid.uuid4()}").status_code == 404

    with desk.reviews.provider.session() as opened:
        changed = update(Interaction).where(Interaction.interaction_id == items[4].interaction_id)
        opened.execute(changed.values(turns=[{**TURNS[0], "text": "Other words."}, TURNS[1]]))
    refused = ada.post(f"{page}/{items[4].interaction_id}", form)
    assert refused.status_code == 422
    assert "changed after the session began and is asked no more" in text_of(refused)
    desk.reviews.publish("northwind", {**SCORECARD, "name": "Care again"})
    last = ada.post(f"{page}/{items[5].interaction_id}", form)
    assert last.status_code == 303, text_of(last)

    shown = text_of(ada.get(f"/calibrations/{session}"))
    for told in (
        "6 of 15 answers are missing. Nothing was answered by Client_Stakeholder.",
        "1 interactions were erased since.",
        "1 interactions changed since and were asked no more.",
        "A newer version is out of: care.",
    ):
        assert told in shown, told
    assert manager.post(f"/calibrations/{session}/close").status_code == 303
    late = visitor(user=desk.cleo.user)
    closed = late.post(f"{page}/{items[0].interaction_id}", form)
    assert closed.status_code == 422
    assert "This session has ended; no answer is taken any more." in text_of(closed)
    assert re.search(r'name="value-hears" value="no"[^>]* checked', text_of(closed)), (
        "what was typed is shown"
    )


def test_one_rater_or_one_answer_gives_no_agreement_and_says_why(desk, visitor):
    items = desk.judged(5)
    alone, same = desk.make(items, "ada", name="Alone"), desk.make(items, "ben", "manager", name="Same")
    desk.answer_all("ada", alone, items)
    for name in ("ben", "manager"):
        desk.answer_all(name, same, items)

    by_one = text_of(visitor(user=desk.ada.user).get(f"/calibrations/{alone}"))
    assert "Nobody has answered the same interaction as somebody else" in by_one
    assert "Too few answers were given by both" not in by_one
    one_answer = text_of(visitor(user=desk.ben.user).get(f"/calibrations/{same}"))
    assert "All answers to each question are the same, so nothing tells agreement from habit" in one_answer


def test_a_deadline_that_passes_while_somebody_types_keeps_what_was_typed(desk, visitor):
    items = desk.judged(2)
    session = desk.make(items, deadline=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    ada = visitor(user=desk.ada.user)
    page = f"/calibrations/{session}/answers/{items[0].interaction_id}"
    assert ada.get(page).status_code == 200
    with desk.reviews.provider.session() as opened:
        opened.execute(update(Calibration).values(deadline=datetime.now(UTC) - timedelta(seconds=1)))

    late = ada.post(page, {"value-hears": "no", "note-hears": "He did not.", "value-checks": "no"})

    assert late.status_code == 422
    assert "This session has ended; no answer is taken any more." in text_of(late)
    assert "He did not." in text_of(late)
    board = text_of(ada.get(f"/calibrations/{session}"))
    assert "6 of 6 answers are missing." in board


def picture(window, name):
    if PICTURES:
        for scheme in ("light", "dark"):
            window.page.emulate_media(color_scheme=scheme)
            window.page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)
        window.page.set_viewport_size({"width": 390, "height": 800})
        window.page.screenshot(path=Path(PICTURES) / f"{name}-narrow.png", full_page=True)
        window.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_session_in_a_browser_from_invitation_to_a_reworded_question(desk, window):
    items = desk.judged(2)
    manager = window(desk.manager.user)
    at = manager.goto("/calibrations")
    assert manager.faults() == []
    at.get_by_role("link", name="New session for Northwind").click()
    assert manager.faults() == []
    picture(manager, "new")
    at.get_by_label("Name").fill("December")
    at.get_by_label("Which").select_option("picked")
    at.get_by_label("Ids of picked interactions").fill("\n".join(str(each.interaction_id) for each in items))
    for name in ("ada", "cleo"):
        at.locator(f"#participants-{desk.callers[name].user.user_id}").check()
    at.get_by_role("button", name="Make the session").click()
    assert manager.faults() == []
    picture(manager, "planned")

    ada = window(desk.ada.user)
    page = ada.goto("/calibrations")
    assert ada.faults() == []
    picture(ada, "list")
    page.get_by_role("link", name="Answer", exact=True).click()
    page.get_by_role("link", name="Answer interaction 1").click()
    assert ada.faults() == []
    for _ in items:
        for question, option in (("hears", "yes"), ("how", "well"), ("checks", "no")):
            page.locator(f'[name="value-{question}"][value="{option}"]').focus()
            page.keyboard.press("Space")
            page.locator(f'[name="evidence-{question}"]').fill("2")
        picture(ada, "answer")
        page.get_by_role("button", name="Submit and go on").click()
    page.get_by_role("heading", name="Agreement per question").wait_for()
    assert ada.faults() == []


def test_the_board_in_a_browser(desk, window):
    desk.reviews.publish("contoso")
    session, _ = answered(desk)
    desk.close(session)
    first, *rest = SCORECARD["sections"]
    hears, *others = first["questions"]
    changed = {**first, "questions": [{**hears, "text": "Did the agent say what they heard?"}, *others]}
    desk.reviews.publish("northwind", {**SCORECARD, "sections": [changed, *rest]})
    later = desk.judged(8, started_at=datetime.now(UTC))
    second = desk.make(later, name="December")
    for name, answers in (("ada", said()), ("ben", said(checks="yes")), ("cleo", said())):
        desk.answer_all(name, second, later, answers)
    desk.close(second)

    manager = window(desk.manager.user)
    manager.goto(f"/calibrations/{second}")
    manager.page.get_by_text("Each question", exact=True).click()
    rows = manager.page.get_by_role("region", name="Each question over the sessions").get_by_role("row")
    assert [each.inner_text().split("\t") for each in rows.all()][:2] == [
        ["Question", "November", "December"],
        ["hears", "53 (10)", "100 (8, version 2)"],
    ]
    assert manager.faults() == []
    picture(manager, "board")
    manager.goto(f"/calibrations/{session}")
    assert manager.faults() == []
    picture(manager, "board-first")
    stakeholder = window(desk.cleo.user)
    stakeholder.goto(f"/calibrations/{session}")
    assert stakeholder.faults() == []
    picture(stakeholder, "board-stakeholder")
