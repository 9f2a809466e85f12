"""Reports over HTTP."""

from typing import Any

from flask import Response, request
from marshmallow import Schema

from qm.reports import empathy, overview, sla_report
from qm.reports.arguments import ReportArguments, period_in
from qm.reports.questions import FILTERS, Period, Question
from qm.reports.schemas import (
    EmpathyGroupSchema,
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    OverviewGroupSchema,
    OverviewPeriodSchema,
    OverviewReportSchema,
    SlaGroupSchema,
    SlaPeriodSchema,
    SlaReportSchema,
    SlaTargetSchema,
)
from qm.reports.tables import CSV, csv_response
from tenants.access import actor, requires, session
from tenants.contract import Blueprint
from tenants.faults import Fault, Invalid
from tenants.models import Client, utc_now

blueprint = Blueprint("reports", __name__, url_prefix="/v1", description="Reports")
_AS_CSV = {"schema": {"type": "string"}, "content_type": CSV, "description": "OK"}


@blueprint.route("/clients/<client>/reports/overview")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, OverviewReportSchema)
@blueprint.alt_response(200, **_AS_CSV)
def overview_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read the period at a glance: finding, empathy, SLA, sentiment, coverage, and the period before."""
    question = _asked(arguments, client)
    found = overview.report(session(), question)
    row = OverviewPeriodSchema if question.by_period else OverviewGroupSchema
    return _answer("overview", arguments, found, row, "series" if question.by_period else "groups")


@blueprint.route("/clients/<client>/reports/empathy")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, EmpathyReportSchema)
@blueprint.alt_response(200, **_AS_CSV)
def empathy_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read empathy and its pillars as human reviewers would see them, with intervals."""
    question = _asked(arguments, client)
    found = empathy.report(session(), question)
    row = EmpathyPeriodSchema if question.by_period else EmpathyGroupSchema
    return _answer("empathy", arguments, found, row, "series" if question.by_period else "groups")


@blueprint.route("/clients/<client>/reports/sla")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, SlaReportSchema)
@blueprint.alt_response(200, **_AS_CSV)
def sla(arguments: dict[str, Any], client: Client) -> Any:
    """Read SLA compliance by channel, priority and target; as CSV the targets, or the groups asked for."""
    question = _asked(arguments, client)
    found = sla_report.report(session(), question)
    if arguments["group_by"] is None:
        return _answer("sla", arguments, found, SlaTargetSchema, "targets")
    row = SlaPeriodSchema if question.by_period else SlaGroupSchema
    return _answer("sla", arguments, found, row, "series" if question.by_period else "groups")


def _asked(arguments: dict[str, Any], client: Client) -> Question:
    """Return the question that the arguments ask for this caller."""
    guarded = not actor().sees_agents
    if guarded and arguments["group_by"] == "agent":
        detail = "A client's stakeholders see no figures of single agents; group by something else."
        raise Invalid([Fault("/query/group_by", "agents_not_shown", detail)])
    return Question(
        client=client,
        period=Period(*period_in(arguments)),
        group_by=arguments["group_by"] or "week",
        now=utc_now(),
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        guarded=guarded,
    )


def _answer(
    name: str, arguments: dict[str, Any], found: dict[str, Any], row: type[Schema], table: str
) -> dict[str, Any] | Response:
    """Return the report, or its table when CSV is wanted."""
    wanted = arguments["format"] or (
        "csv" if request.accept_mimetypes.best_match(["application/json", CSV]) == CSV else "json"
    )
    if wanted == "json":
        return found
    schema = row(many=True)
    keys = [key for key in ("period", "value", "channel", "priority", "target") if key in schema.fields]
    columns = keys + [key for key in schema.fields if key not in keys]
    file_name = f"{found['client']}-{name}-{found['from']}-{found['to']}"
    return csv_response(file_name, columns, schema.dump(found[table]))
