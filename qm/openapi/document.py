"""What the code alone does not say, added to the document by rules for every operation and schema."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Flask

from qm.errors import MEDIA_TYPE, PROBLEMS
from qm.openapi.examples import add_examples
from qm.openapi.webhook_events import webhook_paths
from qm.openapi.words import add_descriptions

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_READS = ("401", "403", "404", "422", "429", "500", "503")
_WRITES = (*_READS, "400", "408", "409", "412", "413", "415")
_PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repeated request with the same key is answered from memory, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "examples": ["push-2026-07-01-1"]},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The entity tag that was read; if the resource has changed since, nothing is done.",
        "schema": {"type": "string", "examples": ['"3"']},
    },
}
_HEADERS = {"post": ("IdempotencyKey",), "put": ("IfMatch",), "patch": ("IfMatch",)}
# Python's own ends of text, and what it needs beside `$`, where others read `^` and `$` as the very ends.
_PORTABLE = (("(?s)\\A.*\\S", "\\S"), ("\\A", "^"), ("\\Z", "$"), ("(?!\\n)", ""), ("\\ud800-\\udfff", ""))


def complete_document(app: Flask, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with names, scopes, problems, headers, descriptions and examples."""
    _add_problems(document)
    document["webhooks"] = webhook_paths(document)
    for operation_id, operation, method, scopes in _operations(app, document):
        _complete_operation(operation, method, operation_id, scopes)
    _remove_unused(document)
    _require_answers(document)
    _make_portable(document)
    add_descriptions(document)
    add_examples(document)
    return document


def _add_problems(document: dict[str, Any]) -> None:
    responses: dict[str, Any] = document["components"].setdefault("responses", {})
    for problem in PROBLEMS.values():
        shown = {
            "type": f"urn:qm:problem:{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.title + ".",
            "code": problem.code,
            "request_id": "0198c5f2-7d3a-7c1e-9f4b-2a6d8e0c4b17",
        }
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": shown}}
        responses[_problem_name(problem.code)] = {
            "description": f"{problem.title}. {problem.remedy}",
            "content": content,
        }
    document["components"].setdefault("parameters", {}).update(_PARAMETERS)


def _problem_name(code: str) -> str:
    return "".join(part.capitalize() for part in code.split("_"))


_PROBLEM_NAMES = {str(problem.status): _problem_name(problem.code) for problem in PROBLEMS.values()}


def _operations(
    app: Flask, document: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any], str, Sequence[str]]]:
    """Yield id, operation, method and scopes; the id is the name of the view, in camel case."""
    seen: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        path = _path_template(rule.rule)
        for method, operation in document["paths"].get(path, {}).items():
            if method not in METHODS or method.upper() not in (rule.methods or ()):
                continue
            first, *others = rule.endpoint.rpartition(".")[2].split("_")
            operation_id = first + "".join(word.capitalize() for word in others)
            if seen.setdefault(operation_id, path) != path:
                raise ValueError(f"{path} and {seen[operation_id]} are both called {operation_id}")
            scopes = getattr(app.view_functions[rule.endpoint], "required_scopes", ())
            yield operation_id, operation, method, scopes


def _complete_operation(
    operation: dict[str, Any], method: str, operation_id: str, scopes: Sequence[str]
) -> None:
    operation["operationId"] = operation_id
    needs = f"Needs the scope {' or '.join(f'`{scope}`' for scope in scopes)}."
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), needs]))
    responses: dict[str, Any] = operation.setdefault("responses", {})
    for status in ("422", "default"):
        responses.pop(status, None)
    for status in sorted(_READS if method == "get" else _WRITES):
        responses.setdefault(status, {"$ref": f"#/components/responses/{_PROBLEM_NAMES[status]}"})
    headers = _HEADERS.get(method, ())
    if headers:
        known: list[Any] = operation.setdefault("parameters", [])
        known.extend({"$ref": f"#/components/parameters/{name}"} for name in headers)
    if scopes:
        operation["security"] = [{"bearer": []}, *({"oauth2": [scope]} for scope in scopes)]
        operation["x-required-scope"] = " or ".join(scopes)


def _path_template(rule: str) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _reachable(document: dict[str, Any], root: Any) -> set[str]:
    """Return the references that a part of the document leads to, directly or not."""
    found: set[str] = set()
    open_ends = [root]
    while open_ends:
        for reference in set(_references(open_ends.pop())) - found:
            found.add(reference)
            *_, room, name = reference.split("/")
            open_ends.append(document["components"][room][name])
    return found


def _remove_unused(document: dict[str, Any]) -> None:
    used = _reachable(document, [document["paths"], document["webhooks"]])
    for room in ("schemas", "responses", "parameters"):
        named = document["components"].get(room, {})
        for name in [each for each in named if f"#/components/{room}/{each}" not in used]:
            del named[name]


def _require_answers(document: dict[str, Any]) -> None:
    """Say that an answer holds all its properties, but for those marked as optional."""
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]
    asked = _reachable(document, [each.get("requestBody") for each in operations])
    # What is sent to webhooks holds all its properties as an answer does.
    answered = (
        _reachable(document, [*(each["responses"] for each in operations), document["webhooks"]]) - asked
    )
    for name, schema in document["components"]["schemas"].items():
        properties = schema.get("properties", {})
        optional = [key for key, value in properties.items() if value.pop("x-optional", False)]
        if f"#/components/schemas/{name}" in answered and properties:
            schema["required"] = sorted(set(properties) - set(optional))


def _make_portable(node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            for ours, theirs in _PORTABLE:
                node["pattern"] = node["pattern"].replace(ours, theirs)
        if "example" in node and ("type" in node or "$ref" in node or "anyOf" in node):
            node["examples"] = [node.pop("example")]
        for value in node.values():
            _make_portable(value)
    elif isinstance(node, list):
        for value in node:
            _make_portable(value)
