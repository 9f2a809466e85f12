"""The scorecard, brand voice and playbooks that were in force when an interaction took place."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.evaluations import pin_versions
from scorecards.authoring import versions
from scorecards.authoring.models import Definition
from scorecards.definitions import applicability
from scorecards.definitions.applicability import AppliesTo
from scorecards.definitions.form import Form

# Whoever is answered with what they submitted is shown the definitions that judged it: they are loaded once.
_LOADED = "definitions_in_force"


@dataclass(frozen=True, slots=True)
class DefinitionsInForce:
    """The definition versions that apply to one interaction; `form` is the parsed scorecard."""

    scorecard: Definition | None
    form: Form | None
    brand_voice: Definition | None
    playbooks: tuple[Definition, ...]

    @property
    def pinned(self) -> dict[str, list[dict[str, Any]]]:
        """The versions as stored with an evaluation."""
        used = [each for each in (self.brand_voice, *self.playbooks, self.scorecard) if each is not None]
        return pin_versions((each.kind, each.definition_id, each.key, each.version) for each in used)


@dataclass(frozen=True, slots=True)
class _Candidate:
    key: str
    applies_to: AppliesTo
    definition: Definition


def definitions_in_force(
    session: Session, *, client_id: uuid.UUID, at: datetime, channel: str, program: str | None
) -> DefinitionsInForce:
    """Return the definitions that apply to an interaction of this client, time, channel and program."""
    definitions = session.info[_LOADED] = versions.in_force(session, client_id=client_id, at=at)
    scorecard, playbooks = applicability.applicable(
        _of_kind(definitions, "scorecard"), _of_kind(definitions, "playbook"), channel, program
    )
    return _from_definitions(
        [each for each in definitions if each.kind == "brand_voice"]
        + [each.definition for each in playbooks]
        + ([scorecard.definition] if scorecard else [])
    )


def load_pinned_definitions(
    session: Session, pinned: Mapping[str, Sequence[Mapping[str, Any]]]
) -> DefinitionsInForce:
    """Return the definitions that an evaluation was made under."""
    ids = {uuid.UUID(entry["id"]) for entries in pinned.values() for entry in entries}
    found = [each for each in session.info.get(_LOADED, ()) if each.definition_id in ids]
    missing = ids - {each.definition_id for each in found}
    if missing:
        found += session.scalars(select(Definition).where(Definition.definition_id.in_(missing)))
    return _from_definitions(sorted(found, key=lambda each: each.key))


def _of_kind(definitions: Sequence[Definition], kind: str) -> list[_Candidate]:
    return [
        _Candidate(each.key, AppliesTo.from_body(each.body.get("applies_to")), each)
        for each in definitions
        if each.kind == kind
    ]


_MAX_FORMS = 256
_forms: dict[uuid.UUID, Form] = {}


def _form_of(scorecard: Definition) -> Form:
    """Return the parsed form of a version, which once published never changes."""
    if scorecard.state == "draft":
        return Form.from_body(scorecard.body)
    found = _forms.get(scorecard.definition_id)
    if found is None:
        if len(_forms) >= _MAX_FORMS:
            _forms.clear()
        found = _forms[scorecard.definition_id] = Form.from_body(scorecard.body)
    return found


def _from_definitions(definitions: Sequence[Definition]) -> DefinitionsInForce:
    single = {each.kind: each for each in definitions}
    scorecard = single.get("scorecard")
    return DefinitionsInForce(
        scorecard=scorecard,
        form=_form_of(scorecard) if scorecard else None,
        brand_voice=single.get("brand_voice"),
        playbooks=tuple(each for each in definitions if each.kind == "playbook"),
    )
