"""Parses and validates a bundle, a client's settings and definitions in one document, with all faults."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import Schema

from scorecards.authoring.judgement_names import JUDGEMENTS
from scorecards.authoring.models import SINGLE
from scorecards.authoring.partial_validation import further_faults
from scorecards.authoring.schema_errors import load
from scorecards.authoring.schemas import (
    MAX_PLAYBOOKS,
    BrandVoiceSchema,
    BundlePlaybookSchema,
    BundleSchema,
    BundleScorecardSchema,
    SamplingPolicySchema,
    SlaPolicySchema,
)
from scorecards.authoring.target_schemas import QualityTargetsSchema
from scorecards.authoring.theme_schemas import FrictionThemesSchema
from scorecards.authoring.validation import faults_of
from scorecards.authoring.yaml_documents import read_document
from tenants.http.faults import Fault, Invalid

_SINGLES: Mapping[str, type[Schema]] = {
    "brand_voice": BrandVoiceSchema,
    "sla_policy": SlaPolicySchema,
    "sampling_policy": SamplingPolicySchema,
    "quality_targets": QualityTargetsSchema,
    "friction_themes": FrictionThemesSchema,
}
_LISTS: Mapping[str, tuple[str, type[Schema]]] = {
    "playbooks": ("playbook", BundlePlaybookSchema),
    "scorecards": ("scorecard", BundleScorecardSchema),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The settings a bundle changes, and its definitions as (kind, key, body) with templates expanded."""

    settings: Mapping[str, Any]
    definitions: tuple[tuple[str, str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One definition with its JSON pointer in the bundle."""

    kind: str
    pointer: str
    body: Mapping[str, Any]

    @property
    def key(self) -> str:
        return SINGLE if self.kind in _SINGLES else str(self.body["key"])


def read_bundle(text: str, *, known_judgements: Collection[str] = JUDGEMENTS) -> Bundle:
    """Parse and validate a bundle in YAML or JSON.

    Parameters
    ----------
    text : str
        The document.
    known_judgements : collection of str
        Names of the automatic judgements that a question may use.

    Raises
    ------
    Invalid
        With every schema and semantic fault of every part; a fault in YAML names its line. The rest of a
        part with schema faults is checked semantically too.
    """
    document = read_document(text)
    read, faults = load(BundleSchema(), document.value)
    broken = _by_part(faults)
    parts = list(_valid_parts(document.value, broken))
    faults += _faults_in_broken_parts(document.value, broken, known_judgements)
    for part in parts:
        found = faults_of(part.kind, part.body, known_judgements=known_judgements)
        faults += (fault.under(part.pointer) for fault in found)
    faults += _duplicate_keys(parts)
    if faults:
        lined = [(document.line_of(fault.pointer), fault) for fault in faults]
        raise Invalid(_with_line(line, fault) for line, fault in sorted(lined, key=lambda each: each[0] or 0))
    definitions = tuple((part.kind, part.key, part.body) for part in parts)
    return Bundle(read.get("settings") or {}, definitions)


def _by_part(faults: Sequence[Fault]) -> Mapping[str, list[Fault]]:
    """Group faults by part in one pass, with pointers relative to the part."""
    by_part: dict[str, list[Fault]] = {}
    for fault in faults:
        steps = fault.pointer.split("/")
        part = "/".join(steps[: 3 if steps[1:2] and steps[1] in _LISTS else 2])
        by_part.setdefault(part, []).append(replace(fault, pointer=fault.pointer[len(part) :]))
    return by_part


def _faults_in_broken_parts(
    value: Any, broken: Mapping[str, list[Fault]], known: Collection[str]
) -> Iterator[Fault]:
    """Find semantic faults in the parts that have schema faults."""
    for pointer, kind, _, body in _raw_parts(value):
        if pointer in broken:
            found = further_faults(kind, body, broken[pointer], known_judgements=known)
            yield from (fault.under(pointer) for fault in found)


def _valid_parts(value: Any, broken: Collection[str]) -> Iterator[_Part]:
    """Load each part on its own, so that a schema fault in one does not hide the faults of another."""
    for pointer, kind, schema, body in _raw_parts(value):
        if pointer not in broken:
            yield _Part(kind, pointer, schema.load(body))


def _raw_parts(value: Any) -> Iterator[tuple[str, str, Schema, Any]]:
    if not isinstance(value, Mapping):
        return
    for kind, single in _SINGLES.items():
        if kind in value:
            yield f"/{kind}", kind, single(), value[kind]
    for name, (kind, each) in _LISTS.items():
        bodies = value.get(name)
        # Items beyond the maximum length are already a schema fault.
        for index, body in enumerate(bodies[:MAX_PLAYBOOKS] if isinstance(bodies, list) else ()):
            yield f"/{name}/{index}", kind, each(), body


def _duplicate_keys(parts: Sequence[_Part]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for part in parts:
        if (part.kind, part.key) in seen:
            detail = f"The bundle holds two {part.kind}s with the key '{part.key}'."
            yield Fault(f"{part.pointer}/key", "duplicate_key", detail)
        seen.add((part.kind, part.key))


def _with_line(line: int | None, fault: Fault) -> Fault:
    return fault if line is None else replace(fault, detail=f"{fault.detail} (line {line})")
