"""Bundles are accepted or rejected as a whole, and every fault has a pointer and a line."""

import json

import pytest

from scorecards.authoring import template_library
from scorecards.authoring.bundle import read_bundle
from scorecards.authoring.judgement_names import JUDGEMENTS
from scorecards.authoring.schema_errors import load
from scorecards.authoring.schemas import PlaybookSchema, ScorecardSchema
from scorecards.authoring.validation import faults_of
from scorecards.authoring.yaml_documents import read_document
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.form import PILLARS, Form
from scorecards.definitions.playbook import Playbook
from tenants.http.faults import Invalid

WHOLE = """\
qm_bundle: 1
settings: {charged_threshold: 0.5, interval_limit: 10, languages: [en, pt-BR]}
brand_voice:
  tone: [warm, plain]
  formality: informal
  reading_level: 9
  greeting: {required: true, phrases: ["Hi {name}", "Hello"]}
  banned: [{clause: BV-7, phrase: "per our policy", reason: "sounds like hiding"}]
  empathy_library: {frustration: ["I can hear how frustrating this is"]}
playbooks:
  - key: late_delivery
    template: late_delivery
    applies_to: {programs: [shop]}
scorecards:
  - key: empathy
    template: empathy
    pass_mark: 80
  - key: own
    sections:
      - {template: empathy/listen_validate, weight: 50}
      - key: process
        weight: 50
        questions:
          - key: read_back
            text: Was the order read back?
            kind: yes_no
            options: [{key: yes}, {key: no, reasons: [forgot]}]
sla_policy:
  calendars:
    - {key: office, time_zone: Europe/Berlin, hours: {mon: ["09:00-12:30"]}, closed: [2026-12-24]}
  rules:
    - {key: chat, match: {channels: [chat]}, calendar: office, targets: {first_response: 60s}}
sampling_policy:
  base_rate: 0.05
  terms: [{when: charged, rate: 0.25}]
"""


def read(text):
    return read_bundle(text)


def faults(text):
    with pytest.raises(Invalid) as caught:
        read(text)
    return [(each.pointer, each.code) for each in caught.value.faults]


def details(text):
    with pytest.raises(Invalid) as caught:
        read(text)
    return {each.pointer: each.detail for each in caught.value.faults}


def test_a_whole_bundle_gives_settings_and_definitions():
    bundle = read(WHOLE)
    assert bundle.settings["languages"] == ["en", "pt-BR"]
    assert [(kind, key) for kind, key, _ in bundle.definitions] == [
        ("brand_voice", "default"),
        ("sla_policy", "default"),
        ("sampling_policy", "default"),
        ("playbook", "late_delivery"),
        ("scorecard", "empathy"),
        ("scorecard", "own"),
    ]


def test_the_same_bundle_in_json_is_the_same_bundle():
    assert read(json.dumps(read_document(WHOLE).value)) == read(WHOLE)


def test_bundle_fields_override_template_fields():
    bodies = {key: body for kind, key, body in read(WHOLE).definitions if kind == "scorecard"}
    assert bodies["empathy"]["pass_mark"] == 80
    assert [section["key"] for section in bodies["empathy"]["sections"]] == list(PILLARS)
    own = Form.from_body(bodies["own"])
    assert [(section.weight, section.pillar) for section in own.sections] == [
        (50.0, "listen_validate"),
        (50.0, None),
    ]


def test_bundle_bodies_have_no_template_key():
    assert all("template" not in body for _, _, body in read(WHOLE).definitions)


def test_yaml_keeps_unquoted_yes_and_no_as_strings():
    own = next(body for kind, key, body in read(WHOLE).definitions if key == "own")
    assert [option["key"] for option in own["sections"][1]["questions"][0]["options"]] == ["yes", "no"]


def test_dates_and_times_stay_text():
    text = "a: 2026-12-24\nb: 09:30\nc: 12:30:45\nd: 60s\non: off"
    expected = {"a": "2026-12-24", "b": "09:30", "c": "12:30:45", "d": "60s", "on": "off"}
    assert read_document(text).value == expected


def test_yaml_parses_numbers_booleans_and_null():
    text = "a: 1\nb: -0.5\nc: true\nd: ~\ne: '1'\nf: 1e3\ng: .inf\n1: x"
    assert read_document(text).value == {
        "a": 1, "b": -0.5, "c": True, "d": None, "e": "1", "f": 1000.0, "g": ".inf", "1": "x",
    }  # fmt: skip


def test_keys_that_are_given_twice_are_all_named_with_their_lines():
    found = details("qm_bundle: 1\nsettings: {}\nsettings: {}\nqm_bundle: 1\n")
    assert list(found) == ["/settings", "/qm_bundle"]
    assert found["/settings"].endswith("(line 3)")


def test_keys_that_are_given_twice_are_refused_in_json_too():
    assert faults('{"qm_bundle": 1, "qm_bundle": 1}') == [("/qm_bundle", "duplicate_key")]


def test_an_anchor_may_be_used_again():
    assert read_document("a: &x [1]\nb: *x").value == {"a": [1], "b": [1]}


def test_yaml_alias_expansion_bomb_is_rejected():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert [code for _, code in faults("\n".join(lines))] == ["too_many_parts"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [*a]", "unknown_alias"),
        ("a: *nothing", "unknown_alias"),
        ("a: " + "[" * 30 + "]" * 30, "too_deep"),
        ("[" * 500_000, "too_deep"),
        ('{"a": ' * 100_000, "too_deep"),
        ('{"a": ' * 30 + "1" + "}" * 30, "too_deep"),
        ("a: &a [[[[[[[[[[[1]]]]]]]]]]]\nb: [[[[[[[[[[*a]]]]]]]]]]", "too_deep"),
        ("a: " + "x" * (1 << 20), "too_large"),
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("a: 1\n---\nb: 2\n", "several_documents"),
        ("a: [1", "malformed"),
        ("a: b: c", "malformed"),
        ("a: \x00", "malformed"),
        ("a: \ud800", "bad_text"),
        ('{"a": "\\ud800"}', "bad_text"),
        ("? [a]\n: b", "bad_key"),
        ("a: !!python/object/apply:os.system [ls]", "tag"),
        ("a: !!int '3'", "tag"),
        ("just words", "wrong_type"),
        ("[1, 2]", "wrong_type"),
    ],
)
def test_unparsable_bundle_is_rejected_with_specific_code(text, code):
    assert [found for _, found in faults(text)] == [code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("settings: {}", ("/qm_bundle", "required")),
        ("qm_bundle: 2", ("/qm_bundle", "wrong_type")),
        ("qm_bundle: '1'", ("/qm_bundle", "wrong_type")),
        ("qm_bundle: true", ("/qm_bundle", "wrong_type")),
        ("qm_bundle: 1\nscorecard: []", ("/scorecard", "unknown_field")),
        ("qm_bundle: 1\nsettings: {charged_threshold: 2}", ("/settings/charged_threshold", "out_of_range")),
        ("qm_bundle: 1\nsettings: {charged_threshold: .nan}", ("/settings/charged_threshold", "wrong_type")),
        ("qm_bundle: 1\nsettings: {languages: [e n]}", ("/settings/languages/0", "wrong_format")),
        ("qm_bundle: 1\nbrand_voice: {tone: warm}", ("/brand_voice/tone", "wrong_type")),
        ("qm_bundle: 1\nbrand_voice: {tone: ['  ']}", ("/brand_voice/tone/0", "wrong_type")),
        ('qm_bundle: 1\nbrand_voice: {tone: ["a\\0b"]}', ("/brand_voice/tone/0", "unclean_text")),
        (
            "qm_bundle: 1\nbrand_voice: {greeting: {required: 1}}",
            ("/brand_voice/greeting/required", "wrong_type"),
        ),
        ("qm_bundle: 1\nscorecards: {key: a}", ("/scorecards", "wrong_type")),
        (
            "qm_bundle: 1\nscorecards: [{sections: [{template: empathy/listen_validate}]}]",
            ("/scorecards/0/key", "required"),
        ),
        ('qm_bundle: 1\nscorecards: [{key: "a\\n", template: empathy}]', ("/scorecards/0/key", "bad_key")),
        ("qm_bundle: 1\nscorecards: [{key: A b, template: empathy}]", ("/scorecards/0/key", "bad_key")),
        (
            "qm_bundle: 1\nscorecards: [{key: a, template: best}]",
            ("/scorecards/0/template", "unknown_template"),
        ),
        (
            "qm_bundle: 1\nplaybooks: [{key: a, template: best}]",
            ("/playbooks/0/template", "unknown_template"),
        ),
        (
            "qm_bundle: 1\nscorecards: [{key: a, sections: [{template: empathy/x, key: s}]}]",
            ("/scorecards/0/sections/0/template", "unknown_template"),
        ),
        (
            "qm_bundle: 1\nscorecards: [{key: a, template: empathy, bands: [{name: x, from: '0'}]}]",
            ("/scorecards/0/bands/0/from", "wrong_type"),
        ),
        (
            "qm_bundle: 1\nscorecards: [{template: empathy}, {template: empathy}]",
            ("/scorecards/1/key", "duplicate_key"),
        ),
    ],
)
def test_bundle_schema_fault_has_pointer_and_code(text, expected):
    assert faults(text) == [expected]


def test_bundle_reports_schema_and_semantic_faults_together_in_line_order():
    text = """\
qm_bundle: 1
brand_voice:
  greeting: {required: true}
playbooks:
  - key: late
    template: late_delivery
    colour: red
scorecards:
  - key: broken
    template: empathy
    maximum: lots
  - key: sound
    template: empathy
    pass_mark: 500
sla_policy:
  rules:
    - {key: a, targets: {resolution: soon}}
"""
    assert details(text) == {
        "/brand_voice/greeting/phrases": "It is required, but no phrase says what counts as one. (line 3)",
        "/playbooks/0/colour": "There is no field of this name here. (line 7)",
        "/scorecards/0/maximum": "Expected a number. (line 11)",
        "/scorecards/1/pass_mark": "Nobody can reach 500 of 100 points. (line 14)",
        "/sla_policy/rules/0/targets/resolution": (
            "'soon' is no duration; write it like 60s, 30m, 4h, 2d or PT4H. (line 17)"
        ),
    }
    lines = [detail.rpartition("line ")[2] for detail in details(text).values()]
    assert lines == sorted(lines, key=lambda line: int(line.rstrip(")")))


def test_question_with_unknown_auto_judgement_is_rejected():
    text = """\
qm_bundle: 1
scorecards:
  - {key: a, sections: [{key: s, questions: [{key: q, text: "?", kind: yes_no, auto: guesses}]}]}
"""
    assert faults(text) == [("/scorecards/0/sections/0/questions/0/auto", "unknown_judgement")]


@pytest.mark.parametrize("name", sorted(template_library.scorecards()))
def test_scorecard_template_is_valid(name):
    body, found = load(ScorecardSchema(), template_library.scorecards()[name])
    assert found == []
    assert faults_of("scorecard", body) == []


@pytest.mark.parametrize("key", sorted(template_library.playbooks()))
def test_playbook_template_is_valid_and_has_steps(key):
    body, found = load(PlaybookSchema(), template_library.playbooks()[key])
    assert found == []
    assert faults_of("playbook", body) == []
    assert Playbook.from_body(body).steps


@pytest.mark.parametrize("name", ["empathy", "ecommerce", "telecom", "banking_complaint"])
def test_scorecard_template_covers_all_four_pillars(name):
    sections = Form.from_body(template_library.scorecards()[name]).sections
    assert {section.pillar for section in sections} >= set(PILLARS)


@pytest.mark.parametrize("name", sorted(template_library.scorecards()))
def test_scorecard_template_questions_all_have_help_text(name):
    questions = Form.from_body(template_library.scorecards()[name]).questions.values()
    assert [question.key for question in questions if not question.help] == []


def test_scorecard_templates_use_every_automatic_judgement():
    used = {
        question.auto
        for body in template_library.scorecards().values()
        for question in Form.from_body(body).questions.values()
    }
    assert used - {None} == JUDGEMENTS


def test_allowed_judgement_names_equal_rule_catalogue():
    assert set(CATALOGUE) == JUDGEMENTS


def test_scorecard_template_section_weights_sum_to_100():
    for body in template_library.scorecards().values():
        assert sum(section.weight for section in Form.from_body(body).sections) == 100
