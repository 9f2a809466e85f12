"""The report of a client's disputes: what was disputed, how it was decided, and how long that took."""

from typing import Any

from flask import make_response, request, url_for
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame
from qm.console.page_access import page
from qm.console.rendering import render
from qm.disputes import dispute_report
from qm.disputes.report_schemas import DisputeGroupSchema, DisputeReportArguments, DisputeReportSchema
from qm.reports.access import request_from_arguments
from qm.reports.responses import report_response
from tenants.access import actor, session
from tenants.http.faults import Invalid
from tenants.http.validation_messages import faults_from_messages
from tenants.models import Client

_GROUPINGS = {
    "question": _("Question"),
    "reviewer": _("Reviewer"),
    "initiator": _("For whom"),
    "outcome": _("Outcome"),
    "days": _("Days to the decision"),
}


@blueprint.route("/clients/<client>/disputes", endpoint="disputes_of_client")
@page("reports:read")
def show_dispute_report(client: Client) -> Any:
    """Show the report of disputes of a period, or its table as CSV."""
    shown: dict[str, Any] = {
        **client_frame(client),
        "groupings": [
            (name, _GROUPINGS[name])
            for name in dispute_report.GROUPINGS
            if name != "reviewer" or actor().sees_agents
        ],
        "report": None,
        "faults": (),
    }
    try:
        arguments = _arguments()
        found = dispute_report.report(session(), request_from_arguments(arguments, client), actor())
    except Invalid as error:
        return make_response(render("disputes/report.html", **(shown | {"faults": error.faults})), 422)
    if arguments["format"] == "csv":
        return report_response("disputes", arguments | {"bom": True}, found, DisputeGroupSchema, "groups")
    query: dict[str, Any] = {name: value for name, value in request.args.items() if name != "format"}
    csv_url = url_for("console.disputes_of_client", client=client.slug, **query | {"format": "csv"})
    return render(
        "disputes/report.html", **(shown | {"report": DisputeReportSchema().dump(found)}), csv_url=csv_url
    )


def _arguments() -> dict[str, Any]:
    sent = {name: value for name, value in request.args.items() if value}
    try:
        loaded: dict[str, Any] = DisputeReportArguments().load(sent)
    except ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults_from_messages(messages, "/query")) from error
    return loaded
