"""HTTP routes that list and read interactions."""

from typing import Any
from uuid import UUID

from qm.browsing import queries
from qm.browsing.schemas import InteractionArguments, InteractionPageSchema, ShownInteractionSchema
from qm.interactions.models import Interaction
from qm.interactions.queries import get_interaction
from qm.interactions.routes import blueprint
from tenants.access import actor, requires, session
from tenants.http.contract import linked, page_of
from tenants.models import Client


@blueprint.route("/clients/<client>/interactions")
@requires("interactions:read")
@blueprint.arguments(InteractionArguments, location="query")
@blueprint.response(200, InteractionPageSchema)
def list_interactions(arguments: dict[str, Any], client: Client) -> Any:
    """List a client's interactions, newest first."""
    limit, cursor = arguments.pop("limit"), arguments.pop("cursor")
    key = [Interaction.started_at, Interaction.interaction_id]
    statement = queries.list_statement(actor(), client, arguments)
    page = page_of(session(), statement, key, limit=limit, cursor=cursor, descending=True)
    return linked(page, queries.summary_representations(session(), actor(), page.data))


@blueprint.route("/interactions/<uuid:interaction_id>")
@requires("interactions:read")
@blueprint.response(200, ShownInteractionSchema)
def show(interaction_id: UUID) -> Any:
    """Read one interaction with its transcript and clocks."""
    return queries.full_representation(session(), actor(), get_interaction(session(), interaction_id))
