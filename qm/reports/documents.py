"""The report as a document, PDF: made by the pages' templates, which stand above this room."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from qm.reports.report_request import ReportRequest
from qm.reports.responses import MEDIA_TYPES, View
from tenants.access import actor, public_address, session
from tenants.credentials import Actor
from tenants.http.contract import Blueprint

PDF = "application/pdf"
EXTENSION = "qm.report_pdf"
MakePdf = Callable[[Session, ReportRequest, Actor, str | None], bytes]
"""Makes the document; links lead to the address of this server, where it has one."""


def as_document(blueprint: Blueprint) -> Callable[[View], View]:
    """Return the decorator that says in the contract that a report may be asked for as a document."""
    schema = {"type": "string", "format": "binary"}

    def decorate(view: View) -> View:
        made: View = blueprint.alt_response(200, schema=schema, content_type=PDF, description="OK")(view)
        missing: View = blueprint.alt_response(501, "NotInstalled")(made)
        return missing

    return decorate


def wants_pdf(arguments: Mapping[str, Any]) -> bool:
    """Whether PDF is asked for by name, or else by the `Accept` header."""
    if arguments["format"]:
        return bool(arguments["format"] == "pdf")
    offered = [*MEDIA_TYPES.values(), PDF]
    return request.accept_mimetypes.best_match(offered, MEDIA_TYPES["json"]) == PDF


def pdf_response(report_request: ReportRequest) -> Response:
    """Return the report of a period as PDF, a download under a name that says what it is of."""
    make: MakePdf = current_app.extensions[EXTENSION]
    headers = {"Content-Disposition": f'attachment; filename="{file_name(report_request)}.pdf"'}
    made = make(session(), report_request, actor(), public_address())
    return Response(made, mimetype=PDF, headers=headers)


def file_name(report_request: ReportRequest) -> str:
    """Return the name of a file of the report, without its ending."""
    period = report_request.period
    return f"{report_request.client.slug}-report-{period.first}-{period.last}"
