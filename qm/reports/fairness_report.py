"""The fairness report of a client: whether scores differ between groups of interactions."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.evaluation_pairs import select_pairs
from qm.reports.fairness_groups import Group, build_groups, compare_groups, method_note
from qm.reports.fairness_scores import comparable_scores, load_comparable, score_columns
from qm.reports.report_request import ReportRequest
from qm.reviews.double_scored import reviewed_interaction
from qm.reviews.models import Review
from tenants.credentials import Actor

DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "language": func.coalesce(reviewed_interaction.language, ""),
    "channel": func.coalesce(reviewed_interaction.channel, ""),
    "queue": func.coalesce(reviewed_interaction.queue, ""),
    "team": func.coalesce(reviewed_interaction.agent_details["team"].astext, ""),
    "site": func.coalesce(reviewed_interaction.agent_details["site"].astext, ""),
}
AGENT_DIMENSIONS = frozenset({"team", "site"})
"""Dimensions that describe the provider's agents: never shown to a client's stakeholders."""
# Who answers for it, where team and site were pushed of somebody else, or of nobody.
_OTHER_AGENT = case(
    (InteractionFacts.agent != func.coalesce(reviewed_interaction.agent, ""), InteractionFacts.agent),
    (
        and_(reviewed_interaction.part_agent != "", reviewed_interaction.agent_details == cast({}, JSONB)),
        reviewed_interaction.part_agent,
    ),
)
_CAUTION = (
    " A difference between groups is a reason to look, not a proof of unfairness: groups may differ in what "
    "their customers ask."
)


def report(session: Session, request: ReportRequest, actor: Actor, measure: str) -> dict[str, Any]:
    """Return the answer of a client's `reports/fairness`."""
    dimensions = [name for name in DIMENSIONS if not (request.suppress_small and name in AGENT_DIMENSIONS)]
    columns = (*score_columns(measure), *(DIMENSIONS[name].label(name) for name in dimensions))
    statement = select_pairs(request, actor, *columns, _OTHER_AGENT.label("other_agent")).outerjoin(
        InteractionFacts,
        and_(
            InteractionFacts.tenant_id == Review.tenant_id,
            InteractionFacts.interaction_id == Review.interaction_id,
        ),
    )
    found = load_comparable(session, statement, measure)
    of_agents = _details_of_agents(session, request, {row.other_agent for row, _ in found} - {None})
    pairs = comparable_scores(session, found, measure)
    groups: list[Group] = []
    for name in dimensions:
        values = [_value(row, name, of_agents) for row, _ in found]
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


def _value(row: Any, dimension: str, of_agents: Mapping[str, Mapping[str, str]]) -> str:
    if row.other_agent is None or dimension not in AGENT_DIMENSIONS:
        return str(getattr(row, dimension))
    return of_agents.get(row.other_agent, {}).get(dimension, "")


def _details_of_agents(
    session: Session, request: ReportRequest, agents: Collection[str]
) -> dict[str, dict[str, str]]:
    """Return of each agent what the latest interaction says that was pushed as theirs."""
    details: dict[str, dict[str, str]] = {}
    for name in AGENT_DIMENSIONS if agents else ():
        value = Interaction.agent_details[name].astext
        statement = (
            select(Interaction.agent, value)
            .where(
                Interaction.tenant_id == request.client.tenant_id,
                Interaction.client_id == request.client.client_id,
                Interaction.part_agent == "",
                Interaction.agent.in_(agents),
                value.is_not(None),
            )
            .ext(distinct_on(Interaction.agent))
            .order_by(Interaction.agent, Interaction.started_at.desc(), Interaction.interaction_id.desc())
        )
        for agent, known in session.execute(statement):
            details.setdefault(agent, {})[name] = known
    return details


def _row(request: ReportRequest, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row, for stakeholders without the count that would disclose small groups by subtraction."""
    return row | {"compared": None} if request.suppress_small else row
