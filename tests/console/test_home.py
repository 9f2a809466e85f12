"""The first page of each role: the one thing to do first, and nothing that is not theirs."""

import re
import uuid
from datetime import timedelta

import pytest

from qm.calibration.models import Calibration
from qm.interactions.models import Interaction
from qm.learning.models import GateMove, GateState
from qm.reviews.models import Evaluation
from tenants.models import utc_now
from tests.api.reports.test_reports import ReportData
from tests.api.review_api import GOOD, ReviewFixture


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def test_a_reviewer_is_offered_the_next_review_and_told_how_many_wait(desk, visitor):
    desk.drawn()
    desk.drawn()

    shown = visitor("reviewer").get("/").text

    assert '<form method="post" action="/reviews/next">' in shown
    assert "2 reviews wait." in shown


def test_a_reviewer_who_holds_a_review_goes_on_with_it(desk, visitor):
    caller = desk.reviewer()
    review = desk.drawn()
    assert caller.post("/v1/reviews/next").status_code == 200

    assert f'href="/reviews/{review.review_id}"' in visitor(user=caller.user).get("/").text


def test_what_a_reviewer_has_seen_gave_back_or_may_not_see_does_not_wait_for_them(desk, visitor, provider):
    given_back = desk.drawn()
    user = desk.person("reviewer", "contoso")
    with provider.session() as session:
        session.merge(given_back).given_back_by = [str(desk.person().user_id)]

    assert "Nothing waits for you" in visitor(user=user).get("/").text
    assert "1 review waits." in visitor("reviewer").get("/").text


def test_a_manager_sees_what_fired_and_where(desk, visitor, provider):
    desk.interaction(state="dead", error="It cannot be read.")
    flagged = desk.judged(desk.interaction())
    client = provider.clients["northwind"]
    owner = {"tenant_id": client.tenant_id, "client_id": client.client_id, "scorecard": "care"}
    with provider.session() as session:
        session.merge(flagged).critical = ["checks"]
        session.add(GateState(**owner, question="hears", state="human_only"))
        session.flush()
        states = {"from_state": "automatic", "to_state": "human_only"}
        session.add(GateMove(**owner, question="hears", number=1, cause="drift", **states))
        grown = {"from_state": "human_only", "to_state": "assisted"}
        session.add(GateMove(**owner, question="hears", number=2, cause="proved", **grown))

    shown = visitor("qm_manager").get("/").text

    assert "1 interaction could not be scored" in shown
    assert 'href="/clients/northwind/set-aside"' in shown
    assert "1 evaluation with a critical answer" in shown
    assert "lost the right to answer 1 question" in shown
    address = re.search(r'href="([^"]*critical=true[^"]*)"', shown)[1].replace("&amp;", "&")
    manager = visitor(user=desk.person("qm_manager"))
    assert manager.get(address).text.count("<tr>") == 2


def test_critical_answers_of_what_waits_for_review_are_not_counted_for_who_may_review_it(
    desk, visitor, provider
):
    review = desk.drawn()
    with provider.session() as session:
        found = session.query(Evaluation).filter_by(interaction_id=review.interaction_id).one()
        found.critical = ["checks"]

    assert "critical answer" not in visitor("qm_manager").get("/").text.partition("Nothing:")[0]


def first_of(manager):
    shown = manager.get("/").text
    part = re.search(r'aria-labelledby="first">(.*?)</section>', shown, re.DOTALL)[1]
    link = re.search(r'href="([^"]*)"', part)
    return re.sub(r"<[^>]+>", "", part), link and link[1]


def test_a_manager_has_one_thing_to_do_first(desk, visitor, provider):
    manager = visitor("qm_manager")
    told, address = first_of(manager)
    assert (address, "Nothing waits for you" in told) == (None, True)

    desk.drawn()
    told, address = first_of(manager)
    assert ("1 review waits for you." in told, address) == (True, "/reviews")

    client = provider.clients["northwind"]
    ends = utc_now() + timedelta(days=2)
    session_id = uuid.uuid4()
    with provider.session() as session:
        session.add(
            Calibration(
                tenant_id=client.tenant_id,
                client_id=client.client_id,
                calibration_id=session_id,
                name="March",
                source="picked",
                drawn=0,
                reference="none",
                deadline=ends,
            )
        )
    told, address = first_of(manager)
    assert ("The calibration “March” ends on" in told, address) == (True, f"/calibrations/{session_id}")

    desk.interaction(state="dead", error="It cannot be read.")
    told, address = first_of(manager)
    assert "Northwind: 1 interaction could not be scored and is set aside." in told
    assert address == "/clients/northwind/set-aside"


def test_without_a_client_a_manager_makes_the_first_one(visitor, make_provider):
    empty = make_provider()

    shown = visitor("qm_manager", of=empty).get("/").text

    assert "There is no client yet." in shown
    assert 'href="/clients/new"' in shown


def test_a_manager_sees_how_good_each_number_is_and_what_is_missing(provider, visitor):
    data = ReportData(provider)
    ids = data.scored(*[70.0] * 40)
    data.reviewed(ids[:20], [50.0 + 2 * number for number in range(20)])

    shown = visitor("qm_manager").get("/").text

    assert "95 % interval" in shown
    assert re.search(r"more reviews? needed|good enough", shown)
    assert "Drawn 20, reviewed 20, waiting 0" in shown
    assert "Nothing has been scored yet." in shown  # of contoso


def test_an_admin_finds_the_steps_that_are_left_each_with_its_reason(visitor, make_provider):
    empty = make_provider()
    shown = visitor("admin", of=empty).get("/").text

    assert "0 of 8 steps are done. Next: Make the first client." in shown
    assert shown.count("still to do") == 8


def test_steps_tick_themselves(desk, visitor, provider):
    desk.person()

    shown = visitor("admin").get("/").text

    assert "4 of 8 steps are done" not in shown
    assert "3 of 8 steps are done. Next: Put an SLA policy in force." in shown
    desk.interaction()
    assert "4 of 8 steps are done" in visitor(user=desk.person("admin")).get("/").text


def test_an_agent_reads_what_was_said_of_their_own_work_strengths_first(desk, visitor, provider):
    agent, other = desk.person("agent"), desk.person("agent")
    with provider.session() as session:
        session.merge(agent).agent, session.merge(other).agent = "a-7", "a-8"
    caller = desk.reviewer()
    review = desk.drawn()
    assert caller.post("/v1/reviews/next").status_code == 200
    mine = visitor(user=agent)
    assert "Nothing of your work has been reviewed yet" in mine.get("/").text
    caller.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    shown = mine.get("/").text

    assert shown.index("What you do well") < shown.index("What to try next") < shown.index("Feedback to read")
    assert shown.index("What you do well") < shown.index("To read")
    assert "Heard?" in shown[shown.index("What you do well") : shown.index("What to try next")]
    assert "Checked?" in shown[shown.index("What to try next") : shown.index("Feedback to read")]
    assert "Nothing of your work" in visitor(user=other).get("/").text
    assert "which agent you are" in visitor(user=desk.person("agent")).get("/").text
    caller.post(f"/v1/reviews/{review.review_id}/reopen")
    assert "Nothing of your work has been reviewed yet" in mine.get("/").text


def test_a_team_lead_sees_their_own_team_only(provider, visitor, desk):
    data = ReportData(provider)
    for agent in ("a-1", "a-2"):
        ids = data.scored(*[70.0] * 12, agent=agent)
        data.reviewed(ids, [60.0 + number for number in range(12)])
    with provider.session() as session:
        for row in session.query(Interaction).all():
            row.agent_details = {"name": f"Name {row.agent}", "team": "red" if row.agent == "a-1" else "blue"}
    lead = desk.person("team_lead")
    assert "which team you lead" in visitor(user=lead).get("/").text
    with provider.session() as session:
        session.merge(lead).team = "red"

    shown = visitor(user=lead).get("/").text

    assert "Name a-1" in shown
    assert "Name a-2" not in shown
    assert "too few to compare" in shown


def test_a_stakeholder_is_led_to_the_report_of_their_client(visitor):
    answer = visitor("client_stakeholder", "northwind").get("/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/clients/northwind/report")


def test_a_gate_that_fell_long_ago_does_not_fire(desk, visitor, provider):
    client = provider.clients["northwind"]
    owner = {"tenant_id": client.tenant_id, "client_id": client.client_id, "scorecard": "care"}
    with provider.session() as session:
        session.add(GateState(**owner, question="hears", state="human_only"))
        session.flush()
        states = {"from_state": "automatic", "to_state": "assisted", "at": desk.now - timedelta(days=8)}
        session.add(GateMove(**owner, question="hears", number=1, cause="drift", **states))

    assert "lost the right" not in visitor("qm_manager").get("/").text


def test_every_step_of_setting_up_leads_to_its_page(visitor):
    shown = visitor("admin").get("/").text

    steps = re.findall(r"<li.*?</li>", re.search(r'<ol class="panel steps">(.*?)</ol>', shown, re.DOTALL)[1])
    assert len(steps) == 8
    assert [step for step in steps if "<a href=" not in step] == []


def test_a_gate_that_a_manager_held_back_alarms_nobody(desk, visitor, provider):
    client = provider.clients["northwind"]
    owner = {"tenant_id": client.tenant_id, "client_id": client.client_id, "scorecard": "care"}
    with provider.session() as session:
        session.add(GateState(**owner, question="hears", state="human_only"))
        session.flush()
        states = {"from_state": "automatic", "to_state": "human_only"}
        session.add(GateMove(**owner, question="hears", number=1, cause="capped", **states))

    assert "lost the right" not in visitor("qm_manager").get("/").text
