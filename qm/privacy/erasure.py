"""Erases an interaction with all its data, and records that in the audit log."""

import uuid
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qm.facts.rollups import delete_facts
from qm.interactions.queries import lock_interaction
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.models import utc_now


def erase_interaction(session: Session, interaction_id: uuid.UUID) -> dict[str, Any]:
    """Delete an interaction with its facts, reviews and evaluations, and audit the erasure.

    The row is locked before anything else: a worker that is about to store its facts is waited for, and one
    that comes later finds nothing.
    """
    interaction = lock_interaction(session, interaction_id, erase=True)
    counts = {
        "evaluations": _count(session, Evaluation, interaction_id),
        "reviews": _count(session, Review, interaction_id),
    }
    session.execute(
        delete(Review)
        .where(Review.tenant_id == interaction.tenant_id, Review.interaction_id == interaction_id)
        .execution_options(synchronize_session=False)
    )
    delete_facts(session, [interaction_id])
    session.delete(interaction)
    session.flush()
    audit.record(
        session,
        "interaction.erased",
        f"interaction:{interaction_id}",
        client_id=interaction.client_id,
        **counts,
    )
    return {"id": interaction_id, "erased_at": utc_now(), **counts}


def _count(session: Session, table: Any, interaction_id: uuid.UUID) -> int:
    return session.scalar(select(func.count()).where(table.interaction_id == interaction_id)) or 0
