"""The Postman collection, made from the OpenAPI document: a request for each operation, in folders by tag."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from qm.openapi.document import METHODS

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def postman_collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the collection; set its variables `address` and `key` before use."""
    folders = {tag["name"]: {**tag, "item": []} for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                parameters = [*operations.get("parameters", []), *operation.get("parameters", [])]
                folders[operation["tags"][0]]["item"].append(_item(path, method, operation, parameters))
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": _SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}", "type": "string"}]},
        "variable": [
            {"key": "address", "value": "http://127.0.0.1:8000", "type": "string"},
            {"key": "key", "value": "", "type": "string"},
        ],
        "item": list(folders.values()),
    }


def _item(
    path: str, method: str, operation: Mapping[str, Any], parameters: list[Mapping[str, Any]]
) -> dict[str, Any]:
    parts = re.sub(r"{(\w+)}", r":\1", path).strip("/").split("/")
    named = [each for each in parameters if "name" in each]
    request: dict[str, Any] = {
        "method": method.upper(),
        "header": [],
        "description": operation["description"],
        "url": {
            "raw": "{{address}}/" + "/".join(parts),
            "host": ["{{address}}"],
            "path": parts,
            "query": list(_fields(named, "query")),
            "variable": list(_fields(named, "path")),
        },
    }
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        raw = json.dumps(body["example"], indent=2, ensure_ascii=False)
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    return {"name": operation["summary"], "request": request}


def _fields(parameters: list[Mapping[str, Any]], place: str) -> Iterator[dict[str, Any]]:
    for parameter in parameters:
        if parameter["in"] == place:
            example = next(iter(parameter["schema"].get("examples", [])), "")
            field = {
                "key": parameter["name"],
                "value": example if isinstance(example, str) else json.dumps(example),
                "description": parameter.get("description", ""),
            }
            # A filter that nobody asked for would empty the list.
            yield field if parameter.get("required") else {**field, "disabled": True}
