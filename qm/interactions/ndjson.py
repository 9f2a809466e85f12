"""Reads the body of a bulk push line by line, so that a bad line never harms a good one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tenants.http.faults import Fault, Invalid

MAX_LINES = 5_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"

_decoder = msgspec.json.Decoder()
_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bulk push, numbered from 1: an object, or the fault that kept it from being read."""

    number: int
    data: dict[str, Any] | None = None
    fault: Fault | None = None


def read_lines(body: bytes, content_type: str, *, most: int = MAX_LINES) -> Iterator[Line]:
    """
    Return the lines of a body of newline-delimited JSON or of a JSON array.

    An array is read as one where the media type is JSON and the body starts with a bracket; its items are
    numbered like lines. Blank lines are skipped but counted in the numbering. Where a name occurs twice in
    an object its last value counts. Nothing is read of a body that has too many lines.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if is_json and body.lstrip(_WHITE_SPACE)[:1] == b"[":
        parts: Iterable[tuple[int, bytes | memoryview]] = _items(body, most)
    else:
        parts = _filled_lines(body, most)
    return (_line(number, part) for number, part in parts)


def _items(body: bytes, most: int) -> list[tuple[int, memoryview]]:
    try:
        items = _array_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid([Fault("", "not_json", f"The body is not a JSON array: {error}.")]) from None
    except RecursionError:
        raise Invalid([Fault("", "too_deep", "The body is nested too deeply.")]) from None
    if len(items) > most:
        raise _too_many(most)
    return [(number, memoryview(item)) for number, item in enumerate(items, 1)]


def _filled_lines(body: bytes, most: int) -> list[tuple[int, bytes]]:
    lines: list[tuple[int, bytes]] = []
    start, number = 0, 1
    # Not split(): a body of nothing but line feeds would become millions of empty lines in memory.
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].strip(_WHITE_SPACE)
        if line:
            if len(lines) == most:
                raise _too_many(most)
            lines.append((number, line))
        start, number = end + 1, number + 1
    return lines


def _too_many(most: int) -> Invalid:
    return Invalid([Fault("", "too_many", f"There must be at most {most} lines; send the rest separately.")])


def _line(number: int, part: bytes | memoryview) -> Line:
    try:
        data = _decoder.decode(part)
    except UnicodeDecodeError:
        return Line(number, fault=Fault("", "not_utf8", "This line is not UTF-8."))
    except msgspec.DecodeError as error:
        return Line(number, fault=Fault("", "not_json", f"This line is not JSON: {error}."))
    except RecursionError:
        return Line(number, fault=Fault("", "too_deep", "This line is nested too deeply."))
    if not isinstance(data, dict):
        return Line(number, fault=Fault("", "wrong_type", "This line must be a JSON object."))
    return Line(number, data=data)
