"""Responses of reports over HTTP: a report as JSON, or its table as CSV or as an Excel workbook."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Response, request
from marshmallow import Schema

from qm.reports.csv_export import CSV, csv_response
from qm.reports.xlsx_export import XLSX, xlsx_response
from tenants.http.contract import Blueprint

AS_CSV = {"schema": {"type": "string"}, "content_type": CSV, "description": "OK"}
_AS_XLSX = {"schema": {"type": "string", "format": "binary"}, "content_type": XLSX, "description": "OK"}
MEDIA_TYPES: Mapping[str, str] = {"json": "application/json", "csv": CSV, "xlsx": XLSX}
"""The media type of each format."""
_LEADING_COLUMNS = (
    *("period", "dimension", "value", "channel", "priority", "target", "measure", "reason"),
    *("scorecard", "theme", "playbook", "discretion", "question", "text", "kind", "level"),
)
View = Callable[..., Any]


def as_table(blueprint: Blueprint) -> Callable[[View], View]:
    """Return the decorator that says in the contract that a report may be asked for as a table."""

    def decorate(view: View) -> View:
        as_csv: View = blueprint.alt_response(200, **AS_CSV)(view)
        as_xlsx: View = blueprint.alt_response(200, **_AS_XLSX)(as_csv)
        return as_xlsx

    return decorate


def wanted_format(arguments: Mapping[str, Any]) -> str:
    """Return the format that is asked for by name, or else by the `Accept` header."""
    if arguments["format"]:
        return str(arguments["format"])
    best = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()), MEDIA_TYPES["json"])
    return next(name for name, media_type in MEDIA_TYPES.items() if media_type == best)


def report_response(
    name: str, arguments: Mapping[str, Any], report: dict[str, Any], row: type[Schema], table: str
) -> dict[str, Any] | Response:
    """Return the report, or its table as CSV or a workbook if the caller wants that.

    Besides the table a workbook has what it is of: client, days, sentences and counts of the report.
    """
    form = wanted_format(arguments)
    if form == "json":
        return report
    client = [report["client"]] if "client" in report else []
    about = {each: value for each, value in report.items() if isinstance(value, str | int | date)}
    file_name = "-".join([*client, name, str(report["from"]), str(report["to"])])
    schema = row(many=True)
    return table_response(form, file_name, schema, schema.dump(report[table]), about, bom=arguments["bom"])


def table_response(
    form: str, name: str, schema: Schema, rows: Any, about: Mapping[str, Any], *, bom: bool
) -> Response:
    """Return rows as CSV or as a workbook, what they are of in the first columns."""
    keys = [key for key in _LEADING_COLUMNS if key in schema.fields]
    columns = keys + [key for key in schema.fields if key not in keys]
    if form == "xlsx":
        return xlsx_response(name, columns, rows, about)
    return csv_response(name, columns, rows, bom=bom)
