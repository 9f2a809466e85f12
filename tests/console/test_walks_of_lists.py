"""Walks through lists, an interaction, first pages and the report, in a real browser."""

import pytest

from scorecards.authoring import versions
from tests.api.reports.test_moments_report import Moments
from tests.api.review_api import GOOD, TURNS, ReviewFixture

JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    turns = [{**TURNS[0], "quoted": "> We are sorry."}, {**TURNS[1], "text": "[NAME], I can hear how it is."}]
    made.drawn(external_id="T-reviewed", turns=turns)
    reviewer = made.reviewer()
    review = reviewer.post("/v1/reviews/next").json["id"]
    assert reviewer.post(f"/v1/reviews/{review}/submit", json={"answers": GOOD}).status_code == 200
    return made


@pytest.fixture
def numbers(provider):
    data = Moments(provider)
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        targets = [{"measure": "empathy", "goal": 60, "until": "2026-06-20"}]
        body = {"targets": [*targets, {"measure": "listen_validate", "goal": 95}]}
        versions.put_in_force(session, client, kind="quality_targets", key="default", body=body)
    for empathy in (10.0, 20.0, 80.0, 90.0):
        data.told(empathy, "It broke", day=-15, shift=0.5, sentiment_start=-0.5, sentiment_end=0.0)
    for day in (0, -15, -46):
        ids = data.scored(*[70.0] * 40, day=day)
        data.reviewed(ids[:30], [50.0 + number for number in range(30)], day=day)


def test_a_manager_finds_an_interaction_keeps_the_view_and_has_it_reviewed(desk, window):
    desk.interaction(external_id="T-dead", state="dead", error="It cannot be read.")
    desk.interaction(external_id="T-mail", channel="email")
    opened = window(desk.person("qm_manager"))
    page = opened.goto("/")
    assert opened.faults() == []
    page.get_by_role("link", name="could not be scored").click()
    page.wait_for_url("**/set-aside")
    assert opened.faults() == []

    page.get_by_role("link", name="Interactions", exact=True).last.click()
    page.wait_for_url("**/clients/northwind/interactions")
    page.get_by_role("combobox", name="Channel").select_option("email")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Customer").check()
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**channel=email**")
    assert page.get_by_role("link", name="T-mail").count() == 1
    assert page.get_by_role("columnheader", name="Customer").count() == 1
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Mail")
    assert opened.faults() == []
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The view “Mail” is saved.").wait_for()
    page.get_by_role("link", name="All views").click()
    page.wait_for_url("**/views")
    assert opened.faults() == []

    page.get_by_role("searchbox").fill("T-reviewed")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="T-reviewed").wait_for()
    assert opened.faults() == []
    page.get_by_label("What should the reviewer look at?").fill("The tone.")
    page.get_by_role("button", name="Ask for a review").click()
    page.get_by_text("It waits for a review.").wait_for()


def test_a_bad_filter_and_an_empty_list_in_the_browser(desk, window):
    opened = window(desk.person("qm_manager"))
    page = opened.goto("/clients/northwind/evaluations")
    assert opened.faults() == []
    page.goto(f"{opened.address}/reviews/all?state=skipped")
    page.get_by_text("Nothing is like that.").wait_for()
    assert opened.faults() == []
    page.goto(f"{opened.address}/clients/northwind/interactions?csat=9")
    page.get_by_text("Nothing is listed until the filter is mended.").wait_for()
    opened.errors.clear()  # the browser notes the status 422 of the page itself
    assert opened.faults() == []


def test_a_stakeholder_reads_the_report_and_its_numbers(provider, numbers, window):
    user = provider.add_user("client_stakeholder", "northwind")
    opened = window(user)
    page = opened.goto("/")
    assert opened.path == "/clients/northwind/report"
    page.get_by_role("combobox", name="Month").select_option("2026-06")
    page.wait_for_url("**from=2026-06-01**")
    for numbers_of_a_figure in page.get_by_text("Show the numbers").all():
        numbers_of_a_figure.click()
    for part in ("Is it what was promised?", "Moments of truth", "What it rests on"):
        assert page.get_by_role("heading", name=part).is_visible()
    assert opened.faults() == []
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv")


def test_an_agent_a_team_lead_and_a_reviewer_have_a_first_page(desk, provider, window):
    agent, lead = desk.person("agent"), desk.person("team_lead")
    with provider.session() as session:
        session.merge(agent).agent = "a-7"
    for user, heading in ((agent, "What you do well"), (lead, "Hello"), (desk.person(), "Hello")):
        opened = window(user)
        page = opened.goto("/")
        page.get_by_role("heading", name=heading).wait_for()
        assert opened.faults() == []


def test_an_admin_sets_up_and_reads_who_did_what(desk, window):
    opened = window(desk.person("admin"))
    page = opened.goto("/")
    page.get_by_role("heading", name="Set it up").wait_for()
    assert opened.faults() == []
    page.get_by_role("link", name="Audit log", exact=True).first.click()
    page.wait_for_url("**/audit")
    page.locator("details.change summary").first.click()
    page.get_by_role("combobox", name="Action").select_option("review")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**action=review**")
    page.get_by_role("cell", name="submitted review").wait_for()
    assert opened.faults() == []
