"""The pages of reviewer quality: of everybody for managers, of oneself otherwise; and of golden items."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.forms import attempt, read_form, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.reviewer_quality import golden_items
from qm.reviewer_quality.access import check_checks_reviewers
from qm.reviewer_quality.quality_report import quality_report
from qm.reviewer_quality.representations import item_representations
from qm.reviewer_quality.schemas import GoldenItemRetirementSchema, NewGoldenItemSchema
from qm.reviewer_quality.schemas import ReviewerQualitySchema as ReportSchema
from qm.reviews.quality_check_models import GoldenItem
from tenants.access import actor, session
from tenants.clients import client_named
from tenants.http.faults import Fault
from tenants.models import Client, utc_now

_LISTED = 200


@blueprint.route("/reviewers", endpoint="reviewer_quality")
@page("reviews:read")
def show_quality() -> Any:
    """Show agreement, time and what is skipped, of everybody or of oneself."""
    faults: list[Fault] = []
    with attempt() as tried:
        arguments = {"first": _day("from", faults), "last": _day("to", faults)}
        client = client_named(session(), request.args["client"]) if request.args.get("client") else None
        report = quality_report(session(), actor(), **arguments, client=client, now=utc_now())
    if tried.failed:
        report = quality_report(session(), actor(), first=None, last=None, client=None, now=utc_now())
    faults += tried.faults
    clients = session().scalars(select(Client).order_by(Client.name)).all()
    shown = {"report": ReportSchema().dump(report), "clients": clients, "faults": faults}
    return render("reviewer_quality/quality.html", **shown), 422 if faults else 200


def _day(name: str, faults: list[Fault]) -> date | None:
    typed = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        faults.append(Fault(f"/query/{name}", "bad_date", gettext("Expected a day such as 2026-01-31.")))
        return None


@blueprint.route("/clients/<client>/golden-items", endpoint="golden_items")
@page("reviews:write")
def show_golden_items(client: Client) -> Any:
    """Show the golden items of a client: those in use first."""
    check_checks_reviewers(actor())
    return _items(client)


def _items(client: Client, faults: list[Fault] | None = None, refused: UUID | None = None) -> Any:
    wanted = golden_items.select_items(client).order_by(
        GoldenItem.retired_at.is_not(None), GoldenItem.created_at.desc(), GoldenItem.golden_item_id
    )
    found = session().scalars(wanted.limit(_LISTED)).all()
    shown = render_client(
        "reviewer_quality/golden_items.html",
        client,
        items=item_representations(session(), found),
        rate=client.settings.get("golden_rate", 0.0),
        refused=refused,
        faults=faults or [],
    )
    return shown, 422 if faults else 200


@blueprint.route("/clients/<client>/golden-items", methods=["POST"], endpoint="golden_items_set")
@page("reviews:write")
def set_golden_item(client: Client) -> Any:
    """Keep the answers of an evaluation as the known ones."""
    check_checks_reviewers(actor())
    with attempt() as tried:
        body = read_form(NewGoldenItemSchema)
        given = {"evaluation_id": body["evaluation"], "note": body["note"]}
        golden_items.set_item(session(), actor(), client, **given, now=utc_now())
    if tried.failed:
        return _items(client, tried.faults)
    flash(gettext("It is a golden item from now on: reviewers get it like any other review."))
    return see("console.golden_items", client=client.slug)


@blueprint.route(
    "/clients/<client>/golden-items/<uuid:golden_item_id>", methods=["POST"], endpoint="golden_items_retire"
)
@page("reviews:write")
def retire_golden_item(client: Client, golden_item_id: UUID) -> Response | Any:
    """Offer a golden item to nobody any more."""
    check_checks_reviewers(actor())
    golden_items.load_item(session(), golden_item_id)
    with attempt() as tried:
        body = read_form(GoldenItemRetirementSchema)
        golden_items.retire_item(session(), golden_item_id, **body, now=utc_now())
    if tried.failed:
        return _items(client, tried.faults, golden_item_id)
    flash(gettext("It is retired. What was answered still counts."))
    return see("console.golden_items", client=client.slug)
