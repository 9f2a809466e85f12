"""Numbers, flags, times, days and ids in an address have one form, in every parameter of the contract."""

import json
import re
from pathlib import Path

import pytest

DOCUMENT = json.loads((Path(__file__).parents[4] / "api_spec/openapi.json").read_text(encoding="utf-8"))
SOME_ID = "01978c1e-0000-7000-8000-000000000001"
# What Python would read as the same kind of value, and a client might send by mistake.
WRONG = {
    "integer": ("1_0", "%2B5", "%205", "5%20", "5.0", "1e1", "05", "\u0665", "\uff15", ""),
    "number": ("1_0.5", "%2B5", "%205", "1e1", ".5", "5.", "nan", "inf", "\u0665", ""),
    "boolean": ("1", "0", "yes", "on", "True", "FALSE", "t", "", "%20true"),
    "uuid": (SOME_ID.replace("-", ""), f"%7B{SOME_ID}%7D", f"urn:uuid:{SOME_ID}",
             SOME_ID.replace("1", "\u0661")),
    "date-time": ("2026-W01-1T00:00:00Z", "20260101T000000Z", "2026-01-01", "1767225600",
                  "2026-01-01T00:00:00",
                  "\u0662026-01-01T00:00:00Z", "2026-01-01T00:00Z"),
    "day": ("20260101", "2026-W01-1", "2026-1-1", "\u0662026-01-01", "2026-01-01T00:00:00Z", "%202026-01-01"),
}  # fmt: skip


def resolved(parameter):
    return (
        DOCUMENT["components"]["parameters"][parameter["$ref"].split("/")[-1]]
        if "$ref" in parameter
        else parameter
    )


def kind_of(parameter):
    schema = parameter["schema"]
    if schema.get("format") in WRONG:
        return schema["format"]
    if parameter["name"] in {"from", "to"}:
        return "day"
    types = {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]}
    return next(iter(types & WRONG.keys()), None)


def parameters(place):
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                both = [
                    resolved(each) for each in item.get("parameters", []) + operation.get("parameters", [])
                ]
                for each in both:
                    if each["in"] == place and kind_of(each):
                        yield pytest.param(
                            method, path, each["name"], kind_of(each), id=f"{method} {path} {each['name']}"
                        )


def address_of(path, name="", value=""):
    path = path.replace(f"{{{name}}}", value).replace("{client}", "northwind")
    return re.sub(r"\{[^}]*\}", "care", re.sub(r"\{[^}]*_id\}", SOME_ID, path))


@pytest.mark.parametrize(("method", "path", "name", "kind"), [*parameters("query")])
def test_only_the_plain_form_of_a_parameter_is_read(provider, method, path, name, kind):
    caller = provider.caller()

    for value in WRONG[kind]:
        answer = caller.open(f"{address_of(path)}?{name}={value}", method=method.upper())
        told = [each["pointer"] for each in answer.json.get("errors", ())]
        assert (answer.status_code in {400, 415, 422}, value) == (True, value)
        assert answer.status_code == 415 or told.count(f"/query/{name}") == 1, (value, answer.json)


@pytest.mark.parametrize(("method", "path", "name", "kind"), [*parameters("path")])
def test_only_the_plain_form_of_a_part_of_an_address_is_read(provider, method, path, name, kind):
    caller = provider.caller()

    for value in filter(None, WRONG[kind]):
        assert caller.open(address_of(path, name, value), method=method.upper()).status_code == 404
