"""Commands that print a client's report and the OpenAPI document."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infra import report_text, runtime
from infra.client_documents import client_pdf
from infra.commands.context import json_option, only_tenant, open_services, operator_session, tenant_option
from qm.app import create_app
from qm.console.pdf_documents import MISSING, PdfUnavailable
from qm.interactions.models import Interaction
from qm.openapi.postman import postman_collection
from qm.reports import (
    empathy_report,
    friction_report,
    moments_report,
    outcomes_report,
    overview_report,
    sentiment_report,
    sla_report,
    target_report,
)
from qm.reports.arguments import ReportArguments, period_from_arguments
from qm.reports.csv_export import BYTE_ORDER_MARK, csv_text
from qm.reports.friction_schemas import FrictionReportSchema
from qm.reports.moments_schemas import MomentsReportSchema
from qm.reports.outcomes_schemas import OutcomesReportSchema
from qm.reports.report_request import Period, ReportRequest
from qm.reports.schemas import (
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    OverviewReportSchema,
    SlaReportSchema,
)
from qm.reports.sentiment_schemas import SentimentReportSchema
from qm.reports.target_schemas import TargetReportSchema
from qm.services import Services
from scorecards.authoring.version_queries import open_ended_versions
from tenants.clients import client_named, time_zone_of
from tenants.credentials import Actor
from tenants.days import day_of
from tenants.http.faults import Invalid
from tenants.http.validation_messages import faults_from_messages
from tenants.isolation import scope_of
from tenants.models import Client, utc_now
from tenants.roles import SCOPES

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("client")
@click.option("--from", "start", type=_DAY, help="First day, of the client's time zone.")
@click.option("--to", "end", type=_DAY, help="Last day, of the client's time zone.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write empathy by week to this file.")
@click.option(
    "--pdf",
    "document",
    type=click.Path(path_type=Path),
    help="Write to this file what the client's own people see of a month, with its figures.",
)
@click.option("--bom", is_flag=True, help="Begin the CSV table with a byte order mark, for Excel.")
@tenant_option
@json_option
def report(
    client: str,
    start: Any,
    end: Any,
    table: Path | None,
    tenant: str | None,
    *,
    document: Path | None,
    bom: bool,
    as_json: bool,
) -> None:
    """Print a client's report: empathy with its interval, targets, SLA, mood, themes, outcomes, moments."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        found_client = client_named(session, client)
        period, notice = _period(session, found_client, start, end)
        if document is not None:
            _write_pdf(document, services, session, found_client, _arguments(start, end))
        by_week = ReportRequest(found_client, period, "week", utc_now())
        by_channel = ReportRequest(found_client, period, "channel", by_week.now)
        found = {
            "slug": by_week.client.slug,
            "notice": notice,
            "bands": report_text.common_bands(_scorecards(session, found_client)),
            "overview": OverviewReportSchema().dump(overview_report.report(session, by_week)),
            "empathy": EmpathyReportSchema().dump(empathy_report.report(session, by_week)),
            "sla": SlaReportSchema().dump(sla_report.report(session, by_channel)),
            **_sections(session, by_week),
        }
    if table is not None:
        fields = list(EmpathyPeriodSchema().fields)
        columns = ["period", *(name for name in fields if name != "period")]
        table.write_text(
            BYTE_ORDER_MARK * bom + csv_text(columns, found["empathy"]["series"]), encoding="utf-8"
        )
    summary = report_text.summary(found)
    lines = [json.dumps(summary, ensure_ascii=False)] if as_json else report_text.client_lines(summary)
    for line in lines:
        click.echo(line)


def _sections(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the reports that the text tells in a few lines each."""
    operator = Actor(uuid.UUID(int=0), None, None, "", frozenset(SCOPES), scope_of(session), bound=False)
    return {
        "targets": TargetReportSchema().dump(target_report.report(session, request)),
        "sentiment": SentimentReportSchema().dump(sentiment_report.report(session, request)),
        "friction": FrictionReportSchema().dump(friction_report.report(session, request, operator)),
        "outcomes": OutcomesReportSchema().dump(outcomes_report.report(session, request)),
        "moments": MomentsReportSchema().dump(moments_report.report(session, request, operator)),
    }


def _write_pdf(
    to: Path, services: Services, session: Session, client: Client, days: Mapping[str, date | None]
) -> None:
    try:
        made, request = client_pdf(services, session, client, days)
    except PdfUnavailable as error:
        raise click.ClickException(MISSING) from error
    to.write_bytes(made)
    months = f"{request.period.first} to {request.period.last}"
    click.echo(f"{to}: what the client's own people see of {months}", err=True)


def _period(session: Session, client: Client, start: Any, end: Any) -> tuple[Period, str | None]:
    """Return the period asked for; by default the last days, or where these are empty those with data."""
    zone = time_zone_of(client)
    period = period_from_arguments(_arguments(start, end), zone)
    if start is not None or end is not None:
        return period, None
    newest = session.scalar(
        select(func.max(Interaction.started_at)).where(Interaction.client_id == client.client_id)
    )
    if newest is None or day_of(newest, zone) >= period.first:
        return period, None
    last = day_of(newest, zone)
    found = Period(last - timedelta(days=period.days - 1), last, zone)
    return found, (
        f"Nothing began in the last {period.days} days, {period.first} to {period.last};"
        f" this is up to the newest interaction. Choose with --from and --to."
    )


def _scorecards(session: Session, client: Client) -> list[Mapping[str, Any]]:
    found = open_ended_versions(session, client_id=client.client_id)
    return [each.body for each in found if each.kind == "scorecard"]


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
    # Nothing connects before the first request, so the contract needs no servers.
    nowhere = replace(
        runtime.read_settings({}),
        database_url="postgresql+psycopg:///",
        redis_url="redis://",
        secret_key="unused",  # noqa: S106 - it keys nothing
    )
    services = runtime.build(nowhere)
    document = create_app(services).extensions["qm.openapi"]
    document = postman_collection(document) if postman else document
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
