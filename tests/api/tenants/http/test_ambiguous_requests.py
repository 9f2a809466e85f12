"""What a request says twice is refused at its place on every endpoint, all faults are told at once."""

import json
import re
from pathlib import Path

import pytest

CONTRACT = json.loads((Path(__file__).parents[4] / "api_spec/openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: (
        method.upper(),
        path,
        item.get("parameters", []) + operation.get("parameters", []),
    )
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method != "parameters" and path.startswith("/v1")
}
TAKES_JSON = [
    operation["operationId"]
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method != "parameters" and "application/json" in operation.get("requestBody", {}).get("content", {})
]
# A list is given by naming it again.
LISTS = {("exportRows", "kind")}
LINE_BY_LINE = {"pushInteractions", "importInteractions"}
SOME_ID = "01978c1e-0000-7000-8000-000000000001"


def parameters(name, place):
    found = []
    for each in OPERATIONS[name][2]:
        whole = CONTRACT["components"]["parameters"][each["$ref"].split("/")[-1]] if "$ref" in each else each
        if whole["in"] == place:
            found.append(whole["name"])
    return found


WITH_QUERY = [name for name in OPERATIONS if parameters(name, "query")]
WITH_BOTH = sorted(set(WITH_QUERY) & set(TAKES_JSON))


@pytest.fixture
def send(provider):
    caller = provider.caller()

    def send(name, query="", body=None):
        method, path, _ = OPERATIONS[name]
        address = re.sub(r"\{client\}", "northwind", path)
        address = re.sub(r"\{[^}]*_id\}", SOME_ID, address)
        address = address.replace("{number}", "1")
        address = re.sub(r"\{[^}]*\}", "care", address)
        return caller.open(
            f"{address}?{query}" if query else address,
            method=method,
            data=body,
            content_type=None if body is None else "application/json",
        )

    return send


def faults(answer):
    return {(each["pointer"], each["code"]) for each in answer.json["errors"]}


@pytest.mark.parametrize("name", WITH_QUERY)
def test_a_parameter_given_twice_is_refused_by_name(send, name):
    given = parameters(name, "query")

    answer = send(
        name, "&".join(f"{each}=1&{each}=1" for each in given), b"{}" if name in TAKES_JSON else None
    )

    assert answer.status_code == 422
    told = {each for each in given if (f"/query/{each}", "repeated") in faults(answer)}
    assert set(given) - told == {each for each in given if (name, each) in LISTS}


@pytest.mark.parametrize("name", sorted(set(TAKES_JSON) - LINE_BY_LINE))
def test_a_key_given_twice_is_refused_with_its_place(send, name):
    answer = send(name, body=b'{"a": [{"b": 1, "b": 2}], "c": 1, "c": 1}')

    assert (answer.status_code, faults(answer)) == (
        422,
        {("/a/0/b", "duplicate_key"), ("/c", "duplicate_key")},
    )


@pytest.mark.parametrize("name", WITH_BOTH)
def test_faults_of_the_query_and_of_the_body_are_told_at_once(send, name):
    unreadable = send(name, "nothing=1", b"{")

    assert unreadable.status_code == 400
    assert faults(unreadable) >= {("/query/nothing", "unknown_field"), ("", "not_json")}


def test_faults_of_the_query_and_of_a_readable_body_are_told_at_once(send):
    answer = send("putSlaPolicy", "effective_from=soon&effective_from=late", b'{"target": []}')

    assert answer.status_code == 422
    assert {
        ("/query/effective_from", "repeated"),
        ("/query/effective_from", "not_a_time"),
        ("/target", "unknown_field"),
    } <= faults(answer)


def test_faults_of_the_query_and_of_a_bundle_are_told_at_once(provider):
    answer = provider.caller().post(
        "/v1/clients/northwind/bundle?dry_run=perhaps",
        data="qm_bundle: 1\nqm_bundle: 1\n",
        content_type="application/yaml",
    )

    assert answer.status_code == 422
    assert faults(answer) == {("/query/dry_run", "wrong_type"), ("/qm_bundle", "duplicate_key")}


def test_a_line_or_document_with_a_key_given_twice_harms_no_other(provider):
    caller = provider.caller()
    lines = b'{"external_id":"a","external_id":"b"}\n{"external_id":"c"}'

    pushed = caller.post(
        "/v1/clients/northwind/interactions/bulk", data=lines, content_type="application/x-ndjson"
    )
    imported = caller.post(
        "/v1/clients/northwind/interactions/import?format=vcon",
        data=b'{"vcon":"0.0.1","vcon":"0.0.1"}\n{"vcon":"0.0.1"}',
        content_type="application/x-ndjson",
    )

    for answer in (pushed, imported):
        first, second = ([each["code"] for each in line["errors"]] for line in answer.json["data"])
        assert first == ["duplicate_key"]
        assert "duplicate_key" not in second
    only = caller.post(
        "/v1/clients/northwind/interactions/import?format=vcon",
        data=b'{"vcon":"0.0.1","parties":[{"name":"A","name":"B"}]}',
        content_type="application/json",
    )
    assert [each["pointer"] for each in only.json["data"][0]["errors"]] == ["/parties/0/name"]


def test_json_inside_of_a_document_that_says_a_key_twice_is_read_and_told(provider):
    analysis = {"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "json"}
    analysis["body"] = '[{"start": 0, "speaker": 0, "text": "Hello", "text": "Good morning"}]'
    document = {"vcon": "0.0.1", "uuid": SOME_ID, "created_at": "2026-06-01T10:00:00Z"}
    document |= {"parties": [{"name": "A"}, {"name": "B"}], "dialog": [], "analysis": [analysis]}

    answer = provider.caller().post(
        "/v1/clients/northwind/interactions/import?format=vcon",
        data=json.dumps(document),
        content_type="application/json",
    )

    codes = [(each["pointer"], each["code"]) for each in answer.json["data"][0]["deviations"]]
    assert ("/analysis/0/body", "duplicate_key") in codes
