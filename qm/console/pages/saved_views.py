"""Saved views of lists: all that somebody sees, saving, sharing and deleting their own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask_babel import gettext

from qm.console.blueprint import blueprint
from qm.console.forms import attempt, read_form, typed_values
from qm.console.page_access import page
from qm.console.rendering import render, see
from qm.saved_views.models import SavedView
from qm.saved_views.representations import view_representations
from qm.saved_views.schemas import NewSavedViewSchema
from qm.saved_views.views import change_view, delete_view, get_own, save_view, select_visible, take_over
from tenants.access import actor, session
from tenants.clients import client_named
from tenants.http.faults import Fault

_ENDPOINTS = {
    "interactions": "console.interactions_of_client",
    "evaluations": "console.interactions_evaluations",
    "reviews": "console.reviews_all",
    "trainings": "console.trainings",
    "audit": "console.audit_log",
    "disputes": "console.disputes",
}
_OF_ALL_CLIENTS = {"interactions": "console.interactions"}


def _address(of: str, client: str | None, query: str) -> str:
    owner: dict[str, Any] = {"client": client} if client else {}
    path = url_for(_ENDPOINTS[of] if client else _OF_ALL_CLIENTS.get(of, _ENDPOINTS[of]), **owner)
    return f"{path}?{query}" if query else path


@blueprint.route("/views", endpoint="saved_views")
@page("clients:read")
def show_saved_views() -> Any:
    """Show the views that somebody sees."""
    return _page(())


@blueprint.route("/views", methods=["POST"], endpoint="saved_views_save")
@page("views:write")
def save() -> Any:
    """Save a view, and go back to its list."""
    with attempt() as tried:
        body = read_form(NewSavedViewSchema)
        slug, of = body.pop("client"), body.pop("list")
        client = client_named(session(), slug) if slug else None
        view = save_view(session(), actor(), of=of, client=client, **body)
    if tried.failed:
        return _page(tried.faults), tried.status
    flash(gettext("The view “%(name)s” is saved.", name=view.name))
    return see(_address(view.list, client.slug if client else None, view.query))


def _page(faults: Sequence[Fault]) -> str:
    wanted = select_visible(actor()).order_by(SavedView.list, SavedView.name, SavedView.view_id)
    views = view_representations(session(), actor(), session().scalars(wanted).all())
    shown = [{**each, "address": _address(each["list"], each["client"], each["query"])} for each in views]
    return render("saved_views/saved_views.html", views=shown, faults=faults, typed=typed_values())


@blueprint.route("/views/<uuid:view_id>/share", methods=["POST"], endpoint="saved_views_share")
@page("views:write")
def share_view(view_id: UUID) -> Any:
    """Share a view, or share it no more."""
    view = get_own(session(), actor(), view_id)
    change_view(session(), view, shared=not view.shared)
    return see(url_for("console.saved_views"))


@blueprint.route("/views/<uuid:view_id>/take-over", methods=["POST"], endpoint="saved_views_take_over")
@page("views:write")
def take_over_view(view_id: UUID) -> Any:
    """Become the owner of a shared view of somebody who left."""
    with attempt() as tried:
        take_over(session(), actor(), view_id)
    if tried.failed:
        return _page(tried.faults), tried.status
    flash(gettext("It is yours now."))
    return see(url_for("console.saved_views"))


@blueprint.route("/views/<uuid:view_id>/delete", methods=["POST"], endpoint="saved_views_delete")
@page("views:write")
def remove_view(view_id: UUID) -> Any:
    """Delete a view."""
    delete_view(session(), get_own(session(), actor(), view_id))
    return see(url_for("console.saved_views"))
