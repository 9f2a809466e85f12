"""The report as a document: the same templates as the page, as PDF; and its figures as files."""

from typing import Any

from flask import render_template
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from qm.console.empathy_figures import by_month
from qm.console.formatting import day
from qm.console.pdf_documents import pdf_of
from qm.console.report_basis import provider_name
from qm.console.report_contents import FIGURES, report_contents
from qm.console.standalone_figures import styled, svg_file
from qm.reports.report_request import ReportRequest
from tenants.credentials import Actor

_NOWHERE = "https://localhost/"
"""From where links would lead if there were any: without an address a document has none."""


def report_pdf(session: Session, request: ReportRequest, actor: Actor, address: str | None) -> bytes:
    """Return the report of a period as PDF, with links to this server where it has an address."""
    appendix: list[Any] = []
    shown: dict[str, Any] = {"address": address, "appendix": appendix, "styled": styled, "numbers": {}}
    contents = report_contents(session, request, actor, linked=False)
    html = render_template(
        "report/report.html", document=True, client=request.client, actor=actor, **shown, **contents
    )
    return pdf_of(html, address or _NOWHERE)


def figure_file(session: Session, request: ReportRequest, actor: Actor, figure: str) -> str | None:
    """Return a figure as an SVG document; None where there is nothing to draw."""
    found = FIGURES[figure](session, request, actor)
    if found is None:
        return None
    period = by_month(request).period if figure == "trend" else request.period
    days = gettext("%(first)s to %(last)s", first=day(period.first), last=day(period.last))
    source = f"{request.client.name} · {days} · {provider_name(session, request.client)}"
    return svg_file(found["svg"], finding=found["words"], source=source, language=str(get_locale() or "en"))
