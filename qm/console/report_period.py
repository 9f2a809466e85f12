"""Which days the report page is about: those of its address, or else the newest ones that have data."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError

from qm.reports.access import request_from_arguments
from qm.reports.arguments import ReportArguments
from qm.reports.months import months_with_data, newest_days
from qm.reports.report_request import Period
from tenants.access import actor, session
from tenants.clients import time_zone_of
from tenants.days import day_of
from tenants.http.faults import Fault, Invalid
from tenants.http.validation_messages import faults_from_messages
from tenants.models import Client, utc_now


def report_arguments(client: Client) -> tuple[dict[str, Any] | None, bool]:
    """Return the arguments of the API's report, and whether the period was chosen because it has data.

    None where the client has no data at all.
    """
    sent = {name: value for name, value in request.args.items() if value and name != "period"}
    loaded = load_arguments(sent)
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


def load_arguments(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return arguments as the API's report reads them."""
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
    arguments, _ = report_arguments(client)
    return request_from_arguments(arguments or {}, client).period


def address_of_month(client: Client, period: str) -> str:
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
