"""Fairness over the provider: whether the machine, or people, judge some clients otherwise."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import Session

from qm.reports.arguments import period_in
from qm.reports.fairness_groups import compare, groups_of, note
from qm.reports.fairness_scores import columns_of, comparable, compared_over
from qm.reports.pairs import pairs_of
from qm.reports.request import FILTERS, Period
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
    """Return the answer of `reports/fairness`: each client that the caller sees, beside all others seen.

    Raises
    ------
    Forbidden
        For a client's stakeholders: other clients are none of their business.
    """
    if not actor.sees_agents:
        raise Forbidden(
            "reports:read", "A client's stakeholders read the fairness report of their own client."
        )
    period, measure = Period(*period_in(arguments)), arguments["measure"]
    filters = {name: arguments[name] for name in FILTERS if name in arguments}
    statement = pairs_of(period, filters, actor, *columns_of(measure), Client.slug).join(
        Client, and_(Client.tenant_id == Review.tenant_id, Client.client_id == Review.client_id)
    )
    rows = session.execute(comparable(statement, measure)).all()
    pairs = compared_over(session, rows, measure)
    found = compare(groups_of(CLIENT, [row.slug for row in rows]), pairs.scores)
    return {
        "from": period.first,
        "to": period.last,
        "measure": measure,
        "double_scored": len(rows),
        "in_part": pairs.in_part,
        "not_compared": pairs.not_compared,
        "tests": found.tests,
        "groups": found.rows,
        "method_note": note(found, rest="all other clients") + (_CAUTION if found.tests else ""),
    }
