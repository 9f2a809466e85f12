"""Checks a body against its schema and says what is wrong in faults with JSON pointers."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from scorecards.documents import escape
from tenants.faults import Fault

# How marshmallow's own sentences and ours begin, and the code and plainer sentence they get.
_CODES: tuple[tuple[str, str, str | None], ...] = (
    ("Missing data", "required", "This has to be given."),
    ("Field may not be null", "required", "This must not be empty."),
    ("There is no field", "unknown_field", None),
    ("There is no template", "unknown_template", None),
    ("Expected one of", "unknown_choice", None),
    ("Shorter than", "too_short", None),
    ("Longer than", "too_long", None),
    ("A key is", "bad_key", None),
    ("Expected a number from", "out_of_range", None),
    ("Expected a weight", "out_of_range", None),
    ("Expected 0 to", "out_of_range", None),
    ("Expected", "wrong_type", None),
    ("The text holds", "bad_text", None),
)


def load(schema: Schema, body: Any) -> tuple[Any, list[Fault]]:
    """Return the body as the schema reads it and no faults, or None and every fault of its shape."""
    try:
        return schema.load(body), []
    except ValidationError as error:
        return None, list(_faults(error.messages, ""))


def _faults(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            whole = name == "_schema" and not _is_unknown(inner)
            yield from _faults(inner, pointer if whole else f"{pointer}/{escape(str(name))}")
    elif isinstance(messages, list):
        for inner in messages:
            yield from _faults(inner, pointer)
    else:
        yield _fault(pointer, str(messages))


def _is_unknown(inner: Any) -> bool:
    return isinstance(inner, list) and any(str(each).startswith("There is no field") for each in inner)


def _fault(pointer: str, sentence: str) -> Fault:
    for beginning, code, plainer in _CODES:
        if sentence.startswith(beginning):
            return Fault(pointer, code, plainer or sentence)
    return Fault(pointer, "invalid", sentence)
