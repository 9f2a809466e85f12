"""How every report is asked over HTTP and how its answer goes out: as JSON, or its table as CSV."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import Schema

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.arguments import period_in
from qm.reports.csv_export import CSV, csv_response
from qm.reports.request import FILTERS, Period, ReportRequest
from tenants.access import Forbidden, actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now

AS_CSV = {"schema": {"type": "string"}, "content_type": CSV, "description": "OK"}
_FIRST = (
    *("period", "dimension", "value", "channel", "priority", "target"),
    *("scorecard", "question", "text", "kind", "level"),
)


def asked(arguments: Mapping[str, Any], client: Client) -> ReportRequest:
    """Return the question that the arguments ask for this caller."""
    guarded, grouping = not actor().sees_agents, arguments.get("group_by")
    if guarded and grouping == "agent":
        detail = "A client's stakeholders see no figures of single agents; group by something else."
        raise Invalid([Fault("/query/group_by", "agents_not_shown", detail)])
    return ReportRequest(
        client=client,
        period=Period(*period_in(arguments)),
        group_by=grouping or "week",
        now=utc_now(),
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        suppress_small=guarded,
    )


def one_by_one(question: ReportRequest) -> ReportRequest:
    """Return the question if this caller may be shown single interactions.

    Raises
    ------
    Forbidden
        For a client's stakeholders: one interaction is fewer than the five that a figure is made of.
    """
    if question.suppress_small:
        raise Forbidden(SEES_INTERACTIONS, "A client's stakeholders see no single interactions here.")
    return question


def wants_csv(arguments: Mapping[str, Any]) -> bool:
    """Whether the table is wanted instead of the report."""
    wanted = arguments["format"] or (
        "csv" if request.accept_mimetypes.best_match(["application/json", CSV]) == CSV else "json"
    )
    return bool(wanted == "csv")


def answered(
    name: str, arguments: Mapping[str, Any], found: dict[str, Any], row: type[Schema], table: str
) -> dict[str, Any] | Response:
    """Return the report, or its table when CSV is wanted."""
    if not wants_csv(arguments):
        return found
    schema = row(many=True)
    keys = [key for key in _FIRST if key in schema.fields]
    columns = keys + [key for key in schema.fields if key not in keys]
    whose = [found["client"]] if "client" in found else []
    file_name = "-".join([*whose, name, str(found["from"]), str(found["to"])])
    return csv_response(file_name, columns, schema.dump(found[table]))
