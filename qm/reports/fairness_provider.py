"""The fairness report of a provider: whether automatic or human scores differ between clients."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from qm.reports.arguments import period_from_arguments
from qm.reports.evaluation_pairs import began_in, select_pairs_within
from qm.reports.fairness_groups import build_groups, compare_groups, method_note
from qm.reports.fairness_scores import comparable_scores, load_comparable, score_columns
from qm.reports.report_request import FILTERS, Period
from qm.reviews.models import Review
from tenants.access import Forbidden
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.models import Client

CLIENT = "client"
_CAUTION = (
    " Clients have scorecards of their own, so what people give may differ for that alone; the machine's "
    "error should not. A difference is a reason to look, not a proof of unfairness."
)


def report(session: Session, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of `reports/fairness`: each visible client compared with all other visible clients.

    Raises
    ------
    Forbidden
        For a client's stakeholders, who may not see other clients.
    """
    if not actor.sees_agents:
        raise Forbidden(
            "reports:read", "A client's stakeholders read the fairness report of their own client."
        )
    period, measure = period_from_arguments(arguments, UTC), arguments["measure"]
    filters = {name: arguments[name] for name in FILTERS if name in arguments}
    began = _began_in_own_days(session, period)
    statement = select_pairs_within(began, filters, actor, *score_columns(measure), Client.slug).join(
        Client, and_(Client.tenant_id == Review.tenant_id, Client.client_id == Review.client_id)
    )
    found = load_comparable(session, statement, measure)
    pairs = comparable_scores(session, found, measure)
    comparison = compare_groups(build_groups(CLIENT, [row.slug for row, _ in found]), pairs.scores)
    return {
        "from": period.first,
        "to": period.last,
        "measure": measure,
        "double_scored": len(found),
        "in_part": pairs.in_part,
        "not_compared": pairs.not_compared,
        "tests": comparison.tests,
        "groups": comparison.rows,
        "method_note": method_note(comparison, rest="all other clients")
        + (_CAUTION if comparison.tests else ""),
    }


def _began_in_own_days(session: Session, period: Period) -> ColumnElement[bool]:
    """Return the condition that an interaction began in the period as its client's time zone has it."""
    clients = session.scalars(select(Client)).all()
    periods = {replace(period, time_zone=time_zone_of(client)) for client in clients}
    ids = {
        each: [client.client_id for client in clients if time_zone_of(client) == each.time_zone]
        for each in periods
    }
    return or_(false(), *(and_(Review.client_id.in_(ids[each]), began_in(each)) for each in periods))
