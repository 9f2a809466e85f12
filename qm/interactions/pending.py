"""Sets interactions back to pending."""

import uuid
from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.bulk_sql import id_array
from tenants.isolation import scope_of


def set_pending(session: Session, client_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> None:
    """Set a client's interactions, locked by the caller, back to pending under a new revision.

    The claim of a worker that is scoring one of them is revoked.
    """
    session.execute(
        update(Interaction)
        .where(
            Interaction.tenant_id == scope_of(session).tenant_id,
            Interaction.client_id == client_id,
            Interaction.interaction_id == id_array(ids),
        )
        .values(
            state="pending",
            attempts=0,
            claim_token=None,
            lease_until=None,
            error=None,
            revision=Interaction.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )
