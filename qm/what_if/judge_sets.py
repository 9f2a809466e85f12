"""What would judge interactions if they took place now: definitions in force, and what was learned."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scorecards.authoring.models import Definition
from scorecards.autoscore.answer_policy import NO_MODELS, ClientModels
from scorecards.autoscore.engine import Judge
from scorecards.compiled import (
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

_BY_RULES = ("scorecard", "brand_voice", "playbook")
Segment = tuple[str, str | None]
"""Channel and program of an interaction: they decide which definitions judge it."""


@dataclass(frozen=True, slots=True)
class SegmentJudge:
    """Who judges the interactions of one place: the version of a scorecard if there is one, and the judge."""

    scorecard: CompiledVersion | None
    form: Form | None
    judge: Judge


@dataclass(frozen=True, slots=True)
class JudgeSet:
    """One set of definitions with what was learned; asked for every interaction of a sample."""

    in_force: Mapping[CompiledVersion, Compiled]
    threshold: float
    client_models: ClientModels = NO_MODELS
    _known: dict[Segment, SegmentJudge] = field(default_factory=dict)

    def segment_judge(self, place: Segment) -> SegmentJudge:
        """Return who judges the interactions of a place."""
        if place not in self._known:
            chosen = applicable_versions(self.in_force, *place)
            scorecard = next((each for each in chosen if each.kind == "scorecard"), None)
            self._known[place] = SegmentJudge(
                scorecard,
                only_of_type(Form, chosen.values()),
                build_judge(chosen.values(), charged_threshold=self.threshold),
            )
        return self._known[place]

    def with_scorecard(self, form: Form, version: int | None) -> "JudgeSet":
        """Return the bench with this form in the place of the scorecard with its key."""
        key = form.key
        others = {
            each: body
            for each, body in self.in_force.items()
            if not (each.kind == "scorecard" and each.key == key)
        }
        put = CompiledVersion(uuid.UUID(int=0), "scorecard", key, version or 0, None, None)
        return replace(self, in_force={**others, put: form}, _known={})

    def with_models(self, learned: ClientModels) -> "JudgeSet":
        """Return the bench with something else learned."""
        return replace(self, client_models=learned)


def judge_set_of(session: Session, client: Client, *, now: datetime, learned: ClientModels) -> JudgeSet:
    """Return the definitions of a client that are in force now, with what was learned.

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
            Definition.kind.in_(_BY_RULES),
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
    return JudgeSet(in_force, float(threshold), learned)
