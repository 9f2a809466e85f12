"""Pages of disputes: an agent reads and disputes, a manager decides; per role, and in a real browser."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tenants.models import utc_now
from tests.api.disputes_api import DisputeDesk, decided, opened, outcome
from tests.api.review_api import SCORECARD, ReviewFixture
from tests.whole_words import has_word

PICTURES = os.environ.get("QM_PICTURES")


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return DisputeDesk(made)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_an_agent_reads_disputes_and_appeals_and_managers_decide(desk, visitor):
    agent, first, second = desk.agent(), desk.manager(), desk.manager("admin")
    evaluation = desk.evaluation()
    ada, boss, other = visitor(user=agent.user), visitor(user=first.user), visitor(user=second.user)
    path = f"/evaluations/{evaluation}"

    assert path in text_of(ada.get("/"))
    assert "I have read it" in text_of(ada.get(path))
    assert "not read yet" in text_of(boss.get(path))
    assert ada.post(f"{path}/acknowledge").status_code == 303
    assert "I have read it" not in text_of(ada.get(path))
    assert path not in text_of(ada.get("/")).partition("Feedback to read")[0]
    assert "waits for a decision" not in text_of(boss.get("/"))

    refused = ada.post(f"{path}/dispute", {"value-checks": "no", "comment-checks": "Why not."})
    assert refused.status_code == 422
    assert "propose another answer" in text_of(refused)
    assert "Why not." in text_of(refused)
    unsaid = ada.post(f"{path}/dispute", {"value-checks": "yes"})
    assert unsaid.status_code == 422
    place = ada.post(
        f"{path}/dispute", {"value-checks": "yes", "evidence-checks": "second", "comment-checks": "x"}
    )
    assert "is no place" in text_of(place)
    made = ada.post(
        f"{path}/dispute", {"value-checks": "yes", "evidence-checks": "T2", "comment-checks": "See T2."}
    )
    assert made.status_code == 303, text_of(made)
    dispute = made.headers["Location"]
    thread = text_of(ada.get(dispute))
    assert "See T2." in thread
    assert "as proposed 100" in thread
    assert "Decide" not in thread.partition("</header>")[2].replace("Decided", "")

    assert "1 dispute waits for a decision" in text_of(boss.get("/"))
    assert "checks" in text_of(boss.get("/disputes?state=open"))
    shown = text_of(boss.get(dispute))
    assert "As proposed: Yes" in shown
    version = re.search(r'name="evaluation" value="([^"]+)"', shown).group(1)
    tried = boss.post(f"{dispute}/what-if", {"outcome-checks": "as_proposed"})
    assert "would become 100.0; it is 75.0" in text_of(tried)
    missing = boss.post(f"{dispute}/decide", {"comment": "Heard again.", "evaluation": version})
    assert missing.status_code == 422
    assert "say what becomes of it" in text_of(missing)
    stale = boss.post(
        f"{dispute}/decide",
        {"outcome-checks": "keep", "comment": "x", "evaluation": str(agent.user.user_id)},
    )
    assert "was changed since you read it" in text_of(stale)
    kept = boss.post(
        f"{dispute}/decide", {"outcome-checks": "keep", "comment": "Not in T2.", "evaluation": version}
    )
    assert kept.status_code == 303, text_of(kept)
    assert "Not in T2." in text_of(ada.get(dispute))
    assert first.user.name not in text_of(ada.get(dispute)).partition("</header>")[2]

    assert ada.post(f"{dispute}/appeal", {"comment": ""}).status_code == 422
    assert ada.post(f"{dispute}/appeal", {"comment": "Listen again."}).status_code == 303
    assert "You decided on this before" in text_of(boss.get(dispute))
    final = other.post(
        f"{dispute}/decide",
        {"outcome-checks": "as_proposed", "comment": "It is there.", "evaluation": version},
    )
    assert final.status_code == 303, text_of(final)
    assert re.search(r"75[.0]* → 100", text_of(ada.get(dispute)))
    audit = text_of(other.get("/audit"))
    for words in ("disputed answers of an evaluation", "decided on", "appealed the decision", "have read"):
        assert words in audit


def test_pages_hide_what_the_api_hides(desk, visitor, make_provider):
    agent, stakeholder = desk.agent(), desk.stakeholder()
    evaluation = desk.evaluation()
    of_agent = opened(agent, evaluation).json["id"]
    client = visitor(user=stakeholder.user)

    published = text_of(client.get("/published"))
    assert evaluation in published
    page = text_of(client.get(f"/evaluations/{evaluation}"))
    external_id = agent.get(f"/v1/disputes/{of_agent}").json["external_id"]
    for hidden in (external_id, "a-7", "Ada", "I have read it", of_agent):
        assert not has_word(page, hidden), hidden
    assert client.get(f"/disputes/{of_agent}").status_code == 404
    made = client.post(
        f"/evaluations/{evaluation}/dispute", {"value-hears": "no", "comment-hears": "He did not."}
    )
    assert made.status_code == 303, text_of(made)
    thread = text_of(client.get(made.headers["Location"]))
    for hidden in (external_id, "a-7", "Ada"):
        assert not has_word(thread, hidden), hidden
    assert of_agent not in text_of(client.get("/disputes?format=csv"))
    ada = visitor(user=agent.user)
    assert ada.get(made.headers["Location"]).status_code == 404
    for stranger in (visitor("admin", of=make_provider("fabrikam")), visitor("qm_manager", "contoso")):
        assert stranger.get(f"/disputes/{of_agent}").status_code == 404
        assert stranger.post(f"/disputes/{of_agent}/decide", {"comment": "x"}).status_code == 404
        assert stranger.post(f"/disputes/{of_agent}/what-if", {}).status_code == 404
    desk.settings(by_client=False)
    assert client.get(f"/evaluations/{evaluation}").status_code == 404


def test_the_report_page_counts_by_every_group(desk, visitor):
    agent, manager = desk.agent(), desk.manager()
    dispute = opened(agent, desk.evaluation()).json["id"]
    decided(manager, dispute, outcome("checks", "as_proposed"))
    boss = visitor(user=manager.user)

    for group in ("question", "reviewer", "initiator", "outcome", "days"):
        shown = boss.get(f"/clients/northwind/disputes?group_by={group}")
        assert shown.status_code == 200, text_of(shown)
        assert "+25" in text_of(shown)
    assert "Checked?" in text_of(boss.get("/clients/northwind/disputes"))
    assert "checks" in boss.get("/clients/northwind/disputes?format=csv").get_data(as_text=True)
    assert boss.get("/clients/northwind/disputes?from=2026-02-30").status_code == 422
    client = visitor(user=desk.stakeholder().user)
    assert (
        "reviewer" not in text_of(client.get("/clients/northwind/disputes")).lower().partition("</header>")[2]
    )
    assert client.get("/clients/northwind/disputes?group_by=reviewer").status_code == 422


def test_a_dispute_is_taken_back_on_its_page(desk, visitor):
    agent, manager = desk.agent(), desk.manager()
    dispute = opened(agent, desk.evaluation()).json["id"]
    ada, boss = visitor(user=agent.user), visitor(user=manager.user)
    path = f"/disputes/{dispute}"

    assert "Take it back" not in text_of(boss.get(path))
    refused = boss.post(f"{path}/withdraw")
    assert refused.status_code == 422
    assert "Only the person who opened a dispute takes it back." in text_of(refused)
    assert "Take it back" in text_of(ada.get(path))
    assert ada.post(f"{path}/withdraw").status_code == 303
    shown = text_of(ada.get(path))
    assert "before anybody decided" in shown
    assert "Take it back" not in shown
    stale = boss.post(f"{path}/decide", {"outcome-checks": "keep", "comment": "As it was."})
    assert stale.status_code == 422
    assert "has taken it back" in text_of(stale)
    assert "took back" in text_of(visitor("admin").get("/audit"))
    assert "1 was withdrawn" in text_of(boss.get("/clients/northwind/disputes?group_by=outcome"))


def test_leaders_find_what_waits_too_long_to_be_read(desk, visitor):
    agent, manager = desk.agent(), desk.manager()
    evaluation = desk.evaluation()
    boss, lead = visitor(user=manager.user), visitor("team_lead")
    assert "waits too long for its agent" not in text_of(boss.get("/"))
    desk.published(evaluation, utc_now() - timedelta(days=8))

    for who in (boss, lead):
        assert "1 published evaluation waits too long for its agent to read it." in text_of(who.get("/"))
        shown = text_of(who.get("/acknowledgements?state=overdue"))
        assert f"/evaluations/{evaluation}" in shown
        assert agent.user.name in shown
    assert evaluation in boss.get("/acknowledgements?format=csv").get_data(as_text=True)
    assert boss.get("/acknowledgements?client=invented").status_code == 422
    agent.post(f"/v1/evaluations/{evaluation}/acknowledge")
    assert f"/evaluations/{evaluation}" not in text_of(boss.get("/acknowledgements?state=overdue"))


def test_settings_of_disputes_are_changed_on_the_page(desk, visitor):
    desk.settings(days=5, scorecards=[{"scorecard": "care", "days": 9}])
    admin = visitor("admin")
    page = text_of(admin.get("/clients/northwind/settings"))
    form = dict(re.findall(r'<input id="([a-z_]+)" name="\1" type="text" value="([^"]*)"', page))
    form |= {"revision": re.search(r'name="revision" value="(\d+)"', page).group(1), "time_zone": "UTC"}
    assert form["days"] == "5"

    refused = admin.post("/clients/northwind/settings", {**form, "languages": "en", "days": "many"})
    assert refused.status_code == 422
    saved = admin.post(
        "/clients/northwind/settings", {**form, "languages": "en", "days": "21", "by_client": "off"}
    )
    assert saved.status_code == 303, text_of(saved)
    reader = desk.reviews.provider.caller("clients:read")
    rules = reader.get("/v1/clients/northwind").json["settings"]["disputes"]
    assert (rules["days"], rules["by_client"]) == (21, False)
    assert rules["scorecards"] == [{"scorecard": "care", "days": 9}]


def test_an_agent_and_a_manager_walk_through_a_dispute_with_the_keyboard(desk, window):
    agent, manager, _ = desk.agent(), desk.manager(), desk.manager("admin")
    evaluation = desk.evaluation()
    ada = window(agent.user)

    ada.goto(f"/evaluations/{evaluation}")
    assert ada.faults() == []
    ada.page.get_by_role("button", name="I have read it").press("Enter")
    ada.page.get_by_text("Noted: you have read it.").wait_for()
    ada.page.get_by_text("Dispute this answer").last.press("Enter")
    ada.page.locator("#dispute").get_by_label("Yes").last.press("Space")
    ada.page.get_by_label("Why?").last.fill("I did, in turn 2.")
    _picture(ada, "dispute-open")
    assert ada.faults() == []
    ada.page.get_by_role("button", name="Open the dispute").press("Enter")
    ada.page.get_by_text("Your dispute is open.").wait_for()
    assert ada.faults() == []
    thread = ada.path

    boss = window(manager.user)
    boss.goto("/disputes")
    assert boss.faults() == []
    boss.goto(thread)
    boss.page.get_by_label("As proposed: Yes").press("Space")
    boss.page.get_by_text("The score would become").wait_for()
    boss.page.get_by_label("Why, for whoever opened it").fill("You did; we had missed it.")
    _picture(boss, "dispute-decide")
    assert boss.faults() == []
    boss.page.get_by_role("button", name="Decide").press("Enter")
    boss.page.get_by_text("Decided. Who opened it").wait_for()
    assert boss.faults() == []
    _picture(boss, "dispute-decided")
    boss.goto("/clients/northwind/disputes")
    assert boss.faults() == []
    _picture(boss, "dispute-report")
    boss.goto("/")
    assert boss.faults() == []
    ada.goto(thread)
    ada.page.get_by_text("You did; we had missed it.").wait_for()
    assert ada.faults() == []
    ada.page.get_by_label("Why should it be decided again?").fill("Listen to turn 2.")
    ada.page.get_by_role("button", name="Appeal").press("Enter")
    ada.page.get_by_text("Appealed. Somebody else decides now.").wait_for()
    ada.page.on("dialog", lambda asked: asked.accept())
    ada.page.get_by_role("button", name="Take the appeal back").press("Enter")
    ada.page.get_by_text("Taken back. Nobody decides on it any more.").wait_for()
    _picture(ada, "dispute-withdrawn")
    assert ada.faults() == []
    _open_without_faults(ada, "/", "/disputes", "/published")
    _open_without_faults(boss, "/acknowledgements?state=overdue", "/acknowledgements")
    _picture(boss, "acknowledgements")
    _picture(ada, "published")


def test_a_long_question_leaves_the_form_of_its_dispute_in_reach(desk, window):
    first, *rest = SCORECARD["sections"]
    hears, *others = first["questions"]
    long = {**hears, "text": "Did the agent name the customer's feeling, as the customer would put it? " * 3}
    desk.reviews.publish(
        "northwind", {**SCORECARD, "sections": [{**first, "questions": [long, *others]}, *rest]}
    )
    agent = desk.agent()
    evaluation = desk.evaluation(started_at=desk.reviews.now)
    ada = window(agent.user)

    ada.goto(f"/evaluations/{evaluation}")
    ada.page.get_by_text("Dispute this answer").first.click(timeout=5000)
    ada.page.locator("#dispute").get_by_label("No").first.click(timeout=5000)
    assert ada.faults() == []


def _open_without_faults(shown, *paths):
    for path in paths:
        shown.goto(path)
        assert shown.faults() == []


def _picture(shown, name):
    if PICTURES:
        shown.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
