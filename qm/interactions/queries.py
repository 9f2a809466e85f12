"""Queries of stored interactions."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.http.faults import NotFound
from tenants.isolation import scope_of


def get_interaction(session: Session, interaction_id: uuid.UUID) -> Interaction:
    """Return the interaction with this id, if the caller may see it."""
    found = session.scalars(
        select(Interaction).where(
            Interaction.tenant_id == scope_of(session).tenant_id, Interaction.interaction_id == interaction_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound("interaction")
    return found
