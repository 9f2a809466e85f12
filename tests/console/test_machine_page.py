"""The machine's page: gates, what moved them, corrections, trainings."""

import html
import re

import pytest

from qm.learning.gate_transitions import apply_transitions
from scorecards.authoring import versions
from tenants.models import utc_now
from tests.api.learning.evaluated_models import proof, put_in_force
from tests.api.reports.double_scoring import Pairs, judged, said

PAGE = "/clients/northwind/machine"
CARE = {
    "key": "care",
    "name": "Care",
    "sections": [
        {"key": "a", "questions": [{"key": "warm", "text": "Was it warm?", "kind": "yes_no"}]},
    ],
}


@pytest.fixture
def client(provider):
    client = provider.clients["northwind"]
    with provider.session() as session:
        versions.put_in_force(session, client, kind="scorecard", key="care", body=CARE)
        proofs = {("care", "warm"): proof()}
        apply_transitions(session, client, proofs, put_in_force(session, client, 1, proofs))
    return client


def opened(page):
    return html.unescape(re.search(r'name="opened" value="([^"]*)"', page.text).group(1))


def words_of(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_a_question_is_shown_with_state_agreement_promise_and_history(client, visitor):
    shown = words_of(visitor("qm_manager").get(PAGE))

    assert "Of 1 questions it answers 1" in shown
    assert "it answers" in shown
    assert "reliable" in shown
    assert "Held-out answers of people show that the machine may go further." in shown


def test_a_gate_is_held_back_and_let_go_again_with_a_reason(client, visitor):
    manager, gate = visitor("qm_manager"), f"{PAGE}/gates/care/warm"
    page = manager.get(PAGE)

    nameless = manager.post(gate, {"highest": "human_only", "reason": " ", "opened": opened(page)})
    held = manager.post(gate, {"highest": "human_only", "reason": "Audit.", "opened": opened(page)})
    stale = manager.post(gate, {"highest": "assisted", "reason": "Mine.", "opened": opened(page)})

    assert (nameless.status_code, held.status_code, stale.status_code) == (422, 303, 422)
    assert "Somebody else has saved it meanwhile" in stale.text
    assert 'value="Mine."' in stale.text
    after = manager.get(PAGE)
    assert "held to “people only”: Audit." in words_of(after)
    let = manager.post(gate, {"highest": "automatic", "reason": "Passed.", "opened": opened(after)})
    assert let.status_code == 303
    assert "Of 1 questions it answers 1" in words_of(manager.get(PAGE))


@pytest.mark.parametrize("path", ["care/none", "none/warm", "care/warm%00", "../.."])
def test_a_gate_of_nothing_is_not_found(client, visitor, path):
    sent = {"highest": "human_only", "reason": "x", "opened": ""}

    assert visitor("qm_manager").post(f"{PAGE}/gates/{path}", sent).status_code == 404


def test_a_level_that_is_none_is_refused(client, visitor):
    manager = visitor("qm_manager")
    sent = {"highest": "everything", "reason": "x", "opened": opened(manager.get(PAGE))}

    assert manager.post(f"{PAGE}/gates/care/warm", sent).status_code == 422


def test_who_only_reads_moves_nothing_and_stakeholders_see_no_counts(client, visitor):
    stakeholder = visitor("client_stakeholder", "northwind")
    page = stakeholder.get(PAGE)

    assert page.status_code == 200
    assert '<form method="post" class="gate-form"' not in page.text
    assert "machine/taught" not in page.text
    assert stakeholder.post(f"{PAGE}/gates/care/warm", {}).status_code == 403
    assert stakeholder.get(f"{PAGE}/overrides").status_code == 403


def test_training_is_asked_for_and_shown(client, visitor):
    manager = visitor("qm_manager")

    assert manager.post(f"{PAGE}/train").status_code == 303
    assert manager.post(f"{PAGE}/train").status_code == 303

    assert words_of(manager.get(PAGE)).count("queued") >= 1


def test_corrections_are_listed_with_what_became_of_each(provider, visitor):
    pairs = Pairs(provider)
    heard = [said("hears", "yes", note="It did.")]
    pairs.add(2, heard, [judged("hears", "no")], why={"hears": "Between the lines."})
    pairs.add(1, [said("hears", "no")], [judged("hears", "no")])
    manager = visitor("qm_manager")
    july = "from=2026-07-01&to=2026-07-28"

    page = manager.get(f"{PAGE}/overrides?{july}")
    shown = words_of(page)
    assert shown.count("Heard?") == 2
    assert "not learned from yet" in shown
    assert "It did." in shown
    assert shown.count("Why: Between the lines.") == 2
    assert "How often hears Between the lines. 2" in shown
    table = manager.get(f"{PAGE}/overrides?{july}&format=csv").text
    assert table.count("no_model_yet") == 2
    assert "Nothing is like that" in words_of(manager.get(f"{PAGE}/overrides?{july}&question=tone"))
    assert manager.get(f"{PAGE}/overrides?from=never").status_code == 422
    assert manager.get(f"{PAGE}/overrides?cursor=x").status_code == 422


def test_what_if_follows_the_evidence_and_stores_nothing(client, provider, visitor):
    manager, caller = visitor("qm_manager"), provider.caller("definitions:read")
    before = caller.get("/v1/clients/northwind/gates/care/warm").json
    shown = words_of(manager.get(f"{PAGE}/gates/care/warm/what-if"))
    found = caller.get("/v1/clients/northwind/gates/care/warm/what-if").json

    assert [(each["highest"], each["state"]) for each in found["caps"]] == [
        (state, state) for state in ("human_only", "assisted", "automatic")
    ]
    held, suggests, answers = found["caps"]
    proved = before["evidence"]["proof"]
    assert (held["share"], held["alpha"], suggests["share"]) == (0, None, 0)
    assert (answers["share"], answers["alpha"]) == (proved["coverage"], proved["standing_alpha"])
    assert (suggests["alpha"], answers["wrong_at_most"]) == (proved["alpha"], proved["upper"])
    assert found["interactions_per_week"] == 0
    assert "it answers as now it answers" in shown
    assert caller.get("/v1/clients/northwind/gates/care/warm").json == before
    assert caller.get("/v1/clients/northwind/gates/care/none/what-if").status_code == 404
    page = visitor("client_stakeholder", "northwind").get(f"{PAGE}/gates/care/warm/what-if")
    assert (page.status_code, "Reviews a week" in page.text) == (200, False)


def test_what_if_counts_what_is_judged_a_week_and_stops_at_the_evidence(provider):
    pairs = Pairs(provider)
    pairs.add(8, [said("hears", "yes")], [judged("hears", "no"), judged("tone", "warm")], at=utc_now())
    found = provider.caller("definitions:read").get("/v1/clients/northwind/gates/care/hears/what-if").json

    assert found["interactions_per_week"] == 2
    assert [each["state"] for each in found["caps"]] == ["human_only"] * 3
    assert [each["left_to_people_per_week"] for each in found["caps"]] == [2, 2, 2]
