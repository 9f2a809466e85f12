"""What every schema that takes input builds on: no unknown names, no text for numbers, no unclean text."""

import re
from typing import Any

from marshmallow import RAISE, Schema, fields

NEVER_IN_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What no text column takes: NUL, and half of a character pair."""

# ECMA's $ means the very end, Python's also before a last line feed: the look-ahead makes them agree.
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$(?!\n)"
"""A language tag such as en or pt-BR."""


class StrictSchema(Schema):
    """A body in which an unknown field is a fault."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


class Number(fields.Float):
    """A finite number that was written as one; neither text nor true and false."""

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
    """An integer that was written as one; neither text nor true and false."""

    default_error_messages = {"invalid": "Expected a whole number."}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        """Never read text or decimals as integers."""
        super().__init__(strict=True, **kwargs)


class Flag(fields.Boolean):
    """True or false, not a word for it."""

    default_error_messages = {"invalid": "Expected true or false."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value
