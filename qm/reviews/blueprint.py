"""Endpoints whose body may be left out where nothing in it is required."""

from typing import Any

from flask import Request
from marshmallow import Schema

from tenants import contract


class _Parser(contract._Parser):  # noqa: SLF001 - the same reading, but for a body that is not there
    def load_json(self, req: Request, schema: Schema) -> Any:
        return super().load_json(req, schema) if req.get_data() else {}


class Blueprint(contract.Blueprint):
    """A group of endpoints that read an absent body as an empty object."""

    ARGUMENTS_PARSER = _Parser()
