"""Commands that print a client's report and the OpenAPI document."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from infra import report_text
from infra.commands.context import json_option, only_tenant, open_services, operator_session, tenant_option
from qm.app import create_app
from qm.openapi import postman_collection
from qm.reports import empathy_report, overview_report, sla_report
from qm.reports.arguments import ReportArguments, period_from_arguments
from qm.reports.csv_export import csv_text
from qm.reports.report_request import ReportRequest
from qm.reports.schemas import (
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    OverviewReportSchema,
    SlaReportSchema,
)
from tenants.clients import client_named, time_zone_of
from tenants.http.faults import Invalid
from tenants.http.validation_messages import faults_from_messages
from tenants.models import utc_now

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("client")
@click.option("--from", "start", type=_DAY, help="First day, of the client's time zone; left out: 28 days.")
@click.option("--to", "end", type=_DAY, help="Last day, of the client's time zone; left out: today.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write empathy by week to this file.")
@tenant_option
@json_option
def report(
    client: str, start: Any, end: Any, table: Path | None, tenant: str | None, *, as_json: bool
) -> None:
    """Print a client's report: empathy with its interval, the four pillars, SLA by channel."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        found_client = client_named(session, client)
        period = period_from_arguments(_arguments(start, end), time_zone_of(found_client))
        by_week = ReportRequest(found_client, period, "week", utc_now())
        by_channel = ReportRequest(found_client, period, "channel", by_week.now)
        found = {
            "slug": by_week.client.slug,
            "overview": OverviewReportSchema().dump(overview_report.report(session, by_week)),
            "empathy": EmpathyReportSchema().dump(empathy_report.report(session, by_week)),
            "sla": SlaReportSchema().dump(sla_report.report(session, by_channel)),
        }
    if table is not None:
        columns = list(EmpathyPeriodSchema().fields)
        table.write_text(csv_text(columns, found["empathy"]["series"]), encoding="utf-8")
    summary = report_text.summary(found)
    lines = [json.dumps(summary, ensure_ascii=False)] if as_json else report_text.client_lines(summary)
    for line in lines:
        click.echo(line)


def _arguments(start: Any, end: Any) -> dict[str, date | None]:
    moments = {"from": start, "to": end}
    arguments = {name: str(moment.date()) for name, moment in moments.items() if moment is not None}
    try:
        loaded: dict[str, date | None] = ReportArguments().load(arguments)
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults_from_messages(messages)) from error
    return loaded


@click.command()
@click.option("--postman", is_flag=True, help="As a Postman collection.")
def openapi(*, postman: bool) -> None:
    """Print the contract as OpenAPI 3.1."""
    with open_services() as services:
        document = create_app(services).extensions["qm.openapi"]
    document = postman_collection(document) if postman else document
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
