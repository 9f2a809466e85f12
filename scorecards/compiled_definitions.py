"""Compiled versions of definitions: parsed, selected for an interaction, and combined into a judge (pure)."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from scorecards.autoscore.engine import Judge
from scorecards.definitions import applicability
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook
from scorecards.sampling import policy as sampling_policy
from scorecards.sampling.policy import SamplingPolicy
from scorecards.sla import policy
from scorecards.sla.policy import SlaPolicy

Compiled = Form | BrandVoice | Playbook | SlaPolicy | SamplingPolicy
Kind = TypeVar("Kind", Form, BrandVoice, Playbook, SlaPolicy, SamplingPolicy)


class UnreadableDefinition(Exception):
    """A version that cannot be compiled; interactions that need it are not scored."""


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    """A version of a definition, in force in [start, end): never without a start, for good without an end."""

    definition_id: uuid.UUID
    kind: str
    key: str
    number: int
    start: datetime | None
    end: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Tell whether it applies to an interaction that took place at this moment."""
        return self.start is not None and self.start <= at and (self.end is None or at < self.end)

    def begun(self, at: datetime) -> bool:
        """Tell whether it has come into force by this moment."""
        return self.start is not None and self.start <= at

    def ever_in_force(self, first: datetime, last: datetime) -> bool:
        """Tell whether it applies at any time from `first` to `last`, both included."""
        return self.begun(last) and (self.end is None or max(first, self.start or first) < self.end)


def compiled_version(version: CompiledVersion, body: Mapping[str, Any]) -> Compiled | UnreadableDefinition:
    """Compile the body of a version, or return the error that prevents it."""
    try:
        return _parse(version.kind, body)
    except Exception as error:  # noqa: BLE001 - a broken definition must not affect the others
        return UnreadableDefinition(
            f"{version.kind} '{version.key}' version {version.number} cannot be read: {error!r}"
        )


def applicable_versions(
    in_force: Mapping[CompiledVersion, Compiled], channel: str, program: str | None
) -> dict[CompiledVersion, Compiled]:
    """Return the versions for an interaction: one scorecard, matching playbooks, brand voice and policies."""
    forms = [each for each in in_force.values() if isinstance(each, Form)]
    playbooks = [each for each in in_force.values() if isinstance(each, Playbook)]
    form, matching = applicability.applicable(forms, playbooks, channel, program)
    chosen = {id(each) for each in (form, *matching)}
    return {
        version: body
        for version, body in in_force.items()
        if not isinstance(body, Form | Playbook) or id(body) in chosen
    }


def build_judge(bodies: Collection[Compiled], *, charged_threshold: float) -> Judge:
    """Build the judge of one set of definitions; policies are ignored."""
    playbooks = [body for body in bodies if isinstance(body, Playbook)]
    return Judge(
        only_of_type(Form, bodies),
        only_of_type(BrandVoice, bodies),
        playbooks,
        charged_threshold=charged_threshold,
    )


def only_of_type(kind: type[Kind], bodies: Collection[Compiled]) -> Kind | None:
    """Return the first definition of a type, or None when there is none.

    >>> only_of_type(BrandVoice, []) is None
    True
    """
    return next((body for body in bodies if isinstance(body, kind)), None)


def _parse(kind: str, body: Mapping[str, Any]) -> Compiled:
    match kind:
        case "scorecard":
            return Form.from_body(body)
        case "brand_voice":
            return BrandVoice.from_body(body)
        case "playbook":
            return Playbook.from_body(body)
        case "sla_policy":
            return policy.from_body(body)
        case _:
            return sampling_policy.from_body(body)
