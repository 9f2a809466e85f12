"""Models and trainings as they are shown.

Whoever may know who reviewed is told everything, with names; a client's own people are told no small figures.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.disclosure import unless_small
from qm.learning.models import Model, Training
from qm.learning.small_counts import plain_card, plain_refusal
from tenants.http.contract import tag_of
from tenants.models import Client
from tenants.users import people_by_id

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOMEBODY = "a reviewer"


def trainings_shown(
    session: Session, found: Sequence[Training], *, sees_people: bool = True
) -> list[dict[str, Any]]:
    """Return trainings with their clients' slugs."""
    slugs = _slugs(session, found)
    names = _names(session, (line for each in found for line in each.refusals)) if sees_people else {}
    return [
        {
            **_columns(each),
            "client": slugs.get(each.client_id),
            "asked_by": each.asked_by if sees_people else None,
            "labels": each.labels if sees_people else unless_small(each.labels),
            "refusals": [
                _worded(line, names) if sees_people else plain_refusal(line) for line in each.refusals
            ],
        }
        for each in found
    ]


def models_shown(
    session: Session, found: Sequence[Model], *, sees_people: bool = True
) -> list[dict[str, Any]]:
    """Return models with their clients' slugs and their cards, without artefacts."""
    slugs = _slugs(session, found)
    refusals = (line["refused"] for each in found for line in _lines(each) if line.get("refused"))
    names = _names(session, refusals) if sees_people else {}
    cards = [_card(each, names) if sees_people else plain_card(each.card) for each in found]
    return [
        {
            **_columns(each),
            "client": slugs.get(each.client_id),
            "digest": each.digest.hex(),
            "bytes": each.kept_bytes,
            "trained_on": card.get("trained_on", 0),
            "questions": sum(not line.get("refused") for line in _lines(each)),
            "card": card,
        }
        for each, card in zip(found, cards, strict=True)
    ]


def model_tag(model: Model) -> str:
    """Return the entity tag of a model."""
    return tag_of(model.model_id, model.revision)


def _lines(model: Model) -> Sequence[Mapping[str, Any]]:
    lines: Sequence[Mapping[str, Any]] = model.card.get("questions", ())
    return lines


def _card(model: Model, names: Mapping[str, str]) -> dict[str, Any]:
    lines = [
        {**line, "refused": _worded(line["refused"], names) if line.get("refused") else None}
        for line in _lines(model)
    ]
    return {**model.card, "questions": lines}


def _worded(refusal: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Put names in the place of ids; an id without a name is nobody's business."""
    detail = _ID.sub(lambda found: names.get(found.group(), _SOMEBODY), refusal["detail"])
    return {**refusal, "detail": detail}


def _names(session: Session, refusals: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    ids = {uuid.UUID(each) for refusal in refusals for each in _ID.findall(refusal["detail"])}
    return {str(each): person["name"] for each, person in people_by_id(session, ids).items()}


def _columns(row: Model | Training) -> dict[str, Any]:
    deferred = {"artefact", "lessons"}
    return {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in deferred
    }


def _slugs(session: Session, found: Sequence[Model | Training]) -> dict[uuid.UUID | None, str]:
    wanted = {each.client_id for each in found if each.client_id is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Client.client_id, Client.slug).where(Client.client_id.in_(wanted)))
    return {row.client_id: row.slug for row in rows}
