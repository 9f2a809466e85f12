"""Retries dead interactions, whose scoring failed at every attempt."""

from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from qm import jobs
from qm.interactions.models import Interaction
from tenants import audit
from tenants.models import Client


def retry_dead(session: Session, redis: Redis, client: Client) -> int:
    """Set every dead interaction of a client back to pending with no attempts; return how many there were."""
    found = session.execute(
        update(Interaction)
        .where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.state == "dead",
        )
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
