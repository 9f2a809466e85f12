"""HTTP routes that push, import, complete and retry interactions."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import request

from qm.interactions import bulk, events, intake
from qm.interactions.dead_interactions import retry_dead
from qm.interactions.events import PushedEvents
from qm.interactions.importers.documents import Numbered, numbered_documents
from qm.interactions.queries import get_interaction, get_interaction_by_external_id
from qm.interactions.route_schemas import (
    BulkResultSchema,
    EventListSchema,
    EventsAddedSchema,
    ImportArguments,
    ImportResultSchema,
    InteractionBatchSchema,
    PushedEventsSchema,
    PushedInteractionSchema,
    RecordedSchema,
    RetriedSchema,
)
from qm.services import services
from tenants.access import requires, session
from tenants.http.contract import Blueprint, body_of, json_or_file
from tenants.http.deferred_faults import reading
from tenants.models import Client

# The ids of other systems may hold slashes.
BY_EXTERNAL_ID = "/clients/<client>/interactions/by-external-id/<text:external_id>"
blueprint = Blueprint(
    "interactions",
    __name__,
    url_prefix="/v1",
    description="Conversations: push, complete, find, read and erase them",
)


@blueprint.route("/clients/<client>/interactions", methods=["POST"])
@requires("interactions:write")
@blueprint.arguments(PushedInteractionSchema)
@blueprint.response(201, RecordedSchema)
@blueprint.alt_response(200, schema=RecordedSchema, description="Known already: updated or unchanged.")
def push_interaction(interaction: dict[str, Any], client: Client) -> Any:
    """Push one interaction; the same external id updates it."""
    recorded = intake.store_interactions(session(), services().redis, client, [interaction])[0]
    return recorded, 201 if recorded.status == "created" else 200


@blueprint.route("/clients/<client>/interactions/bulk", methods=["POST"])
@requires("interactions:write")
@blueprint.doc(
    requestBody=json_or_file(
        InteractionBatchSchema,
        description="Up to 5,000 interactions: in one JSON object or array, or one a line, sent as "
        f"{', '.join(f'`{kind}`' for kind in bulk.LINE_TYPES)}.",
    )
)
@blueprint.response(200, BulkResultSchema)
def push_interactions(client: Client) -> Any:
    """Push up to 5,000 interactions, one a line or in an array; a bad line never harms a good one."""
    body = body_of(bulk.NDJSON_TYPES)
    return bulk.store_lines(session(), services().redis, client, body=body, media_type=request.mimetype)


@blueprint.route("/clients/<client>/interactions/import", methods=["POST"])
@requires("interactions:write")
@blueprint.arguments(ImportArguments, location="query")
@blueprint.doc(
    requestBody=json_or_file(
        {"type": "object", "additionalProperties": {}},
        description="One document, an array of documents, or one a line, sent as "
        f"{', '.join(f'`{kind}`' for kind in bulk.IMPORT_TYPES)}.",
    )
)
@blueprint.response(200, ImportResultSchema)
@reading(lambda **_: numbered_documents(body_of(bulk.IMPORT_TYPES)))
def import_interactions(arguments: dict[str, Any], documents: Iterator[Numbered], client: Client) -> Any:
    """Import interactions in a foreign format; says where a document strays from its format."""
    return bulk.import_documents(session(), services().redis, client, documents, form=arguments["format"])


@blueprint.route("/clients/<client>/interactions/retry", methods=["POST"])
@requires("interactions:write")
@blueprint.response(200, RetriedSchema)
def retry_interactions(client: Client) -> Any:
    """Give every interaction that was set aside as dead another round of attempts."""
    return {"retried": retry_dead(session(), services().redis, client)}


@blueprint.route("/interactions/<uuid:interaction_id>/events")
@requires("interactions:read")
@blueprint.response(200, EventListSchema)
def list_events(interaction_id: UUID) -> Any:
    """List the facts that came later, in the order in which they arrived."""
    found = events.events_of(session(), get_interaction(session(), interaction_id))
    return {"data": sorted(found, key=lambda each: (each.received_at, each.event_id))}


@blueprint.route("/interactions/<uuid:interaction_id>/events", methods=["POST"])
@requires("interactions:write")
@blueprint.arguments(PushedEventsSchema)
@blueprint.response(201, EventsAddedSchema)
def add_events(pushed: PushedEvents, interaction_id: UUID) -> Any:
    """Add facts that came later: status, csat, nps, resolved, churned, refunded and others."""
    return {"data": events.add_events(session(), services().redis, interaction_id, pushed)}


@blueprint.route(f"{BY_EXTERNAL_ID}/events", methods=["POST"])
@requires("interactions:write")
@blueprint.arguments(PushedEventsSchema)
@blueprint.response(201, EventsAddedSchema)
def add_events_by_external_id(pushed: PushedEvents, client: Client, external_id: str) -> Any:
    """Add facts that came later to the interaction with the sender's own id."""
    found = get_interaction_by_external_id(session(), client, external_id)
    return {"data": events.add_events(session(), services().redis, found.interaction_id, pushed)}
