"""The definitions and models that would score interactions if they took place now."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scorecards.authoring.models import Definition
from scorecards.autoscore.answer_policy import NO_MODELS, ClientModels
from scorecards.autoscore.engine import Judge
from scorecards.compiled_definitions import (
    Compiled,
    CompiledVersion,
    UnreadableDefinition,
    applicable_versions,
    build_judge,
    compiled_version,
    only_of_type,
)
from scorecards.definitions.form import Form
from tenants.clients import DEFAULT_SETTINGS
from tenants.http.faults import Conflict
from tenants.models import Client

_KINDS = ("scorecard", "brand_voice", "playbook")
Segment = tuple[str, str | None]
"""Channel and program of an interaction: they decide which definitions apply."""


@dataclass(frozen=True, slots=True)
class SegmentJudge:
    """The judge of one segment, with the scorecard version and form that apply, if any."""

    scorecard: CompiledVersion | None
    form: Form | None
    judge: Judge


@dataclass(frozen=True, slots=True)
class JudgeSet:
    """A set of compiled definitions and models that scores the interactions of a sample."""

    in_force: Mapping[CompiledVersion, Compiled]
    threshold: float
    client_models: ClientModels = NO_MODELS
    _segment_judges: dict[Segment, SegmentJudge] = field(default_factory=dict)

    def segment_judge(self, segment: Segment) -> SegmentJudge:
        """Return the judge of a segment; it is built once."""
        if segment not in self._segment_judges:
            applicable = applicable_versions(self.in_force, *segment)
            scorecard = next((each for each in applicable if each.kind == "scorecard"), None)
            self._segment_judges[segment] = SegmentJudge(
                scorecard,
                only_of_type(Form, applicable.values()),
                build_judge(applicable.values(), charged_threshold=self.threshold),
            )
        return self._segment_judges[segment]

    def with_scorecard(self, form: Form, version: int | None) -> "JudgeSet":
        """Return a judge set with this form in place of the scorecard with the same key."""
        key = form.key
        others = {
            each: body
            for each, body in self.in_force.items()
            if not (each.kind == "scorecard" and each.key == key)
        }
        replacement = CompiledVersion(uuid.UUID(int=0), "scorecard", key, version or 0, None, None)
        return replace(self, in_force={**others, replacement: form}, _segment_judges={})

    def with_models(self, client_models: ClientModels) -> "JudgeSet":
        """Return a judge set with other models."""
        return replace(self, client_models=client_models)


def build_judge_set(
    session: Session, client: Client, *, now: datetime, client_models: ClientModels
) -> JudgeSet:
    """Return the judge set of the client's definitions in force now and these models.

    Raises
    ------
    Conflict
        When one of them cannot be compiled.
    """
    rows = session.execute(
        select(
            Definition.definition_id,
            Definition.kind,
            Definition.key,
            Definition.version,
            Definition.effective_from,
            Definition.effective_to,
            Definition.body,
        ).where(
            Definition.tenant_id == client.tenant_id,
            Definition.client_id == client.client_id,
            Definition.kind.in_(_KINDS),
            Definition.state != "draft",
            Definition.effective_from <= now,
            or_(Definition.effective_to.is_(None), Definition.effective_to > now),
        )
    )
    in_force: dict[CompiledVersion, Compiled] = {}
    for *parts, body in rows:
        version = CompiledVersion(*parts)
        compiled = compiled_version(version, body)
        if isinstance(compiled, UnreadableDefinition):
            raise Conflict(f"{compiled}.", "unreadable_definition") from compiled
        in_force[version] = compiled
    threshold = client.settings.get("charged_threshold", DEFAULT_SETTINGS["charged_threshold"])
    return JudgeSet(in_force, float(threshold), client_models)
