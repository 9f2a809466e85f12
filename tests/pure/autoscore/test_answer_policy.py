"""How a rule, a prediction and a gate become one automatic answer."""

import pytest

from scorecards.automation.gate import STATES, Gate
from scorecards.autoscore.answer_policy import ClientModels, answer, covers_options, may_answer
from scorecards.autoscore.case import Verdict, abstain
from scorecards.autoscore.models.answer_model import Prediction
from scorecards.definitions.form import Span, question_from_body

KEY = ("care", "hears")
RULED = question_from_body(
    {"key": "hears", "text": "Heard?", "kind": "yes_no", "na_allowed": True, "auto": "validates_feeling"}
)
UNRULED = question_from_body({"key": "hears", "text": "Heard?", "kind": "yes_no"})
SEEN = Span(1, 0, 9)
YES = Verdict(1.0, 0.85, (Span(1, 2, 5),), "The agent names how the customer feels.")


def predicted(**probabilities):
    shares = [*probabilities.values()]
    names = [name.replace("na", "n/a") for name in probabilities]
    return Prediction(names, shares, shares.index(max(shares)), (SEEN,))


def answered(question=RULED, rule=YES, prediction=None, gate="assisted", threshold=None):
    return answer(question, rule, prediction, Gate(gate, threshold, "m"), scorecard="care")


def test_without_a_model_the_rule_answers_and_says_so():
    found = answered()
    assert (found.value, found.source, found.confidence, found.evidence) == (
        "yes",
        "rule",
        0.85,
        YES.evidence,
    )


def test_every_answer_names_the_clause_it_rests_on():
    cited = Verdict(0.0, 0.95, (), "Banned.", clause="BV-7")
    assert answered().clause == "care/hears"
    assert answered(rule=cited).clause == "BV-7"
    assert answered(rule=cited, prediction=predicted(no=0.9, yes=0.1)).clause == "BV-7"
    assert answered(rule=cited, prediction=predicted(yes=0.9, no=0.1)).clause == "care/hears"


def test_model_prediction_overrides_rule_and_reports_rule_answer():
    found = answered(prediction=predicted(no=0.7, yes=0.3))
    assert (found.value, found.source, found.confidence, found.evidence) == ("no", "model", 0.7, (SEEN,))
    assert "'No'" in found.reason
    assert "The rules alone would say 'Yes'." in found.reason


def test_predicted_na_class_gives_na_answer():
    found = answered(prediction=predicted(na=0.8, yes=0.1, no=0.1))
    assert (found.value, found.na, found.abstained) == (None, True, False)


@pytest.mark.parametrize(("sure", "stands"), [(0.79, False), (0.8, True)])
def test_automatic_answer_abstains_below_confidence_threshold(sure, stands):
    found = answered(prediction=predicted(yes=sure, no=1 - sure), gate="automatic", threshold=0.8)
    assert found.abstained is not stands
    assert (found.value == "yes") is stands
    assert stands or "0.80" in found.reason


def test_a_suggestion_is_given_whatever_its_confidence():
    assert answered(prediction=predicted(yes=0.51, no=0.49)).value == "yes"


def test_human_only_gate_abstains_despite_rule_and_model():
    found = answered(prediction=predicted(yes=0.99, no=0.01), gate="human_only")
    assert (found.abstained, found.value, found.confidence, found.source) == (True, None, 0.0, None)


def test_model_answers_when_rule_abstains():
    found = answered(rule=abstain("Unknown language."), prediction=predicted(yes=0.9, no=0.1))
    assert found.value == "yes"
    assert "rules" not in found.reason


def test_answer_reason_is_a_sentence():
    for prediction in (None, predicted(yes=0.6, no=0.4), predicted(na=0.6, yes=0.4)):
        assert answered(prediction=prediction).reason.endswith(".")


@pytest.mark.parametrize(("question", "state"), [(RULED, "assisted"), (UNRULED, "human_only")])
def test_question_without_stored_gate_is_assisted_with_rule_else_human_only(question, state):
    assert may_answer(question, ClientModels(), KEY).state == state


def test_automatic_gate_applies_only_to_the_model_it_was_evaluated_with():
    gates = {KEY: Gate("automatic", 0.8, "old")}
    assert may_answer(RULED, ClientModels(model_id="old", gates=gates), KEY).state == "automatic"
    assert may_answer(RULED, ClientModels(model_id="new", gates=gates), KEY).state == "assisted"
    assert may_answer(RULED, ClientModels(gates=gates), KEY).state == "assisted"


@pytest.mark.parametrize("state", STATES[:2])
def test_assisted_and_human_only_gates_apply_to_every_model(state):
    assert may_answer(RULED, ClientModels(gates={KEY: Gate(state)}), KEY).state == state


def test_a_model_fits_versions_with_the_options_that_it_learned():
    assert covers_options(RULED, ["yes", "no", "n/a"])
    assert covers_options(RULED, ["yes", "n/a"], ["no"])
    assert not covers_options(UNRULED, ["yes", "no", "n/a"])
    assert not covers_options(RULED, ["yes", "no", "partly"])


def test_a_model_does_not_fit_a_version_that_offers_an_option_more():
    assert not covers_options(RULED, ["yes", "n/a"])
