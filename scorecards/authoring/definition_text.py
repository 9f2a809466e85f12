"""One definition as YAML text: written from a stored body, and read with every fault at its line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from marshmallow import Schema, fields

from scorecards.authoring.partial_validation import SCHEMAS, further_faults
from scorecards.authoring.schema_errors import load
from scorecards.authoring.validation import faults_of
from scorecards.authoring.yaml_documents import read_document, read_scalar
from tenants.http.faults import Fault, Invalid

_LINE = re.compile(r" \(line (\d+)\)$")
_WIDTH = 80
_SHORT = 64
"""A group of plain values that is not longer is written on one line."""


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault, and the line of the text that it is on, if any."""

    pointer: str
    code: str
    detail: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: its body, None when the schema refuses it, every fault by line, and what was given.

    A draft may be kept of every body, also of one with semantic faults.
    """

    body: Mapping[str, Any] | None
    faults: Sequence[PlacedFault]
    given: Any = None


def read_text(kind: str, text: str, *, key: str | None = None) -> Reading:
    """Read a definition from YAML or JSON; `key` is the one that the text may leave out or repeat."""
    try:
        document = read_document(text)
    except Invalid as error:
        return Reading(None, [_placed(each, None) for each in error.faults])
    given = document.value
    if key is not None and isinstance(given, dict):
        given = {"key": key, **given}
    body, faults = load(SCHEMAS[kind](), given)
    if body is None:
        faults += further_faults(kind, given, faults)
    else:
        faults = list(faults_of(kind, body))
    if key is not None and isinstance(given, dict) and given["key"] != key:
        body = None
        faults.append(Fault("/key", "other_key", f"This is '{key}'; leave the key out or repeat it."))
    placed = [_placed(each, document.line_of(each.pointer)) for each in faults]
    return Reading(body, sorted(placed, key=lambda each: each.line or 0), given)


def _placed(fault: Fault, line: int | None) -> PlacedFault:
    found = _LINE.search(fault.detail)
    if found is None:
        return PlacedFault(fault.pointer, fault.code, fault.detail, line)
    return PlacedFault(fault.pointer, fault.code, fault.detail[: found.start()], int(found.group(1)))


def write_text(kind: str, body: Mapping[str, Any]) -> str:
    """Write a stored body as YAML in the order of its schema; reading it gives the same body."""
    return yaml.dump(
        _Whole(_ordered(SCHEMAS[kind](), body)),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        default_flow_style=False,
    )


def _ordered(schema: Schema, body: Any) -> Any:
    """Put the fields of a body in the order of its schema: the database keeps none."""
    if not isinstance(body, Mapping):
        return body
    declared = {field.data_key or name: field for name, field in schema.load_fields.items()}
    ordered = {name: _inner(declared[name], body[name]) for name in declared if name in body}
    return ordered | {name: value for name, value in body.items() if name not in ordered}


def _inner(field: fields.Field[Any], value: Any) -> Any:
    if isinstance(field, fields.Nested) and isinstance(value, list):
        return [_ordered(field.schema, each) for each in value]
    return _ordered(field.schema, value) if isinstance(field, fields.Nested) else value


class _Whole(dict[str, Any]):
    """The document itself, which is never written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes short groups on one line, and quotes what would otherwise be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Write everything out where it stands."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's signature
        """Indent lists below their name."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    is_plain = isinstance(read_scalar(value), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if is_plain else '"')


def _group(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=_is_short(value))


def _list(dumper: yaml.SafeDumper, value: Sequence[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_is_short(value))


def _is_short(value: Any) -> bool:
    parts = list(value.values()) if isinstance(value, Mapping) else list(value)
    names = list(value) if isinstance(value, Mapping) else []
    if not parts:
        return True
    if any(isinstance(each, Mapping) for each in parts):
        return False
    if any(isinstance(part, list) and (names == [] or len(part) > 3) for part in parts):
        return False
    return len(str(value)) <= _SHORT


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _group)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(
    _Whole, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), False)
)
