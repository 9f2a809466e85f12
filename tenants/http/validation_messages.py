"""Turns the error messages of a marshmallow schema into the house's faults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from tenants.http.faults import Fault

SCHEMA_KEY = "_schema"
Wording = tuple[str, str, str | None]

# Wordings of marshmallow and its validators: how each begins, the code it gets and, where marshmallow's
# own words would puzzle a reader, a plainer sentence.
WORDINGS: tuple[Wording, ...] = (
    ("Missing data for required field", "required", "This field is required."),
    ("Unknown field", "unknown_field", "There is no such field here."),
    ("Field may not be null", "null", "This field must not be null."),
    ("Invalid input type", "wrong_type", "This must be an object."),
    ("Invalid type", "wrong_type", "This has the wrong type."),
    ("Not a valid", "wrong_type", None),
    ("Shorter than minimum length", "too_short", None),
    ("Longer than maximum length", "too_long", None),
    ("Length must be", "wrong_length", None),
    ("Must be one of", "not_allowed", None),
    ("Must be equal to", "not_allowed", None),
    ("Must be", "out_of_range", None),
    ("String does not match", "wrong_format", None),
    ("Expected a language", "wrong_format", None),
    ("Expected a smaller", "out_of_range", None),
    ("Expected", "wrong_type", None),
)


class SchemaMessage(str):
    """A message for a marshmallow ValidationError that brings its own fault code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, detail: str) -> Self:
        """Keep the code beside the sentence."""
        complaint = super().__new__(cls, detail)
        complaint.code = code
        return complaint


def path_segment(key: object) -> str:
    """Return one reference token of a JSON pointer, escaped, safe to send as UTF-8."""
    text = str(key).replace("~", "~0").replace("/", "~1")
    return "/" + text.encode("utf-8", "replace").decode("utf-8")


def faults_from_messages(
    messages: Mapping[Any, Any], prefix: str = "", wordings: Sequence[Wording] = WORDINGS
) -> list[Fault]:
    """
    Return one fault for each message of a marshmallow ValidationError.

    `messages` is `ValidationError.normalized_messages()`: field names and list indexes down to lists of
    sentences. `prefix` is the JSON pointer of the document within the request. The first of the `wordings`
    that a sentence begins with gives it its code.
    """
    return list(_walk(messages, prefix, wordings))


def _walk(messages: Any, pointer: str, wordings: Sequence[Wording]) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            inner = list(_walk(below, "", wordings))
            # A sender may really use a field called `_schema`; marshmallow then reports it as unknown.
            whole = key == SCHEMA_KEY and all(fault.code != "unknown_field" for fault in inner)
            yield from (fault.under(pointer if whole else pointer + path_segment(key)) for fault in inner)
    elif isinstance(messages, (list, tuple)):
        for message in messages:
            yield from _walk(message, pointer, wordings)
    else:
        yield _fault(pointer, messages, wordings)


def _fault(pointer: str, message: Any, wordings: Sequence[Wording]) -> Fault:
    if isinstance(message, SchemaMessage):
        return Fault(pointer, message.code, str(message))
    sentence = str(message)
    for beginning, code, plainer in wordings:
        if sentence.startswith(beginning):
            return Fault(pointer, code, plainer or sentence)
    return Fault(pointer, "invalid", re.sub(r"\s+", " ", sentence))
