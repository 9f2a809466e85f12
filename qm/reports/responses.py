"""Responses of reports over HTTP: a report as JSON or as CSV."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import Schema

from qm.reports.csv_export import CSV, csv_response

AS_CSV = {"schema": {"type": "string"}, "content_type": CSV, "description": "OK"}
_LEADING_COLUMNS = (
    *("period", "dimension", "value", "channel", "priority", "target"),
    *("scorecard", "question", "text", "kind", "level"),
)


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
    return csv_response(file_name, columns, schema.dump(report[table]), bom=arguments["bom"])
