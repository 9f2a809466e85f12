"""Finds a client's interactions by filters, and shows them with what the reports know of each."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, false, func, not_, or_, select, text
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.events import events_of, folded
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from
from scorecards.sla.policy import TARGETS
from tenants.credentials import Actor
from tenants.isolation import scope_of
from tenants.models import Client, utc_now

# Words as they are, in whatever language; only what was said, not who said it when.
_PLAIN = text("'simple'")
_TEXTS = text("'$[*].text'")


def listed(actor: Actor, client: Client, filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement that lists a client's interactions, narrowed by the filters.

    Filters by what the machine found pass over interactions that the caller is still to judge blind.
    """
    statement = (
        select(Interaction)
        .outerjoin(
            InteractionFacts,
            and_(
                InteractionFacts.tenant_id == Interaction.tenant_id,
                InteractionFacts.interaction_id == Interaction.interaction_id,
                not_(hidden_from(actor, Interaction.interaction_id)),
            ),
        )
        .where(Interaction.tenant_id == client.tenant_id, Interaction.client_id == client.client_id)
    )
    for name in ("channel", "program", "agent", "state", "external_id"):
        if filters.get(name) is not None:
            statement = statement.where(getattr(Interaction, name) == filters[name])
    if filters.get("start") is not None:
        statement = statement.where(Interaction.started_at >= filters["start"])
    if filters.get("end") is not None:
        statement = statement.where(Interaction.started_at < filters["end"])
    if filters.get("score_lt") is not None:
        statement = statement.where(InteractionFacts.score < filters["score_lt"])
    if filters.get("charged") is not None:
        statement = statement.where(InteractionFacts.charged == int(filters["charged"]))
    if filters.get("sla") is not None:
        statement = statement.where(_sla(filters["sla"]))
    if filters.get("q"):
        said = func.to_tsvector(_PLAIN, func.jsonb_path_query_array(Interaction.turns, _TEXTS))
        statement = statement.where(said.op("@@")(func.websearch_to_tsquery(_PLAIN, filters["q"])))
    return statement


def _sla(wanted: str) -> Any:
    now = utc_now()
    late = or_(
        *(getattr(InteractionFacts, f"{clock}_breached") > 0 for clock in TARGETS),
        *(getattr(InteractionFacts, f"{clock}_due") < now for clock in TARGETS),
    )
    running = or_(*(getattr(InteractionFacts, f"{clock}_due") >= now for clock in TARGETS))
    if wanted == "breached":
        return late
    if wanted == "running":
        return and_(running, ~func.coalesce(late, false()))
    met = or_(*(getattr(InteractionFacts, f"{clock}_met") > 0 for clock in TARGETS))
    return and_(met, ~func.coalesce(late, false()), ~func.coalesce(running, false()))


def facts_of(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Row[Any]]:
    """Return what the reports know of each of these interactions, and whether the caller may see it."""
    found = session.execute(
        select(
            InteractionFacts.interaction_id,
            InteractionFacts.score,
            InteractionFacts.empathy,
            InteractionFacts.charged,
            InteractionFacts.shift,
            InteractionFacts.sampled,
            InteractionFacts.clocks,
            hidden_from(actor, InteractionFacts.interaction_id).label("is_hidden"),
        ).where(
            InteractionFacts.tenant_id == scope_of(session).tenant_id,
            InteractionFacts.interaction_id.in_(ids),
        )
    )
    return {row.interaction_id: row for row in found}


def summaries(session: Session, actor: Actor, interactions: Sequence[Interaction]) -> list[dict[str, Any]]:
    """Return what a list shows of these interactions."""
    facts = facts_of(session, actor, [each.interaction_id for each in interactions])
    return [_summary(actor, each, facts.get(each.interaction_id)) for each in interactions]


def whole(session: Session, actor: Actor, interaction: Interaction) -> dict[str, Any]:
    """Return one interaction with its transcript, later facts folded in, and its clocks as they stand."""
    outcome, status = folded(interaction.outcome, interaction.status, events_of(session, interaction))
    facts = facts_of(session, actor, [interaction.interaction_id]).get(interaction.interaction_id)
    return {
        **_summary(actor, interaction, facts),
        "turns": _turns(interaction, sees_agents=actor.sees_agents),
        "status": status,
        "outcome": outcome,
        "clocks": [_shown(clock) for clock in (facts.clocks if facts else ())],
        **{name: interaction.details.get(name) for name in ("handling", "tags", "custom")},
    }


def _summary(actor: Actor, interaction: Interaction, facts: Row[Any] | None) -> dict[str, Any]:
    customer = {"external_id": interaction.customer, "segment": interaction.segment}
    return {
        "id": interaction.interaction_id,
        "external_id": interaction.external_id,
        "channel": interaction.channel,
        "language": interaction.language,
        "program": interaction.program,
        "queue": interaction.queue,
        "priority": interaction.priority,
        "intent": interaction.intent,
        "agent": _agent(interaction) if actor.sees_agents else None,
        "customer": customer,
        "started_at": interaction.started_at,
        "ended_at": interaction.ended_at,
        "received_at": interaction.received_at,
        "state": interaction.state,
        "attempts": interaction.attempts,
        "error": interaction.error,
        **_found(facts),
    }


def _found(facts: Row[Any] | None) -> dict[str, Any]:
    """Return what the machine found, or nothing of it to those who are still to judge for themselves."""
    if facts is None or facts.is_hidden:
        return dict.fromkeys(("score", "empathy", "sentiment_shift", "charged", "sampled"))
    return {
        "score": facts.score,
        "empathy": facts.empathy,
        "sentiment_shift": facts.shift,
        "charged": bool(facts.charged),
        "sampled": bool(facts.sampled),
    }


def _agent(interaction: Interaction) -> dict[str, Any] | None:
    if interaction.agent is None:
        return None
    return {"external_id": interaction.agent, **interaction.agent_details}


def _turns(interaction: Interaction, *, sees_agents: bool) -> list[dict[str, Any]]:
    if sees_agents:
        return interaction.turns
    return [{name: turn[name] for name in turn if name != "agent"} for turn in interaction.turns]


def _shown(clock: Mapping[str, Any]) -> dict[str, Any]:
    late = (
        clock["stopped_at"] is None
        and clock["due_at"] is not None
        and datetime.fromisoformat(clock["due_at"]) < utc_now()
    )
    return {**clock, "state": "breached" if late else clock["state"]}
