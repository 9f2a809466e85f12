"""API representations of models and trainings.

Callers who may see reviewers get all figures, with names; for a client's stakeholders small counts are
suppressed.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.disclosure import unless_small
from qm.learning.model_card_disclosure import card_without_small_counts, refusal_without_counts
from qm.learning.models import Model, Training
from tenants.http.contract import tag_of
from tenants.models import Client
from tenants.users import people_by_id

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNKNOWN_REVIEWER = "a reviewer"


def training_representations(
    session: Session, trainings: Sequence[Training], *, sees_people: bool = True
) -> list[dict[str, Any]]:
    """Return the representations of trainings, with their clients' slugs."""
    slugs = _slugs(session, trainings)
    names = _names(session, (line for each in trainings for line in each.refusals)) if sees_people else {}
    return [
        {
            **_columns(each),
            "client": slugs.get(each.client_id),
            "asked_by": each.asked_by if sees_people else None,
            "labels": each.labels if sees_people else unless_small(each.labels),
            "refusals": [
                _refusal_with_names(line, names) if sees_people else refusal_without_counts(line)
                for line in each.refusals
            ],
        }
        for each in trainings
    ]


def model_representations(
    session: Session, models: Sequence[Model], *, sees_people: bool = True
) -> list[dict[str, Any]]:
    """Return the representations of models, with their clients' slugs and their cards, without artefacts."""
    slugs = _slugs(session, models)
    refusals = (line["refused"] for each in models for line in _card_questions(each) if line.get("refused"))
    names = _names(session, refusals) if sees_people else {}
    cards = [_card(each, names) if sees_people else card_without_small_counts(each.card) for each in models]
    return [
        {
            **_columns(each),
            "client": slugs.get(each.client_id),
            "digest": each.digest.hex(),
            "bytes": each.kept_bytes,
            "trained_on": card.get("trained_on", 0),
            "questions": sum(not line.get("refused") for line in _card_questions(each)),
            "card": card,
        }
        for each, card in zip(models, cards, strict=True)
    ]


def model_etag(model: Model) -> str:
    """Return the entity tag of a model."""
    return tag_of(model.model_id, model.revision)


def _card_questions(model: Model) -> Sequence[Mapping[str, Any]]:
    questions: Sequence[Mapping[str, Any]] = model.card.get("questions", ())
    return questions


def _card(model: Model, names: Mapping[str, str]) -> dict[str, Any]:
    questions = [
        {**line, "refused": _refusal_with_names(line["refused"], names) if line.get("refused") else None}
        for line in _card_questions(model)
    ]
    return {**model.card, "questions": questions}


def _refusal_with_names(refusal: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Replace reviewers' ids by their names, or by a placeholder where the name is unknown."""
    detail = _ID.sub(lambda found: names.get(found.group(), _UNKNOWN_REVIEWER), refusal["detail"])
    return {**refusal, "detail": detail}


def _names(session: Session, refusals: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    ids = {uuid.UUID(each) for refusal in refusals for each in _ID.findall(refusal["detail"])}
    return {str(each): person["name"] for each, person in people_by_id(session, ids).items()}


def _columns(row: Model | Training) -> dict[str, Any]:
    deferred = {"artefact", "lessons"}
    return {
        column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in deferred
    }


def _slugs(session: Session, rows: Sequence[Model | Training]) -> dict[uuid.UUID | None, str]:
    client_ids = {each.client_id for each in rows if each.client_id is not None}
    if not client_ids:
        return {}
    clients = session.execute(select(Client.client_id, Client.slug).where(Client.client_id.in_(client_ids)))
    return {row.client_id: row.slug for row in clients}
