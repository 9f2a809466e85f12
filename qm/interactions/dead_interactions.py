"""Retries dead interactions, whose scoring failed at every attempt."""

from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qm import jobs
from qm.interactions.models import LOCK_ORDER, Interaction
from tenants import audit
from tenants.bulk_sql import id_array
from tenants.models import Client


def retry_dead(session: Session, redis: Redis, client: Client) -> int:
    """Set every dead interaction of a client back to pending with no attempts; return how many there were."""
    dead = (
        Interaction.tenant_id == client.tenant_id,
        Interaction.client_id == client.client_id,
        Interaction.state == "dead",
    )
    # In the order in which every statement locks several of them.
    ids = session.scalars(
        select(Interaction.interaction_id).where(*dead).order_by(*LOCK_ORDER).with_for_update(key_share=True)
    ).all()
    found = session.execute(
        update(Interaction)
        .where(*dead, Interaction.interaction_id == id_array(ids))
        .values(state="pending", attempts=0, error=None)
        .returning(Interaction.interaction_id)
    ).all()
    if found:
        audit.record(
            session,
            "interactions.retried",
            f"client:{client.client_id}",
            client_id=client.client_id,
            count=len(found),
        )
        jobs.wake_after_commit(session, redis)
    return len(found)
