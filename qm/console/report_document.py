"""The report as a document: the same templates as the page, as PDF; and its figures as files."""

from typing import Any

from flask import Response, render_template
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from qm.console.formatting import day
from qm.console.pdf_documents import pdf_of
from qm.console.report_basis import provider_name
from qm.console.report_contents import FIGURES, report_contents
from qm.console.standalone_figures import styled, svg_file
from qm.reports.report_request import ReportRequest
from tenants.credentials import Actor

PDF = "application/pdf"
_NOWHERE = "https://localhost/"
"""From where links would lead if there were any: without an address a document has none."""


def report_pdf(session: Session, request: ReportRequest, actor: Actor, address: str | None) -> bytes:
    """Return the report of a period as PDF, with links to this server where it has an address."""
    appendix: list[Any] = []
    shown = {"document": True, "address": address, "appendix": appendix, "styled": styled, "numbers": {}}
    contents = report_contents(session, request, actor, linked=False)
    html = render_template("report/report.html", client=request.client, actor=actor, **shown, **contents)
    return pdf_of(html, address or _NOWHERE)


def pdf_response(pdf: bytes, request: ReportRequest) -> Response:
    """Return a PDF as a download under a name that says what it is of."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name(request)}.pdf"'}
    return Response(pdf, mimetype=PDF, headers=headers)


def file_name(request: ReportRequest) -> str:
    """Return the name of a file of the report, without its ending."""
    return f"{request.client.slug}-report-{request.period.first}-{request.period.last}"


def figure_file(session: Session, request: ReportRequest, actor: Actor, figure: str) -> str | None:
    """Return a figure as an SVG document; None where there is nothing to draw."""
    found = FIGURES[figure](session, request, actor)
    if found is None:
        return None
    period = request.period
    days = gettext("%(first)s to %(last)s", first=day(period.first), last=day(period.last))
    source = f"{request.client.name} · {days} · {provider_name(session, request.client)}"
    return svg_file(found["svg"], finding=found["words"], source=source, language=str(get_locale() or "en"))
