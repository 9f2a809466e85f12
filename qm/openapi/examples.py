"""Examples for every text, number and moment of the contract, and for the bodies made of them."""

from collections.abc import Mapping
from typing import Any

from qm.openapi.words import word, words

_BY_FORMAT: Mapping[str, str] = {
    "uuid": "0198c5f2-7d3a-7c1e-9f4b-2a6d8e0c4b17",
    "date-time": "2026-07-01T09:00:00Z",
    "date": "2026-07-01",
    "email": "ana@example.com",
}
_NUMBER = 0.5
_COUNT = 3
_DEEPEST = 8


def add_examples(document: dict[str, Any]) -> None:
    """Give every scalar an example, and every request one that is made of them or stands in `words.yaml`."""
    schemas = document["components"]["schemas"]
    for owner, schema in schemas.items():
        for name, value in schema.get("properties", {}).items():
            _add_to_property(value, owner, name)
    maker = _Maker(schemas)
    for path in (*document["paths"].values(), *document["webhooks"].values()):
        for method, operation in path.items():
            if method == "parameters":
                _add_to_parameters(operation)
            else:
                _add_to_operation(operation, maker)


def _add_to_operation(operation: dict[str, Any], maker: "_Maker") -> None:
    _add_to_parameters(operation.get("parameters", []))
    given = words()["requests"].get(operation["operationId"])
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        if "example" not in media and kind == "application/json":
            media["example"] = given if given is not None else maker.value(media["schema"])


def _add_to_parameters(parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        if "name" in parameter:
            _add_to_property(parameter["schema"], parameter["in"], parameter["name"])


def _add_to_property(value: dict[str, Any], owner: str, name: str) -> None:
    if "examples" in value or "$ref" in value:
        return
    if "items" in value:
        _add_to_property(value["items"], owner, name)
    elif "anyOf" in value:
        if not any("$ref" in choice for choice in value["anyOf"]):
            value["examples"] = [_scalar(value["anyOf"][0], owner, name)]
    elif _types(value) & {"string", "integer", "number", "boolean"}:
        value["examples"] = [_scalar(value, owner, name)]


def _types(value: Mapping[str, Any]) -> set[str]:
    kinds = value.get("type", ())
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _scalar(value: Mapping[str, Any], owner: str, name: str) -> Any:
    kinds = _types(value)
    if "enum" in value:
        return value["enum"][0]
    if "boolean" in kinds:
        return True
    if kinds & {"integer", "number"}:
        wanted = _COUNT if "integer" in kinds else _NUMBER
        return min(max(wanted, value.get("minimum", wanted)), value.get("maximum", wanted))
    if value.get("format") in _BY_FORMAT:
        return _BY_FORMAT[value["format"]]
    entries = words()["examples"]
    if f"{owner}.{name}" not in entries and name not in entries:
        return None if "null" in kinds else name
    said = word("examples", owner, name)
    return name if said is None and "null" not in kinds else said


class _Maker:
    """Makes values of schemas from the examples of their parts."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        """Take the named schemas."""
        self.schemas = schemas

    def value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """Return a value that fits the schema."""
        if "examples" in schema:
            return schema["examples"][0]
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rpartition("/")[2]], depth + 1)
        if "anyOf" in schema:
            return self.value(schema["anyOf"][0], depth) if depth < _DEEPEST else None
        kinds = _types(schema)
        if "array" in kinds:
            return [self.value(schema.get("items", {}), depth + 1)] if depth < _DEEPEST else []
        if "object" in kinds:
            properties = schema.get("properties", {})
            return {name: self.value(each, depth + 1) for name, each in properties.items()}
        return _scalar(schema, "", "value") if kinds else None
