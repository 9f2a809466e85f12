"""A client's report: its finding, the number with its interval, pillars, SLA, sentiment, what it rests on."""

from typing import Any

from flask import make_response, request, url_for

from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, visible_clients
from qm.console.page_access import page
from qm.console.pages.branding import look
from qm.console.pages.report_files import file_addresses, pdf_address
from qm.console.rendering import render, see
from qm.console.report_contents import report_contents
from qm.console.report_period import address_of_month, months_shown, report_arguments
from qm.reports.access import request_from_arguments
from tenants.access import actor, session
from tenants.http.faults import Invalid
from tenants.models import Client


@blueprint.route("/reports", endpoint="report")
@page("reports:read")
def choose_report() -> Any:
    """Ask of which client, unless there is one only."""
    clients = visible_clients()
    if len(clients) == 1:
        return see(url_for("console.report_of_client", client=clients[0].slug))
    return render("report/clients.html", clients=clients)


@blueprint.route("/clients/<client>/report", endpoint="report_of_client")
@page("reports:read")
def show_report(client: Client) -> Any:
    """Show the report of a period; left out, of the newest one that has data."""
    chosen = {"months": months_shown(client), "faults": (), "report": None, **client_frame(client)}
    try:
        if request.args.get("period"):
            return see(address_of_month(client, request.args["period"]))
        arguments, moved = report_arguments(client)
        if arguments is None:
            return render("report/report.html", **chosen)
        report_request = request_from_arguments(arguments, client)
    except Invalid as error:
        return make_response(render("report/report.html", **(chosen | {"faults": error.faults})), 422)
    shown = {
        **report_contents(session(), report_request, actor()),
        "moved": moved,
        "numbers": file_addresses(report_request),
        "pdf": pdf_address(report_request),
        "look": look(session(), url_for("console.branding_style"), url_for("console.branding_logo")),
    }
    return render("report/report.html", **(chosen | shown))
