"""Strict marshmallow fields for input: no unknown fields, no type coercion, no invalid characters."""

import re
from typing import Any

from marshmallow import RAISE, Schema, fields

NEVER_IN_TEXT = re.compile("[\x00\ud800-\udfff]")
"""Characters that PostgreSQL text cannot hold: NUL and lone surrogates."""

# ECMAScript's $ matches at the very end only, Python's also before a final line feed, hence the lookahead.
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$(?!\n)"
"""A language tag such as en or pt-BR."""


class StrictSchema(Schema):
    """A schema that refuses unknown fields."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE


class Number(fields.Float):
    """A finite JSON number; neither string nor boolean."""

    default_error_messages = {  # noqa: RUF012 - marshmallow reads it as a plain class attribute
        "invalid": "Expected a number.",
        "special": "Expected a number.",
        "too_large": "Expected a smaller number.",
    }

    def _validated(self, value: Any) -> float:
        if not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class WholeNumber(fields.Integer):
    """A JSON integer; neither string nor boolean."""

    default_error_messages = {"invalid": "Expected a whole number."}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        """Disable the coercion of strings and decimals."""
        super().__init__(strict=True, **kwargs)


class Flag(fields.Boolean):
    """A JSON boolean, not a string for it."""

    default_error_messages = {"invalid": "Expected true or false."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value
