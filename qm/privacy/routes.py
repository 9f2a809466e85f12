"""HTTP routes that erase an interaction."""

from typing import Any
from uuid import UUID

from qm.interactions.queries import get_interaction_by_external_id
from qm.interactions.routes import BY_EXTERNAL_ID, blueprint
from qm.privacy import erasure
from qm.privacy.schemas import ErasedSchema
from tenants.access import requires, session
from tenants.models import Client


@blueprint.route("/interactions/<uuid:interaction_id>", methods=["DELETE"])
@requires("interactions:write")
@blueprint.response(200, ErasedSchema)
def erase_interaction(interaction_id: UUID) -> Any:
    """Erase an interaction with all that is known of it; the audit log keeps a receipt."""
    return erasure.erase_interaction(session(), interaction_id)


@blueprint.route(BY_EXTERNAL_ID, methods=["DELETE"])
@requires("interactions:write")
@blueprint.response(200, ErasedSchema)
def erase_interaction_by_external_id(client: Client, external_id: str) -> Any:
    """Erase an interaction by the sender's own id, with all that is known of it."""
    found = get_interaction_by_external_id(session(), client, external_id)
    return erasure.erase_interaction(session(), found.interaction_id)
