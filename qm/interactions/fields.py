"""Marshmallow fields that are as strict as JSON: no text for numbers, no unclean text, no naive times."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any

import msgspec
from marshmallow import ValidationError, fields, validate

from tenants.http.validation_messages import SchemaMessage

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
CUSTOM_BYTES = 16 * 1024
CUSTOM_DEPTH = 6
WIDEST_INTEGER = 2**63
NAME_LENGTH = 200

Aware = Annotated[datetime, msgspec.Meta(tz=True)]


def unclean(text: str) -> SchemaMessage | None:
    """Return what is wrong with the characters of a text: NUL and lone surrogates cannot be stored."""
    if "\x00" in text:
        return SchemaMessage("unclean_text", "This text contains a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return SchemaMessage("unclean_text", "This text contains half of a surrogate pair.")
    return None


def instant(value: object) -> datetime:
    """Read an RFC 3339 time with offset as aware UTC, or raise ValidationError."""
    try:
        at: datetime = msgspec.convert(value, Aware)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise ValidationError(
            SchemaMessage("not_a_time", "This must be a time with offset, such as 2026-01-31T09:30:00Z.")
        ) from None
    if not EARLIEST <= at < LATEST:
        raise ValidationError(SchemaMessage("out_of_range", "This time must lie between 1970 and 2200."))
    return at.astimezone(UTC)


class Words(fields.String):
    """Clean text; empty text is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        complaint = unclean(value)
        if complaint:
            raise ValidationError(complaint)
        return super()._deserialize(value, attr, data, **kwargs)


class Written(validate.Regexp):
    """Text of a certain shape, complained of by what it should be rather than by its pattern."""

    def __init__(self, pattern: str, kind: str) -> None:
        """Name the kind of text, with an example."""
        super().__init__(pattern)
        self.kind = kind

    def _format_error(self, value: str | bytes) -> str:  # noqa: ARG002
        return SchemaMessage("wrong_format", f"This must be {self.kind}.")


class Instant(fields.AwareDateTime):
    """An RFC 3339 time with offset, held as aware UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        return instant(value)


class Custom(fields.Dict):
    """The integrator's own facts: any JSON object, bounded in size and depth."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        complaints = list(custom_field_errors(value))
        if complaints:
            raise ValidationError(_tree(complaints))
        return value


def custom_field_errors(custom: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], SchemaMessage]]:
    """Yield path and complaint for everything that keeps an object from being stored as custom facts."""
    found = False
    for path, complaint in _walk(custom, ()):
        found = True
        yield path, complaint
    if not found and len(msgspec.json.encode(custom)) > CUSTOM_BYTES:
        yield (), SchemaMessage("too_large", f"Custom facts must not take more than {CUSTOM_BYTES} bytes.")


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], SchemaMessage]]:
    if len(path) > CUSTOM_DEPTH:
        yield (
            path,
            SchemaMessage("too_deep", f"Custom facts must not nest deeper than {CUSTOM_DEPTH} levels."),
        )
    elif isinstance(value, dict):
        for key, below in value.items():
            complaint = _key_complaint(key)
            if complaint:
                yield (*path, key), complaint
            else:
                yield from _walk(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _walk(below, (*path, index))
    else:
        complaint = _scalar_complaint(value)
        if complaint:
            yield path, complaint


def _key_complaint(key: str) -> SchemaMessage | None:
    if len(key) > NAME_LENGTH:
        return SchemaMessage("too_long", f"A name must not be longer than {NAME_LENGTH} characters.")
    return unclean(key)


def _scalar_complaint(value: Any) -> SchemaMessage | None:
    if isinstance(value, str):
        return unclean(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        fits = -WIDEST_INTEGER <= value < WIDEST_INTEGER
        return None if fits else SchemaMessage("out_of_range", "This number has too many digits.")
    if isinstance(value, float):
        return None if isfinite(value) else SchemaMessage("out_of_range", "This is not a number.")
    return SchemaMessage("wrong_type", "This is not a JSON value.")


def _tree(complaints: list[tuple[tuple[str | int, ...], SchemaMessage]]) -> dict[Any, Any] | list[Any]:
    """Nest the complaints as marshmallow nests its messages."""
    root: dict[Any, Any] = {}
    for path, complaint in complaints:
        node = root
        for key in path:
            node = node.setdefault(key, {})
        node.setdefault("_schema", []).append(complaint)
    return root


def without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given facts without those that were sent as null: null says as much as nothing."""
    return {key: value for key, value in data.items() if value is not None}
