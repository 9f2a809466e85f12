"""The published contract is the one the code keeps."""

import json
import re
from pathlib import Path

from openapi_spec_validator import validate

ROOT = Path(__file__).parents[2]


def test_the_committed_contract_equals_the_generated_one(app):
    committed = json.loads((ROOT / "api_spec/openapi.json").read_text())

    assert app.extensions["qm.openapi"] == committed, "run `make spec` and look at what changed"


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


def test_the_reference_page_loads_nothing_from_elsewhere(app):
    http = app.test_client()

    page = http.get("/docs")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert sources
    for source in sources:
        with http.get(source) as file:
            assert source.startswith("/docs/")
            assert file.status_code == 200
