"""Erases an interaction with all its data, and records that in the audit log."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.facts.rollups import delete_facts
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.models import utc_now


def erase_interaction(session: Session, interaction: Interaction) -> dict[str, Any]:
    """Delete an interaction with its facts, reviews and evaluations, and audit the erasure."""
    ids = [interaction.interaction_id]
    counts = {
        "evaluations": _count(session, Evaluation, ids),
        "reviews": _count(session, Review, ids),
    }
    delete_facts(session, ids)
    session.execute(
        Review.__table__.delete().where(  # type: ignore[attr-defined]
            Review.tenant_id == interaction.tenant_id, Review.interaction_id.in_(ids)
        )
    )
    session.delete(interaction)
    session.flush()
    audit.record(
        session,
        "interaction.erased",
        f"interaction:{interaction.interaction_id}",
        client_id=interaction.client_id,
        **counts,
    )
    return {"id": interaction.interaction_id, "erased_at": utc_now(), **counts}


def _count(session: Session, table: Any, ids: Sequence[uuid.UUID]) -> int:
    return session.scalar(select(func.count()).where(table.interaction_id.in_(ids))) or 0
