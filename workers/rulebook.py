"""Which definitions judge which interaction, compiled once and kept while they are used.

Versions are immutable, so whatever is compiled for a set of version ids stays right forever; only the
list of a client's versions is read anew for each slice.
"""

import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scorecards import applies, sampling, sla_policy
from scorecards.autoscore.engine import Judge
from scorecards.brand_voice import BrandVoice
from scorecards.form import Form
from scorecards.models import Definition
from scorecards.playbook import Playbook
from scorecards.sampling import SamplingPolicy
from scorecards.sla_policy import SlaPolicy

_MOST_KEPT = 200

Compiled = Form | BrandVoice | Playbook | SlaPolicy | SamplingPolicy
_COMPILERS = {
    "scorecard": Form.from_body,
    "brand_voice": BrandVoice.from_body,
    "playbook": Playbook.from_body,
    "sla_policy": sla_policy.from_body,
    "sampling_policy": sampling.from_body,
}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a definition with the time it is in force."""

    definition_id: uuid.UUID
    kind: str
    key: str
    number: int
    start: datetime
    end: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Whether it judges what took place at this moment."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Rules:
    """What judges one interaction: the versions in force when it took place, compiled."""

    scorecard: Version | None
    form: Form | None
    judge: Judge
    sla: SlaPolicy | None
    sampling: SamplingPolicy | None
    sampling_version: Version | None
    versions: dict[str, list[dict[str, str | int]]]


class Rulebook:
    """Compiled definitions and judges of the clients this process has met, the oldest unused forgotten."""

    def __init__(self) -> None:
        """Start empty."""
        self._compiled: OrderedDict[uuid.UUID, Compiled] = OrderedDict()
        self._rules: OrderedDict[tuple[object, ...], Rules] = OrderedDict()

    def open(self, session: Session, client_id: uuid.UUID) -> "Chapter":
        """Read the client's list of versions, and compile those that are new."""
        rows = session.execute(
            select(
                Definition.definition_id,
                Definition.kind,
                Definition.key,
                Definition.version,
                Definition.effective_from,
                Definition.effective_to,
            ).where(Definition.client_id == client_id, Definition.state != "draft")
        ).all()
        versions = [Version(*row) for row in rows]
        missing = [each.definition_id for each in versions if each.definition_id not in self._compiled]
        if missing:
            found = session.execute(
                select(Definition.definition_id, Definition.kind, Definition.body).where(
                    Definition.definition_id.in_(missing)
                )
            )
            for definition_id, kind, body in found:
                self._compiled[definition_id] = _COMPILERS[kind](body)
        for version in versions:
            self._compiled.move_to_end(version.definition_id)
        while len(self._compiled) > max(_MOST_KEPT, len(versions)):
            self._compiled.popitem(last=False)
        return Chapter(self, versions)

    def compiled(self, version: Version) -> Compiled:
        """Return the compiled definition of a version of the opened chapter."""
        return self._compiled[version.definition_id]

    def rules(self, key: tuple[object, ...], versions: Sequence[Version], threshold: float) -> Rules:
        """Return the compiled rules for a set of versions."""
        rules = self._rules.get(key)
        if rules is None:
            rules = self._rules[key] = self._assemble(versions, threshold)
            if len(self._rules) > _MOST_KEPT:
                self._rules.popitem(last=False)
        self._rules.move_to_end(key)
        return rules

    def _assemble(self, versions: Sequence[Version], threshold: float) -> Rules:
        by_kind: dict[str, list[tuple[Version, Compiled]]] = {}
        for version in versions:
            by_kind.setdefault(version.kind, []).append((version, self.compiled(version)))
        first = {kind: found[0] for kind, found in by_kind.items()}
        form = first["scorecard"][1] if "scorecard" in first else None
        voice = first["brand_voice"][1] if "brand_voice" in first else None
        clocks = first["sla_policy"][1] if "sla_policy" in first else None
        draw = first["sampling_policy"][1] if "sampling_policy" in first else None
        playbooks = [book for _, book in by_kind.get("playbook", []) if isinstance(book, Playbook)]
        form = form if isinstance(form, Form) else None
        return Rules(
            scorecard=first["scorecard"][0] if form else None,
            form=form,
            judge=Judge(
                form,
                voice if isinstance(voice, BrandVoice) else None,
                playbooks,
                charged_threshold=threshold,
            ),
            sla=clocks if isinstance(clocks, SlaPolicy) else None,
            sampling=draw if isinstance(draw, SamplingPolicy) else None,
            sampling_version=first["sampling_policy"][0] if draw else None,
            versions=_named(versions),
        )


class Chapter:
    """One client's versions as read for one slice."""

    def __init__(self, book: Rulebook, versions: Sequence[Version]) -> None:
        """Keep the versions beside the book that compiled them."""
        self._book, self._versions = book, versions

    def rules_for(self, *, at: datetime, channel: str, program: str | None, threshold: float) -> Rules:
        """Return what judges an interaction: one scorecard, every playbook that applies, the policies."""
        chosen = [version for version in self._versions if version.in_force(at) and version.kind not in _CHOSEN]
        for kind in _CHOSEN:
            chosen += self._applying(kind, at, channel, program)
        key = (threshold, *sorted(version.definition_id for version in chosen))
        return self._book.rules(key, chosen, threshold)

    def _applying(self, kind: str, at: datetime, channel: str, program: str | None) -> list[Version]:
        found = [version for version in self._versions if version.kind == kind and version.in_force(at)]
        by_key = {version.key: version for version in found}
        candidates = [self._book.compiled(version) for version in found]
        if kind == "scorecard":
            form = applies.choose([each for each in candidates if isinstance(each, Form)], channel, program)
            return [by_key[form.key]] if form else []
        return [
            by_key[book.key]
            for book in candidates
            if isinstance(book, Playbook) and book.applies_to.matches(channel, program)
        ]


_CHOSEN = ("scorecard", "playbook")


def _named(versions: Sequence[Version]) -> dict[str, list[dict[str, str | int]]]:
    """Return the versions as an evaluation pins them."""
    named: dict[str, list[dict[str, str | int]]] = {}
    for version in sorted(versions, key=lambda each: (each.kind, each.key)):
        entry: dict[str, str | int] = {
            "id": str(version.definition_id),
            "key": version.key,
            "version": version.number,
        }
        named.setdefault(version.kind, []).append(entry)
    return named
