"""Finds keys that an object of JSON gives twice, of which a decoder would keep the last without a word."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from tenants.http.faults import MAX_TOLD, Fault
from tenants.http.validation_messages import path_segment

DUPLICATE_KEY = "duplicate_key"
_Place = tuple["_Place | None", str]


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of an object, duplicates included."""


def duplicate_key_faults(source: bytes | memoryview | str, decoded: Any) -> list[Fault]:
    """Return one fault for each repetition of a key in JSON, which was decoded to `decoded`.

    Whether there is any is told cheaply: without escapes for it, each colon of the source is in the encoding
    of what was decoded, unless it belongs to a value that another one replaced.

    Examples
    --------
    >>> text = b'{"turns": [{"at": 1, "at": 2}]}'
    >>> [fault.pointer for fault in duplicate_key_faults(text, msgspec.json.decode(text))]
    ['/turns/0/at']
    """
    text = source.encode() if isinstance(source, str) else bytes(source)
    is_comparable = b"\\u003" not in text
    if is_comparable and text.count(b":") == msgspec.json.encode(decoded).count(b":"):
        return []
    return list(_faults(json.loads(text, object_pairs_hook=_Pairs, parse_int=len, parse_float=len)))


def _faults(document: Any) -> Iterator[Fault]:
    waiting: list[tuple[Any, _Place | None]] = [(document, None)]
    found = 0
    while waiting:
        value, place = waiting.pop()
        if isinstance(value, _Pairs):
            seen: set[str] = set()
            for key, _ in value:
                if key in seen:
                    found += 1
                    # The places of more than are told would cost more than the document.
                    yield _fault(key, (place, path_segment(key)) if found <= MAX_TOLD else None)
                seen.add(key)
            inner = [(each, (place, path_segment(key))) for key, each in value]
        elif isinstance(value, list):
            inner = [(each, (place, f"/{index}")) for index, each in enumerate(value)]
        else:
            continue
        waiting += reversed(inner)


def _fault(key: str, place: _Place | None) -> Fault:
    segments: list[str] = []
    while place is not None:
        place, segment = place
        segments.append(segment)
    return Fault("".join(reversed(segments)), DUPLICATE_KEY, f"'{key}' is given twice in the same object.")
