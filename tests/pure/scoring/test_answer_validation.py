"""Every fault of a set of answers is found and says where it is."""

import pytest

from scorecards.definitions.form import Answer, Form, Span
from scorecards.scoring.answer_validation import answer_faults

TURNS = ("Where is my order?", "I can see how annoying that is.")
OPTIONS = [{"key": "a", "value": 1}, {"key": "b", "value": 0}]
QUESTIONS = [
    {"key": "yn", "text": "?", "kind": "yes_no", "na_allowed": True},
    {"key": "sc", "text": "?", "kind": "scale", "options": OPTIONS},
    {"key": "nu", "text": "?", "kind": "numeric", "bands": [{"from": 0, "to": 5, "value": 1}]},
    {"key": "mu", "text": "?", "kind": "multi", "options": OPTIONS, "required": ["a"]},
    {"key": "da", "text": "?", "kind": "date"},
    {"key": "tx", "text": "?", "kind": "text"},
    {"key": "hidden", "text": "?", "kind": "yes_no", "show_when": {"channels": ["voice"]}},
]
FORM = Form.from_body({"sections": [{"key": "s", "questions": QUESTIONS}]})
GOOD = {"yn": "yes", "sc": "a", "nu": 3, "mu": ("a",), "da": "2026-01-31", "tx": "fine"}


def faults(answers, form=FORM, turns=TURNS, evidence_required=False):
    found = answer_faults(
        form, answers, channel="chat", intent=None, turns=turns, evidence_required=evidence_required
    )
    return [(fault.pointer, fault.code) for fault in found]


def answered(**changed):
    values = {**GOOD, **changed}
    return {key: value if isinstance(value, Answer) else Answer(key, value) for key, value in values.items()}


def test_complete_answers_have_no_fault():
    assert faults(answered()) == []


def test_unscored_questions_may_be_left_out():
    assert faults({key: answer for key, answer in answered().items() if key not in {"da", "tx"}}) == []


def test_a_scored_question_left_out_is_missing():
    assert faults({key: answer for key, answer in answered().items() if key != "sc"}) == [
        ("", "missing_answer")
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"yn": "maybe"}, ("/0/value", "unknown_option")),
        ({"yn": None}, ("/0/value", "missing_answer")),
        ({"sc": 1.0}, ("/1/value", "unknown_option")),
        ({"sc": Answer("sc", na=True)}, ("/1/na", "na_not_allowed")),
        ({"yn": Answer("yn", "yes", na=True)}, ("/0/value", "na_with_value")),
        ({"yn": Answer("yn", na=True, reasons=("r",))}, ("/0/reasons", "na_with_reasons")),
        ({"nu": 5}, ("/2/value", "outside_bands")),
        ({"nu": "5"}, ("/2/value", "not_a_number")),
        ({"nu": True}, ("/2/value", "not_a_number")),
        ({"nu": float("nan")}, ("/2/value", "not_a_number")),
        ({"mu": "a"}, ("/3/value", "not_a_list")),
        ({"mu": ("a", "z")}, ("/3/value/1", "unknown_option")),
        ({"mu": ("a", "a")}, ("/3/value/1", "duplicate_option")),
        ({"da": "2026-02-30"}, ("/4/value", "not_a_date")),
        ({"da": "20260131"}, ("/4/value", "not_a_date")),
        ({"tx": 3}, ("/5/value", "not_text")),
        ({"hidden": "yes"}, ("/6", "not_shown")),
        ({"new": "yes"}, ("/6/question", "unknown_question")),
        ({"yn": Answer("yn", "yes", evidence=(Span(2),))}, ("/0/evidence/0", "bad_span")),
        ({"yn": Answer("yn", "yes", evidence=(Span(-1),))}, ("/0/evidence/0", "bad_span")),
        ({"yn": Answer("yn", "yes", evidence=(Span(0), Span(0, 3)))}, ("/0/evidence/1", "bad_span")),
        ({"yn": Answer("yn", "yes", evidence=(Span(0, 3, 3),))}, ("/0/evidence/0", "bad_span")),
        ({"yn": Answer("yn", "yes", evidence=(Span(0, 3, 99),))}, ("/0/evidence/0", "bad_span")),
        ({"yn": Answer("yn", "yes", reasons=("odd",))}, ("/0/reasons/0", "unknown_reason")),
    ],
)
def test_each_fault_is_found_at_its_place(changed, expected):
    assert faults(answered(**changed)) == [expected]


def test_all_faults_are_found_at_once():
    assert len(faults(answered(yn="maybe", nu="x", mu="a", da="never", new="yes"))) == 5


def test_a_span_up_to_the_end_of_a_turn_is_fine():
    assert faults(answered(yn=Answer("yn", "yes", evidence=(Span(0, 0, len(TURNS[0])),)))) == []


def test_evidence_spans_are_not_checked_after_transcript_erasure():
    assert faults(answered(yn=Answer("yn", "yes", evidence=(Span(99, 0, 500),))), turns=None) == []


def test_scored_answers_need_evidence_when_it_is_required():
    found = faults(answered(), evidence_required=True)
    assert found == [(f"/{index}/evidence", "evidence_required") for index in range(4)]


def test_na_needs_no_evidence():
    found = faults(answered(yn=Answer("yn", na=True)), evidence_required=True)
    assert ("/0/evidence", "evidence_required") not in found


def test_missing_required_reason_is_a_fault():
    options = [{"key": "no", "reasons": ["late", "rude"], "reason_required": True}]
    question = {"key": "q", "text": "?", "kind": "yes_no", "options": options}
    form = Form.from_body({"sections": [{"key": "s", "questions": [question]}]})
    assert faults({"q": Answer("q", "no")}, form) == [("/0/reasons", "reason_required")]
    assert faults({"q": Answer("q", "no", reasons=("late",))}, form) == []
    assert faults({"q": Answer("q", "yes")}, form) == []
