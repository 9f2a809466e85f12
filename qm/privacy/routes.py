"""Interactions over HTTP: erased."""

from typing import Any
from uuid import UUID

from qm.interactions.queries import interaction_with
from qm.interactions.routes import blueprint
from qm.privacy import erasure
from qm.privacy.schemas import ErasedSchema
from tenants.access import requires, session


@blueprint.route("/interactions/<uuid:interaction_id>", methods=["DELETE"])
@requires("interactions:write")
@blueprint.response(200, ErasedSchema)
def erase(interaction_id: UUID) -> Any:
    """Erase an interaction with all that is known of it; the audit log keeps a receipt."""
    return erasure.erase(session(), interaction_with(session(), interaction_id))
