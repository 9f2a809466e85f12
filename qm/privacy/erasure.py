"""Erases an interaction with all its data, and records that in the audit log."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qm.facts.rollups import delete_facts
from qm.interactions.models import Interaction
from qm.interactions.parts import lock_with_parts
from qm.interactions.queries import get_whole
from qm.reviews.models import Evaluation, Review
from tenants import audit
from tenants.bulk_sql import id_array
from tenants.http.faults import NotFound
from tenants.models import utc_now


def erase_interaction(session: Session, interaction_id: uuid.UUID) -> dict[str, Any]:
    """Delete an interaction with its parts, facts, reviews and evaluations, and audit the erasure.

    The rows are locked before anything else: a worker that is about to store its facts is waited for, and one
    that comes later finds nothing.
    """
    interaction = get_whole(session, interaction_id)
    owner = {"tenant_id": interaction.tenant_id, "client_id": interaction.client_id}
    ids = lock_with_parts(session, interaction)
    if not ids:
        raise NotFound("interaction")
    counts = {"evaluations": _count(session, Evaluation, ids), "reviews": _count(session, Review, ids)}
    _delete(session, Review, owner, ids)
    delete_facts(session, ids)
    _delete(session, Interaction, owner, ids)
    audit.record(
        session,
        "interaction.erased",
        f"interaction:{interaction_id}",
        client_id=owner["client_id"],
        **counts,
    )
    return {"id": interaction_id, "erased_at": utc_now(), **counts}


def _count(session: Session, table: Any, ids: Sequence[uuid.UUID]) -> int:
    return session.scalar(select(func.count()).where(table.interaction_id == id_array(ids))) or 0


def _delete(session: Session, table: Any, owner: Mapping[str, Any], ids: Sequence[uuid.UUID]) -> None:
    session.execute(
        delete(table)
        .filter_by(**owner)
        .where(table.interaction_id == id_array(ids))
        .execution_options(synchronize_session=False)
    )
