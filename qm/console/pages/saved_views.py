"""Saved views of lists: all that somebody sees, saving, sharing and deleting their own."""

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask_babel import gettext

from qm.console.blueprint import blueprint
from qm.console.forms import attempt, read_form, typed_values
from qm.console.page_access import page
from qm.console.rendering import render, see
from qm.saved_views.models import SavedView
from qm.saved_views.representations import view_representations
from qm.saved_views.schemas import NewSavedViewSchema
from qm.saved_views.views import change_view, delete_view, get_own, save_view, select_visible
from tenants.access import actor, session
from tenants.clients import client_named

_ENDPOINTS = {
    "interactions": "console.interactions_of_client",
    "evaluations": "console.interactions_evaluations",
    "reviews": "console.reviews_all",
    "trainings": "console.trainings",
    "audit": "console.audit_log",
}


def _address(of: str, client: str | None, query: str) -> str:
    owner: dict[str, Any] = {"client": client} if client else {}
    path = url_for(_ENDPOINTS[of], **owner)
    return f"{path}?{query}" if query else path


@blueprint.route("/views", methods=["GET", "POST"], endpoint="saved_views")
@page("clients:read")
def show_saved_views() -> Any:
    """Show the views that somebody sees, and save one."""
    with attempt() as tried:
        if request.method == "POST":
            body = read_form(NewSavedViewSchema)
            client = client_named(session(), body.pop("client")) if body.get("client") else None
            body.pop("client", None)
            view = save_view(session(), actor(), of=body.pop("list"), client=client, **body)
            flash(gettext("The view “%(name)s” is saved.", name=view.name))
            return see(_address(view.list, client.slug if client else None, view.query))
    wanted = select_visible(actor()).order_by(SavedView.list, SavedView.name, SavedView.view_id)
    views = view_representations(session(), actor(), session().scalars(wanted).all())
    shown = [{**each, "address": _address(each["list"], each["client"], each["query"])} for each in views]
    return render(
        "saved_views/saved_views.html", views=shown, faults=tried.faults, typed=typed_values()
    ), tried.status


@blueprint.route("/views/<uuid:view_id>/share", methods=["POST"], endpoint="saved_views_share")
@page("clients:read")
def share_view(view_id: UUID) -> Any:
    """Share a view, or share it no more."""
    view = get_own(session(), actor(), view_id)
    change_view(session(), view, shared=not view.shared)
    return see(url_for("console.saved_views"))


@blueprint.route("/views/<uuid:view_id>/delete", methods=["POST"], endpoint="saved_views_delete")
@page("clients:read")
def remove_view(view_id: UUID) -> Any:
    """Delete a view."""
    delete_view(session(), get_own(session(), actor(), view_id))
    return see(url_for("console.saved_views"))
