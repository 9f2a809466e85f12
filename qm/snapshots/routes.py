"""HTTP routes of frozen reports, which belong to a client's reports."""

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import select

from qm.reports.routes import blueprint
from qm.services import services
from qm.snapshots import freezing, schedules, sharing
from qm.snapshots.models import ReportDelivery, ReportSnapshot
from qm.snapshots.representations import (
    delivery_representation,
    schedule_representation,
    schedule_representations,
    share_representation,
    snapshot_representation,
    snapshot_representations,
)
from qm.snapshots.schemas import (
    MadeReportShareSchema,
    NewReportScheduleSchema,
    NewReportShareSchema,
    NewSnapshotSchema,
    ReportDeliveryPageSchema,
    ReportScheduleSchema,
    ReportSchedulesSchema,
    ReportSharesSchema,
    ReportSnapshotPageSchema,
    ReportSnapshotSchema,
    SnapshotVoidSchema,
)
from tenants.access import actor, public_address, requires, session
from tenants.http import idempotency
from tenants.http.contract import PageArguments, linked, page_of
from tenants.models import Client, utc_now


@blueprint.route("/clients/<client>/reports/snapshots")
@requires("reports:read")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, ReportSnapshotPageSchema)
def list_report_snapshots(arguments: dict[str, Any], client: Client) -> Any:
    """List a client's frozen reports, newest first."""
    key = [ReportSnapshot.frozen_at, ReportSnapshot.snapshot_id]
    statement = freezing.select_snapshots(actor(), client)
    page = page_of(session(), statement, key, descending=True, **arguments)
    return linked(page, snapshot_representations(session(), client, page.data))


@blueprint.route("/clients/<client>/reports/snapshots", methods=["POST"])
@requires("reports:write")
@blueprint.arguments(NewSnapshotSchema)
@blueprint.response(201, ReportSnapshotSchema)
def freeze_report(body: dict[str, Any], client: Client) -> Any:
    """Freeze the report of a month or week that is over by hand, with intervals that hold at any moment."""
    made = freezing.freeze_by_hand(
        session(),
        actor(),
        client,
        first=body["from_"],
        last=body["to"],
        now=utc_now(),
        key=services().sampling_key,
    )
    return snapshot_representation(session(), client, made)


@blueprint.route("/clients/<client>/reports/snapshots/<uuid:snapshot_id>")
@requires("reports:read")
@blueprint.response(200, ReportSnapshotSchema)
def get_report_snapshot(client: Client, snapshot_id: UUID) -> Any:
    """Read a frozen report; `qm report verify` recomputes this answer."""
    found = freezing.get_snapshot(session(), actor(), client, snapshot_id)
    return snapshot_representation(session(), client, found)


@blueprint.route("/clients/<client>/reports/snapshots/<uuid:snapshot_id>/void", methods=["POST"])
@requires("reports:write")
@blueprint.arguments(SnapshotVoidSchema)
@blueprint.response(200, ReportSnapshotSchema)
def void_report_snapshot(body: dict[str, Any], client: Client, snapshot_id: UUID) -> Any:
    """Say that a frozen report holds no longer, and why; it stays as it is, its links end."""
    found = freezing.get_snapshot(session(), actor(), client, snapshot_id)
    freezing.void_snapshot(session(), actor(), found, reason=body["reason"], now=utc_now())
    return snapshot_representation(session(), client, found)


@blueprint.route("/clients/<client>/reports/snapshots/<uuid:snapshot_id>/shares")
@requires("reports:write")
@blueprint.response(200, ReportSharesSchema)
def list_report_shares(client: Client, snapshot_id: UUID) -> Any:
    """List the links to a frozen report, newest first."""
    found = freezing.get_snapshot(session(), actor(), client, snapshot_id)
    now = utc_now()
    return {"data": [share_representation(each, now) for each in sharing.shares_of(session(), found)]}


@blueprint.route("/clients/<client>/reports/snapshots/<uuid:snapshot_id>/shares", methods=["POST"])
@requires("reports:write")
@blueprint.arguments(NewReportShareSchema)
@blueprint.response(201, MadeReportShareSchema)
def share_report(body: dict[str, Any], client: Client, snapshot_id: UUID) -> Any:
    """Make a link that opens a frozen report without signing in; this answer alone contains it."""
    idempotency.strip_secrets_once("link")
    found, now = freezing.get_snapshot(session(), actor(), client, snapshot_id), utc_now()
    who: dict[str, Any] = {"address": public_address(), "author_id": actor().user_id}
    made = sharing.share_snapshot(session(), found, **body, **who, now=now)
    return {**share_representation(made.share, now), "link": made.link}


@blueprint.route(
    "/clients/<client>/reports/snapshots/<uuid:snapshot_id>/shares/<uuid:share_id>", methods=["DELETE"]
)
@requires("reports:write")
@blueprint.response(204)
def revoke_report_share(client: Client, snapshot_id: UUID, share_id: UUID) -> Response:
    """End a link to a frozen report at once."""
    found = freezing.get_snapshot(session(), actor(), client, snapshot_id)
    sharing.revoke_share(session(), found, share_id, utc_now())
    return Response(status=204)


@blueprint.route("/clients/<client>/reports/schedules")
@requires("reports:read")
@blueprint.response(200, ReportSchedulesSchema)
def list_report_schedules(client: Client) -> Any:
    """Read when a client's reports are frozen, and which one is next."""
    return {"data": schedule_representations(session(), actor(), client)}


@blueprint.route("/clients/<client>/reports/schedules", methods=["POST"])
@requires("reports:write")
@blueprint.arguments(NewReportScheduleSchema)
@blueprint.response(201, ReportScheduleSchema)
def set_report_schedule(body: dict[str, Any], client: Client) -> Any:
    """Fix when the reports of weeks or months are frozen, in place of the schedule of this unit."""
    now = utc_now()
    made = schedules.set_schedule(session(), actor(), client, **body, now=now)
    return schedule_representation(actor(), client, made, now)


@blueprint.route("/clients/<client>/reports/schedules/<uuid:schedule_id>", methods=["DELETE"])
@requires("reports:write")
@blueprint.response(204)
def end_report_schedule(client: Client, schedule_id: UUID) -> Response:
    """End a schedule; what it has frozen stays."""
    schedules.end_schedule(session(), schedules.get_schedule(session(), client, schedule_id), utc_now())
    return Response(status=204)


@blueprint.route("/clients/<client>/reports/deliveries")
@requires("reports:write")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, ReportDeliveryPageSchema)
def list_report_deliveries(arguments: dict[str, Any], client: Client) -> Any:
    """List to whom frozen reports were mailed, and what became of it, newest first."""
    statement = select(ReportDelivery).where(ReportDelivery.client_id == client.client_id)
    key = [ReportDelivery.created_at, ReportDelivery.delivery_id]
    page = page_of(session(), statement, key, descending=True, **arguments)
    return linked(page, [delivery_representation(each) for each in page.data])
