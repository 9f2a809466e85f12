"""The fairness report of a provider: whether automatic or human scores differ between clients."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import Session

from qm.reports.arguments import period_from_arguments
from qm.reports.evaluation_pairs import select_pairs_of_period
from qm.reports.fairness_groups import build_groups, compare_groups, method_note
from qm.reports.fairness_scores import comparable_scores, score_columns, where_comparable
from qm.reports.report_request import FILTERS, Period
from qm.reviews.models import Review
from tenants.access import Forbidden
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
    period, measure = Period(*period_from_arguments(arguments)), arguments["measure"]
    filters = {name: arguments[name] for name in FILTERS if name in arguments}
    statement = select_pairs_of_period(period, filters, actor, *score_columns(measure), Client.slug).join(
        Client, and_(Client.tenant_id == Review.tenant_id, Client.client_id == Review.client_id)
    )
    rows = session.execute(where_comparable(statement, measure)).all()
    pairs = comparable_scores(session, rows, measure)
    comparison = compare_groups(build_groups(CLIENT, [row.slug for row in rows]), pairs.scores)
    return {
        "from": period.first,
        "to": period.last,
        "measure": measure,
        "double_scored": len(rows),
        "in_part": pairs.in_part,
        "not_compared": pairs.not_compared,
        "tests": comparison.tests,
        "groups": comparison.rows,
        "method_note": method_note(comparison, rest="all other clients")
        + (_CAUTION if comparison.tests else ""),
    }
