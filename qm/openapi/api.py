"""flask-smorest, set up to describe the API."""

from importlib.metadata import version
from typing import Any

import flask_smorest
from apispec import BasePlugin
from flask import Flask
from marshmallow import Schema, fields

from qm.openapi.webhook_events import add_event_schemas
from tenants.http.contract import FaultSchema
from tenants.roles import SCOPES

DESCRIPTION = """\
Push interactions, define what good means for each client, work the review queue, read the reports.

Every request needs a bearer: a long-lived API key or a short-lived access token from `/oauth/token`. The
credential decides the tenant. Errors are `application/problem+json` and name every fault at once. Lists come
in pages: give `next_cursor` as `cursor` until it is null.
"""
SERVERS = [
    {
        "url": "http://127.0.0.1:{port}",
        "description": "The server on this machine, as `qm up` starts it.",
        "variables": {"port": {"default": "8000", "description": "Of `QM_PORT`."}},
    }
]


class ProblemSchema(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "urn:qm:problem:invalid"})
    title = fields.String(required=True, metadata={"example": "Input is not valid"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(required=True, metadata={"example": "1 fault in the input."})
    code = fields.String(required=True, metadata={"example": "invalid"})
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FaultSchema), metadata={"x-optional": True})


class _Docstrings(BasePlugin):
    """Describes a schema by the first paragraph of its docstring."""

    def schema_helper(self, *_: Any, **kwargs: Any) -> dict[str, Any]:
        """Return what to add to a schema."""
        schema = kwargs.get("schema")
        written = (schema if isinstance(schema, type) else type(schema)).__doc__ or ""
        return {"description": " ".join(written.strip().split("\n\n")[0].split())}


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its own error answers."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `qm.errors`."""


def install(app: Flask) -> Api:
    """Return the flask-smorest API that blueprints are registered with."""
    info: dict[str, Any] = {
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "contact": {"name": "Whoever operates this server"},
    }
    app.config.update(
        API_TITLE="QM",
        API_VERSION=version("qm"),
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": info, "servers": SERVERS},
    )
    api = Api(app, spec_kwargs={"extra_plugins": [_Docstrings()]})
    bearer = {"type": "http", "scheme": "bearer", "description": "An API key or an access token."}
    api.spec.components.security_scheme("bearer", bearer)
    add_event_schemas(api.spec)
    flow = {"tokenUrl": "/oauth/token", "scopes": dict(SCOPES)}
    api.spec.components.security_scheme(
        "oauth2",
        {
            "type": "oauth2",
            "description": "A short-lived token for the id and secret of a credential.",
            "flows": {"clientCredentials": flow},
        },
    )
    return api
