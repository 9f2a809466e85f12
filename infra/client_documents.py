"""A client's report as PDF without a server: what the client's own people see, for the operator to send."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from qm.app import create_app
from qm.console.report_document import report_pdf
from qm.reports.differencing import whole_month
from qm.reports.months import months_with_data
from qm.reports.report_request import ReportRequest
from qm.services import Services
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.days import day_of
from tenants.isolation import scope_of
from tenants.models import Client, utc_now
from tenants.roles import CLIENT_ROLE, ROLES

_NOBODY = uuid.UUID(int=0)


def client_pdf(
    services: Services, session: Session, client: Client, days: Mapping[str, date | None]
) -> tuple[bytes, ReportRequest]:
    """Return the PDF and what it is of: the month of these days, by default the newest ended one with data.

    Raises
    ------
    Invalid
        For days of several months, and for a month that has not ended.
    """
    request = _request(session, client, days)
    address = services.settings.public_url
    app = create_app(services)
    with app.test_request_context(base_url=address):
        g.session, g.actor = session, _stakeholder(session, client)
        return report_pdf(session, request, g.actor, address), request


def _request(session: Session, client: Client, days: Mapping[str, date | None]) -> ReportRequest:
    zone, now = time_zone_of(client), utc_now()
    today = day_of(now, zone)
    wanted: dict[str, Any] = {name: each for name, each in days.items() if each is not None}
    if not wanted:
        ended = [month for month in months_with_data(session, client) if month < today.replace(day=1)]
        wanted = {"from_": ended[0]} if ended else {}
    period = whole_month(wanted, today, zone)
    return ReportRequest(client, period, "week", now, suppress_small=True)


def _stakeholder(session: Session, client: Client) -> Actor:
    """Return somebody of the client's who is nobody in particular: what they may see is their role's."""
    scope = scope_of(session).narrowed(client.client_id)
    return Actor(_NOBODY, None, CLIENT_ROLE, "", frozenset(ROLES[CLIENT_ROLE]), scope, bound=True)
