"""A least-recently-used cache of compiled definitions, and which of them apply to an interaction.

Versions are immutable, so what is compiled for a set of version ids never becomes stale; only the list of a
client's versions is read again for each batch.
"""

import uuid
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.evaluations import pin_versions
from scorecards.authoring.models import JUDGING_KINDS, Definition
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
from scorecards.sampling.policy import SamplingPolicy
from scorecards.sla.calendar_history import PolicyChange
from scorecards.sla.policy import SlaPolicy

_MAX_CACHED = 200
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CompiledDefinitions:
    """What evaluates one interaction: the versions in force when it took place, compiled."""

    scorecard: CompiledVersion | None
    form: Form | None
    judge: Judge
    sla: SlaPolicy | None
    sampling: SamplingPolicy | None
    sampling_version: CompiledVersion | None
    versions: dict[str, list[dict[str, Any]]]
    sla_changes: Sequence[PolicyChange] = ()
    sla_version: int = 0


class DefinitionsCache:
    """Compiled definitions and judges; the least recently used are evicted."""

    def __init__(self) -> None:
        """Start empty."""
        self._compiled: OrderedDict[uuid.UUID, Compiled | UnreadableDefinition] = OrderedDict()
        self._sets: OrderedDict[tuple[object, ...], CompiledDefinitions] = OrderedDict()

    def open(
        self, session: Session, client_id: uuid.UUID, moments: Sequence[datetime]
    ) -> "ClientDefinitions":
        """Read which of the client's versions were in force around these moments; compile missing ones.

        Later versions of the SLA policy are read too: they may change the calendar in which a clock runs on.
        """
        rows = session.execute(
            select(
                Definition.definition_id,
                Definition.kind,
                Definition.key,
                Definition.version,
                Definition.effective_from,
                Definition.effective_to,
            ).where(
                Definition.client_id == client_id,
                Definition.state != "draft",
                Definition.kind.in_(JUDGING_KINDS),
            )
        )
        first, last = min(moments), max(moments)
        versions = [
            each
            for each in (CompiledVersion(*row) for row in rows)
            if each.ever_in_force(first, _FOREVER if each.kind == "sla_policy" else last)
        ]
        self._compile(session, versions)
        return ClientDefinitions(
            self, versions, {each: self._compiled[each.definition_id] for each in versions}
        )

    def _compile(self, session: Session, versions: Sequence[CompiledVersion]) -> None:
        missing = {each.definition_id: each for each in versions if each.definition_id not in self._compiled}
        found = session.execute(
            select(Definition.definition_id, Definition.body).where(Definition.definition_id.in_(missing))
        )
        for definition_id, body in found if missing else ():
            self._compiled[definition_id] = compiled_version(missing[definition_id], body)
        for version in versions:
            self._compiled.move_to_end(version.definition_id)
        while len(self._compiled) > max(_MAX_CACHED, len(versions)):
            self._compiled.popitem(last=False)

    def combined(
        self,
        versions: Mapping[CompiledVersion, Compiled],
        later: Mapping[CompiledVersion, SlaPolicy],
        threshold: float,
    ) -> CompiledDefinitions:
        """Return the compiled definitions for a set of versions and later versions of the SLA policy."""
        changes = tuple((each.definition_id, each.start) for each in later)
        key = (threshold, changes, *sorted(version.definition_id for version in versions))
        found = self._sets.get(key)
        if found is None:
            found = self._sets[key] = _combine(versions, later, threshold)
            if len(self._sets) > _MAX_CACHED:
                self._sets.popitem(last=False)
        self._sets.move_to_end(key)
        return found


class ClientDefinitions:
    """One client's versions as read for one batch."""

    def __init__(
        self,
        cache: DefinitionsCache,
        versions: Sequence[CompiledVersion],
        compiled: Mapping[CompiledVersion, Compiled | UnreadableDefinition],
    ) -> None:
        """Take the versions, compiled, and the cache that combines them."""
        self._cache, self._versions, self._compiled = cache, versions, compiled
        changes = {moment for each in versions for moment in (each.start, each.end) if moment is not None}
        self._changes = sorted(changes)
        self._found: dict[tuple[object, ...], CompiledDefinitions] = {}

    def rules_for(
        self, *, at: datetime, channel: str, program: str | None, threshold: float, judged: bool = True
    ) -> CompiledDefinitions:
        """Return what evaluates an interaction: one scorecard, all applicable playbooks, the policies.

        For one that is not judged by itself that is the SLA policy alone: the rest is about agents.

        Raises
        ------
        UnreadableDefinition
            When a version that was in force cannot be compiled.
        """
        # Between two starts or ends of versions nothing changes.
        key = (bisect_right(self._changes, at), channel, program, threshold, judged)
        found = self._found.get(key)
        if found is None:
            applicable = self._applicable(at, channel, program)
            if not judged:
                applicable = {each: body for each, body in applicable.items() if each.kind == "sla_policy"}
            found = self._found[key] = self._cache.combined(applicable, self._sla_after(at), threshold)
        return found

    def _applicable(self, at: datetime, channel: str, program: str | None) -> dict[CompiledVersion, Compiled]:
        readable = {each: self._read(each) for each in self._versions if each.in_force(at)}
        return applicable_versions(readable, channel, program)

    def _sla_after(self, at: datetime) -> dict[CompiledVersion, SlaPolicy]:
        """Return the versions of the SLA policy that came or come into force later, oldest first."""
        later = [each for each in self._versions if each.kind == "sla_policy" and not each.begun(at)]
        read = ((each, self._read(each)) for each in sorted(later, key=lambda each: each.start or at))
        return {each: policy for each, policy in read if isinstance(policy, SlaPolicy)}

    def _read(self, version: CompiledVersion) -> Compiled:
        compiled = self._compiled[version]
        if isinstance(compiled, UnreadableDefinition):
            raise UnreadableDefinition(*compiled.args)
        return compiled


def _combine(
    versions: Mapping[CompiledVersion, Compiled],
    later: Mapping[CompiledVersion, SlaPolicy],
    threshold: float,
) -> CompiledDefinitions:
    bodies = versions.values()
    version_of = {version.kind: version for version in versions}
    return CompiledDefinitions(
        scorecard=version_of.get("scorecard"),
        form=only_of_type(Form, bodies),
        judge=build_judge(bodies, charged_threshold=threshold),
        sla=only_of_type(SlaPolicy, bodies),
        sla_changes=tuple(PolicyChange(each.start, body) for each, body in later.items() if each.start),
        sla_version=version_of["sla_policy"].number if "sla_policy" in version_of else 0,
        sampling=only_of_type(SamplingPolicy, bodies),
        sampling_version=version_of.get("sampling_policy"),
        versions=pin_versions(
            (each.kind, each.definition_id, each.key, each.number)
            for each in sorted(versions, key=lambda each: (each.kind, each.key))
        ),
    )
