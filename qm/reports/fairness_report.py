"""The fairness report of a client: whether scores differ between groups of interactions."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.evaluation_pairs import select_pairs
from qm.reports.fairness_groups import Group, build_groups, compare_groups, method_note
from qm.reports.fairness_scores import comparable_scores, load_comparable, score_columns
from qm.reports.report_request import ReportRequest
from tenants.credentials import Actor

DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "language": func.coalesce(Interaction.language, ""),
    "channel": func.coalesce(Interaction.channel, ""),
    "queue": func.coalesce(Interaction.queue, ""),
    "team": func.coalesce(Interaction.agent_details["team"].astext, ""),
    "site": func.coalesce(Interaction.agent_details["site"].astext, ""),
}
AGENT_DIMENSIONS = frozenset({"team", "site"})
"""Dimensions that describe the provider's agents: never shown to a client's stakeholders."""
_CAUTION = (
    " A difference between groups is a reason to look, not a proof of unfairness: groups may differ in what "
    "their customers ask."
)


def report(session: Session, request: ReportRequest, actor: Actor, measure: str) -> dict[str, Any]:
    """Return the answer of a client's `reports/fairness`."""
    dimensions = [name for name in DIMENSIONS if not (request.suppress_small and name in AGENT_DIMENSIONS)]
    columns = (*score_columns(measure), *(DIMENSIONS[name].label(name) for name in dimensions))
    found = load_comparable(session, select_pairs(request, actor, *columns), measure)
    pairs = comparable_scores(session, found, measure)
    groups: list[Group] = []
    for name in dimensions:
        values = [getattr(row, name) for row, _ in found]
        groups += build_groups(
            name, values, suppressed=request.suppressed_groups(Counter(values)), offset=len(groups)
        )
    comparison = compare_groups(groups, pairs.scores)
    suppressed = request.suppresses(len(found))
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "measure": measure,
        "suppressed": suppressed,
        "double_scored": None if suppressed else len(found),
        "in_part": request.visible_count(pairs.in_part, len(found)),
        "not_compared": request.visible_count(pairs.not_compared, len(found)),
        "tests": comparison.tests,
        "groups": [] if suppressed else [_row(request, row) for row in comparison.rows],
        "method_note": method_note(comparison, rest="all others") + (_CAUTION if comparison.tests else ""),
    }


def _row(request: ReportRequest, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row, for stakeholders without the count that would disclose small groups by subtraction."""
    return row | {"compared": None} if request.suppress_small else row
