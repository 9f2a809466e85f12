"""Converts marshmallow error messages into faults with codes and JSON pointers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from tenants.http.faults import Fault

SCHEMA_KEY = "_schema"
Wording = tuple[str, str, str | None]

# Messages of marshmallow, its validators and our own fields: how each begins, its fault code and, where
# marshmallow's own words are unclear, a plainer sentence.
WORDINGS: tuple[Wording, ...] = (
    ("Missing data for required field", "required", "This field is required."),
    ("Unknown field", "unknown_field", "There is no such field here."),
    ("There is no field", "unknown_field", None),
    ("The text holds", "unclean_text", None),
    ("No control characters", "unclean_text", None),
    ("A key is", "bad_key", None),
    ("Use 1-63 of", "wrong_format", None),
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
    ("Expected one of", "unknown_choice", None),
    ("Expected a language", "wrong_format", None),
    ("Expected a smaller", "out_of_range", None),
    ("Expected", "wrong_type", None),
)


class SchemaMessage(str):
    """A message of a marshmallow ValidationError with its own fault code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, detail: str) -> Self:
        """Create the sentence with its code."""
        message = super().__new__(cls, detail)
        message.code = code
        return message


def path_segment(key: object) -> str:
    """Return one escaped reference token of a JSON pointer, with its slash, encodable as UTF-8."""
    text = str(key).replace("~", "~0").replace("/", "~1")
    return "/" + text.encode("utf-8", "replace").decode("utf-8")


def faults_from_messages(
    messages: Mapping[Any, Any], prefix: str = "", wordings: Sequence[Wording] = WORDINGS
) -> list[Fault]:
    """Return one fault for each message of a marshmallow ValidationError.

    `messages` is `ValidationError.normalized_messages()`: nested field names and list indexes with lists of
    sentences. `prefix` is the JSON pointer of the document within the request. The code of a sentence is that
    of the first of the `wordings` it begins with.
    """
    return list(_walk(messages, prefix, wordings))


def _walk(messages: Any, pointer: str, wordings: Sequence[Wording]) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            inner = list(_walk(below, "", wordings))
            # A body may contain a field named `_schema`; marshmallow then reports it as unknown.
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
