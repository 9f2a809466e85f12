"""Whatever is sent, the answer keeps to the contract: schemathesis sends good and bad requests."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

DOCUMENT = json.loads((Path(__file__).parents[2] / "api_spec/openapi.json").read_text())
OPERATIONS = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if method in {"get", "post", "put", "patch", "delete"}
]

# A cursor nobody gave out, an answer to a question the form does not have, a scope beyond one's own:
# what is right in shape may be wrong in meaning, and JSON Schema cannot say so.
BEYOND_SCHEMA = positive_data_acceptance
# A bad line never harms a good one: the answer is 200, and the line is rejected in it.
BY_LINE = {"/v1/clients/{client}/interactions/bulk"}


@pytest.fixture(scope="session")
def contract(app):
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture
def key(provider):
    return provider.key().key


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_responses_conform_to_openapi_for_valid_and_invalid_requests(contract, key, method, path, mode):
    operation = contract[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case):
        excluded = [BEYOND_SCHEMA, negative_data_rejection] if path in BY_LINE else [BEYOND_SCHEMA]
        answer = case.call_and_validate(
            headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
            excluded_checks=excluded,
        )
        if path in BY_LINE and mode is GenerationMode.NEGATIVE and answer.status_code == 200:
            assert answer.json()["rejected"] > 0

    check()
