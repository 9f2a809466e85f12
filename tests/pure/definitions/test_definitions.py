"""Scorecards, brand voices and playbooks are built from their bodies, and the right one is chosen."""

from dataclasses import FrozenInstanceError

import pytest

from scorecards.definitions.applicability import AppliesTo, choose
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.form import Answer, Form, Span, question_from_body, read_answers
from scorecards.definitions.playbook import Playbook
from tenants.http.faults import Invalid


def form(key="f", **applies_to):
    return Form.from_body({"key": key, "applies_to": applies_to})


def test_yes_no_has_its_options_by_default():
    question = question_from_body({"key": "q", "text": "?", "kind": "yes_no"})
    assert [(each.key, each.value) for each in question.options] == [("yes", 1.0), ("no", 0.0)]


def test_given_yes_no_option_is_merged_over_the_default():
    body = {"key": "q", "text": "?", "kind": "yes_no", "options": [{"key": "no", "reasons": ["too_late"]}]}
    yes, no = question_from_body(body).options
    assert (yes.key, no.value, no.reasons) == ("yes", 0.0, ("too_late",))


def test_critical_yes_no_fails_on_no_by_default():
    body = {"key": "q", "text": "?", "kind": "yes_no", "critical": {"rule": "flag", "area": "business"}}
    assert question_from_body(body).critical.options == {"no"}


def test_bonus_question_has_weight_zero_by_default():
    assert question_from_body({"key": "q", "text": "?", "kind": "yes_no", "bonus": 2}).weight == 0


@pytest.mark.parametrize(
    ("body", "scored"),
    [
        ({"kind": "yes_no"}, True),
        ({"kind": "text"}, False),
        ({"kind": "date"}, False),
        ({"kind": "numeric"}, False),
        ({"kind": "numeric", "bands": [{"value": 1}]}, True),
        ({"kind": "single", "options": [{"key": "a"}, {"key": "b"}]}, False),
        ({"kind": "single", "options": [{"key": "a", "value": 0}, {"key": "b", "value": 0}]}, True),
        ({"kind": "multi", "options": [{"key": "a", "value": 1}]}, False),
        ({"kind": "multi", "options": [{"key": "a"}], "required": ["a"]}, True),
    ],
)
def test_a_question_is_scored_when_an_answer_can_be_worth_something(body, scored):
    assert question_from_body({"key": "q", "text": "?", **body}).scored is scored


def test_form_bands_are_sorted_highest_first():
    body = {"bands": [{"name": "low", "from": 0}, {"name": "high", "from": 80}]}
    assert [band.name for band in Form.from_body(body).bands] == ["high", "low"]


def test_pass_mark_zero_is_a_pass_mark():
    assert Form.from_body({"pass_mark": 0}).pass_mark == 0.0


def test_a_form_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        form().name = "other"


def test_an_answer_survives_being_stored():
    answer = Answer("q", ("a", "b"), reasons=("r",), note="n", evidence=(Span(3), Span(4, 0, 9)))
    assert Answer.from_json(answer.to_json()) == answer


def test_answer_value_zero_is_not_treated_as_missing():
    assert Answer.from_json({"question": "q", "value": 0}).value == 0


def test_duplicate_answer_is_rejected_at_its_second_index():
    with pytest.raises(Invalid) as caught:
        read_answers([{"question": "a"}, {"question": "b"}, {"question": "a"}])
    assert [(each.pointer, each.code) for each in caught.value.faults] == [
        ("/2/question", "duplicate_answer")
    ]


@pytest.mark.parametrize(
    ("channel", "program", "chosen"),
    [
        ("chat", "billing", "both"),
        ("email", "billing", "program"),
        ("chat", "other", "channel"),
        ("chat", None, "channel"),
        ("email", None, "all"),
    ],
)
def test_the_narrowest_definition_wins(channel, program, chosen):
    candidates = [
        form("all"),
        form("channel", channels=["chat"]),
        form("program", programs=["billing"]),
        form("both", channels=["chat"], programs=["billing"]),
    ]
    assert choose(candidates, channel, program).key == chosen


def test_equally_specific_definitions_are_chosen_by_lowest_key():
    assert choose([form("b"), form("a")], "chat", None).key == "a"


def test_choose_returns_none_if_no_definition_applies():
    assert choose([form(channels=["sms"])], "chat", None) is None


def test_everything_applies_by_default():
    assert AppliesTo.from_body(None).matches("chat", None)


def test_empty_brand_voice_has_no_requirements():
    voice = BrandVoice.from_body({})
    assert (voice.greeting.required, voice.reading_level, voice.formality) == (False, None, "neutral")


def test_a_brand_voice_keeps_its_phrases_by_emotion():
    voice = BrandVoice.from_body(
        {
            "banned": [{"clause": "BV-7", "phrase": "per our policy", "reason": None}],
            "empathy_library": {"anxiety": ["I can see why you are worried"]},
            "examples": {"good": ["Hi!"]},
        }
    )
    assert voice.empathy_library == {"anxiety": ("I can see why you are worried",)}
    assert (voice.banned[0].clause, voice.banned[0].reason, voice.good_examples) == ("BV-7", "", ("Hi!",))


def test_steps_are_required_and_unordered_unless_said_otherwise():
    playbook = Playbook.from_body({"key": "p", "steps": [{"key": "s"}]})
    assert (playbook.ordered, playbook.steps[0].required, playbook.steps[0].name) == (False, True, "s")


def test_discretion_limit_zero_is_not_treated_as_missing():
    playbook = Playbook.from_body({"key": "p", "discretion": [{"key": "d", "limit": 0, "currency": "EUR"}]})
    assert playbook.discretion[0].limit == 0
