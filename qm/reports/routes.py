"""HTTP routes of reports."""

from typing import Any

from flask import Response

from qm.reports import agreement_report as agreement
from qm.reports import empathy_report as empathy
from qm.reports import (
    fairness_provider,
    friction_report,
    moments_report,
    number_health,
    outcomes_report,
    overrides,
    sentiment_report,
    sla_report,
    target_report,
)
from qm.reports import fairness_report as fairness
from qm.reports import overview_report as overview
from qm.reports.access import request_from_arguments, require_interaction_access
from qm.reports.agreement_schemas import (
    AgreementReportSchema,
    AgreementTableSchema,
    OverrideListArguments,
    OverridePageSchema,
    OverrideSchema,
)
from qm.reports.arguments import (
    DocumentArguments,
    FilteredArguments,
    PeriodArguments,
    ReportArguments,
    UngroupedArguments,
)
from qm.reports.documents import as_document, pdf_response, wants_pdf
from qm.reports.fairness_schemas import (
    FairnessArguments,
    FairnessClientSchema,
    FairnessGroupSchema,
    FairnessReportSchema,
    ProviderFairnessReportSchema,
)
from qm.reports.friction_schemas import FrictionReportSchema, FrictionThemeFiguresSchema
from qm.reports.moments_schemas import MomentsReportSchema
from qm.reports.outcomes_schemas import (
    OutcomeMeasureSchema,
    OutcomesArguments,
    OutcomesReportSchema,
    programme_from_arguments,
)
from qm.reports.override_reason_counts import count_reasons_once
from qm.reports.responses import as_table, report_response, table_response, wanted_format
from qm.reports.schemas import (
    EmpathyGroupSchema,
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    NumberHealthSchema,
    OverviewGroupSchema,
    OverviewPeriodSchema,
    OverviewReportSchema,
    SlaGroupSchema,
    SlaPeriodSchema,
    SlaReportSchema,
    SlaTargetSchema,
)
from qm.reports.sentiment_schemas import (
    SentimentGroupSchema,
    SentimentPeriodSchema,
    SentimentReasonSchema,
    SentimentReportSchema,
)
from qm.reports.target_schemas import TargetReportSchema, TargetVerdictSchema
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint, Page, linked
from tenants.models import Client

blueprint = Blueprint(
    "reports",
    __name__,
    url_prefix="/v1",
    description="Numbers with their intervals, for a period and by group",
)


@blueprint.route("/clients/<client>/reports/overview")
@requires("reports:read")
@blueprint.arguments(DocumentArguments, location="query")
@blueprint.response(200, OverviewReportSchema)
@as_document(blueprint)
@as_table(blueprint)
def get_overview_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read the period at a glance: finding, empathy, SLA, sentiment, coverage, and the period before."""
    report_request = request_from_arguments(arguments, client)
    if wants_pdf(arguments):
        return pdf_response(report_request)
    found = overview.report(session(), report_request)
    row = OverviewPeriodSchema if report_request.by_period else OverviewGroupSchema
    return report_response(
        "overview", arguments, found, row, "series" if report_request.by_period else "groups"
    )


@blueprint.route("/clients/<client>/reports/empathy")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, EmpathyReportSchema)
@as_table(blueprint)
def get_empathy_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read empathy and its pillars as human reviewers would see them, with intervals."""
    report_request = request_from_arguments(arguments, client)
    found = empathy.report(session(), report_request)
    row = EmpathyPeriodSchema if report_request.by_period else EmpathyGroupSchema
    return report_response(
        "empathy", arguments, found, row, "series" if report_request.by_period else "groups"
    )


@blueprint.route("/clients/<client>/reports/health")
@requires("reports:read")
@blueprint.arguments(PeriodArguments, location="query")
@blueprint.response(200, NumberHealthSchema)
def get_number_health(arguments: dict[str, Any], client: Client) -> Any:
    """Read how good the client's number is now, what it waits for, and when it will be good enough."""
    report_request = require_interaction_access(request_from_arguments(arguments, client))
    return number_health.report(session(), report_request)


@blueprint.route("/clients/<client>/reports/sla")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, SlaReportSchema)
@as_table(blueprint)
def get_sla_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read SLA compliance by channel, priority and target; as CSV the targets, or the groups asked for."""
    report_request = request_from_arguments(arguments, client)
    found = sla_report.report(session(), report_request)
    if arguments["group_by"] is None:
        return report_response("sla", arguments, found, SlaTargetSchema, "targets")
    row = SlaPeriodSchema if report_request.by_period else SlaGroupSchema
    return report_response("sla", arguments, found, row, "series" if report_request.by_period else "groups")


@blueprint.route("/clients/<client>/reports/moments")
@requires("reports:read")
@blueprint.arguments(FilteredArguments, location="query")
@blueprint.response(200, MomentsReportSchema)
def get_moments_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what the worst and the best of the emotionally charged interactions sound like."""
    return moments_report.report(session(), request_from_arguments(arguments, client), actor())


@blueprint.route("/clients/<client>/reports/sentiment")
@requires("reports:read")
@blueprint.arguments(ReportArguments, location="query")
@blueprint.response(200, SentimentReportSchema)
@as_table(blueprint)
def get_sentiment_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read how customers feel at the beginning and at the end; as a table the reasons, or the groups."""
    report_request = request_from_arguments(arguments, client)
    found = sentiment_report.report(session(), report_request)
    if arguments["group_by"] is None:
        return report_response("sentiment", arguments, found, SentimentReasonSchema, "reasons")
    row = SentimentPeriodSchema if report_request.by_period else SentimentGroupSchema
    return report_response(
        "sentiment", arguments, found, row, "series" if report_request.by_period else "groups"
    )


@blueprint.route("/clients/<client>/reports/friction")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, FrictionReportSchema)
@as_table(blueprint)
def get_friction_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what customers keep coming back with, what it costs, and since when there is more of it."""
    found = friction_report.report(session(), request_from_arguments(arguments, client), actor())
    return report_response("friction", arguments, found, FrictionThemeFiguresSchema, "themes")


@blueprint.route("/clients/<client>/reports/outcomes")
@requires("reports:read")
@blueprint.arguments(OutcomesArguments, location="query")
@blueprint.response(200, OutcomesReportSchema)
@as_table(blueprint)
def get_outcomes_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read what came of interactions, how it goes with empathy, and how it was before a programme."""
    request = request_from_arguments(arguments, client)
    found = outcomes_report.report(session(), request, programme_from_arguments(arguments))
    return report_response("outcomes", arguments, found, OutcomeMeasureSchema, "measures")


@blueprint.route("/clients/<client>/reports/targets")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, TargetReportSchema)
@as_table(blueprint)
def get_target_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read which quality targets are met, which are missed, and which cannot be told yet."""
    found = target_report.report(session(), request_from_arguments(arguments, client))
    return report_response("targets", arguments, found, TargetVerdictSchema, "targets")


@blueprint.route("/clients/<client>/reports/agreement")
@requires("reports:read")
@blueprint.arguments(UngroupedArguments, location="query")
@blueprint.response(200, AgreementReportSchema)
@as_table(blueprint)
def get_agreement_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read how far the machine says what people say, question by question."""
    found = agreement.report(session(), request_from_arguments(arguments, client), actor())
    return report_response("agreement", arguments, found, AgreementTableSchema, "questions")


@blueprint.route("/clients/<client>/reports/agreement/overrides")
@requires("reports:read")
@blueprint.arguments(OverrideListArguments, location="query")
@blueprint.response(200, OverridePageSchema)
@as_table(blueprint)
def list_overrides(arguments: dict[str, Any], client: Client) -> Any:
    """List the answers on which people said something else than the machine, newest first."""
    paging = {name: arguments[name] for name in ("limit", "cursor", "question")}
    report_request = require_interaction_access(request_from_arguments(arguments, client))
    page = overrides.list_overrides(session(), report_request, actor(), **paging)
    form = wanted_format(arguments)
    if form != "json":
        return _overrides_table(client, page, form, bom=arguments["bom"])
    body, status, headers = linked(page, page.data)
    body["reasons"] = count_reasons_once(session(), report_request, actor(), **paging)
    return body, status, headers


@blueprint.route("/clients/<client>/reports/fairness")
@requires("reports:read")
@blueprint.arguments(FairnessArguments, location="query")
@blueprint.response(200, FairnessReportSchema)
@as_table(blueprint)
def get_fairness_report(arguments: dict[str, Any], client: Client) -> Any:
    """Read whether machine or people judge some groups of interactions otherwise than the rest."""
    found = fairness.report(
        session(), request_from_arguments(arguments, client), actor(), arguments["measure"]
    )
    return report_response("fairness", arguments, found, FairnessGroupSchema, "groups")


@blueprint.route("/reports/fairness")
@requires("reports:read")
@blueprint.arguments(FairnessArguments, location="query")
@blueprint.response(200, ProviderFairnessReportSchema)
@as_table(blueprint)
def get_provider_fairness_report(arguments: dict[str, Any]) -> Any:
    """Read whether machine or people judge some clients otherwise than the others that the caller sees."""
    found = fairness_provider.report(session(), actor(), arguments)
    return report_response("fairness", arguments, found, FairnessClientSchema, "groups")


def _overrides_table(client: Client, page: Page, form: str, *, bom: bool) -> Response:
    """Return a page of overrides as a table; the `Link` header leads to the next page."""
    schema, about = OverrideSchema(many=True), {"client": client.slug}
    rows = schema.dump(page.data)
    table = table_response(form, f"{client.slug}-overrides", schema, rows, about, bom=bom)
    table.headers.extend(linked(page, [])[2])
    return table
