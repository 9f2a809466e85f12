"""The effective gate that the API shows equals the gate used in scoring, even while a change is pending."""

from itertools import product

import pytest

from qm.learning.effective_gates import EffectiveGate, _effective_gate
from scorecards.automation.gate import STATES, Gate
from scorecards.autoscore.answer_policy import ClientModels, answer, may_answer
from scorecards.autoscore.case import Verdict, abstain
from scorecards.autoscore.models.answer_model import Prediction
from scorecards.definitions.form import question_from_body

KEY = ("care", "warm")
BODY = {"key": "warm", "text": "Warm?", "kind": "yes_no"}
RULED = question_from_body({**BODY, "auto": "validates_feeling"})
OPEN = question_from_body(BODY)
SURE = Prediction(("yes", "no"), (0.95, 0.05), 0, ())


def stored(state):
    return Gate(state, 0.9, "old") if state == "automatic" else Gate(state)


def scored_answer(question, gate, *, in_force, learned):
    """Return what judging says of a question whose rule, if it has one, says yes."""
    rule = Verdict(1.0, 0.8, (), "It says so.") if question.auto else abstain("People judge this question.")
    at_hand = ClientModels(model_id=in_force, gates={KEY: gate})
    return answer(
        question, rule, SURE if learned else None, may_answer(question, at_hand, KEY), scorecard="care"
    )


CHANGES = (
    ("question_changed", "old", False),
    ("model_unreadable", None, False),
    ("model_changed", "new", True),
    ("model_changed", "new", False),
)


@pytest.mark.parametrize(("ruled", "state", "change"), list(product((True, False), STATES, CHANGES)))
def test_effective_gate_equals_gate_used_in_scoring(ruled, state, change):
    why, in_force, learned = change
    question = RULED if ruled else OPEN
    shown = _effective_gate(stored(state), why, ruled=ruled, learned=learned)
    said = scored_answer(question, stored(state), in_force=in_force, learned=learned)

    assert shown.waiting == why
    assert shown.gate.state == ("human_only" if said.abstained else "assisted")
    assert shown.gate.threshold is None


@pytest.mark.parametrize("state", STATES)
def test_effective_gate_without_pending_change_is_the_stored_gate(state):
    assert _effective_gate(stored(state), None, ruled=False, learned=True) == EffectiveGate(stored(state))
