"""Strict marshmallow fields: text without invalid characters, times with offset, bounded custom facts."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any

import msgspec
from marshmallow import ValidationError, fields, validate

from scorecards.definitions.conversation import SEVERAL_AGENTS
from tenants.http.validation_messages import SchemaMessage
from tenants.models import utc_now

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=5)
"""How far two clocks may differ: what lies further in the future, or before the start, is no fact."""
MAX_CUSTOM_BYTES = 16 * 1024
MAX_CUSTOM_DEPTH = 6
MAX_INTEGER = 2**63
MAX_NAME_LENGTH = 200

before_start = SchemaMessage(
    "before_start", "This moment lies more than 5 minutes before the start of the interaction."
)

Aware = Annotated[datetime, msgspec.Meta(tz=True)]


def invalid_characters(text: str) -> SchemaMessage | None:
    """Return an error if a text has characters that cannot be stored: NUL or lone surrogates."""
    if "\x00" in text:
        return SchemaMessage("unclean_text", "This text contains a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return SchemaMessage("unclean_text", "This text contains half of a surrogate pair.")
    return None


def parse_time(value: object) -> datetime:
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


def refuse_blank(value: str) -> None:
    """Reject a name that is only white space."""
    if value.isspace():
        raise ValidationError(SchemaMessage("blank", "This must not be blank."))


def is_reserved_agent(agent: str) -> bool:
    """Whether an agent's id reads like the name of the row of those who share an interaction."""
    return " ".join(agent.split()).casefold() == SEVERAL_AGENTS


def _refuse_reserved_agent(value: str) -> None:
    if is_reserved_agent(value):
        detail = f"Reports call those who share an interaction '{SEVERAL_AGENTS}'; no agent has this id."
        raise ValidationError(SchemaMessage("reserved", detail))


NAME_CHECKS = (validate.Length(1, MAX_NAME_LENGTH), refuse_blank)
"""What an id or a name has to be."""
AGENT_CHECKS = (*NAME_CHECKS, _refuse_reserved_agent)
"""What an agent's id has to be."""


class CleanString(fields.String):
    """A string without NUL characters and lone surrogates; it may be empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        complaint = invalid_characters(value)
        if complaint:
            raise ValidationError(complaint)
        return super()._deserialize(value, attr, data, **kwargs)


class Pattern(validate.Regexp):
    """A regular expression validator whose message describes the expected text instead of the pattern."""

    def __init__(self, pattern: str, kind: str) -> None:
        """Set the pattern and the description of the expected text, with an example."""
        super().__init__(pattern)
        self.kind = kind

    def _format_error(self, value: str | bytes) -> str:  # noqa: ARG002
        return SchemaMessage("wrong_format", f"This must be {self.kind}.")


_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")


class Instant(fields.AwareDateTime):
    """An RFC 3339 time with offset in an address, where a plus arrives as a space, converted to UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        return parse_time(_LOST_PLUS.sub("+", value) if isinstance(value, str) else value)


class PastInstant(fields.AwareDateTime):
    """The moment of something that has happened: not in the future, but for the skew of clocks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        at = parse_time(value)
        if at > latest_moment():
            raise ValidationError(
                SchemaMessage("in_future", "This moment lies more than 5 minutes in the future.")
            )
        return at


def latest_moment() -> datetime:
    """Return the latest moment that what has happened can have."""
    return utc_now() + CLOCK_SKEW


class CustomFacts(fields.Dict):
    """Custom facts of the integrator: any JSON object, bounded in size and depth."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        complaints = list(custom_field_errors(value))
        if complaints:
            raise ValidationError(_nested_messages(complaints))
        return value


def custom_field_errors(custom: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], SchemaMessage]]:
    """Yield path and message of every error in an object of custom facts."""
    found = False
    for path, error in _walk(custom, ()):
        found = True
        yield path, error
    if not found and len(msgspec.json.encode(custom)) > MAX_CUSTOM_BYTES:
        yield (
            (),
            SchemaMessage("too_large", f"Custom facts must not take more than {MAX_CUSTOM_BYTES} bytes."),
        )


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], SchemaMessage]]:
    if len(path) > MAX_CUSTOM_DEPTH:
        yield (
            path,
            SchemaMessage("too_deep", f"Custom facts must not nest deeper than {MAX_CUSTOM_DEPTH} levels."),
        )
    elif isinstance(value, dict):
        for key, below in value.items():
            error = _key_error(key)
            if error:
                yield (*path, key), error
            else:
                yield from _walk(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _walk(below, (*path, index))
    else:
        error = _scalar_error(value)
        if error:
            yield path, error


def _key_error(key: str) -> SchemaMessage | None:
    if len(key) > MAX_NAME_LENGTH:
        return SchemaMessage("too_long", f"A name must not be longer than {MAX_NAME_LENGTH} characters.")
    return invalid_characters(key)


def _scalar_error(value: Any) -> SchemaMessage | None:
    if isinstance(value, str):
        return invalid_characters(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        fits = -MAX_INTEGER <= value < MAX_INTEGER
        return None if fits else SchemaMessage("out_of_range", "This number has too many digits.")
    if isinstance(value, float):
        return None if isfinite(value) else SchemaMessage("out_of_range", "This is not a number.")
    return SchemaMessage("wrong_type", "This is not a JSON value.")


def _nested_messages(errors: list[tuple[tuple[str | int, ...], SchemaMessage]]) -> dict[Any, Any] | list[Any]:
    """Nest the errors by path, as marshmallow nests its messages."""
    root: dict[Any, Any] = {}
    for path, error in errors:
        node = root
        for key in path:
            node = node.setdefault(key, {})
        node.setdefault("_schema", []).append(error)
    return root


def without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data without null values: null means the same as left out."""
    return {key: value for key, value in data.items() if value is not None}
