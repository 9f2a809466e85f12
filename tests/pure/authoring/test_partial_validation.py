"""A schema fault hides no semantic fault elsewhere in the body, and causes no spurious one."""

import copy
from time import process_time

import pytest

from scorecards.authoring import template_library
from scorecards.authoring.bundle import read_bundle
from scorecards.authoring.partial_validation import SCHEMAS, further_faults
from scorecards.authoring.schema_errors import load
from tenants.http.faults import Invalid

SLA = {
    "calendars": [
        {"key": "office", "time_zone": "Europe/Berlin", "hours": {"mon": ["09:00-12:30", "13:30-17:00"]}},
        {"key": "night", "time_zone": "UTC", "hours": {"tue": ["22:00-06:00"]}, "closed": ["2026-12-24"]},
    ],
    "rules": [
        {"key": "a", "match": {"channels": ["chat"]}, "calendar": "office", "targets": {"resolution": "1h"}},
        {"key": "rest", "calendar": "night", "targets": {"first_response": "4h"}, "pause_on": ["pending"]},
    ],
}  # fmt: skip
SAMPLING = {
    "base_rate": 0.05,
    "terms": [{"when": "low_csat", "below": 3, "rate": 0.3}, {"when": "charged", "rate": 0.2}],
}
VOICE = {
    "greeting": {"required": True, "phrases": ["Hello"]},
    "preferred": [{"clause": "BV-1", "phrase": "gladly", "instead_of": "I can"}],
    "banned": [{"clause": "BV-7", "phrase": "per our policy"}],
    "empathy_library": {"anger": ["I hear you"]},
}
SOUND = [
    ("sla_policy", SLA),
    ("sampling_policy", SAMPLING),
    ("brand_voice", VOICE),
    ("playbook", template_library.playbooks()["late_delivery"]),
    ("scorecard", template_library.scorecards()["telecom"]),
]
MANY = """\
qm_bundle: 1
scorecards:
  - key: own
    pass_mark: 200
    colour: red
    sections:
      - key: one
        weight: -1
        questions:
          - {key: a, text: Was it?, kind: yes_or_no}
          - {key: b, text: Was it?, kind: yes_no, auto: nobody}
sla_policy:
  calendars: [{key: c, time_zone: Mars/Base, hours: {mon: ["9 to 5"]}}]
  rules: [{key: r, match: {channels: [fax]}, targets: {resolution: soon}, goal: 2}]
"""


def paths(value, path=()):
    """Walk over every place of a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in items:
        yield (*path, step)
        yield from paths(below, (*path, step))


def with_change_at(body, path, change):
    """Return the body with one place changed."""
    changed = copy.deepcopy(body)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    change(inner, path[-1])
    return changed


def delete(inner, step):
    del inner[step]


def replace_with_wrong_type(inner, step):
    inner[step] = {"nothing": ["of", "this"]} if not isinstance(inner[step], dict) else 7


@pytest.mark.parametrize("change", [delete, replace_with_wrong_type])
@pytest.mark.parametrize(("kind", "body"), SOUND, ids=[kind for kind, _ in SOUND])
def test_schema_fault_anywhere_causes_no_spurious_semantic_fault(kind, body, change):
    blamed = {}
    for path in paths(body):
        broken = with_change_at(body, path, change)
        _, faults = load(SCHEMAS[kind](), broken)
        if faults and (further := further_faults(kind, broken, faults)):
            blamed[path] = further

    assert blamed == {}


def test_schema_and_semantic_faults_of_one_definition_are_reported_together():
    with pytest.raises(Invalid) as refused:
        read_bundle(MANY)

    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == {
        ("/scorecards/0/colour", "unknown_field"),
        ("/scorecards/0/pass_mark", "above_maximum"),
        ("/scorecards/0/sections/0/weight", "negative"),
        ("/scorecards/0/sections/0/questions/0/kind", "unknown_choice"),
        ("/scorecards/0/sections/0/questions/1/auto", "unknown_judgement"),
        ("/sla_policy/calendars/0/time_zone", "unknown_time_zone"),
        ("/sla_policy/calendars/0/hours/mon/0", "not_hours"),
        ("/sla_policy/rules/0/match/channels/0", "unknown_choice"),
        ("/sla_policy/rules/0/targets/resolution", "not_a_duration"),
        ("/sla_policy/rules/0/goal", "out_of_range"),
    }


def test_further_fault_pointer_refers_to_index_in_original_body():
    steps = [{"name": "no key"}, {"key": "twice"}, {"key": "twice"}]
    body = {"key": "p", "trigger": {"intents": ["x"]}, "steps": steps}
    _, faults = load(SCHEMAS["playbook"](), body)

    assert [fault.pointer for fault in further_faults("playbook", body, faults)] == ["/steps/2/key"]


def test_bundle_of_20000_invalid_playbooks_is_rejected_in_bounded_time():
    began = process_time()
    with pytest.raises(Invalid):
        read_bundle('{"qm_bundle": 1, "playbooks": [' + ",".join(["{}"] * 20_000) + "]}")
    assert process_time() - began < 20
