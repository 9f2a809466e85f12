"""Requests and responses of reports over HTTP: arguments to a `ReportRequest`, a report to JSON or CSV."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import Schema

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.arguments import period_from_arguments
from qm.reports.csv_export import CSV, csv_response
from qm.reports.request import FILTERS, Period, ReportRequest
from tenants.access import Forbidden, actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now

AS_CSV = {"schema": {"type": "string"}, "content_type": CSV, "description": "OK"}
_LEADING_COLUMNS = (
    *("period", "dimension", "value", "channel", "priority", "target"),
    *("scorecard", "question", "text", "kind", "level"),
)


def request_from_arguments(arguments: Mapping[str, Any], client: Client) -> ReportRequest:
    """Return the report request of the arguments for this caller."""
    suppress_small, grouping = not actor().sees_agents, arguments.get("group_by")
    if suppress_small and grouping == "agent":
        detail = "A client's stakeholders see no figures of single agents; group by something else."
        raise Invalid([Fault("/query/group_by", "agents_not_shown", detail)])
    return ReportRequest(
        client=client,
        period=Period(*period_from_arguments(arguments)),
        group_by=grouping or "week",
        now=utc_now(),
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        suppress_small=suppress_small,
    )


def require_interaction_access(report_request: ReportRequest) -> ReportRequest:
    """Return the request if this caller may see single interactions.

    Raises
    ------
    Forbidden
        For a client's stakeholders, to whom counts below five are suppressed.
    """
    if report_request.suppress_small:
        raise Forbidden(SEES_INTERACTIONS, "A client's stakeholders see no single interactions here.")
    return report_request


def wants_csv(arguments: Mapping[str, Any]) -> bool:
    """Whether the caller wants the CSV table instead of the JSON report."""
    format_name = arguments["format"] or (
        "csv" if request.accept_mimetypes.best_match(["application/json", CSV]) == CSV else "json"
    )
    return bool(format_name == "csv")


def report_response(
    name: str, arguments: Mapping[str, Any], report: dict[str, Any], row: type[Schema], table: str
) -> dict[str, Any] | Response:
    """Return the report, or its table as CSV if the caller wants that."""
    if not wants_csv(arguments):
        return report
    schema = row(many=True)
    keys = [key for key in _LEADING_COLUMNS if key in schema.fields]
    columns = keys + [key for key in schema.fields if key not in keys]
    client = [report["client"]] if "client" in report else []
    file_name = "-".join([*client, name, str(report["from"]), str(report["to"])])
    return csv_response(file_name, columns, schema.dump(report[table]))
