"""Every semantic fault of a definition is reported with its pointer, and all of them at once."""

import copy

import pytest

from scorecards.authoring.validation import faults_of

KNOWN = {"validates_feeling"}


def faults(kind, body):
    return [(each.pointer, each.code) for each in faults_of(kind, body, known_judgements=KNOWN)]


def yes_no(key="q", **more):
    return {"key": key, "text": "?", "kind": "yes_no", **more}


def scale(*values, **more):
    options = [{"key": str(index), "value": value} for index, value in enumerate(values)]
    return {"key": "q", "text": "?", "kind": "scale", "options": options, **more}


def numeric(*bands):
    return {"key": "q", "text": "?", "kind": "numeric", "bands": [dict(band, value=1) for band in bands]}


def card(*questions, **more):
    return {"sections": [{"key": "s", "questions": list(questions) or [yes_no()]}], **more}


CRITICAL = {"rule": "fail_form", "area": "compliance"}
SINGLE = {
    "key": "q",
    "text": "?",
    "kind": "single",
    "options": [{"key": "a", "value": 1}, {"key": "b", "value": 0}],
}
MULTI = {**SINGLE, "kind": "multi", "required": ["a"]}
TEXT = {"key": "t", "text": "?", "kind": "text"}
Q = "/sections/0/questions/0"
LATER = "/sections/0/questions/1/show_when"


@pytest.mark.parametrize(
    "body",
    [
        card(),
        card(scale(0, 0.5, 1)),
        card(SINGLE),
        card(MULTI),
        card(numeric({"from": None, "to": 0}, {"from": 0, "to": 5}, {"from": 5, "to": None})),
        card(yes_no(auto="validates_feeling")),
        card(yes_no(critical=CRITICAL)),
        card(yes_no(), yes_no("bonus", bonus=3)),
        card(yes_no("a"), yes_no("b", show_when={"question": "a", "options": ["no"], "channels": ["chat"]})),
        card(bands=[{"name": "b", "from": 0}, {"name": "a", "from": 100}], pass_mark=100),
    ],
)
def test_a_sound_scorecard_has_no_fault(body):
    assert faults("scorecard", body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sections": []}, ("/sections", "no_sections")),
        ({"sections": [card()["sections"][0], {"key": "e"}]}, ("/sections/1/questions", "no_questions")),
        (card(yes_no(), yes_no()), ("/sections/0/questions/1/key", "duplicate_key")),
        (
            {"sections": card()["sections"] + card(yes_no("other"))["sections"]},
            ("/sections/1/key", "duplicate_key"),
        ),
        ({"sections": [{"key": "total", "questions": [yes_no()]}]}, ("/sections/0/key", "reserved_name")),
        (card(yes_no("outcome")), (f"{Q}/key", "reserved_name")),
        (card(yes_no(), yes_no("r", weight=-1)), ("/sections/0/questions/1/weight", "negative")),
        (card(yes_no(weight=0)), ("/sections/0/questions", "all_weights_zero")),
        (card(yes_no(help="[To reword: Which?]\nSay.")), ("/sections/0/questions/0/help", "note_left")),
        (
            {"sections": [{"key": "s", "weight": 0, "questions": [yes_no()]}]},
            ("/sections", "all_weights_zero"),
        ),
        (
            {"sections": [*card()["sections"], {"key": "t", "weight": -2, "questions": [yes_no("r")]}]},
            ("/sections/1/weight", "negative"),
        ),
        (card(TEXT), ("/sections", "nothing_scored")),
        (card(maximum=90), ("/maximum", "out_of_range")),
        (card(pass_mark=101), ("/pass_mark", "above_maximum")),
        (card(pass_mark=-1), ("/pass_mark", "negative")),
        (card(bands=[{"name": "a", "from": 10}]), ("/bands", "no_lowest_band")),
        (
            card(bands=[{"name": "a", "from": 0}, {"name": "b", "from": 101}]),
            ("/bands/1/from", "above_maximum"),
        ),
        (card(bands=[{"name": "a", "from": 0}, {"name": "b", "from": -1}]), ("/bands/1/from", "negative")),
        (
            card(bands=[{"name": "a", "from": 0}, {"name": "b", "from": 0}]),
            ("/bands/1/from", "duplicate_band"),
        ),
        (
            card(bands=[{"name": "a", "from": 0}, {"name": "a", "from": 9}]),
            ("/bands/1/name", "duplicate_band"),
        ),
        (card(scale(1)), (f"{Q}/options", "scale_size")),
        (card(scale(*[1] * 12)), (f"{Q}/options", "scale_size")),
        (card(scale(1, None)), (f"{Q}/options/1/value", "value_missing")),
        (
            card({**SINGLE, "options": [{"key": "a", "value": 1}, {"key": "b"}]}),
            (f"{Q}/options", "value_missing"),
        ),
        (
            card(yes_no(), {**MULTI, "key": "m", "options": [], "required": []}),
            (Q[:-1] + "1/options", "too_few_options"),
        ),
        (card(yes_no(), {**TEXT, "options": [{"key": "a"}]}), (Q[:-1] + "1/options", "no_options_here")),
        (card(yes_no(options=[{"key": "maybe"}])), (f"{Q}/options/0/key", "unknown_option")),
        (card(yes_no(options=[{"key": "no"}, {"key": "no"}])), (f"{Q}/options/1/key", "duplicate_key")),
        (
            card(scale(1, 0) | {"options": [{"key": "na", "value": 1}, {"key": "b", "value": 0}]}),
            (f"{Q}/options/0/key", "reserved_name"),
        ),
        (
            card(yes_no(options=[{"key": "no", "reason_required": True}])),
            (f"{Q}/options/0/reasons", "no_reasons"),
        ),
        (card({**MULTI, "required": ["a", "z"]}), (f"{Q}/required/1", "unknown_option")),
        (card(yes_no(required=["yes"])), (f"{Q}/required/0", "not_multi")),
        (card(yes_no(bands=[{"value": 1}])), (f"{Q}/bands", "not_numeric")),
        (
            card(numeric({"from": 0, "to": 5}, {"from": 4, "to": 9})),
            (f"{Q}/bands/1/from", "overlapping_bands"),
        ),
        (
            card(numeric({"from": 6, "to": 9}, {"from": 0, "to": 5})),
            (f"{Q}/bands/0/from", "gap_between_bands"),
        ),
        (card(numeric({"from": 5, "to": 5})), (f"{Q}/bands/0", "empty_band")),
        (
            card(yes_no(critical={**CRITICAL, "options": ["never"]})),
            (f"{Q}/critical/options/0", "unknown_option"),
        ),
        (
            card(yes_no(critical={**CRITICAL, "options": ["yes", "no"]})),
            (f"{Q}/critical/options", "always_critical"),
        ),
        (card({**SINGLE, "critical": CRITICAL}), (f"{Q}/critical/options", "critical_without_options")),
        (card(yes_no(), {**TEXT, "critical": CRITICAL}), (Q[:-1] + "1/critical", "critical_without_options")),
        (card(yes_no(bonus=5, weight=1)), (f"{Q}/bonus", "bonus_with_weight")),
        (
            card(yes_no(), {**scale(0.5, 0), "key": "b", "bonus": 5}),
            (Q[:-1] + "1/bonus", "bonus_never_earned"),
        ),
        (card(yes_no(auto="guesses")), (f"{Q}/auto", "unknown_judgement")),
        (card({**SINGLE, "auto": "validates_feeling"}), (f"{Q}/auto", "judgement_needs_yes_no")),
        (card(yes_no(show_when={})), (f"{Q}/show_when", "empty_condition")),
        (
            card(yes_no(show_when={"options": ["yes"]})),
            (f"{Q}/show_when/options", "condition_without_question"),
        ),
        (
            card(yes_no(show_when={"question": "q", "options": ["yes"]})),
            (f"{Q}/show_when/question", "shown_by_itself"),
        ),
        (
            card(yes_no(show_when={"question": "x", "options": ["yes"]})),
            (f"{Q}/show_when/question", "unknown_question"),
        ),
        (
            card(yes_no(show_when={"question": "b", "options": ["yes"]}), yes_no("b")),
            (f"{Q}/show_when/question", "later_question"),
        ),
        (
            card(yes_no("a"), yes_no("b", show_when={"question": "a", "options": ["sure"]})),
            (f"{LATER}/options/0", "unknown_option"),
        ),
        (
            card(yes_no("a"), yes_no("b", show_when={"question": "a"})),
            (f"{LATER}/options", "condition_without_options"),
        ),
        (
            card(yes_no(), TEXT, yes_no("b", show_when={"question": "t", "options": ["x"]})),
            ("/sections/0/questions/2/show_when/question", "question_without_options"),
        ),
        (
            card(yes_no(show_when={"channels": ["voice"]}), applies_to={"channels": ["chat"]}),
            (f"{Q}/show_when", "never_shown"),
        ),
        (
            card(
                yes_no("a", show_when={"channels": ["voice"]}),
                yes_no("b", show_when={"question": "a", "options": ["yes"], "channels": ["chat"]}),
            ),
            (LATER, "never_shown"),
        ),
        (
            card(
                yes_no("a", show_when={"intents": ["refund"]}),
                yes_no("b", show_when={"question": "a", "options": ["yes"], "intents": ["outage"]}),
            ),
            (LATER, "never_shown"),
        ),
    ],
)
def test_each_fault_of_a_scorecard_is_found_at_its_place(body, expected):
    assert faults("scorecard", body) == [expected]


def test_cyclic_show_when_between_two_questions_is_rejected():
    body = card(
        yes_no("a", show_when={"question": "b", "options": ["yes"]}),
        yes_no("b", show_when={"question": "a", "options": ["yes"]}),
    )
    assert faults("scorecard", body) == [(f"{Q}/show_when/question", "later_question")]


def test_all_faults_of_a_scorecard_are_found_at_once():
    body = card(
        yes_no("total", weight=-1, bonus=2, auto="guesses"),
        numeric({"from": 0, "to": 5}, {"from": 7, "to": 6}),
        pass_mark=200,
        bands=[{"name": "a", "from": 10}],
    )
    codes = {code for _, code in faults("scorecard", body)}
    assert codes >= {
        "above_maximum", "no_lowest_band", "reserved_name", "negative", "bonus_with_weight",
        "unknown_judgement", "empty_band", "gap_between_bands",
    }  # fmt: skip


def test_validation_does_not_mutate_the_body():
    body = card(yes_no(options=[{"key": "no", "reasons": ["r"]}]))
    before = copy.deepcopy(body)
    faults("scorecard", body)
    assert body == before


BANNED = [{"clause": "BV-7", "phrase": "per our policy"}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"greeting": {"required": True}}, ("/greeting/phrases", "no_phrases")),
        ({"sign_off": {"required": True, "phrases": []}}, ("/sign_off/phrases", "no_phrases")),
        ({"banned": BANNED * 2}, ("/banned/1/phrase", "duplicate_phrase")),
        (
            {"preferred": [{"clause": "1", "phrase": "Glad to", "instead_of": "glad to!"}]},
            ("/preferred/0/instead_of", "same_phrase"),
        ),
        (
            {"banned": BANNED, "preferred": [{"clause": "1", "phrase": "Per our policy"}]},
            ("/preferred/0/phrase", "banned_and_wanted"),
        ),
        (
            {"banned": BANNED, "sign_off": {"phrases": ["Bye", "as per our policy, bye"]}},
            ("/sign_off/phrases/1", "banned_and_wanted"),
        ),
        (
            {"banned": BANNED, "empathy_library": {"anger": ["I know: per our policy..."]}},
            ("/empathy_library/anger/0", "banned_and_wanted"),
        ),
        (
            {"banned": BANNED, "examples": {"good": ["Per our policy!"]}},
            ("/examples/good/0", "banned_and_wanted"),
        ),
    ],
)
def test_each_fault_of_a_brand_voice_is_found_at_its_place(body, expected):
    assert faults("brand_voice", body) == [expected]


def test_a_banned_word_inside_another_word_is_no_fault():
    body = {
        "banned": [{"clause": "1", "phrase": "but"}],
        "preferred": [{"clause": "2", "phrase": "press the button"}],
    }
    assert faults("brand_voice", body) == []


STEP = {"key": "a", "phrases": ["x"]}
PLAYBOOK = {"key": "p", "trigger": {"intents": ["late"]}, "steps": [STEP]}
CREDIT = {"key": "c", "limit": 25, "currency": "USD", "phrases": ["credit"]}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"trigger": {}}, ("/trigger", "empty_trigger")),
        ({"steps": []}, ("/steps", "no_steps")),
        ({"steps": [STEP, STEP]}, ("/steps/1/key", "duplicate_key")),
        ({"discretion": [CREDIT, CREDIT]}, ("/discretion/1/key", "duplicate_key")),
        ({"discretion": [CREDIT | {"limit": -1}]}, ("/discretion/0/limit", "negative")),
        ({"discretion": [CREDIT | {"currency": None}]}, ("/discretion/0/currency", "limit_without_currency")),
        ({"discretion": [CREDIT | {"currency": "usd"}]}, ("/discretion/0/currency", "not_a_currency")),
        ({"discretion": [CREDIT | {"phrases": []}]}, ("/discretion/0/phrases", "no_phrases")),
    ],
)
def test_each_fault_of_a_playbook_is_found_at_its_place(changed, expected):
    assert faults("playbook", PLAYBOOK | changed) == [expected]


def test_discretion_without_limit_needs_no_currency():
    assert faults("playbook", PLAYBOOK | {"discretion": [{"key": "c", "phrases": ["express"]}]}) == []


def rule(key, **match):
    return {"key": key, "match": match, "targets": {"first_response": "1h"}}


@pytest.mark.parametrize(
    ("first", "second", "reachable"),
    [
        ({}, {"channels": ["chat"]}, False),
        ({}, {}, False),
        ({"channels": ["chat", "sms"]}, {"channels": ["chat"], "priorities": ["low"]}, False),
        ({"channels": ["chat"]}, {"channels": ["chat", "sms"]}, True),
        ({"channels": ["chat"]}, {}, True),
        ({"channels": ["chat"], "priorities": ["low"]}, {"channels": ["chat"]}, True),
    ],
)
def test_sla_rule_shadowed_by_a_broader_earlier_rule_is_unreachable(first, second, reachable):
    found = faults("sla_policy", {"rules": [rule("a", **first), rule("b", **second)]})
    assert found == ([] if reachable else [("/rules/1", "unreachable_rule")])


def test_sla_validation_reports_parser_faults_and_unreachable_rules_together():
    body = {"rules": [rule("a"), rule("b") | {"targets": {"resolution": "soon"}, "calendar": "office"}]}
    found = faults("sla_policy", body)
    assert ("/rules/1/targets/resolution", "not_a_duration") in found
    assert ("/rules/1/calendar", "unknown_calendar") in found
    assert ("/rules/1", "unreachable_rule") in found


def test_sampling_policy_validation_reports_parser_faults():
    found = faults("sampling_policy", {"base_rate": 0, "terms": [{"when": "rainy", "rate": 2}]})
    assert {pointer for pointer, _ in found} >= {"/base_rate", "/terms/0/when", "/terms/0/rate"}
