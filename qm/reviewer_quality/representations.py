"""API representations of golden items."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.quality_check_models import GoldenItem, QualityCheck
from qm.reviews.reviewed_words import words
from scorecards.authoring.models import Definition
from tenants.models import Client
from tenants.users import people_by_id


def item_representations(session: Session, items: Sequence[GoldenItem]) -> list[dict[str, Any]]:
    """Return golden items with their interactions, and how many people answered each."""
    interactions = _interactions(session, items)
    scorecards = {
        each.definition_id: each
        for each in session.execute(
            select(Definition.definition_id, Definition.key, Definition.version).where(
                Definition.definition_id.in_({item.scorecard_id for item in items})
            )
        )
    }
    answered = _answered(session, items)
    people = people_by_id(session, (item.set_by for item in items))
    return [
        {
            "id": item.golden_item_id,
            "client": interactions[item.interaction_id].slug,
            "interaction": item.interaction_id,
            "external_id": interactions[item.interaction_id].external_id,
            "started_at": interactions[item.interaction_id].started_at,
            "evaluation": item.evaluation_id,
            "scorecard": scorecards[item.scorecard_id].key,
            "version": scorecards[item.scorecard_id].version,
            "answers": item.answers,
            "score": item.score,
            "note": item.note,
            "set_by": people.get(item.set_by),
            "created_at": item.created_at,
            "retired_at": item.retired_at,
            "retire_reason": item.retire_reason,
            "changed": interactions[item.interaction_id].words != item.words,
            "answered": answered.get(item.golden_item_id, 0),
        }
        for item in items
    ]


def _interactions(session: Session, items: Sequence[GoldenItem]) -> Mapping[Any, Any]:
    rows = session.execute(
        select(
            Interaction.interaction_id,
            Interaction.external_id,
            Interaction.started_at,
            Client.slug,
            words.label("words"),
        )
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id.in_({item.interaction_id for item in items}))
    )
    return {row.interaction_id: row for row in rows}


def _answered(session: Session, items: Sequence[GoldenItem]) -> Mapping[Any, int]:
    rows = session.execute(
        select(QualityCheck.golden_item_id, func.count().label("people"))
        .where(
            QualityCheck.golden_item_id.in_({item.golden_item_id for item in items}),
            QualityCheck.answered_at.is_not(None),
        )
        .group_by(QualityCheck.golden_item_id)
    )
    return {row.golden_item_id: row.people for row in rows}
