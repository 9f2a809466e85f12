"""HTTP routes of saved views."""

from typing import Any
from uuid import UUID

from flask import Response

from qm.saved_views import views
from qm.saved_views.models import SavedView
from qm.saved_views.representations import view_representations
from qm.saved_views.schemas import (
    NewSavedViewSchema,
    SavedViewChangeSchema,
    SavedViewListArguments,
    SavedViewPageSchema,
    SavedViewSchema,
)
from tenants.access import person, requires, session
from tenants.clients import client_named
from tenants.http.contract import Blueprint, linked, page_of

blueprint = Blueprint(
    "saved_views", __name__, url_prefix="/v1", description="Lists as people like to see them, under a name"
)


@blueprint.route("/saved-views")
@requires("clients:read")
@blueprint.arguments(SavedViewListArguments, location="query")
@blueprint.response(200, SavedViewPageSchema)
def list_saved_views(arguments: dict[str, Any]) -> Any:
    """List the caller's views and those that others share."""
    name, of = arguments.pop("client"), arguments.pop("list")
    client = client_named(session(), name) if name else None
    statement = views.select_visible(person(), of=of, client=client)
    page = page_of(session(), statement, [SavedView.view_id], **arguments)
    return linked(page, view_representations(session(), person(), page.data))


@blueprint.route("/saved-views", methods=["POST"])
@requires("views:write")
@blueprint.arguments(NewSavedViewSchema)
@blueprint.response(201, SavedViewSchema)
def save_view(body: dict[str, Any]) -> Any:
    """Save a view of a list, in place of an own one of the same name."""
    name, of = body.pop("client"), body.pop("list")
    client = client_named(session(), name) if name else None
    view = views.save_view(session(), person(), of=of, client=client, **body)
    return view_representations(session(), person(), [view])[0]


@blueprint.route("/saved-views/<uuid:view_id>", methods=["PATCH"])
@requires("views:write")
@blueprint.arguments(SavedViewChangeSchema)
@blueprint.response(200, SavedViewSchema)
def change_view(body: dict[str, Any], view_id: UUID) -> Any:
    """Rename, change or share a view of the caller's own."""
    view = views.change_view(session(), views.get_own(session(), person(), view_id), **body)
    return view_representations(session(), person(), [view])[0]


@blueprint.route("/saved-views/<uuid:view_id>/take-over", methods=["POST"])
@requires("views:write")
@blueprint.response(200, SavedViewSchema)
def take_over_view(view_id: UUID) -> Any:
    """Become the owner of a shared view of somebody who is disabled."""
    view = views.take_over(session(), person(), view_id)
    return view_representations(session(), person(), [view])[0]


@blueprint.route("/saved-views/<uuid:view_id>", methods=["DELETE"])
@requires("views:write")
@blueprint.response(204)
def delete_view(view_id: UUID) -> Response:
    """Delete a view of the caller's own."""
    views.delete_view(session(), views.get_own(session(), person(), view_id))
    return Response(status=204)
