"""A client's report: its finding, the number with its interval, pillars, SLA, sentiment, what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Response, jsonify, make_response, request, url_for
from flask_babel import gettext
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from qm.console import charts
from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, visible_clients
from qm.console.formatting import month, number
from qm.console.friction_figure import friction_figure
from qm.console.outcomes_table import outcomes_table
from qm.console.page_access import page
from qm.console.pages.branding import look
from qm.console.rendering import render, see
from qm.console.report_basis import report_basis
from qm.console.sentiment_figure import sentiment_figure
from qm.corrective_actions.writing import read_corrective_actions
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
from qm.reports.access import request_from_arguments
from qm.reports.arguments import FORMATS, ReportArguments
from qm.reports.friction_schemas import FrictionReportSchema, FrictionThemeFiguresSchema
from qm.reports.moments_schemas import MomentsReportSchema
from qm.reports.months import months_with_data, newest_days
from qm.reports.outcomes_schemas import OutcomeMeasureSchema, OutcomesReportSchema
from qm.reports.report_request import Period, ReportRequest
from qm.reports.responses import report_response
from qm.reports.schemas import (
    EmpathyPeriodSchema,
    EmpathyReportSchema,
    OverviewPeriodSchema,
    OverviewReportSchema,
    PillarFigureSchema,
    SlaReportSchema,
    SlaTargetSchema,
)
from qm.reports.sentiment_schemas import SentimentReasonSchema, SentimentReportSchema
from qm.reports.target_schemas import TargetReportSchema, TargetVerdictSchema
from tenants.access import actor, session
from tenants.clients import time_zone_of
from tenants.days import day_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.http.validation_messages import faults_from_messages
from tenants.models import Client, utc_now

TREND_MONTHS = 6
_HEADING = ("client", "from", "to", "group_by")
FEW = 30
"""Of fewer reviews a figure is too rough to be compared: its range is shown alone."""


def _friction(opened: Session, report_request: ReportRequest) -> dict[str, Any]:
    return friction_report.report(opened, report_request, actor())


_FIGURES: Mapping[str, tuple[Any, Any, Any, str]] = {
    "overview": (overview_report.report, OverviewReportSchema, OverviewPeriodSchema, "series"),
    "empathy": (empathy_report.report, EmpathyReportSchema, PillarFigureSchema, "pillars"),
    "sla": (sla_report.report, SlaReportSchema, SlaTargetSchema, "targets"),
    "targets": (target_report.report, TargetReportSchema, TargetVerdictSchema, "targets"),
    "sentiment": (sentiment_report.report, SentimentReportSchema, SentimentReasonSchema, "reasons"),
    "outcomes": (outcomes_report.report, OutcomesReportSchema, OutcomeMeasureSchema, "measures"),
    "friction": (_friction, FrictionReportSchema, FrictionThemeFiguresSchema, "themes"),
    "trend": (empathy_report.report, EmpathyReportSchema, EmpathyPeriodSchema, "series"),
}


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
            return see(_of_period(client, request.args["period"]))
        arguments, moved = _arguments(client)
        if arguments is None:
            return render("report/report.html", **chosen)
        report_request = request_from_arguments(arguments, client)
    except Invalid as error:
        return make_response(render("report/report.html", **(chosen | {"faults": error.faults})), 422)
    overview = OverviewReportSchema().dump(overview_report.report(session(), report_request))
    empathy = EmpathyReportSchema().dump(empathy_report.report(session(), report_request))
    shown = {
        "report": overview,
        "empathy": empathy,
        "moved": moved,
        "trend": _trend(report_request),
        "moments": MomentsReportSchema().dump(moments_report.report(session(), report_request, actor())),
        "sentiment": sentiment_figure(
            SentimentReportSchema().dump(sentiment_report.report(session(), report_request))
        ),
        "friction": friction_figure(FrictionReportSchema().dump(_friction(session(), report_request))),
        "outcomes": outcomes_table(
            OutcomesReportSchema().dump(outcomes_report.report(session(), report_request))
        ),
        "verdict": TargetReportSchema().dump(target_report.report(session(), report_request)),
        "pillars": _pillars(empathy),
        "few": FEW,
        "period": report_request.period,
        "actions": read_corrective_actions(
            session(),
            client,
            report_request.period.first,
            report_request.period.last,
            authors=actor().sees_agents,
        ),
        "look": look(session(), url_for("console.branding_style"), url_for("console.branding_logo")),
        "basis": report_basis(session(), report_request),
        "numbers": _numbers(client, report_request),
    }
    return render("report/report.html", **(chosen | shown))


@blueprint.route("/clients/<client>/report/<figure>.<form>", endpoint="report_numbers")
@page("reports:read")
def download_numbers(client: Client, figure: str, form: str) -> Any:
    """Return the numbers behind a figure, as the API's report has them."""
    if figure not in _FIGURES or form not in FORMATS:
        raise NotFound("figure")
    arguments, _ = _arguments(client)
    make, schema, row, table = _FIGURES[figure]
    report_request = request_from_arguments(arguments or _load({}), client)
    if figure == "trend":
        found = make(session(), _by_month(report_request))
        # All months together are no report that everybody may ask for.
        found = {**{name: found[name] for name in _HEADING}, table: found[table]}
    else:
        found = make(session(), report_request)
    if form == "json":
        answer: Response = jsonify(schema().dump(found))
        return answer
    return report_response(figure, {"format": form, "bom": True}, found, row, table)


def _arguments(client: Client) -> tuple[dict[str, Any] | None, bool]:
    """Return the arguments of the API's report, and whether the period was chosen because it has data.

    None where the client has no data at all.
    """
    sent = {name: value for name, value in request.args.items() if value and name != "period"}
    loaded = _load(sent)
    if "from_" in loaded or "to" in loaded:
        return loaded, False
    today = day_of(utc_now(), time_zone_of(client))
    if not actor().sees_agents:
        ended = [month for month in months_with_data(session(), client) if month < today.replace(day=1)]
        if not ended:
            return None, False
        last = _last_day(ended[0])
        return {**loaded, "from_": ended[0], "to": last}, last < today.replace(day=1) - timedelta(days=1)
    days = newest_days(session(), client, today)
    if days is None:
        return None, False
    return {**loaded, "from_": days[0], "to": days[1]}, days[1] != today


def _load(sent: Mapping[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = ReportArguments(only=("from_", "to", "group_by")).load(sent)
    except ValidationError as error:
        messages: Any = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults_from_messages(messages, "/query")) from error
    return loaded


def period_from_query(client: Client) -> Period:
    """Return the period that the address names, or else the one that the report is of when it is opened.

    Raises
    ------
    Invalid
        For days that make no period.
    """
    arguments, _ = _arguments(client)
    return request_from_arguments(arguments or {}, client).period


def _of_period(client: Client, period: str) -> str:
    """Return the address of a month that was chosen."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError as error:
        raise Invalid(
            [Fault("/query/period", "not_a_month", "This must be a month such as 2026-07.")]
        ) from error
    days: dict[str, Any] = {"from": first.isoformat(), "to": _last_day(first).isoformat()}
    return url_for("console.report_of_client", client=client.slug, **days)


def _last_day(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_shown(client: Client) -> list[str]:
    """Return the months that may be chosen: those with data, for stakeholders those that have ended."""
    today = day_of(utc_now(), time_zone_of(client))
    found = months_with_data(session(), client)
    if not actor().sees_agents:
        found = [month for month in found if month < today.replace(day=1)]
    return [f"{month:%Y-%m}" for month in found]


def _numbers(client: Client, report_request: ReportRequest) -> dict[str, dict[str, str]]:
    period = report_request.period
    days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return {
        figure: {
            form: url_for("console.report_numbers", client=client.slug, figure=figure, form=form, **days)
            for form in FORMATS
        }
        for figure in _FIGURES
    }


def _by_month(report_request: ReportRequest) -> ReportRequest:
    """Return the request for the trend: whole months up to the period's last, each a report of its own."""
    first = report_request.period.last.replace(day=1)
    for _ in range(TREND_MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    months = replace(report_request.period, first=first)
    return replace(report_request, period=months, group_by="month")


def _trend(report_request: ReportRequest) -> dict[str, Any] | None:
    """Return the trend by month with what it shows in words; None where no month has a number."""
    found = EmpathyReportSchema().dump(empathy_report.report(session(), _by_month(report_request)))
    rows = [row for row in found["series"] if row["suppressed"] or row["interactions"]]
    points = [
        charts.Point(month(row["period"]), row["estimate"], row["low"], row["high"], row["counted"])
        for row in rows
    ]
    known = [point for point in points if point.low is not None]
    if not known:
        return None
    few = [point.name for point in known if (point.n or 0) < FEW]
    svg = charts.trend(gettext("Empathy by month with its interval"), points, few)
    return {
        "words": _trend_words([point for point in known if point.name not in few]),
        "svg": svg,
        "rows": rows,
    }


def _trend_words(points: Sequence[charts.Point]) -> str:
    """Say what the trend shows: a change only where the intervals of first and last month do not overlap."""
    if not points:
        return str(gettext("Single months have fewer than %(few)d reviews: too few to compare", few=FEW))
    first, last = points[0], points[-1]
    told = {"begin": first.name, "end": last.name, "first": number(first.value), "last": number(last.value)}
    if len(points) == 1:
        return str(gettext("Empathy was %(last)s in %(end)s", **told))
    if (last.low or 0) > (first.high or 0):
        return str(gettext("Empathy rose from %(first)s in %(begin)s to %(last)s in %(end)s", **told))
    if (last.high or 0) < (first.low or 0):
        return str(gettext("Empathy fell from %(first)s in %(begin)s to %(last)s in %(end)s", **told))
    return str(gettext("No clear change of empathy from %(begin)s (%(first)s) to %(end)s (%(last)s)", **told))


def _pillars(empathy: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the pillars with what they show in words; None where none of them is measured."""
    rows = [row for row in empathy["pillars"] if row["estimate"] is not None]
    if not rows:
        return None
    points = [charts.Point(row["name"], row["estimate"], row["low"], row["high"], None) for row in rows]
    best, worst = max(rows, key=lambda row: row["estimate"]), min(rows, key=lambda row: row["estimate"])
    if len(rows) == 1:
        words = gettext("%(name)s is at %(value)s", name=best["name"], value=number(best["estimate"]))
    elif None in (best["low"], worst["high"]) or best["low"] <= worst["high"]:
        words = gettext("No pillar is clearly ahead of the others")
    else:
        words = gettext(
            "Strongest is %(best)s (%(high)s), weakest %(worst)s (%(low)s)",
            best=best["name"],
            high=number(best["estimate"]),
            worst=worst["name"],
            low=number(worst["estimate"]),
        )
    return {"words": words, "svg": charts.ranges(gettext("The four pillars of empathy, of 100"), points)}
