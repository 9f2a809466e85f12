"""Marshmallow fields of definitions, with error messages for people who write them by hand."""

from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from tenants.http import strict_fields

KEY = validate.Regexp(
    r"^[a-z0-9][a-z0-9_]{0,63}(?!\n)$",
    error="A key is up to 64 lower-case letters, digits and underscores.",
)


class StrictSchema(strict_fields.StrictSchema):
    """A schema that refuses unknown fields, because ignoring one would hide a typing error."""

    error_messages = {  # noqa: RUF012 - marshmallow reads it as a plain class attribute
        "unknown": "There is no field of this name here.",
        "type": "Expected a group of named fields.",
    }


class Text(fields.String):
    """Text that PostgreSQL and UTF-8 can hold: no NUL, no lone surrogate."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Expected a text; put quotes around it.",
        "characters": "The text holds characters that cannot be stored.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bytes):
            raise self.make_error("invalid")
        text = super()._deserialize(value, attr, data, **kwargs)
        if strict_fields.NEVER_IN_TEXT.search(text):
            raise self.make_error("characters")
        return text


class Number(strict_fields.Number):
    """A number that stays an int when given as one, so that a definition is stored as it was written."""

    def _validated(self, value: Any) -> float:
        number = super()._validated(value)
        return value if isinstance(value, int) else number


def text_field(
    max_length: int, *, min_length: int = 1, check: Callable[[str], None] | None = None, **options: Any
) -> Text:
    """Return a field for a text of `min_length` to `max_length` characters; not blank if `min_length` > 0."""
    checks: list[Callable[[str], Any]] = [validate.Length(min=min_length, max=max_length)]
    if min_length:
        checks.append(_not_blank)
    if check is not None:
        checks.append(check)
    return Text(validate=checks, **options)


def key_field(**options: Any) -> Text:
    """Return a field for a key, as described in `KEY`."""
    return Text(validate=KEY, **options)


def choice_field(names: Iterable[str], **options: Any) -> Text:
    """Return a field for one of several strings."""
    return Text(validate=validate.OneOf(tuple(names), error="Expected one of: {choices}."), **options)


def list_of(inner: fields.Field[Any], max_items: int, **options: Any) -> fields.List[Any]:
    """Return a field for a list of at most `max_items` values."""
    return fields.List(
        inner,
        validate=validate.Length(max=max_items),
        error_messages={"invalid": "Expected a list."},
        **options,
    )


def groups_of(schema: type[Schema], max_items: int, **options: Any) -> fields.Nested:
    """Return a field for a list of at most `max_items` objects."""
    checks = validate.Length(max=max_items)
    return fields.Nested(
        schema, many=True, validate=checks, error_messages={"type": "Expected a list."}, **options
    )


def _not_blank(value: str) -> None:
    if not value.strip():
        raise ValidationError("Expected more than blanks.")
