"""HTTP route that erases an interaction."""

from typing import Any
from uuid import UUID

from qm.interactions.routes import blueprint
from qm.privacy import erasure
from qm.privacy.schemas import ErasedSchema
from tenants.access import requires, session


@blueprint.route("/interactions/<uuid:interaction_id>", methods=["DELETE"])
@requires("interactions:write")
@blueprint.response(200, ErasedSchema)
def erase(interaction_id: UUID) -> Any:
    """Erase an interaction with all that is known of it; the audit log keeps a receipt."""
    return erasure.erase_interaction(session(), interaction_id)
