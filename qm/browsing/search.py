"""Finds what an id or an external id names, over all clients that the caller sees."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation, Review
from qm.reviews.queue import visible_reviews
from tenants.credentials import Actor
from tenants.isolation import scope_of
from tenants.models import Client

HIT_KINDS = ("interaction", "review", "evaluation", "customer")
_MOST = 50
_MOST_COUNTED = 1000


def find(session: Session, actor: Actor, wanted: str) -> list[dict[str, Any]]:
    """Return what is called so, exactly: interactions, reviews and evaluations, then customers."""
    slugs = {row.client_id: row.slug for row in session.execute(select(Client.client_id, Client.slug))}
    found = [*_interactions(session, wanted), *_by_own_id(session, actor, wanted)]
    hits = [
        {
            "kind": kind,
            "id": own_id,
            "client": slugs[row.client_id],
            "external_id": row.external_id,
            "count": None,
            "started_at": row.started_at,
        }
        for kind, own_id, row in found
    ]
    return hits + [
        {
            "kind": "customer",
            "id": None,
            "client": slug,
            "external_id": wanted,
            "count": row.count,
            "started_at": row.last,
        }
        for client_id, slug in sorted(slugs.items(), key=lambda each: each[1])
        if (row := _customer(session, client_id, wanted)).count
    ]


_COLUMNS = (
    Interaction.interaction_id,
    Interaction.client_id,
    Interaction.external_id,
    Interaction.started_at,
)


def _interactions(session: Session, wanted: str) -> Iterator[tuple[str, uuid.UUID, Any]]:
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            Interaction.tenant_id == scope_of(session).tenant_id,
            Interaction.client_id.in_(scope_of(session).client_ids),
            Interaction.external_id == wanted,
            Interaction.part_agent == "",
        )
        .order_by(Interaction.started_at.desc())
        .limit(_MOST)
    )
    return (("interaction", row.interaction_id, row) for row in rows)


def _by_own_id(session: Session, actor: Actor, wanted: str) -> Iterator[tuple[str, uuid.UUID, Any]]:
    """Yield what has this id, if it is one; what is hidden from the caller is not there."""
    try:
        own_id = uuid.UUID(wanted)
    except ValueError:
        return
    of_interaction = select(*_COLUMNS).where(Interaction.tenant_id == scope_of(session).tenant_id)
    statements = {
        "interaction": of_interaction.where(Interaction.interaction_id == own_id),
        "review": of_interaction.join(
            Review,
            (Review.tenant_id == Interaction.tenant_id)
            & (Review.interaction_id == Interaction.interaction_id),
        ).where(Review.review_id == own_id, visible_reviews(actor)),
        "evaluation": of_interaction.join(
            Evaluation,
            (Evaluation.tenant_id == Interaction.tenant_id)
            & (Evaluation.interaction_id == Interaction.interaction_id),
        ).where(Evaluation.evaluation_id == own_id, visible_evaluations(actor)),
    }
    for kind, statement in statements.items():
        for row in session.execute(statement):
            yield kind, own_id, row


def _customer(session: Session, client_id: uuid.UUID, wanted: str) -> Any:
    """Return how many interactions a client's customer had, and when the last one began."""
    theirs = (
        select(Interaction.started_at)
        .where(
            Interaction.tenant_id == scope_of(session).tenant_id,
            Interaction.client_id == client_id,
            Interaction.customer == wanted,
            Interaction.part_agent == "",
        )
        .order_by(Interaction.started_at.desc())
        .limit(_MOST_COUNTED)
        .subquery()
    )
    counted = select(func.count().label("count"), func.max(theirs.c.started_at).label("last"))
    return session.execute(counted.select_from(theirs)).one()
