"""Which definitions judge which interaction, compiled once and kept while they are used.

Versions are immutable, so whatever is compiled for a set of version ids stays right forever; only the
list of a client's versions is read anew for each slice.
"""

import uuid
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.evaluations import pin_versions
from scorecards.authoring.models import Definition
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
from scorecards.sampling.inclusion import SamplingPolicy
from scorecards.sla.policy import SlaPolicy

_MAX_CACHED = 200


@dataclass(frozen=True, slots=True)
class CompiledDefinitions:
    """What judges one interaction: the versions in force when it took place, compiled."""

    scorecard: CompiledVersion | None
    form: Form | None
    judge: Judge
    sla: SlaPolicy | None
    sampling: SamplingPolicy | None
    sampling_version: CompiledVersion | None
    versions: dict[str, list[dict[str, Any]]]


class DefinitionsCache:
    """Compiled definitions and judges of the clients this process has met, the oldest unused forgotten."""

    def __init__(self) -> None:
        """Start empty."""
        self._compiled: OrderedDict[uuid.UUID, Compiled | UnreadableDefinition] = OrderedDict()
        self._rules: OrderedDict[tuple[object, ...], CompiledDefinitions] = OrderedDict()

    def open(
        self, session: Session, client_id: uuid.UUID, moments: Sequence[datetime]
    ) -> "ClientDefinitions":
        """Read which of the client's versions were in force around these moments, and compile new ones."""
        rows = session.execute(
            select(
                Definition.definition_id,
                Definition.kind,
                Definition.key,
                Definition.version,
                Definition.effective_from,
                Definition.effective_to,
            ).where(Definition.client_id == client_id, Definition.state != "draft")
        )
        first, last = min(moments), max(moments)
        versions = [
            each for each in (CompiledVersion(*row) for row in rows) if each.ever_in_force(first, last)
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

    def rules(self, chosen: Mapping[CompiledVersion, Compiled], threshold: float) -> CompiledDefinitions:
        """Return the compiled rules for a set of versions."""
        key = (threshold, *sorted(version.definition_id for version in chosen))
        rules = self._rules.get(key)
        if rules is None:
            rules = self._rules[key] = _assembled(chosen, threshold)
            if len(self._rules) > _MAX_CACHED:
                self._rules.popitem(last=False)
        self._rules.move_to_end(key)
        return rules


class ClientDefinitions:
    """One client's versions as read for one slice."""

    def __init__(
        self,
        book: DefinitionsCache,
        versions: Sequence[CompiledVersion],
        compiled: Mapping[CompiledVersion, Compiled | UnreadableDefinition],
    ) -> None:
        """Keep the versions, compiled, beside the book that assembles their rules."""
        self._book, self._versions, self._compiled = book, versions, compiled
        ends = {moment for each in versions for moment in (each.start, each.end) if moment is not None}
        self._ends = sorted(ends)
        self._known: dict[tuple[object, ...], CompiledDefinitions] = {}

    def rules_for(
        self, *, at: datetime, channel: str, program: str | None, threshold: float
    ) -> CompiledDefinitions:
        """Return what judges an interaction: one scorecard, every playbook that applies, the policies.

        Raises
        ------
        UnreadableDefinition
            When a version that was in force cannot be compiled.
        """
        # Between two beginnings or ends of versions nothing changes.
        key = (bisect_right(self._ends, at), channel, program, threshold)
        rules = self._known.get(key)
        if rules is None:
            rules = self._known[key] = self._book.rules(self._chosen(at, channel, program), threshold)
        return rules

    def _chosen(self, at: datetime, channel: str, program: str | None) -> dict[CompiledVersion, Compiled]:
        readable = {each: self._read(each) for each in self._versions if each.in_force(at)}
        return applicable_versions(readable, channel, program)

    def _read(self, version: CompiledVersion) -> Compiled:
        compiled = self._compiled[version]
        if isinstance(compiled, UnreadableDefinition):
            raise UnreadableDefinition(*compiled.args)
        return compiled


def _assembled(chosen: Mapping[CompiledVersion, Compiled], threshold: float) -> CompiledDefinitions:
    bodies = chosen.values()
    version_of = {version.kind: version for version in chosen}
    return CompiledDefinitions(
        scorecard=version_of.get("scorecard"),
        form=only_of_type(Form, bodies),
        judge=build_judge(bodies, charged_threshold=threshold),
        sla=only_of_type(SlaPolicy, bodies),
        sampling=only_of_type(SamplingPolicy, bodies),
        sampling_version=version_of.get("sampling_policy"),
        versions=pin_versions(
            (each.kind, each.definition_id, each.key, each.number)
            for each in sorted(chosen, key=lambda each: (each.kind, each.key))
        ),
    )
