"""The fairness report: whether the machine, or people, judge some groups of interactions otherwise."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.fairness_groups import Group, compare, groups_of, note
from qm.reports.fairness_scores import columns_of, comparable, compared_over
from qm.reports.pairs import double_scored
from qm.reports.request import ReportRequest as Asked
from tenants.credentials import Actor

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
    dimensions = [name for name in DIMENSIONS if not (asked.suppress_small and name in OF_AGENTS)]
    columns = (*columns_of(measure), *(DIMENSIONS[name].label(name) for name in dimensions))
    rows = session.execute(comparable(double_scored(asked, actor, *columns), measure)).all()
    pairs = compared_over(session, rows, measure)
    groups: list[Group] = []
    for name in dimensions:
        values = [getattr(row, name) for row in rows]
        groups += groups_of(name, values, hidden=asked.suppressed_groups(Counter(values)), after=len(groups))
    found = compare(groups, pairs.scores)
    kept_back = asked.suppresses(len(rows))
    return {
        "client": asked.client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "measure": measure,
        "suppressed": kept_back,
        "double_scored": None if kept_back else len(rows),
        "in_part": asked.visible_count(pairs.in_part, len(rows)),
        "not_compared": asked.visible_count(pairs.not_compared, len(rows)),
        "tests": found.tests,
        "groups": [] if kept_back else [_shown(asked, row) for row in found.rows],
        "method_note": note(found, rest="all others") + (_CAUTION if found.tests else ""),
    }


def _shown(asked: Asked, row: dict[str, Any]) -> dict[str, Any]:
    """Leave out for a client's stakeholders what, taken from the sum, would tell of few interactions."""
    return row | {"compared": None} if asked.suppress_small else row
