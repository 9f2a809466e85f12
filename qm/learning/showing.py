"""Models and trainings as they are shown."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.learning.models import Model, Training
from tenants.contract import tag_of
from tenants.models import Client


def trainings_shown(session: Session, found: Sequence[Training]) -> list[dict[str, Any]]:
    """Return trainings with their clients' slugs."""
    slugs = _slugs(session, found)
    return [{**_columns(each), "client": slugs.get(each.client_id)} for each in found]


def models_shown(session: Session, found: Sequence[Model]) -> list[dict[str, Any]]:
    """Return models with their clients' slugs, without cards and artefacts."""
    slugs = _slugs(session, found)
    return [
        {
            **_columns(each),
            "client": slugs.get(each.client_id),
            "digest": each.digest.hex(),
            "bytes": each.kept_bytes,
            "trained_on": each.card.get("trained_on", 0),
            "questions": sum(not question.get("refused") for question in each.card.get("questions", ())),
        }
        for each in found
    ]


def model_tag(model: Model) -> str:
    """Return the entity tag of a model."""
    return tag_of(model.model_id, model.revision)


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
