"""Parses hand-written YAML or JSON into plain values with the line number of each part.

YAML follows version 1.2 where it matters to authors of scorecards: only `true` and `false` are booleans
(so an option may be called `yes`), dates and times stay text, keys are always text.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tenants.http.duplicate_keys import duplicate_key_faults
from tenants.http.faults import Fault, Invalid
from tenants.http.validation_messages import path_segment

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_NODES = 100_000

_CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values, and for YAML the first line (from 1) of each part by JSON pointer."""

    value: Any
    lines: Mapping[str, int]

    def line_of(self, pointer: str) -> int | None:
        """Return the line of a part, or of its nearest ancestor when it is absent; None for JSON."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)


def read_document(text: str) -> Document:
    """Parse YAML or JSON; raise Invalid when it is malformed, too large, too deep or ambiguous."""
    if _size_in_bytes(text) > MAX_BYTES:
        raise _refused("too_large", f"The document is larger than {MAX_BYTES // 1024} KiB.", None)
    if text.lstrip()[:1] in {"{", "["}:
        document = _read_json(text)
        if document is not None:
            return document
    return _YamlParser(yaml.parse(text, Loader=yaml.CSafeLoader)).read()


def _size_in_bytes(text: str) -> int:
    """Return the size in UTF-8 bytes; raise Invalid for a lone surrogate, which UTF-8 cannot encode."""
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise _refused("bad_text", "The document holds half of a character pair.", None) from error


def _refused(code: str, detail: str, line: int | None, pointer: str = "") -> Invalid:
    return Invalid([Fault(pointer, code, detail if line is None else f"{detail} (line {line})")])


def _read_json(text: str) -> Document | None:
    """Parse JSON, or return None when it is not JSON: it may still be YAML in flow style."""

    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    try:
        value = json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise _refused("too_deep", f"The document nests deeper than {MAX_DEPTH} levels.", None) from None
    except ValueError:
        return None
    if _depth(value) > MAX_DEPTH:
        raise _refused("too_deep", f"The document nests deeper than {MAX_DEPTH} levels.", None)
    _size_in_bytes(json.dumps(value, ensure_ascii=False))
    if duplicates := duplicate_key_faults(text, value):
        raise Invalid(duplicates)
    return Document(value, {})


def _depth(value: Any) -> int:
    height, level = 0, [value]
    while level and height <= MAX_DEPTH:
        inner: list[Any] = []
        for each in level:
            inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        height, level = height + 1, inner
    return height


@dataclass(slots=True)
class _YamlParser:
    """Single-pass parser over the events of a YAML text; recursion is bounded by MAX_DEPTH."""

    events: Iterator[Any]
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    nodes: int = 0

    def read(self) -> Document:
        try:
            value = self._only_document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            detail = f"The document is not well formed: {error.problem or error.context}."
            raise _refused("malformed", detail, mark.line + 1 if mark else None) from error
        except (yaml.YAMLError, ValueError) as error:
            raise _refused("malformed", "The document holds characters that YAML forbids.", None) from error
        if self.faults:
            raise Invalid(self.faults)
        return Document(value, self.lines)

    def _only_document(self) -> Any:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise _refused("empty", "The document is empty.", None)
        value, _ = self._node(next(self.events), "", 1)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _refused("several_documents", "One document is expected.", after.start_mark.line + 1)
        return value

    def _node(self, event: Any, pointer: str, depth: int) -> tuple[Any, int]:
        """Return the value that starts with an event, and its height in levels."""
        line = event.start_mark.line + 1
        self.lines.setdefault(pointer, line)
        before = self.nodes
        if isinstance(event, yaml.AliasEvent):
            value, height, size = self._alias(event, pointer, line)
            self.nodes += size
        else:
            self.nodes += 1
            value, height = self._own(event, pointer, depth, line)
        if depth + height - 1 > MAX_DEPTH:
            raise _refused("too_deep", f"The document nests deeper than {MAX_DEPTH} levels.", line, pointer)
        if self.nodes > MAX_NODES:
            raise _refused("too_many_parts", f"The document has over {MAX_NODES} parts.", line, pointer)
        if not isinstance(event, yaml.AliasEvent) and event.anchor is not None:
            self.anchors[event.anchor] = (value, height, self.nodes - before)
        return value, height

    def _alias(self, event: Any, pointer: str, line: int) -> tuple[Any, int, int]:
        try:
            return self.anchors[event.anchor]
        except KeyError:
            detail = f"*{event.anchor} stands for nothing, or for something that holds itself."
            raise _refused("unknown_alias", detail, line, pointer) from None

    def _own(self, event: Any, pointer: str, depth: int, line: int) -> tuple[Any, int]:
        if depth > MAX_DEPTH:
            raise _refused("too_deep", f"The document nests deeper than {MAX_DEPTH} levels.", line, pointer)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, pointer, line), 1
        if event.tag is not None:
            self._note_tag(event, pointer, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(pointer, depth)
        return self._group(pointer, depth)

    def _scalar(self, event: Any, pointer: str, line: int) -> Any:
        if event.tag not in _TEXT_TAGS:
            self._note_tag(event, pointer, line)
        return read_scalar(event.value) if event.implicit[0] and event.tag is None else event.value

    def _note_tag(self, event: Any, pointer: str, line: int) -> None:
        self.faults.append(
            Fault(pointer, "tag", f"Tags such as {event.tag} are not read here. (line {line})")
        )

    def _list(self, pointer: str, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        height = 0
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, inner = self._node(event, f"{pointer}/{len(values)}", depth + 1)
            values.append(value)
            height = max(height, inner)
        return values, height + 1

    def _group(self, pointer: str, depth: int) -> tuple[dict[str, Any], int]:
        values: dict[str, Any] = {}
        height = 0
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused("bad_key", "A key has to be a plain word.", line, pointer)
            place = pointer + path_segment(event.value)
            if event.value in values:
                detail = f"'{event.value}' is given twice in the same group. (line {line})"
                self.faults.append(Fault(place, "duplicate_key", detail))
            self.lines.setdefault(place, line)
            value, inner = self._node(next(self.events), place, depth + 1)
            values[event.value] = value
            height = max(height, inner)
        return values, height + 1


def read_scalar(text: str) -> Any:
    """Return the value of an unquoted YAML scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
