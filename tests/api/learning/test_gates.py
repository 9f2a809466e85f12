"""Gates over HTTP: listed with risk guarantee and evidence, capped with a reason."""

import copy
import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from qm.learning.effective_gates import WAITING, EffectiveGate, effective_gates
from qm.learning.gate_store import gate_rows, load_gates
from qm.learning.gate_transitions import apply_transitions
from qm.learning.model_card_disclosure import PROMISES
from qm.learning.models import GateMove, Model
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
def apply_model(provider, client):
    """Put a model with these proofs in force, as a training does."""
    made = []

    def settle_with(proofs):
        with provider.session() as session:
            model = put_in_force(session, client, len(made) + 1, proofs)
            made.append(model.model_id)
            apply_transitions(session, client, proofs, model)
        return model.model_id

    return settle_with


@pytest.fixture
def caller(provider):
    return provider.caller("definitions:read", "definitions:write")


def gates_by_question(caller):
    answer = caller.get("/v1/clients/northwind/gates")
    assert answer.status_code == 200, answer.json
    return {(each["scorecard"], each["question"]): each for each in answer.json["data"]}


def capped(caller, key, highest, reason="Not before the audit.", **options):
    body = {"highest": highest, "reason": reason}
    return caller.put(f"/v1/clients/northwind/gates/{key[0]}/{key[1]}", json=body, **options)


def audit_entries(provider, action):
    with provider.session() as session:
        found = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(found.order_by(AuditEntry.number)))


def test_gate_starts_assisted_with_rule_and_human_only_without(client, caller):
    found = gates_by_question(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert found[WARM]["promise"] == CAUSES["no_model"]
    assert found[WARM]["since"] is None


def test_holdout_evaluation_opens_gate_with_risk_guarantee_and_evidence(
    apply_model, caller, provider, client
):
    model = apply_model({WARM: proof()})
    found = gates_by_question(caller)[WARM]
    assert found["state"] == "automatic"
    assert found["threshold"] == 0.0
    assert found["promise"].startswith("All answers stand. People would answer otherwise in at most 10 %")
    assert found["model_id"] == str(model)
    assert found["evidence"]["proof"]["proved_on"] == 400
    assert [(each["from"], each["to"], each["cause"]) for each in found["history"]] == [
        ("human_only", "automatic", "proved")
    ]
    with provider.session() as session:
        assert load_gates(session, client.client_id) == {WARM: Gate("automatic", 0.0, str(model))}


def test_insufficient_holdout_evaluation_leaves_gate_assisted_with_reason(apply_model, caller):
    apply_model({WARM: proof(0.8)})
    found = gates_by_question(caller)[WARM]
    assert found["state"] == "assisted"
    assert "people answered 80 otherwise" in found["promise"]


def test_gate_transition_is_audited_with_evidence(apply_model, provider):
    apply_model({WARM: proof()})
    (entry,) = audit_entries(provider, "gate.moved")
    assert entry.subject == "gate:care/warm"
    assert entry.details["after"] == "automatic"
    assert entry.details["evidence"]["proof"]["wrong"] == 20


def test_new_model_with_insufficient_evaluation_closes_gate(apply_model, caller):
    apply_model({WARM: proof()})
    apply_model({WARM: proof(0.8)})
    found = gates_by_question(caller)[WARM]
    assert (found["state"], found["threshold"]) == ("assisted", None)
    assert found["history"][0]["cause"] == "not_proved"


def test_gate_returns_to_initial_state_if_new_model_lacks_question(apply_model, caller):
    apply_model({WARM: proof(), HEARS: proof()})
    apply_model({})
    found = gates_by_question(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}


def test_equally_good_new_model_keeps_gate_open_and_records_transition(apply_model, caller):
    apply_model({WARM: proof()})
    second = apply_model({WARM: proof()})
    found = gates_by_question(caller)[WARM]
    assert (found["state"], found["model_id"]) == ("automatic", str(second))
    assert found["history"][0]["cause"] == "proved_again"


def test_every_gate_change_increments_revision(apply_model, caller, provider, client):
    seen = []
    steps = (
        lambda: None,
        lambda: apply_model({WARM: proof(0.8)}),
        lambda: apply_model({WARM: proof(0.8)}),
        lambda: apply_model({WARM: proof()}),
        lambda: capped(caller, WARM, "assisted"),
        lambda: capped(caller, HEARS, "human_only"),
    )
    for step in steps:
        step()
        with provider.session() as session:
            seen.append(sum(row.revision for row in gate_rows(session, client.client_id).values()))
    assert seen == sorted(set(seen))


def test_a_cap_takes_effect_at_once_and_is_lifted_again(apply_model, caller, provider, client):
    apply_model({WARM: proof()})
    down = capped(caller, WARM, "assisted")
    assert (down.json["state"], down.json["reason"]) == ("assisted", "Not before the audit.")
    assert down.json["promise"] == CAUSES["capped"]
    with provider.session() as session:
        assert load_gates(session, client.client_id)[WARM] == Gate("assisted")
    up = capped(caller, WARM, "automatic", "The audit is over.")
    assert up.json["state"] == "automatic"
    assert [each["cause"] for each in up.json["history"]] == ["cap_lifted", "capped", "proved"]


def test_gate_cap_is_audited_with_reason(client, caller, provider):
    capped(caller, HEARS, "human_only")
    (entry,) = audit_entries(provider, "gate.capped")
    assert entry.details["before"] == {"highest": "automatic", "reason": None}
    assert entry.details["after"] == {"highest": "human_only", "reason": "Not before the audit."}


def test_the_same_cap_again_changes_nothing(client, caller, provider):
    capped(caller, HEARS, "assisted")
    capped(caller, HEARS, "assisted")
    assert len(audit_entries(provider, "gate.capped")) == 1


def test_capped_gate_stays_capped_after_new_model(apply_model, caller):
    capped(caller, WARM, "assisted")
    apply_model({WARM: proof()})
    assert gates_by_question(caller)[WARM]["state"] == "assisted"


def test_cap_gate_reports_all_validation_errors(client, caller):
    answer = caller.put("/v1/clients/northwind/gates/care/warm", json={"highest": "sky", "why": 1})
    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json["errors"]}
    assert pointers == {"/highest", "/reason", "/why"}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b"])
def test_cap_gate_rejects_blank_overlong_or_nul_reason(client, caller, reason):
    assert capped(caller, WARM, "assisted", reason).status_code == 422


@pytest.mark.parametrize("key", [("care", "remark"), ("care", "nothing"), ("nobody", "warm"), ("a%00b", "c")])
def test_gate_of_text_or_unknown_question_returns_404(client, caller, key):
    assert capped(caller, key, "assisted").status_code == 404
    assert caller.get(f"/v1/clients/northwind/gates/{key[0]}/{key[1]}").status_code == 404


def test_cap_gate_with_stale_etag_returns_412(client, caller):
    tag = caller.get("/v1/clients/northwind/gates/care/warm").headers["ETag"]
    assert capped(caller, WARM, "assisted", headers={"If-Match": tag}).status_code == 200
    assert capped(caller, WARM, "automatic", headers={"If-Match": tag}).status_code == 412


def test_read_scope_lists_gates_but_cannot_cap(client, provider):
    reader = provider.caller("definitions:read")
    assert gates_by_question(reader)
    assert capped(reader, WARM, "assisted").status_code == 403


def test_gates_of_other_provider_are_not_listed(apply_model, provider, make_provider):
    apply_model({WARM: proof()})
    stranger = make_provider("northwind").caller("definitions:read")
    assert stranger.get("/v1/clients/northwind/gates").json["data"] == []


def test_gate_stays_assisted_if_evaluated_limit_exceeds_client_limit(apply_model, caller, provider, client):
    stricter = dataclasses.replace(proof(), limit=0.2)
    apply_model({WARM: stricter})
    assert gates_by_question(caller)[WARM]["state"] == "assisted"
    assert gates_by_question(caller)[WARM]["promise"] == CAUSES["limit_lowered"]


def test_gate_transitions_are_numbered_per_gate(apply_model, caller, provider):
    apply_model({WARM: proof(), HEARS: proof()})
    capped(caller, WARM, "assisted")
    with provider.session() as session:
        found = session.execute(select(GateMove.question, GateMove.number).order_by(GateMove.question)).all()
    assert sorted(found) == [("hears", 1), ("warm", 1), ("warm", 2)]


def test_stakeholder_sees_risk_guarantee_but_not_evaluation_counts(apply_model, provider):
    apply_model({WARM: proof()})
    person = provider.add_user("client_stakeholder", "northwind")
    found = gates_by_question(provider.caller("definitions:read", user=person))[WARM]
    assert found["promise"].startswith("All answers stand.")
    assert (found["evidence"]["proof"], found["evidence"]["recent"]) == (None, None)


def test_stakeholder_sees_reason_for_missing_guarantee_without_numbers(apply_model, provider):
    apply_model({WARM: proof(0.8), HEARS: proof(n=4)})
    person = provider.add_user("client_stakeholder", "northwind")
    found = gates_by_question(provider.caller("definitions:read", user=person))
    assert found[WARM]["promise"] == PROMISES["wrong_too_often"]
    assert found[HEARS]["promise"] == PROMISES["too_few"]


def scorecard_with_options(*options):
    """Return the scorecard with questions that offer these options."""
    body = copy.deepcopy(SCORECARD)
    for question in body["sections"][0]["questions"][:2]:
        question |= {"kind": "single", "options": [{"key": each, "value": 1} for each in options]}
    return body


def mark_model_unreadable(provider):
    with provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(fault="It was cut short."))


def test_effective_gate_reverts_at_once_if_question_options_change(apply_model, caller, provider, client):
    apply_model({WARM: proof(), HEARS: proof()})
    with provider.session() as session:
        body = scorecard_with_options("yes", "no", "perhaps")
        versions.put_in_force(session, client, kind="scorecard", key="care", body=body)
    found = gates_by_question(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert {each["waiting"] for each in found.values()} == {"question_changed"}


def test_effective_gate_reverts_at_once_if_model_is_unreadable(apply_model, caller, provider):
    apply_model({WARM: proof(), HEARS: proof()})
    mark_model_unreadable(provider)
    found = gates_by_question(caller)
    assert {key: each["state"] for key, each in found.items()} == {HEARS: "assisted", WARM: "human_only"}
    assert {each["waiting"] for each in found.values()} == {"model_unreadable"}
    assert found[WARM]["promise"] == WAITING["model_unreadable"]
    assert (found[WARM]["threshold"], found[WARM]["model_id"], found[WARM]["evidence"]["proof"]) == (
        None,
        None,
        None,
    )


def test_effective_gate_is_assisted_if_evaluated_model_was_replaced(apply_model, caller, provider, client):
    apply_model({WARM: proof(), HEARS: proof()})
    with provider.session() as session:
        put_in_force(session, client, 2, {WARM: proof()})
    found = gates_by_question(caller)
    assert (found[WARM]["state"], found[WARM]["waiting"]) == ("assisted", "model_changed")


def test_effective_gates_equal_stored_gates_after_refresh(apply_model, caller, provider, client):
    apply_model({WARM: proof(), HEARS: proof()})
    mark_model_unreadable(provider)
    before = gates_by_question(caller)
    with provider.session() as session:
        apply_transitions(session, client, {}, None)
    after = gates_by_question(caller)
    assert {each["waiting"] for each in after.values()} == {None}
    for name in ("state", "threshold", "model_id"):
        assert [each[name] for each in before.values()] == [each[name] for each in after.values()]


def test_gate_without_model_has_no_waiting_cause(client, caller, provider):
    capped(caller, HEARS, "human_only")
    assert {each["waiting"] for each in gates_by_question(caller).values()} == {None}


def test_unreadable_model_does_not_lift_human_only_cap(apply_model, caller, provider):
    apply_model({HEARS: proof()})
    capped(caller, HEARS, "human_only")
    mark_model_unreadable(provider)
    assert gates_by_question(caller)[HEARS]["state"] == "human_only"


def test_gate_etag_changes_with_effective_state(apply_model, caller, provider):
    apply_model({WARM: proof()})
    address = "/v1/clients/northwind/gates/care/warm"
    tag = caller.get(address).headers["ETag"]
    assert caller.get(address, headers={"If-None-Match": tag}).status_code == 304
    mark_model_unreadable(provider)
    assert caller.get(address, headers={"If-None-Match": tag}).json["state"] == "human_only"


def test_future_scorecard_version_does_not_change_effective_gates(apply_model, provider, client):
    model = apply_model({WARM: proof()})
    with provider.session() as session:
        body, tomorrow = scorecard_with_options("yes", "no", "perhaps"), utc_now() + timedelta(days=1)
        versions.save_draft(session, client, kind="scorecard", key="care", body=body)
        versions.publish(session, client, kind="scorecard", key="care", effective_from=tomorrow)
    with provider.session() as session:
        assert effective_gates(session, client.client_id) == {
            WARM: EffectiveGate(Gate("automatic", 0.0, str(model)))
        }
