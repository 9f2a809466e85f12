"""Bundle load over HTTP: atomic and idempotent, with a dry run and complete error reports."""

import json

import pytest

from scorecards.authoring.bundle_import import load_bundle
from tenants.http.faults import Invalid

ADDRESS = "/v1/clients/northwind/bundle"
YAML = "application/yaml"
BUNDLE = """\
qm_bundle: 1
settings: {charged_threshold: 0.6, interval_limit: 8}
brand_voice: {tone: [warm], formality: informal}
playbooks:
  - {key: late_delivery, template: late_delivery}
scorecards:
  - {key: empathy, template: empathy, pass_mark: 80}
sla_policy:
  rules: [{key: everything, targets: {first_response: 4h}}]
sampling_policy: {base_rate: 0.05}
"""


def outcomes(answer):
    assert answer.status_code == 200, answer.text
    return {change["kind"]: (change["outcome"], change["parts"]) for change in answer.json["definitions"]}


def faults(answer):
    assert answer.status_code == 422, answer.text
    return {(fault["pointer"], fault["code"]) for fault in answer.json["errors"]}


@pytest.fixture
def staff(provider):
    return provider.caller()


@pytest.fixture
def load(staff):
    def send(text=BUNDLE, query="", content_type=YAML, **options):
        return staff.post(f"{ADDRESS}{query}", data=text, content_type=content_type, **options)

    return send


def stored(staff):
    paths = ("brand-voice", "playbooks/late_delivery", "scorecards/empathy", "sla-policy", "sampling-policy")
    found = [staff.get(f"/v1/clients/northwind/{path}") for path in paths]
    return [answer.status_code == 200 for answer in found]


def actions(staff):
    return [entry["action"] for entry in staff.get("/v1/audit?limit=200").json["data"]]


def test_a_bundle_puts_everything_in_force(load, staff):
    made = outcomes(load())

    assert {outcome for outcome, _ in made.values()} == {"created"}
    assert stored(staff) == [True] * 5


def test_a_bundle_merges_the_clients_settings(load, staff):
    answer = load()

    assert answer.json["settings"] == [
        {"name": "charged_threshold", "before": 0.5, "after": 0.6},
        {"name": "interval_limit", "before": 10.0, "after": 8},
    ]
    assert staff.get("/v1/clients/northwind").json["settings"] == {
        "charged_threshold": 0.6,
        "disagreement_limit": 0.1,
        "disputes": {
            "acknowledge_days": 7,
            "by_client": True,
            "days": 14,
            "open_per_evaluation": 2,
            "open_per_person": 10,
        },
        "golden_rate": 0.0,
        "interval_limit": 8,
        "languages": ["en"],
        "coaching_suggestions": {"after": 8, "below": 60},
        "publish_evaluations": {"when": "at_once"},
        "re_review_rate": 0.0,
        "review_own_team": True,
        "severity_correction": False,
        "time_zone": "UTC",
    }


def test_bundle_reload_changes_nothing_and_adds_no_audit_entry(load, staff):
    load()
    before = actions(staff)
    again = load()

    assert {outcome for outcome, _ in outcomes(again).values()} == {"unchanged"}
    assert again.json["settings"] == []
    assert actions(staff) == before


def test_bundle_response_lists_changed_parts_of_each_definition(load):
    load()
    made = outcomes(load(BUNDLE.replace("pass_mark: 80", "pass_mark: 90").replace("[warm]", "[plain]")))

    assert made["scorecard"] == ("updated", ["pass_mark"])
    assert made["brand_voice"] == ("updated", ["tone"])
    assert made["playbook"] == ("unchanged", [])


def test_bundle_dry_run_response_equals_load_response(load):
    dry, real = load(query="?dry_run=true"), load()

    assert dry.json["dry_run"] is True
    assert {**dry.json, "dry_run": False} == real.json


def test_bundle_dry_run_stores_nothing_and_adds_no_audit_entry(load, staff):
    before = actions(staff)
    load(query="?dry_run=true")

    assert stored(staff) == [False] * 5
    assert staff.get("/v1/clients/northwind").json["settings"]["charged_threshold"] == 0.5
    assert actions(staff) == before


def test_bundle_dry_run_reports_same_errors_as_load(load):
    text = BUNDLE.replace("base_rate: 0.05", "base_rate: 7")

    assert faults(load(text, query="?dry_run=true")) == faults(load(text))


def test_one_bad_part_stores_nothing(load, staff):
    before = actions(staff)
    answer = load(BUNDLE.replace("base_rate: 0.05", "base_rate: 7"))

    assert {pointer for pointer, _ in faults(answer)} == {"/sampling_policy/base_rate"}
    assert stored(staff) == [False] * 5
    assert actions(staff) == before


def test_bundle_load_reports_all_errors_of_all_parts(load):
    text = """\
qm_bundle: 2
settings: {charged_threshold: 3, colour: red}
brand_voice: {greeting: {required: true}}
playbooks: [{key: late}]
scorecards:
  - {key: own, sections: [{key: process, questions: [{key: a, text: A, kind: yes_no, auto: guess}]}]}
sampling_policy: {base_rate: 7}
"""
    assert faults(load(text)) >= {
        ("/qm_bundle", "wrong_type"),
        ("/settings/charged_threshold", "out_of_range"),
        ("/settings/colour", "unknown_field"),
        ("/brand_voice/greeting/phrases", "no_phrases"),
        ("/playbooks/0/trigger", "empty_trigger"),
        ("/scorecards/0/sections/0/questions/0/auto", "unknown_judgement"),
    }


def test_bundle_load_keeps_definitions_absent_from_bundle(load, staff):
    load()
    load("qm_bundle: 1\nbrand_voice: {tone: [plain]}\n")

    assert stored(staff) == [True] * 5


def test_a_bundle_leaves_a_draft_alone(load, staff):
    load()
    body = staff.get("/v1/clients/northwind/scorecards/empathy").json["body"]
    staff.put("/v1/clients/northwind/scorecards/empathy", json={**body, "name": "Being written"})
    load(BUNDLE.replace("pass_mark: 80", "pass_mark: 90"))

    draft = staff.get("/v1/clients/northwind/scorecards/empathy").json
    assert (draft["state"], draft["version"], draft["body"]["name"]) == ("draft", 3, "Being written")
    assert staff.get("/v1/clients/northwind/scorecards/empathy?state=published").json["version"] == 2


@pytest.mark.parametrize(
    "content_type", [YAML, "text/yaml", "application/x-yaml", "text/yaml; charset=utf-8"]
)
def test_a_bundle_comes_in_yaml(load, content_type):
    assert load(content_type=content_type).status_code == 200


def test_a_bundle_comes_in_json(staff):
    body = {"qm_bundle": 1, "brand_voice": {"tone": ["warm"]}}

    assert outcomes(staff.post(ADDRESS, json=body)) == {"brand_voice": ("created", [])}


def test_yaml_is_not_taken_for_json(load):
    answer = load(content_type="application/json")

    assert answer.status_code == 400
    assert [fault["code"] for fault in answer.json["errors"]] == ["not_json"]


def test_a_bundle_of_another_media_type_is_not_read(load):
    assert load(content_type="text/plain").status_code == 415


def test_a_yaml_bomb_is_refused(load):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert {code for _, code in faults(load("\n".join(lines)))} <= {"too_many_parts", "too_deep"}


@pytest.mark.parametrize(
    "text", ["", "[", "- 1", "a: !!python/object:os.system x", "qm_bundle: 1\n---\nb: 2"]
)
def test_bundle_rejects_invalid_unsafe_or_multi_document_yaml(load, text):
    assert faults(load(text))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"qm_bundle: 1\nbrand_voice: {tone: [\xc3]}", b"a: \x00"]
)
def test_bundle_rejects_invalid_utf8_and_nul_bytes(load, content):
    assert faults(load(content))


def test_a_bundle_over_its_limit_is_too_large(load):
    assert load("# " + "x" * (1 << 20)).status_code == 413


def test_a_request_over_the_servers_limit_is_too_large(load):
    assert load("# " + "x" * (16 << 20)).status_code == 413


def test_bundle_load_with_same_idempotency_key_is_replayed(load):
    first = load(headers={"Idempotency-Key": "load"})
    second = load(headers={"Idempotency-Key": "load"})

    assert second.json == first.json
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_credential_bound_to_another_client_cannot_load(provider):
    bound = provider.caller("definitions:write", bound_to=("contoso",))

    assert bound.post(ADDRESS, data=BUNDLE, content_type=YAML).status_code == 404


def test_read_scope_cannot_load_bundle(provider):
    reader = provider.caller("definitions:read")

    assert reader.post(ADDRESS, data=BUNDLE, content_type=YAML).status_code == 403


def test_load_bundle_reports_created_definitions_and_settings(provider):
    with provider.session() as session:
        report = load_bundle(session, provider.clients["northwind"], text=BUNDLE)

    assert (report.count("created"), len(report.settings)) == (5, 2)


def test_load_bundle_raises_invalid_before_writing(provider):
    with provider.session() as session:
        with pytest.raises(Invalid):
            load_bundle(
                session, provider.clients["northwind"], text=json.dumps({"qm_bundle": 1, "scorecards": [{}]})
            )
        assert "audit" not in session.info
