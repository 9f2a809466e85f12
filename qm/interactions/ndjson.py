"""Reads newline-delimited JSON line by line, so that a bad line does not fail the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tenants.http.contract import BYTE_ORDER_MARK, unreadable_json
from tenants.http.faults import Fault, Invalid, Malformed

MAX_LINES = 5_000
_WHITESPACE = b" \t\r\n"

_decoder = msgspec.json.Decoder()
_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bulk push, numbered from 1: an object, or the fault for which it was rejected."""

    number: int
    data: dict[str, Any] | None = None
    fault: Fault | None = None


def read_lines(body: bytes, content_type: str, *, max_lines: int = MAX_LINES) -> Iterator[Line]:
    """
    Return the lines of a body of newline-delimited JSON or of a JSON array.

    The body is read as an array if the media type is JSON and it starts with a bracket; items are numbered
    like lines. Blank lines are skipped but numbered. Of duplicate names in an object the last value counts.
    A body with more than `max_lines` lines is rejected as a whole.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if is_json and body.lstrip(_WHITESPACE)[:1] == b"[":
        parts: Iterable[tuple[int, bytes | memoryview]] = _items(body, max_lines)
    else:
        parts = _nonblank_lines(body, max_lines)
    return (_line(number, part) for number, part in parts)


def _items(body: bytes, max_items: int) -> list[tuple[int, memoryview]]:
    try:
        items = _array_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed([unreadable_json(body, error)]) from None
    if len(items) > max_items:
        raise _too_many(max_items)
    return [(number, memoryview(item)) for number, item in enumerate(items, 1)]


def _nonblank_lines(body: bytes, max_lines: int) -> list[tuple[int, bytes]]:
    lines: list[tuple[int, bytes]] = []
    start, number = 0, 1
    # Not split(): a body of nothing but line feeds would become millions of empty lines in memory.
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].strip(_WHITESPACE)
        if line:
            if len(lines) == max_lines:
                raise _too_many(max_lines)
            lines.append((number, line))
        start, number = end + 1, number + 1
    return lines


def _too_many(max_lines: int) -> Invalid:
    return Invalid(
        [Fault("", "too_many", f"There must be at most {max_lines} lines; send the rest separately.")]
    )


def _line(number: int, part: bytes | memoryview) -> Line:
    try:
        data = _decoder.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Line(number, fault=unreadable_json(part, error, "line"))
    if not isinstance(data, dict):
        return Line(number, fault=Fault("", "wrong_type", "This line must be a JSON object."))
    return Line(number, data=data)
