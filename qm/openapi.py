"""The OpenAPI 3.1 document, generated from the code, and its Swagger UI page."""

from importlib.metadata import version
from typing import Any

import flask_smorest
from flask import Flask, Response, jsonify, send_from_directory
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import Schema, fields

from tenants.access import public
from tenants.http.contract import FaultSchema
from tenants.roles import SCOPES

DESCRIPTION = """\
Push interactions, define what good means for each client, work the review queue, read the reports.

Every request needs a bearer: a long-lived API key or a short-lived access token from `/oauth/token`. The
credential decides the tenant. Errors are `application/problem+json` and name every fault at once.
"""


class ProblemSchema(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FaultSchema))


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its own error answers."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `qm.errors`."""


_PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repeated request with the same key is answered from memory, for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The entity tag that was read; if the resource has changed since, nothing is done.",
        "schema": {"type": "string"},
    },
}
_HEADERS = {"post": ("IdempotencyKey",), "put": ("IfMatch",), "patch": ("IfMatch",)}


def install(app: Flask) -> Api:
    """Return the flask-smorest API that blueprints are registered with."""
    app.config.update(
        API_TITLE="QM",
        API_VERSION=version("qm"),
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": DESCRIPTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            }
        },
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme(
        "oauth2",
        {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(SCOPES)}},
        },
    )
    return api


def install_pages(app: Flask, api: Api) -> None:
    """Add `/openapi.json` and the Swagger UI page `/docs`, served without external files."""
    document = complete_document(app, api.spec.to_dict())
    app.extensions["qm.openapi"] = document

    folder = get_swaggerui_blueprint("/docs", "/openapi.json").root_path

    @public
    def openapi() -> Response:
        return jsonify(document)

    @public
    def docs_files(name: str) -> Response:
        return send_from_directory(f"{folder}/dist", name)

    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/openapi.json", "openapi", openapi)
    app.add_url_rule("/docs", "docs", _page)
    app.add_url_rule("/docs/start.js", "docs_start", _start)
    names = "'swagger-ui.css','swagger-ui-bundle.js','favicon-16x16.png'"
    app.add_url_rule(f"/docs/<any({names}):name>", "docs_files", docs_files)


def complete_document(app: Flask, document: dict[str, Any]) -> dict[str, Any]:
    """Add the required scope, the problem responses and the common headers to each operation."""
    problem = {
        "description": "What went wrong.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    document["components"].setdefault("responses", {})["Problem"] = problem
    document["components"].setdefault("parameters", {}).update(_PARAMETERS)
    for rule in app.url_map.iter_rules():
        path = _path_template(rule.rule)
        scope = getattr(app.view_functions[rule.endpoint], "required_scope", None)
        for method, operation in document["paths"].get(path, {}).items():
            if method.upper() in (rule.methods or ()) and isinstance(operation, dict):
                _complete_operation(operation, scope, method)
    return document


def _complete_operation(operation: dict[str, Any], scope: str | None, method: str) -> None:
    responses: dict[str, Any] = operation.setdefault("responses", {})
    for status in ("422", "default"):
        responses.pop(status, None)
    reference = {"$ref": "#/components/responses/Problem"}
    expected = ["401", "403", "404", "422", "429", "503"]
    if method in {"post", "put", "patch", "delete"}:
        expected += ["400", "409", "412", "413", "415"]
    for status in sorted(expected):
        responses.setdefault(status, dict(reference))
    headers = _HEADERS.get(method, ())
    if headers:
        known: list[Any] = operation.setdefault("parameters", [])
        known.extend({"$ref": f"#/components/parameters/{name}"} for name in headers)
    if scope is not None:
        operation["security"] = [{"bearer": []}, {"oauth2": [scope]}]
        operation["x-required-scope"] = scope


def _path_template(rule: str) -> str:
    parts = []
    for part in rule.split("/"):
        inner = part[1:-1].split(":")[-1] if part.startswith("<") else None
        parts.append(f"{{{inner}}}" if inner else part)
    return "/".join(parts)


# Swagger UI uses data: images for its icons; everything else is from this server.
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>QM API reference</title>
<link rel="icon" href="/docs/favicon-16x16.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


_HOME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>QM</title>
<link rel="icon" href="/docs/favicon-16x16.png">
</head>
<body>
<h1>QM is running</h1>
<p>Quality management for outsourced customer service. There are no pages for reviewers yet:
everything goes over the API and the command line.</p>
<ul>
<li><a href="/docs">API reference</a>, where requests can be tried</li>
<li><a href="/openapi.json">the contract</a> (OpenAPI 3.1)</li>
<li><a href="/readyz">whether it is ready</a></li>
</ul>
<p>Every request to the API needs a key; <code>qm keys create</code> makes one.</p>
</body>
</html>
"""


@public
def _home() -> Response:
    return Response(_HOME, mimetype="text/html")


@public
def _page() -> Response:
    return Response(_PAGE, mimetype="text/html", headers={"Content-Security-Policy": _PAGE_POLICY})


@public
def _start() -> Response:
    script = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#reference', deepLinking: true});\n"
    return Response(script, mimetype="text/javascript")
