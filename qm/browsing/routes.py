"""HTTP routes that list and read interactions."""

from typing import Any
from uuid import UUID

from qm.browsing import all_clients, queries, search
from qm.browsing.schemas import (
    AllInteractionsArguments,
    InteractionArguments,
    InteractionPageSchema,
    ListedInteractionPageSchema,
    SearchArguments,
    SearchResultSchema,
    ShownInteractionSchema,
)
from qm.interactions import queries as stored
from qm.interactions.models import Interaction
from qm.interactions.routes import BY_EXTERNAL_ID, blueprint
from tenants.access import actor, requires, session
from tenants.http.changes import page_of_changes
from tenants.http.contract import linked, page_of
from tenants.models import Client


@blueprint.route("/clients/<client>/interactions")
@requires("interactions:read", snapshot=False)
@blueprint.arguments(InteractionArguments, location="query")
@blueprint.response(200, InteractionPageSchema)
def list_interactions(arguments: dict[str, Any], client: Client) -> Any:
    """List a client's interactions, newest first; with `updated_since` by when they changed, oldest first.

    To stay in step, ask with the `changed_at` of the last item as `updated_since`, again and again: what
    changed in that moment comes once more, and nothing is lost. What was erased is not in the list; the audit
    log has it.
    """
    limit, cursor, since = (arguments.pop(name, None) for name in ("limit", "cursor", "updated_since"))
    statement = queries.list_statement(actor(), client, arguments)
    paging = {"limit": limit, "cursor": cursor}
    if since is None:
        key = [Interaction.started_at, Interaction.interaction_id]
        page = page_of(session(), statement, key, descending=True, **paging)
    else:
        key = [Interaction.updated_at, Interaction.interaction_id]
        page = page_of_changes(session(), statement, key, since=since, **paging)
    return linked(page, queries.summary_representations(session(), actor(), page.data))


@blueprint.route("/interactions")
@requires("interactions:read", snapshot=False)
@blueprint.arguments(AllInteractionsArguments, location="query")
@blueprint.response(200, ListedInteractionPageSchema)
def list_all_interactions(arguments: dict[str, Any]) -> Any:
    """List the interactions of all clients that the caller sees, as the list of one client does."""
    paging = {name: arguments.pop(name) for name in ("limit", "cursor")}
    page = all_clients.page_of_interactions(session(), actor(), arguments, **paging)
    return linked(page, all_clients.listed_representations(session(), actor(), page.data))


@blueprint.route("/interactions/<uuid:interaction_id>")
@requires("interactions:read")
@blueprint.response(200, ShownInteractionSchema)
def get_interaction(interaction_id: UUID) -> Any:
    """Read one interaction with its transcript and clocks."""
    return queries.full_representation(session(), actor(), stored.get_interaction(session(), interaction_id))


@blueprint.route(BY_EXTERNAL_ID)
@requires("interactions:read")
@blueprint.response(200, ShownInteractionSchema)
def get_interaction_by_external_id(client: Client, external_id: str) -> Any:
    """Read one interaction by the sender's own id."""
    found = stored.get_interaction_by_external_id(session(), client, external_id)
    return queries.full_representation(session(), actor(), found)


@blueprint.route("/search")
@requires("interactions:read")
@blueprint.arguments(SearchArguments, location="query")
@blueprint.response(200, SearchResultSchema)
def find_by_id(arguments: dict[str, Any]) -> Any:
    """Find what is called so, over all clients that the caller sees."""
    return {"data": search.find(session(), actor(), arguments["q"])}
