"""The published contract is the one the code keeps."""

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from qm.openapi.document import METHODS
from qm.openapi.postman import postman_collection
from qm.openapi.words import words
from tests.conforming import Contract

ROOT = Path(__file__).parents[2]
WORDS = words()


def _operations(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                yield path, method, operation


def _properties(document):
    for owner, schema in document["components"]["schemas"].items():
        for name, value in schema.get("properties", {}).items():
            yield owner, name, value


def _parameters(document):
    for path in document["paths"].values():
        for holder in (path, *(path[method] for method in path if method in METHODS)):
            for parameter in holder.get("parameters", ()):
                if "name" in parameter:
                    yield parameter["in"], parameter["name"], parameter


def _find(node, key):
    """Return every value of a key, wherever it stands."""
    if isinstance(node, dict):
        return [
            *([node[key]] if key in node else []),
            *(hit for each in node.values() for hit in _find(each, key)),
        ]
    return [hit for each in node for hit in _find(each, key)] if isinstance(node, list) else []


def _scalars(value):
    """Return the parts of a property that are texts, numbers or flags."""
    if "examples" in value or "$ref" in value:
        return []
    if "anyOf" in value:
        return [hit for each in value["anyOf"] for hit in _scalars(each) if "$ref" not in str(value)]
    if "items" in value:
        return _scalars(value["items"])
    kinds = value.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else {*kinds}
    return [value] if kinds & {"string", "integer", "number", "boolean"} else []


def test_the_committed_contract_equals_the_generated_one(app):
    committed = json.loads((ROOT / "api_spec/openapi.json").read_text())

    assert app.extensions["qm.openapi"] == committed, "run `make spec` and look at what changed"


def test_the_committed_postman_collection_is_made_of_the_contract(app):
    committed = json.loads((ROOT / "api_spec/postman_collection.json").read_text())

    assert postman_collection(app.extensions["qm.openapi"]) == committed, "run `make spec`"


def test_the_postman_collection_has_every_operation_once(app):
    document = app.extensions["qm.openapi"]
    requests = [each for folder in postman_collection(document)["item"] for each in folder["item"]]
    found = {(each["request"]["method"], "/" + "/".join(each["request"]["url"]["path"])) for each in requests}
    operations = {
        (method.upper(), re.sub(r"{(\w+)}", r":\1", path)) for path, method, _ in _operations(document)
    }

    assert found == operations
    assert len(requests) == len(operations)


def test_the_contract_is_openapi_3_1(app):
    document = app.extensions["qm.openapi"]

    validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_operation_has_a_summary_and_names_its_problems(app):
    missing = [
        f"{method} {path}"
        for path, operations in app.extensions["qm.openapi"]["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "patch", "delete"}
        and not (operation.get("summary") and {"401", "404", "422"} <= set(operation["responses"]))
    ]

    assert missing == []


def test_every_operation_needs_a_scope(app):
    open_ones = [
        f"{method} {path}"
        for path, operations in app.extensions["qm.openapi"]["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "patch", "delete"} and not operation.get("x-required-scope")
    ]

    assert open_ones == []


def test_the_page_to_try_the_api_loads_nothing_from_elsewhere(app):
    http = app.test_client()

    page = http.get("/docs/try")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert sources
    for source in sources:
        with http.get(source) as file:
            assert source.startswith("/docs/try/")
            assert file.status_code == 200


def test_every_operation_has_a_name_of_verb_and_noun_and_no_other_has_it(app):
    ids = [operation["operationId"] for _, _, operation in _operations(app.extensions["qm.openapi"])]

    assert {"listInteractions", "pushInteraction", "getEmpathyReport", "createClient"} <= {*ids}
    assert [each for each in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", each)] == []
    assert len(ids) == len({*ids})


def test_everything_is_described(app):
    document = app.extensions["qm.openapi"]
    described = [*_properties(document), *_parameters(document)]

    assert [f"{owner}.{name}" for owner, name, value in described if not value.get("description")] == []
    assert [each["name"] for each in document["tags"] if len(each["description"].split()) < 4] == []
    assert all(operation["description"] for _, _, operation in _operations(document))
    schemas = document["components"]["schemas"].items()
    assert [name for name, schema in schemas if len(schema.get("description", "").split()) < 2] == []


def test_every_text_number_and_flag_has_an_example(app):
    document = app.extensions["qm.openapi"]
    values = [
        *_properties(document),
        *((place, name, each["schema"]) for place, name, each in _parameters(document)),
    ]

    assert [f"{owner}.{name}" for owner, name, value in values if _scalars(value)] == []
    assert len(values) > 1000


def test_every_entry_of_the_words_is_used(app):
    document = app.extensions["qm.openapi"]
    places = [(owner, name) for owner, name, _ in [*_properties(document), *_parameters(document)]]
    known = {*(name for _, name in places), *(f"{owner}.{name}" for owner, name in places)}
    operations = {operation["operationId"] for _, _, operation in _operations(document)}
    operations |= {each["post"]["operationId"] for each in document["webhooks"].values()}

    assert {*WORDS["descriptions"], *WORDS["examples"]} - known == set()
    assert WORDS["requests"].keys() - operations == set()


def test_patterns_mean_the_same_everywhere(app):
    patterns = {each for each in _find(app.extensions["qm.openapi"], "pattern") if isinstance(each, str)}
    ours = re.compile(r"\\[AZzG]|\(\?(?!:)|\[\[:|\\u[dD][89a-fA-F]|\\p")

    assert len(patterns) > 2
    assert [each for each in patterns if ours.search(each)] == []


def test_answers_say_which_properties_are_always_there(app):
    document = app.extensions["qm.openapi"]
    answers = {
        name for name in document["components"]["schemas"] if name.endswith(("Page", "Report", "Summary"))
    }

    assert len(answers) > 10
    assert [name for name in answers if "required" not in document["components"]["schemas"][name]] == []


def test_answers_are_compared_with_the_contract(app):
    """The callers of these tests look at every answer; here they are shown a wrong one."""
    contract = Contract(app.extensions["qm.openapi"])
    wrong = app.response_class('{"data": [{}], "next_cursor": null}', mimetype="application/json")

    assert len(contract.faults("get", "/v1/clients", wrong)) > 4
    assert contract.faults("get", "/v1/clients", app.response_class("[]", 418, mimetype="application/json"))


EXAMPLES = {
    "createClient": ("post", "/v1/clients", 409),
    "pushInteraction": ("post", "/v1/clients/northwind/interactions", 201),
    "pushInteractions": ("post", "/v1/clients/northwind/interactions/bulk", 200),
    "importInteractions": ("post", "/v1/clients/northwind/interactions/import?format=vcon", 200),
    "loadBundle": ("post", "/v1/clients/northwind/bundle", 200),
    "putBrandVoice": ("put", "/v1/clients/northwind/brand-voice", 201),
    "putSlaPolicy": ("put", "/v1/clients/northwind/sla-policy", 201),
    "putSamplingPolicy": ("put", "/v1/clients/northwind/sampling-policy", 201),
    "putPlaybook": ("put", "/v1/clients/northwind/playbooks/late_delivery", 201),
    "createScorecard": ("post", "/v1/clients/northwind/scorecards", 201),
    "dryRunSampling": ("post", "/v1/clients/northwind/sampling/dry-run", 200),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_bodies_do_what_they_show(provider, name):
    method, path, status = EXAMPLES[name]

    answer = getattr(provider.caller(), method)(path, json=WORDS["requests"][name])

    assert answer.status_code == status, answer.text
    assert answer.json.get("rejected", 0) == 0
