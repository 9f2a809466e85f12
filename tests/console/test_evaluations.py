"""The pages of evaluations and of the workload, by role."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from tenants.models import User, utc_now
from tests.api.review_api import ReviewFixture
from tests.console.test_workbench import ANSWERS, claim, form_of
from tests.whole_words import has_word

MARCH = datetime(2026, 3, 2, 10, tzinfo=UTC)


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
    assert visitor(user=desk.person("reviewer", "contoso")).get(address).status_code == 404


def published(desk, visitor, neighbours=4):
    """A published evaluation of March, with so many other interactions of its month."""
    address = submitted(desk, visitor(user=desk.person()))
    with desk.provider.session() as session:
        judged = session.scalars(select(Interaction)).one()
        judged.started_at = MARCH
        judged.agent_details = {"name": "Dana Whitfield", "team": "Summit"}
        judged.turns = [
            *judged.turns,
            {"speaker": "system", "text": "Dana Whitfield joined the chat.", "at": "2026-03-02T10:02:00Z"},
        ]
        evaluation = session.scalars(select(Evaluation).where(Evaluation.kind == "human")).one()
        evaluation.answers = [{**evaluation.answers[0], "note": "Dana could ask."}, *evaluation.answers[1:]]
        evaluation.override_reasons = {"how": "The machine missed it."}
    for _ in range(neighbours):
        desk.interaction(started_at=MARCH)
    return address


def test_a_clients_people_read_what_is_published_of_their_client_without_who_handled_it(desk, visitor):
    address = published(desk, visitor)
    user = desk.person("client_stakeholder", "northwind")

    page = visitor(user=user).get(address)
    listed = visitor(user=user).get("/clients/northwind/report/evaluations?month=2026-03")
    told = desk.provider.caller("clients:read", "reports:read", user=user).get(f"/v1{address}")

    assert page.status_code == 200
    assert "I can hear how maddening this is." in page.text
    assert "[NAME] joined the chat." in page.text
    assert told.json["answers"][0]["note"] == "[NAME] could ask."
    assert (told.json["reviewer"], told.json["author"], told.json["override_reasons"]) == (None, None, {})
    for shown in (page.text, told.text):
        assert "Dana" not in shown
        assert not has_word(shown, "a-7")
    assert f'href="{address}"' in listed.text
    assert visitor(user=desk.person("client_stakeholder", "contoso")).get(address).status_code == 404


def test_a_clients_people_read_no_name_of_the_providers_people(desk, visitor):
    """Of the first agent, who is known by another interaction, of one who signs in, of who reviewed."""
    address = published(desk, visitor)
    desk.interaction(agent="a-8", agent_details={"name": "Theo Marsh"}, started_at=MARCH)
    signs_in, reviews = desk.person("agent"), desk.person("reviewer")
    with desk.provider.session() as session:
        ines = session.get_one(User, (signs_in.tenant_id, signs_in.user_id))
        ines.agent, ines.name = "a-9", "Ines Falk"
        session.get_one(User, (reviews.tenant_id, reviews.user_id)).name = "Priya Nair"
        evaluation = session.scalars(select(Evaluation).where(Evaluation.kind == "human")).one()
        judged = session.get_one(
            Interaction, (evaluation.tenant_id, evaluation.interaction_id, evaluation.client_id)
        )
        judged.turns = [
            *judged.turns,
            {
                "speaker": "agent",
                "agent": "a-8",
                "text": "Theo here, I take over.",
                "at": "2026-03-02T10:02:00Z",
            },
            {"speaker": "agent", "agent": "a-9", "text": "And Ines Falk too.", "at": "2026-03-02T10:03:00Z"},
        ]
        note = "Theo and Ines were kind, says Priya Nair."
        evaluation.answers = [{**evaluation.answers[0], "note": note}, *evaluation.answers[1:]]
    user = desk.person("client_stakeholder", "northwind")

    page = visitor(user=user).get(address)
    told = desk.provider.caller("clients:read", "reports:read", user=user).get(f"/v1{address}")

    assert "[NAME] here, I take over." in page.text
    assert told.json["answers"][0]["note"] == "[NAME] and [NAME] were kind, says [NAME]."
    for shown in (page.text, told.text):
        assert re.findall("Theo|Marsh|Ines|Falk|Priya|Nair", shown) == []


def test_a_clients_people_read_no_evaluation_that_is_not_published_or_not_in_force(desk, visitor):
    address = published(desk, visitor)
    stakeholder = visitor(user=desk.person("client_stakeholder", "northwind"))
    later = utc_now() + timedelta(days=1)

    for change in ({"published_at": later}, {"published_at": None}, {"superseded_at": utc_now()}):
        with desk.provider.session() as session:
            evaluation = session.scalars(select(Evaluation).where(Evaluation.kind == "human")).one()
            before = {name: getattr(evaluation, name) for name in change}
            for name, value in change.items():
                setattr(evaluation, name, value)
        assert stakeholder.get(address).status_code == 404, change
        listed = stakeholder.get("/clients/northwind/report/evaluations?month=2026-03")
        assert address not in listed.text
        with desk.provider.session() as session:
            evaluation = session.scalars(select(Evaluation).where(Evaluation.kind == "human")).one()
            for name, value in before.items():
                setattr(evaluation, name, value)
    assert stakeholder.get(address).status_code == 200


@pytest.mark.parametrize("neighbours", [3, 4])
def test_a_clients_people_read_no_evaluation_of_a_month_with_fewer_than_five(desk, visitor, neighbours):
    address = published(desk, visitor, neighbours=neighbours)
    stakeholder = visitor(user=desk.person("client_stakeholder", "northwind"))

    assert stakeholder.get(address).status_code == (404 if neighbours < 4 else 200)


def test_a_clients_people_read_no_evaluation_of_a_month_that_has_not_ended(desk, visitor):
    address = published(desk, visitor)
    stakeholder = visitor(user=desk.person("client_stakeholder", "northwind"))
    with desk.provider.session() as session:
        for each in session.scalars(select(Interaction)):
            each.started_at = utc_now()

    assert stakeholder.get(address).status_code == 404
    refused = stakeholder.get(f"/clients/northwind/report/evaluations?month={utc_now():%Y-%m}")
    assert (refused.status_code, "has ended" in refused.text) == (422, True)


def test_a_key_of_nobody_that_may_not_read_interactions_reads_no_evaluation(desk, visitor):
    address = published(desk, visitor)

    assert desk.provider.caller("clients:read", "reports:read").get(f"/v1{address}").status_code == 404


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
    given = manager.post(f"/workload/{drawn.review_id}", {"user": str(two.user_id), "due": "2036-12-24"})
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


def test_an_evaluation_leads_to_its_interaction_and_the_list_names_it(desk, visitor):
    address = submitted(desk, visitor(user=desk.person()))
    manager = visitor(user=desk.person("qm_manager"))

    interaction = re.search(r'href="(/interactions/[^"]+)"[^>]*>([^<]+)<', manager.get(address).text)

    assert manager.get(interaction[1]).status_code == 200
    assert f">{interaction[2]}" in manager.get("/clients/northwind/evaluations").text


def test_what_was_picked_by_hand_is_part_of_the_workload(desk, visitor):
    manager = visitor(user=desk.person("qm_manager"))
    assert "picked by hand" not in manager.get("/workload").text
    manager.post(f"/interactions/{desk.interaction().interaction_id}/pick", {"note": "", "user": ""})

    assert "One picked by hand waits too." in manager.get("/workload").text
