"""Erases an interaction with everything known of it, and leaves a receipt in the audit log."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.facts.rollups import forget
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.models import utc_now


def erase(session: Session, interaction: Interaction) -> dict[str, Any]:
    """Remove an interaction with everything known of it, and leave a receipt in the audit log."""
    ids = [interaction.interaction_id]
    counts = {
        "evaluations": _count(session, Evaluation, ids),
        "reviews": _count(session, Review, ids),
    }
    forget(session, ids)
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
