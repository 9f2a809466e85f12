"""Frozen reports: what there is, when they are frozen, and one of them with its links."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from qm.console import charts
from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.formatting import month
from qm.console.forms import attempt, end_of_day, load_values, read_form, see
from qm.console.page_access import page
from qm.console.pages.branding import look
from qm.console.report_period import months_shown
from qm.sampling import commitments
from qm.sampling.schemas import ClientNumberSchema
from qm.services import services
from qm.snapshots import freezing, schedules, sharing
from qm.snapshots.models import ReportDelivery, ReportSnapshot
from qm.snapshots.representations import (
    delivery_representation,
    schedule_representations,
    share_representation,
    snapshot_representations,
)
from qm.snapshots.schemas import NewReportScheduleSchema, SnapshotVoidSchema
from tenants.access import Forbidden, actor, public_address, session
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now
from tenants.roles import CLIENT_ROLE

_SHOWN = 100


@blueprint.route("/clients/<client>/snapshots", methods=["GET", "POST"])
@page("reports:read")
def snapshots(client: Client) -> Any:
    """List the frozen reports of a client, freeze one, and fix when others are frozen."""
    with attempt() as tried:
        if request.method == "POST":
            return _done(client)
    committed = commitments.revealed(session(), client, services().sampling_key, utc_now())
    newest = ReportSnapshot.frozen_at.desc(), ReportSnapshot.snapshot_id.desc()
    found = session().scalars(freezing.select_snapshots(actor(), client).order_by(*newest).limit(_SHOWN))
    return render_client(
        "snapshots/list.html",
        client,
        snapshots=snapshot_representations(session(), client, found.all()),
        schedules=schedule_representations(session(), actor(), client),
        deliveries=_deliveries(client) if _may_write() else (),
        months=_months(client) if _may_write() else (),
        commitments=committed,
        open_months=_open_months(committed),
        may_write=_may_write(),
        faults=tried.faults,
        typed=request.form if tried.failed else None,
    ), tried.status


@blueprint.route("/clients/<client>/snapshots/schedules/<uuid:schedule_id>/end", methods=["POST"])
@page("reports:write")
def snapshots_schedule_end(client: Client, schedule_id: UUID) -> Response:
    """End a schedule."""
    schedules.end_schedule(session(), schedules.get_schedule(session(), client, schedule_id), utc_now())
    flash(gettext("Nothing is frozen by these dates any more."))
    return see("console.snapshots", client=client.slug)


@blueprint.route("/clients/<client>/snapshots/<uuid:snapshot_id>", methods=["GET", "POST"])
@page("reports:read")
def snapshot(client: Client, snapshot_id: UUID) -> Any:
    """Show a frozen report, make a link to it, or void it."""
    found, link = freezing.get_snapshot(session(), actor(), client, snapshot_id), None
    with attempt() as tried:
        if request.method == "POST":
            _check_may_write()
            if request.form.get("what") == "void":
                body = read_form(SnapshotVoidSchema)
                freezing.void_snapshot(session(), actor(), found, reason=body["reason"], now=utc_now())
            else:
                link = _shared(found)
    [summary] = snapshot_representations(session(), client, [found])
    now = utc_now()
    return render_client(
        "snapshots/snapshot.html",
        client,
        **shown_content(found),
        snapshot=summary,
        voided=summary["void_reason"],
        look=look(session(), url_for("console.branding_style"), url_for("console.branding_logo")),
        shares=[share_representation(each, now) for each in sharing.shares_of(session(), found)]
        if _may_write()
        else (),
        may_write=_may_write(),
        link=link,
        faults=tried.faults,
        typed=request.form if tried.failed else None,
    ), tried.status


@blueprint.route(
    "/clients/<client>/snapshots/<uuid:snapshot_id>/shares/<uuid:share_id>/revoke", methods=["POST"]
)
@page("reports:write")
def snapshot_share_revoke(client: Client, snapshot_id: UUID, share_id: UUID) -> Response:
    """End a link to a frozen report."""
    found = freezing.get_snapshot(session(), actor(), client, snapshot_id)
    sharing.revoke_share(session(), found, share_id, utc_now())
    flash(gettext("The link opens nothing any more."))
    return see("console.snapshot", client=client.slug, snapshot_id=snapshot_id)


def shown_content(found: ReportSnapshot) -> Mapping[str, Any]:
    """Return what a page shows of a frozen report: its content alone, and a figure made of it."""
    content = json.loads(found.content)
    rows = [row for row in content["reports"]["empathy"]["pillars"] if row["estimate"] is not None]
    points = [charts.Point(row["name"], row["estimate"], row["low"], row["high"], None) for row in rows]
    figure = charts.ranges(gettext("The four pillars of empathy, of 100"), points) if points else None
    return {
        "content": content,
        "content_hash": found.content_hash,
        "pillars": figure,
        "frozen_at": found.frozen_at,
    }


def _may_write() -> bool:
    return "reports:write" in actor().scopes


def _check_may_write() -> None:
    if not _may_write():
        raise Forbidden("reports:write")


def _done(client: Client) -> Response:
    """Do what the form of the list asks for."""
    what = request.form.get("what")
    if what == "number":
        return _number_added(client)
    _check_may_write()
    return _frozen(client) if what == "freeze" else _fixed(client)


def _number_added(client: Client) -> Response:
    body = read_form(ClientNumberSchema)
    month_of_draw = commitments.month_of(request.form.get("month_of_draw", ""))
    commitments.add_client_number(
        session(), actor(), client, month=month_of_draw, number=body["number"], now=utc_now()
    )
    flash(gettext("The number is in the draw."))
    return see("console.snapshots", client=client.slug)


def _open_months(committed: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the months to which the reader, as one of the client's people, may add a number."""
    if actor().role != CLIENT_ROLE:
        return []
    this = f"{utc_now():%Y-%m}"
    return [(each["month"], month(each["month"])) for each in committed if each["month"] > this]


def _frozen(client: Client) -> Response:
    try:
        first = date.fromisoformat(f"{request.form.get('month', '')}-01")
    except ValueError as error:
        detail = "This must be a month such as 2026-07."
        raise Invalid([Fault("/month", "not_a_month", detail)]) from error
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    key = services().sampling_key
    made = freezing.freeze_by_hand(session(), actor(), client, first=first, last=last, now=utc_now(), key=key)
    flash(gettext("Frozen."))
    return see("console.snapshot", client=client.slug, snapshot_id=made.snapshot_id)


def _fixed(client: Client) -> Response:
    form = request.form
    addresses = [line.strip() for line in form.get("addresses", "").splitlines() if line.strip()]
    days = form.get("days_after", "").strip()
    typed = {"unit": form.get("unit", ""), "days_after": int(days) if days.isdigit() else days}
    body = load_values(NewReportScheduleSchema, {**typed, "addresses": addresses})
    schedules.set_schedule(session(), actor(), client, **body, now=utc_now())
    flash(gettext("These dates are fixed."))
    return see("console.snapshots", client=client.slug)


def _shared(found: ReportSnapshot) -> str:
    until: datetime | None = end_of_day("expires_at")
    if until is None:
        raise Invalid([Fault("/expires_at", "required", gettext("Say until when the link opens it."))])
    made = sharing.share_snapshot(
        session(),
        found,
        address=public_address(),
        expires_at=until,
        password=request.form.get("password") or None,
        author_id=actor().user_id,
        now=utc_now(),
    )
    return made.link


def _deliveries(client: Client) -> list[dict[str, Any]]:
    theirs = select(ReportDelivery).where(ReportDelivery.client_id == client.client_id)
    newest = theirs.order_by(ReportDelivery.created_at.desc(), ReportDelivery.delivery_id).limit(_SHOWN)
    return [delivery_representation(each) for each in session().scalars(newest)]


def _months(client: Client) -> list[tuple[str, str]]:
    """Return the months that may be frozen: those with interactions that are over."""
    this = f"{utc_now():%Y-%m}"
    return [(each, month(each)) for each in months_shown(client) if each < this]
