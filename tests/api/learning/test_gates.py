"""Gates over HTTP: shown with their promise and evidence, capped with a reason."""

import copy
import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from qm.learning.effective_gates import WAITING, GateNow, gates_now
from qm.learning.gate_store import gates_of, revision_of
from qm.learning.gate_transitions import settle
from qm.learning.models import GateMove, Model
from qm.learning.small_counts import PROMISES
from scorecards.authoring import versions
from scorecards.automation.gate import CAUSES, Gate
from tenants.models import AuditEntry, utc_now
from tests.api.learning.evaluated_models import proof, put_in_force

ASKED = [
    {"key": "hears", "text": "Heard?", "kind": "yes_no", "auto": "validates_feeling"},
    {"key": "warm", "text": "Warm?", "kind": "yes_no"},
    {"key": "remark", "text": "Anything else?", "kind": "text"},
]
SCORECARD = {"key": "care", "name": "Care", "sections": [{"key": "a", "name": "A", "questions": ASKED}]}
WARM, HEARS = ("care", "warm"), ("care", "hears")


@pytest.fixture
def client(provider):
    client = provider.clients["northwind"]
    with provider.session() as session:
        versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
    return client


@pytest.fixture
def settled(provider, client):
    """Put a model with these proofs in force, as a training does."""
    made = []

    def settle_with(proofs):
        with provider.session() as session:
            model = put_in_force(session, client, len(made) + 1, proofs)
            made.append(model.model_id)
            settle(session, client, proofs, model)
        return model.model_id

    return settle_with


@pytest.fixture
def caller(provider):
    return provider.caller("definitions:read", "definitions:write")


def listed(caller):
    answer = caller.get("/v1/clients/northwind/gates")
    assert answer.status_code == 200, answer.json
    return {(each["scorecard"], each["question"]): each for each in answer.json["data"]}


def capped(caller, key, highest, reason="Not before the audit.", **options):
    body = {"highest": highest, "reason": reason}
    return caller.put(f"/v1/clients/northwind/gates/{key[0]}/{key[1]}", json=body, **options)


def audited(provider, action):
    with provider.session() as session:
        found = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(found.order_by(AuditEntry.number)))


def test_every_question_that_a_machine_can_answer_begins_where_its_rule_lets_it(client, caller):
    found = listed(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert found[WARM]["promise"] == CAUSES["no_model"]
    assert found[WARM]["since"] is None


def test_a_proof_opens_the_gate_with_its_promise_and_evidence(settled, caller, provider, client):
    model = settled({WARM: proof()})
    found = listed(caller)[WARM]
    assert found["state"] == "automatic"
    assert found["threshold"] == 0.0
    assert found["promise"].startswith("All answers stand. People would answer otherwise in at most 10 %")
    assert found["model_id"] == str(model)
    assert found["evidence"]["proof"]["proved_on"] == 400
    assert [(each["from"], each["to"], each["cause"]) for each in found["history"]] == [
        ("human_only", "automatic", "proved")
    ]
    with provider.session() as session:
        assert gates_of(session, client.client_id) == {WARM: Gate("automatic", 0.0, str(model))}


def test_a_proof_that_is_too_weak_says_why(settled, caller):
    settled({WARM: proof(0.8)})
    found = listed(caller)[WARM]
    assert found["state"] == "assisted"
    assert "people answered 80 otherwise" in found["promise"]


def test_a_move_stands_in_the_audit_log_with_its_numbers(settled, provider):
    settled({WARM: proof()})
    (entry,) = audited(provider, "gate.moved")
    assert entry.subject == "gate:care/warm"
    assert entry.details["after"] == "automatic"
    assert entry.details["evidence"]["proof"]["wrong"] == 20


def test_a_new_model_that_proves_less_closes_the_gate(settled, caller):
    settled({WARM: proof()})
    settled({WARM: proof(0.8)})
    found = listed(caller)[WARM]
    assert (found["state"], found["threshold"]) == ("assisted", None)
    assert found["history"][0]["cause"] == "not_proved"


def test_a_model_that_has_not_learned_the_question_sends_it_back_to_where_it_started(settled, caller):
    settled({WARM: proof(), HEARS: proof()})
    settled({})
    found = listed(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}


def test_an_equal_model_keeps_the_gate_open_with_a_move_of_its_own(settled, caller):
    settled({WARM: proof()})
    second = settled({WARM: proof()})
    found = listed(caller)[WARM]
    assert (found["state"], found["model_id"]) == ("automatic", str(second))
    assert found["history"][0]["cause"] == "proved_again"


def test_every_change_raises_the_revision_that_workers_watch(settled, caller, provider, client):
    seen = []
    steps = (
        lambda: None,
        lambda: settled({WARM: proof(0.8)}),
        lambda: settled({WARM: proof(0.8)}),
        lambda: settled({WARM: proof()}),
        lambda: capped(caller, WARM, "assisted"),
        lambda: capped(caller, HEARS, "human_only"),
    )
    for step in steps:
        step()
        with provider.session() as session:
            seen.append(revision_of(session, client.client_id))
    assert seen == sorted(set(seen))


def test_a_cap_takes_effect_at_once_and_is_lifted_again(settled, caller, provider, client):
    settled({WARM: proof()})
    down = capped(caller, WARM, "assisted")
    assert (down.json["state"], down.json["reason"]) == ("assisted", "Not before the audit.")
    assert down.json["promise"] == CAUSES["capped"]
    with provider.session() as session:
        assert gates_of(session, client.client_id)[WARM] == Gate("assisted")
    up = capped(caller, WARM, "automatic", "The audit is over.")
    assert up.json["state"] == "automatic"
    assert [each["cause"] for each in up.json["history"]] == ["cap_lifted", "capped", "proved"]


def test_a_cap_stands_in_the_audit_log_with_its_reason(client, caller, provider):
    capped(caller, HEARS, "human_only")
    (entry,) = audited(provider, "gate.capped")
    assert entry.details["before"] == {"highest": "automatic", "reason": None}
    assert entry.details["after"] == {"highest": "human_only", "reason": "Not before the audit."}


def test_the_same_cap_again_changes_nothing(client, caller, provider):
    capped(caller, HEARS, "assisted")
    capped(caller, HEARS, "assisted")
    assert len(audited(provider, "gate.capped")) == 1


def test_a_capped_gate_does_not_rise_with_the_next_model(settled, caller):
    capped(caller, WARM, "assisted")
    settled({WARM: proof()})
    assert listed(caller)[WARM]["state"] == "assisted"


def test_every_fault_of_a_cap_is_named(client, caller):
    answer = caller.put("/v1/clients/northwind/gates/care/warm", json={"highest": "sky", "why": 1})
    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json["errors"]}
    assert pointers == {"/highest", "/reason", "/why"}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b"])
def test_a_cap_needs_a_reason_that_can_be_read(client, caller, reason):
    assert capped(caller, WARM, "assisted", reason).status_code == 422


@pytest.mark.parametrize("key", [("care", "remark"), ("care", "nothing"), ("nobody", "warm"), ("a%00b", "c")])
def test_a_question_that_no_machine_can_answer_has_no_gate(client, caller, key):
    assert capped(caller, key, "assisted").status_code == 404
    assert caller.get(f"/v1/clients/northwind/gates/{key[0]}/{key[1]}").status_code == 404


def test_a_cap_names_the_version_it_saw(client, caller):
    tag = caller.get("/v1/clients/northwind/gates/care/warm").headers["ETag"]
    assert capped(caller, WARM, "assisted", headers={"If-Match": tag}).status_code == 200
    assert capped(caller, WARM, "automatic", headers={"If-Match": tag}).status_code == 412


def test_reading_is_enough_to_see_and_not_to_cap(client, provider):
    reader = provider.caller("definitions:read")
    assert listed(reader)
    assert capped(reader, WARM, "assisted").status_code == 403


def test_another_client_is_not_seen(settled, provider, make_provider):
    settled({WARM: proof()})
    stranger = make_provider("northwind").caller("definitions:read")
    assert stranger.get("/v1/clients/northwind/gates").json["data"] == []


def test_a_lower_limit_of_the_client_takes_no_promise_for_granted(settled, caller, provider, client):
    stricter = dataclasses.replace(proof(), limit=0.2)
    settled({WARM: stricter})
    assert listed(caller)[WARM]["state"] == "assisted"
    assert listed(caller)[WARM]["promise"] == CAUSES["limit_lowered"]


def test_moves_are_numbered_within_their_gate(settled, caller, provider):
    settled({WARM: proof(), HEARS: proof()})
    capped(caller, WARM, "assisted")
    with provider.session() as session:
        found = session.execute(select(GateMove.question, GateMove.number).order_by(GateMove.question)).all()
    assert sorted(found) == [("hears", 1), ("warm", 1), ("warm", 2)]


def test_a_stakeholder_is_told_the_promise_and_not_what_was_counted(settled, provider):
    settled({WARM: proof()})
    person = provider.add_user("client_stakeholder", "northwind")
    found = listed(provider.caller("definitions:read", user=person))[WARM]
    assert found["promise"].startswith("All answers stand.")
    assert (found["evidence"]["proof"], found["evidence"]["recent"]) == (None, None)


def test_a_stakeholder_is_told_without_numbers_why_nothing_is_promised(settled, provider):
    settled({WARM: proof(0.8), HEARS: proof(n=4)})
    person = provider.add_user("client_stakeholder", "northwind")
    found = listed(provider.caller("definitions:read", user=person))
    assert found[WARM]["promise"] == PROMISES["wrong_too_often"]
    assert found[HEARS]["promise"] == PROMISES["too_few"]


def offering(*options):
    """Return the scorecard with questions that offer these options."""
    body = copy.deepcopy(SCORECARD)
    for question in body["sections"][0]["questions"][:2]:
        question |= {"kind": "single", "options": [{"key": each, "value": 1} for each in options]}
    return body


def find_unreadable(provider):
    with provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(fault="It was cut short."))


def test_a_question_with_other_options_is_shown_at_once_as_judging_takes_it(
    settled, caller, provider, client
):
    settled({WARM: proof(), HEARS: proof()})
    with provider.session() as session:
        body = offering("yes", "no", "perhaps")
        versions.put_in_force(session, client, kind="scorecard", key="care", body=body)
    found = listed(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert {each["waiting"] for each in found.values()} == {"question_changed"}


def test_a_gate_whose_model_cannot_be_read_is_shown_at_once_as_judging_takes_it(settled, caller, provider):
    settled({WARM: proof(), HEARS: proof()})
    find_unreadable(provider)
    found = listed(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert {each["waiting"] for each in found.values()} == {"model_unreadable"}
    assert found[WARM]["promise"] == WAITING["model_unreadable"]
    assert (found[WARM]["threshold"], found[WARM]["model_id"], found[WARM]["evidence"]["proof"]) == (
        None,
        None,
        None,
    )


def test_a_gate_that_proved_another_model_than_the_one_in_force_is_shown_assisted(
    settled, caller, provider, client
):
    settled({WARM: proof(), HEARS: proof()})
    with provider.session() as session:
        put_in_force(session, client, 2, {WARM: proof()})
    found = listed(caller)
    assert (found[WARM]["state"], found[WARM]["waiting"]) == ("assisted", "model_changed")


def test_what_is_shown_before_the_learner_looks_is_what_holds_after(settled, caller, provider, client):
    settled({WARM: proof(), HEARS: proof()})
    find_unreadable(provider)
    before = listed(caller)
    with provider.session() as session:
        settle(session, client, {}, None)
    after = listed(caller)
    assert {each["waiting"] for each in after.values()} == {None}
    for name in ("state", "threshold", "model_id"):
        assert [each[name] for each in before.values()] == [each[name] for each in after.values()]


def test_a_gate_that_never_rested_on_a_model_waits_for_nothing(client, caller, provider):
    capped(caller, HEARS, "human_only")
    assert {each["waiting"] for each in listed(caller).values()} == {None}


def test_a_gate_below_what_a_rule_earns_is_not_raised_by_a_model_that_cannot_be_read(
    settled, caller, provider
):
    settled({HEARS: proof()})
    capped(caller, HEARS, "human_only")
    find_unreadable(provider)
    assert listed(caller)[HEARS]["state"] == "human_only"


def test_a_gate_is_sent_anew_when_only_what_holds_now_has_changed(settled, caller, provider):
    settled({WARM: proof()})
    address = "/v1/clients/northwind/gates/care/warm"
    tag = caller.get(address).headers["ETag"]
    assert caller.get(address, headers={"If-None-Match": tag}).status_code == 304
    find_unreadable(provider)
    assert caller.get(address, headers={"If-None-Match": tag}).json["state"] == "human_only"


def test_options_that_are_offered_from_tomorrow_on_change_nothing_of_what_holds_now(
    settled, provider, client
):
    model = settled({WARM: proof()})
    with provider.session() as session:
        body, tomorrow = offering("yes", "no", "perhaps"), utc_now() + timedelta(days=1)
        versions.save_draft(session, client, kind="scorecard", key="care", body=body)
        versions.publish(session, client, kind="scorecard", key="care", effective_from=tomorrow)
    with provider.session() as session:
        assert gates_now(session, client.client_id) == {WARM: GateNow(Gate("automatic", 0.0, str(model)))}
