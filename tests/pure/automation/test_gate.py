import json
from dataclasses import replace

import pytest

from scorecards.automation.drift import (
    RecentAgreement,
    ReviewedAnswer,
    VocabularyShare,
    input_drift,
    recent_agreement,
)
from scorecards.automation.gate import (
    CAUSES,
    FALL_CAUSES,
    STATES,
    Evidence,
    Gate,
    explain,
    guarantee_holds,
    initial_gate,
    next_state,
)
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.definitions.form import Option, Question
from scorecards.statistics.confidence_intervals import Interval

SURE = Interval(0.9, 0.8, 0.95)
PROOF = HoldoutEvaluation(
    labelled=400,
    proved_on=300,
    weight_ratio=2.0,
    limit=0.1,
    delta=0.1,
    answers={"yes": 150, "no": 150},
    alpha=Interval(0.6, 0.5, 0.7),
    ac1=Interval(0.7, 0.6, 0.8),
    accepted_alpha=SURE,
    accepted_ac1=SURE,
    threshold=0.8,
    coverage=0.6,
)
WEAK = replace(PROOF, threshold=None, code="wrong_too_often")
HELPLESS = replace(WEAK, alpha=Interval(0.05, -0.1, 0.2))
BROKEN = RecentAgreement(60, 60, 20, 0.2, broken="too_often_wrong")
HOSTILE = replace(BROKEN, alpha=Interval(-0.5, -0.7, -0.3), ac1=Interval(-0.5, -0.7, -0.3))
STRANGE = input_drift(VocabularyShare(0.8, 0.1, 400), VocabularyShare(0.5, 0.1, 300))
AUTOMATIC = Gate("automatic", 0.8, "m1")


def evidence_with(**given):
    return Evidence(**({"ruled": False, "limit": 0.1, "model": "m1", "proof": PROOF} | given))


def transition_of(gate, **given):
    found = next_state(gate, evidence_with(**given))
    return None if found is None else (found.after.state, found.cause)


def test_initial_gate_is_assisted_with_a_rule_else_human_only():
    assert (initial_gate(ruled=True).state, initial_gate(ruled=False).state) == ("assisted", "human_only")


@pytest.mark.parametrize(
    ("gate", "given", "expected"),
    [
        (Gate("human_only"), {}, ("automatic", "proved")),
        (Gate("human_only"), {"proof": WEAK}, ("assisted", "proved")),
        (Gate("human_only"), {"proof": HELPLESS}, None),
        (Gate("human_only"), {"proof": None, "model": None}, None),
        (Gate("assisted"), {}, ("automatic", "proved")),
        (Gate("assisted"), {"proof": WEAK}, None),
        (Gate("assisted"), {"proof": HELPLESS}, None),
        (Gate("assisted"), {"proof": None}, ("human_only", "no_model")),
        (Gate("assisted"), {"proof": None, "ruled": True}, None),
        (Gate("human_only"), {"proof": None, "ruled": True}, ("assisted", "ruled")),
        (AUTOMATIC, {}, None),
        (AUTOMATIC, {"proof": WEAK}, ("assisted", "not_proved")),
        (AUTOMATIC, {"proof": None, "ruled": True}, ("assisted", "no_model")),
        (AUTOMATIC, {"proof": None}, ("human_only", "no_model")),
        (AUTOMATIC, {"recent": BROKEN}, ("assisted", "agreement_drift")),
        (AUTOMATIC, {"inputs": STRANGE}, ("assisted", "input_drift")),
        (AUTOMATIC, {"recent": HOSTILE}, ("human_only", "worse_than_chance")),
        (AUTOMATIC, {"limit": 0.05}, ("assisted", "limit_lowered")),
        (AUTOMATIC, {"limit": 0.2}, None),
        (AUTOMATIC, {"model": "m2"}, ("automatic", "proved_again")),
        (AUTOMATIC, {"highest": "assisted"}, ("assisted", "capped")),
        (AUTOMATIC, {"highest": "human_only"}, ("human_only", "capped")),
        (Gate("assisted"), {"highest": "assisted"}, None),
        (Gate("human_only"), {"cap_moved": True}, ("automatic", "cap_lifted")),
        (Gate("human_only"), {"highest": "assisted"}, ("assisted", "proved")),
    ],
)
def test_evidence_moves_the_gate(gate, given, expected):
    assert transition_of(gate, **given) == expected
    assert expected is None or expected[1] in CAUSES


def test_demoted_gate_is_not_promoted_again_by_the_same_model():
    first = next_state(AUTOMATIC, evidence_with(recent=BROKEN))
    assert first.cause in FALL_CAUSES
    assert next_state(first.after, evidence_with(fallen=first.cause)) is None
    assert transition_of(first.after, fallen=None, model="m2") == ("automatic", "proved")


def test_gate_evidence_serializes_to_json_with_its_figures():
    found = json.loads(json.dumps(evidence_with(recent=BROKEN, inputs=STRANGE).to_body()))
    assert found["proof"]["threshold"] == 0.8
    assert found["recent"]["wrong"] == 20
    assert found["inputs"]["drifted"] is True


@pytest.mark.parametrize("state", STATES)
def test_no_gate_stands_above_its_cap(state):
    for gate in (Gate("human_only"), Gate("assisted"), AUTOMATIC):
        found = next_state(gate, evidence_with(highest=state))
        now = found.after if found else gate
        assert STATES.index(now.state) <= STATES.index(state)


@pytest.mark.parametrize(
    "change",
    [
        {"coverage": 0.1},
        {"threshold": None},
        {"alpha": Interval(0.2, -0.1, 0.4)},
        {"alpha": Interval()},
        {"accepted_alpha": Interval(0.7, 0.5, 0.9), "accepted_ac1": Interval(0.7, 0.5, 0.9)},
    ],
)
def test_risk_guarantee_fails_if_any_criterion_fails(change):
    assert guarantee_holds(PROOF)
    assert not guarantee_holds(replace(PROOF, **change))


@pytest.mark.parametrize(
    ("gate", "given", "words"),
    [
        (AUTOMATIC, {"proof": replace(PROOF, words="Promised.")}, "Promised."),
        (Gate("assisted"), {"proof": replace(WEAK, words="Why not.")}, "Why not."),
        (Gate("assisted"), {"proof": None}, CAUSES["no_model"]),
        (Gate("assisted"), {"fallen": "input_drift"}, CAUSES["input_drift"]),
        (Gate("assisted"), {"highest": "assisted"}, CAUSES["capped"]),
        (Gate("assisted"), {"limit": 0.01}, CAUSES["limit_lowered"]),
        (
            Gate("assisted"),
            {"proof": replace(PROOF, alpha=Interval(0.2, -0.1, 0.4))},
            "Nothing shows that the machine agrees with people more than chance would.",
        ),
        (
            Gate("assisted"),
            {"proof": replace(PROOF, accepted_alpha=Interval(), accepted_ac1=Interval())},
            "Alpha and AC1 of the answers that would stand may both lie below 0.667.",
        ),
    ],
)
def test_gate_explanation_states_guarantee_or_reason_for_none(gate, given, words):
    assert explain(gate, evidence_with(**given)) == words


def test_risk_guarantee_holds_with_low_alpha_if_ac1_is_high():
    assert guarantee_holds(replace(PROOF, accepted_alpha=Interval(0.4, 0.1, 0.7)))


def test_abstained_answers_do_not_count_as_errors_in_agreement_drift():
    question = Question("heard", "?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
    left = [ReviewedAnswer(f"l{place}", None, "no", 0.1) for place in range(50)]
    right = [ReviewedAnswer(f"r{place}", "yes", "yes", 0.1) for place in range(50)]
    found = recent_agreement([*left, *right], question, limit=0.1, rare=["no"])
    assert (found.answered, found.wrong, found.broken) == (50, 0, None)
    assert found.missed == {"no": 0.0}
