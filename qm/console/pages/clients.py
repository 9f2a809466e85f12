"""Clients: the brands that are served, each started from a template, with its settings."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.lists import CSV_PAGE_SIZE, PAGE_SIZE, Column, Listing, every_page, wants_csv
from qm.console.page_access import page
from qm.console.rendering import render
from scorecards.authoring import template_library
from scorecards.authoring.bundle_import import load_bundle
from scorecards.authoring.route_support import bundle_from_bytes
from tenants import clients as client_writes
from tenants import leavers
from tenants.access import Forbidden, actor, session
from tenants.days import time_zones
from tenants.http.contract import Page, StaleVersion, page_of
from tenants.http.faults import Fault, Invalid
from tenants.models import Client
from tenants.schemas import (
    ClientSchema,
    ClientSettingsSchema,
    CoachingSuggestionsSchema,
    DisputeRulesSchema,
    EvaluationPublicationSchema,
)

_LISTING = Listing(
    _("Clients"),
    (
        Column("name", _("Name")),
        Column("slug", _("Short name")),
        Column("settings.time_zone", _("Time zone")),
        Column("settings.languages", _("Languages"), "tags"),
        Column("created_at", _("Since"), "day"),
    ),
    link=lambda row: f"/clients/{row['slug']}",
    empty=_("No client yet. Create the first: a brand that you serve."),
    template="clients/clients.html",
)
OWN_BUNDLE, NOTHING = "bundle", "nothing"


@blueprint.route("/clients")
@page("clients:read")
def clients() -> Any:
    """Show the clients that somebody may see."""
    may_change = "clients:write" in actor().scopes
    listing = _LISTING if may_change else replace(_LISTING, link=None)
    load = partial(_clients_page, limit=CSV_PAGE_SIZE if wants_csv() else PAGE_SIZE)
    if wants_csv():
        return listing.as_csv("clients", every_page(load))
    return listing.shown(*load(request.args.get("cursor")), may_create=may_change and not actor().bound)


def _clients_page(cursor: str | None, limit: int) -> tuple[Page, list[dict[str, Any]]]:
    found = page_of(session(), select(Client), [Client.client_id], limit=limit, cursor=cursor)
    columns = ("slug", "name", "settings", "created_at")
    return found, [{name: getattr(client, name) for name in columns} for client in found.data]


@blueprint.route("/clients/new", methods=["GET", "POST"])
@page("clients:write")
def clients_new() -> Any:
    """Create a client from a template or a bundle: all of it, or nothing."""
    if actor().bound:
        raise Forbidden("clients:write", "Who is bound to clients cannot make others.")
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            made = _create(request.form)
        if not tried.failed:
            flash(gettext("%(name)s is there. What is still missing stands below.", name=made.name))
            return see("console.client", client=made.slug)
    shown = render(
        "clients/new.html",
        faults=[_at_field(fault) for fault in tried.faults],
        typed=request.form,
        zones=sorted(time_zones()),
        templates=[(key, body["name"]) for key, body in template_library.scorecards().items()],
    )
    return shown, tried.status


def _create(form: Mapping[str, str]) -> Client:
    zone = form.get("time_zone", "UTC")
    if zone not in time_zones():
        raise Invalid([Fault("/time_zone", "unknown_time_zone", "Expected a name such as Europe/Berlin.")])
    start = form.get("template", NOTHING)
    text = _bundle_text(start)
    made = client_writes.create_client(
        session(),
        name=form.get("name", "").strip(),
        slug=form.get("slug", "").strip() or None,
        settings={"time_zone": zone},
    )
    if text is not None:
        try:
            load_bundle(session(), made, text=text)
        except Invalid as error:
            raise Invalid([fault.under("/bundle") for fault in error.faults]) from error
    return made


def _bundle_text(start: str) -> str | None:
    if start == NOTHING:
        return None
    if start != OWN_BUNDLE:
        return template_library.starter_bundle(start)
    sent = request.files.get("bundle")
    if sent is None or not sent.filename:
        raise Invalid([Fault("/bundle", "required", gettext("Choose the file of the bundle."))])
    try:
        return bundle_from_bytes(sent.read())
    except Invalid as error:
        raise Invalid([fault.under("/bundle") for fault in error.faults]) from error


def _at_field(fault: Fault) -> Fault:
    """Name the place inside the bundle in the sentence: the field on the page is the file."""
    place = fault.pointer.removeprefix("/bundle")
    if place == fault.pointer or not place:
        return fault
    return Fault("/bundle", fault.code, f"{place}: {fault.detail}")


@blueprint.route("/clients/<client>/settings", methods=["GET", "POST"])
@page("clients:write")
def clients_settings(client: Client) -> Any:
    """Show and change a client's name and settings."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            settings = read_form(ClientSettingsSchema)
            settings |= _dispute_rules(client) | _coaching_rule() | _publication()
            if request.form.get("revision") != str(client_writes.load_client(session(), client).revision):
                raise StaleVersion
            name = request.form.get("name", "").strip()
            client_writes.change_client(session(), client, name=name, settings=settings)
        if not tried.failed:
            flash(gettext("Saved."))
            return see("console.clients_settings", client=client.slug)
    shown = render_client(
        "clients/settings.html",
        client,
        settings={**client_writes.DEFAULT_SETTINGS, **ClientSchema().dump(client)["settings"]},
        dispute_defaults=client_writes.DEFAULT_SETTINGS["disputes"],
        typed=request.form if tried.failed else None,
        faults=tried.faults,
        zones=sorted(time_zones()),
        may_remove="admin" in actor().scopes,
    )
    return shown, tried.status


def _dispute_rules(client: Client) -> dict[str, Any]:
    """Return the rules of disputes as they were typed; what differs for a scorecard stays."""
    if "days" not in request.form:
        return {}
    typed = read_form(DisputeRulesSchema)
    kept = client.settings.get("disputes", {}).get("scorecards")
    rules = {name: value for name, value in typed.items() if name != "scorecards"}
    return {"disputes": {**rules, **({"scorecards": kept} if kept else {})}}


def _coaching_rule() -> dict[str, Any]:
    """Return from when on coaching is suggested, as it was typed."""
    if "after" not in request.form:
        return {}
    return {"coaching_suggestions": read_form(CoachingSuggestionsSchema)}


def _publication() -> dict[str, Any]:
    """Return when evaluations are published, as it was typed."""
    if "when" not in request.form:
        return {}
    return {"publish_evaluations": read_form(EvaluationPublicationSchema)}


@blueprint.route("/clients/<client>/remove", methods=["POST"])
@page("admin")
def clients_remove(client: Client) -> Any:
    """Remove a client whose short name was typed to confirm it."""
    name, confirmed = client.name, request.form.get("confirm", "").strip() == client.slug
    if not confirmed:
        flash(gettext("Nothing was removed: type the short name to confirm."), "problem")
        return see("console.clients_settings", client=client.slug)
    leavers.remove_client(session(), client)
    flash(gettext("%(name)s is removed: nobody sees it any more.", name=name))
    return see("console.clients")
