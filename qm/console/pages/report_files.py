"""The report as files: its numbers as tables, its figures as pictures, the whole as PDF."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, url_for
from sqlalchemy.orm import Session

from qm.console.blueprint import blueprint
from qm.console.empathy_figures import by_month
from qm.console.page_access import page
from qm.console.pdf_documents import can_make_pdf
from qm.console.report_contents import FIGURES
from qm.console.report_document import figure_file
from qm.console.report_period import load_arguments, report_arguments
from qm.console.standalone_figures import PICTURES, png_file
from qm.reports import (
    coverage_report,
    empathy_report,
    empowerment_report,
    friction_report,
    outcomes_report,
    overview_report,
    retention_report,
    sentiment_report,
    sla_report,
    target_report,
    workload_report,
)
from qm.reports.access import request_from_arguments
from qm.reports.arguments import FORMATS
from qm.reports.coverage_schemas import CoverageRateSchema, CoverageReportSchema
from qm.reports.documents import file_name, pdf_response
from qm.reports.empowerment_schemas import EmpowermentDiscretionSchema, EmpowermentReportSchema
from qm.reports.friction_schemas import FrictionReportSchema, FrictionThemeFiguresSchema
from qm.reports.outcomes_schemas import OutcomeMeasureSchema, OutcomesReportSchema
from qm.reports.report_request import ReportRequest
from qm.reports.responses import report_response
from qm.reports.retention_schemas import RetentionHorizonSchema, RetentionReportSchema
from qm.reports.schemas import (
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    OverviewPeriodSchema,
    OverviewReportSchema,
    PillarFigureSchema,
    SlaReportSchema,
    SlaTargetSchema,
)
from qm.reports.sentiment_schemas import SentimentReasonSchema, SentimentReportSchema
from qm.reports.target_schemas import TargetReportSchema, TargetVerdictSchema
from qm.reports.workload_schemas import WorkloadClassSchema, WorkloadReportSchema
from tenants.access import actor, session
from tenants.http.faults import NotFound
from tenants.models import Client

_HEADING = ("client", "from", "to", "group_by")


def _friction(opened: Session, report_request: ReportRequest) -> dict[str, Any]:
    return friction_report.report(opened, report_request, actor())


_TABLES: Mapping[str, tuple[Any, Any, Any, str]] = {
    "overview": (overview_report.report, OverviewReportSchema, OverviewPeriodSchema, "series"),
    "empathy": (empathy_report.report, EmpathyReportSchema, PillarFigureSchema, "pillars"),
    "sla": (sla_report.report, SlaReportSchema, SlaTargetSchema, "targets"),
    "targets": (target_report.report, TargetReportSchema, TargetVerdictSchema, "targets"),
    "sentiment": (sentiment_report.report, SentimentReportSchema, SentimentReasonSchema, "reasons"),
    "outcomes": (outcomes_report.report, OutcomesReportSchema, OutcomeMeasureSchema, "measures"),
    "friction": (_friction, FrictionReportSchema, FrictionThemeFiguresSchema, "themes"),
    "retention": (retention_report.report, RetentionReportSchema, RetentionHorizonSchema, "horizons"),
    "empowerment": (
        empowerment_report.report,
        EmpowermentReportSchema,
        EmpowermentDiscretionSchema,
        "discretions",
    ),
    "workload": (workload_report.report, WorkloadReportSchema, WorkloadClassSchema, "classes"),
    "coverage": (coverage_report.report, CoverageReportSchema, CoverageRateSchema, "rates"),
    "trend": (empathy_report.report, EmpathyReportSchema, EmpathyPeriodSchema, "series"),
}


@blueprint.route("/clients/<client>/report/<figure>.<form>", endpoint="report_numbers")
@page("reports:read")
def download_numbers(client: Client, figure: str, form: str) -> Any:
    """Return the numbers behind a figure, as the API's report has them, or the figure as a picture."""
    if form in PICTURES and figure in FIGURES:
        return _picture(_asked_for(client), figure, form)
    if figure not in _TABLES or form not in FORMATS:
        raise NotFound("figure")
    make, schema, row, table = _TABLES[figure]
    report_request = _asked_for(client)
    if figure == "trend":
        found = make(session(), by_month(report_request))
        # All months together are no report that everybody may ask for.
        found = {**{name: found[name] for name in _HEADING}, table: found[table]}
    else:
        found = make(session(), report_request)
    if form == "json":
        answer: Response = jsonify(schema().dump(found))
        return answer
    return report_response(figure, {"format": form, "bom": True}, found, row, table)


@blueprint.route("/clients/<client>/report.pdf", endpoint="report_pdf")
@page("reports:read")
def download_report(client: Client) -> Any:
    """Return the report of a period as PDF."""
    return pdf_response(_asked_for(client))


def _asked_for(client: Client) -> ReportRequest:
    arguments, _ = report_arguments(client)
    return request_from_arguments(arguments or load_arguments({}), client)


def _picture(report_request: ReportRequest, figure: str, form: str) -> Response:
    """Return a figure as a picture, with what it shows and where it is from."""
    svg = figure_file(session(), report_request, actor(), figure)
    if svg is None:
        raise NotFound("figure")
    name = f"{file_name(report_request)}-{figure}.{form}"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(svg if form == "svg" else png_file(svg), mimetype=PICTURES[form], headers=headers)


def file_addresses(report_request: ReportRequest) -> dict[str, dict[str, str]]:
    """Return the address of each table and picture by the name of its figure and its form."""
    return {
        figure: {
            form: _address("console.report_numbers", report_request, figure=figure, form=form)
            for form in (*FORMATS, *(PICTURES if figure in FIGURES else ()))
        }
        for figure in _TABLES
    }


def pdf_address(report_request: ReportRequest) -> str | None:
    """Return the address of the whole as PDF; None where this server cannot make it."""
    return _address("console.report_pdf", report_request) if can_make_pdf() else None


def _address(endpoint: str, report_request: ReportRequest, **parts: Any) -> str:
    period = report_request.period
    days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return url_for(endpoint, client=report_request.client.slug, **parts, **days)
