"""Reads newline-delimited JSON line by line, so that a bad line does not fail the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tenants.http.contract import BYTE_ORDER_MARK, unreadable_json
from tenants.http.duplicate_keys import DUPLICATE_KEY, duplicate_key_faults
from tenants.http.faults import Fault, Invalid, Malformed

MAX_LINES = 5_000
_WHITESPACE = b" \t\r\n"

_decoder = msgspec.json.Decoder()
_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    """One JSON object around all items, as generated clients send it."""

    interactions: list[msgspec.Raw]


_batch_decoder = msgspec.json.Decoder(_Batch)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bulk push, numbered from 1: an object, or the faults for which it was rejected."""

    number: int
    data: dict[str, Any] | None = None
    faults: Sequence[Fault] = ()


def read_lines(body: bytes, content_type: str, *, max_lines: int = MAX_LINES) -> Iterator[Line]:
    """
    Return the lines of a body of newline-delimited JSON, of a JSON array or of `{"interactions": [...]}`.

    The body is read as one of the latter if the media type is JSON and it is one; items are numbered like
    lines. Blank lines are skipped but numbered. A line that gives a key twice in an object has a fault for
    each. A body with more than `max_lines` lines is rejected as a whole.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    batch = _batch(body) if is_json else None
    if batch is not None:
        parts: Iterable[tuple[int, bytes | memoryview]] = _numbered(batch, max_lines)
    elif is_json and body.lstrip(_WHITESPACE)[:1] == b"[":
        parts = _numbered(_items(body), max_lines)
    else:
        parts = _nonblank_lines(body, max_lines)
    return (_line(number, part) for number, part in parts)


def _batch(body: bytes) -> list[msgspec.Raw] | None:
    try:
        items = _batch_decoder.decode(body).interactions
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # no batch: the faults of lines and arrays are told with their place
    # Beside those of the items, one colon follows the only key that there may be.
    if body.count(b":") != 1 + sum(bytes(item).count(b":") for item in items):
        raise Invalid([Fault("/interactions", DUPLICATE_KEY, "'interactions' is given more than once.")])
    return items


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _array_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed([unreadable_json(body, error)]) from None


def _numbered(items: list[msgspec.Raw], max_items: int) -> list[tuple[int, memoryview]]:
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
        duplicates = duplicate_key_faults(part, data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Line(number, faults=[unreadable_json(part, error, "line")])
    if not isinstance(data, dict):
        return Line(number, faults=[Fault("", "wrong_type", "This line must be a JSON object.")])
    return Line(number, faults=duplicates) if duplicates else Line(number, data=data)
