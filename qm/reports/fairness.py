"""The fairness report: whether the machine, or people, judge some groups of interactions otherwise."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.double_scored import double_scored, human, machine, same_version
from qm.reports.fairness_groups import Group, Scores, compare, groups_of, note
from qm.reports.questions import Question as Asked
from qm.reviews.models import Review
from tenants.credentials import Actor

MEASURES = ("score", "empathy")
DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "language": func.coalesce(Interaction.language, ""),
    "channel": func.coalesce(Interaction.channel, ""),
    "queue": func.coalesce(Interaction.queue, ""),
    "team": func.coalesce(Interaction.agent_details["team"].astext, ""),
    "site": func.coalesce(Interaction.agent_details["site"].astext, ""),
}
OF_AGENTS = frozenset({"team", "site"})
"""What tells on the people of the provider: never shown to a client's stakeholders."""
_CAUTION = (
    " A difference between groups is a reason to look, not a proof of unfairness: groups may differ in what "
    "their customers ask."
)


def report(session: Session, asked: Asked, actor: Actor, measure: str) -> dict[str, Any]:
    """Return the answer of a client's `reports/fairness`."""
    dimensions = [name for name in DIMENSIONS if not (asked.guarded and name in OF_AGENTS)]
    one, other = getattr(machine, measure), getattr(human, measure)
    columns = (Review.inclusion_probability, one, other, *(DIMENSIONS[name] for name in dimensions))
    statement = double_scored(asked, actor, *columns).where(
        same_version, one.is_not(None), other.is_not(None)
    )
    rows = session.execute(statement.order_by(Review.review_id)).all()
    groups: list[Group] = []
    for place, name in enumerate(dimensions, 3):
        values = [row[place] for row in rows]
        groups += groups_of(name, values, hidden=asked.hidden(Counter(values)), after=len(groups))
    found = compare(groups, Scores.of(rows))
    kept_back = asked.hides(len(rows))
    return {
        "client": asked.client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "measure": measure,
        "suppressed": kept_back,
        "double_scored": None if kept_back else len(rows),
        "tests": found.tests,
        "groups": [] if kept_back else found.rows,
        "method_note": note(found, rest="all others") + (_CAUTION if found.tests else ""),
    }
