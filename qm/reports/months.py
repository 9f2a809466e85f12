"""Which days of a client have interactions, so that a report does not open on an empty period."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from qm.facts.models import DailyRollup
from qm.reports.report_request import DEFAULT_DAYS
from tenants.models import Client


def months_with_data(session: Session, client: Client) -> list[date]:
    """Return the first days of the months in which interactions of a client began, newest first."""
    month = func.date_trunc("month", DailyRollup.day)
    found = select(month).where(*_theirs(client)).distinct().order_by(month.desc())
    return [each.date() for each in session.scalars(found)]


def newest_days(session: Session, client: Client, today: date) -> tuple[date, date] | None:
    """Return the last four weeks; where nothing began in them, those that end with the newest interaction.

    None where nothing has been scored at all.
    """
    newest: date | None = session.scalar(select(func.max(DailyRollup.day)).where(*_theirs(client)))
    if newest is None:
        return None
    length = timedelta(days=DEFAULT_DAYS - 1)
    last = today if newest >= today - length else newest
    return last - length, last


def _theirs(client: Client) -> tuple[ColumnElement[bool], ...]:
    return (
        DailyRollup.tenant_id == client.tenant_id,
        DailyRollup.client_id == client.client_id,
        DailyRollup.scored > 0,
    )
