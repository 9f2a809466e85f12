"""Semantic validation of the valid parts of a definition that has schema faults in other parts."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from marshmallow import Schema

from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.judgement_names import JUDGEMENTS
from scorecards.authoring.schema_errors import load
from scorecards.authoring.schemas import (
    BrandVoiceSchema,
    PlaybookSchema,
    SamplingPolicySchema,
    SlaPolicySchema,
)
from scorecards.authoring.target_schemas import QualityTargetsSchema
from scorecards.authoring.theme_schemas import FrictionThemesSchema
from scorecards.authoring.validation import faults_of
from tenants.http.faults import Fault
from tenants.http.validation_messages import path_segment

SCHEMAS: Mapping[str, type[Schema]] = {
    "brand_voice": BrandVoiceSchema,
    "playbook": PlaybookSchema,
    "scorecard": ScorecardSchema,
    "sla_policy": SlaPolicySchema,
    "sampling_policy": SamplingPolicySchema,
    "quality_targets": QualityTargetsSchema,
    "friction_themes": FrictionThemesSchema,
}
# Faults reported at one place whose cause is at another, which may have a schema fault.
_CAUSES = {"above_maximum": "/maximum", "unknown_calendar": "/calendars", "unreachable_rule": "/rules"}
_QUESTION = re.compile(r"/sections/\d+/questions/\d+")
# Every round removes the parent of what is missing, and definitions nest less deeply than this.
_MAX_ROUNDS = 10
# With more schema faults than this, semantic faults are not searched: bounds the time.
_MAX_BROKEN = 200


def further_faults(
    kind: str, body: Any, faults: Collection[Fault], *, known_judgements: Collection[str] = JUDGEMENTS
) -> list[Fault]:
    """Return the semantic faults of a body whose parts with schema faults are left out.

    Only certain faults are returned: none at, around or dependent on a part that has a schema fault.

    Parameters
    ----------
    kind : str
        What the body defines: one of `scorecards.authoring.models.KINDS`.
    body : object
        The body as it was given.
    faults : collection of Fault
        Its schema faults.
    known_judgements : collection of str
        Names of the automatic judgements that a question may use.
    """
    # The contents of an object with an unknown template are unknown too.
    broken = {fault.pointer.removesuffix("/template") for fault in faults}
    if not isinstance(body, Mapping) or "" in broken or len(broken) > _MAX_BROKEN:
        return []
    for _ in range(_MAX_ROUNDS):
        origins: dict[str, str] = {}
        loaded, missing = load(SCHEMAS[kind](), _without(body, broken, origins, "", ""))
        if loaded is not None:
            found = faults_of(kind, loaded, known_judgements=known_judgements)
            in_body = (Fault(_origin(each.pointer, origins), each.code, each.detail) for each in found)
            return [each for each in in_body if _is_certain(each, broken)]
        parents = {_origin(each.pointer, origins).rpartition("/")[0] for each in missing}
        if "" in parents:
            return []
        broken |= parents
    return []


def _without(value: Any, broken: Collection[str], origins: dict[str, str], old: str, new: str) -> Any:
    """Copy a body without broken parts; `origins` maps new pointers of list items to the original ones."""
    if isinstance(value, Mapping):
        places = {name: path_segment(str(name)) for name in value}
        return {
            name: _without(each, broken, origins, old + places[name], new + places[name])
            for name, each in value.items()
            if old + places[name] not in broken
        }
    if not isinstance(value, list):
        return value
    kept: list[Any] = []
    for index, each in enumerate(value):
        before, after = f"{old}/{index}", f"{new}/{len(kept)}"
        if before not in broken:
            origins[after] = before
            kept.append(_without(each, broken, origins, before, after))
    return kept


def _origin(pointer: str, origins: Mapping[str, str]) -> str:
    """Return the pointer of a place in the original body."""
    for start in _ancestors(pointer):
        if start in origins:
            return origins[start] + pointer[len(start) :]
    return pointer


def _ancestors(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _is_certain(fault: Fault, broken: Collection[str]) -> bool:
    cause = _CAUSES.get(fault.code)
    if "/show_when" in fault.pointer or any(cause and place.startswith(cause) for place in broken):
        return False
    within = _QUESTION.match(fault.pointer)
    return not any(
        place.startswith(f"{fault.pointer}/")
        or f"{fault.pointer}/".startswith(f"{place}/")
        or (within is not None and place.startswith(f"{within.group()}/"))
        for place in broken
    )
