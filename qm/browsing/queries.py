"""Queries and representations of interactions, with scores, sentiment and SLA clocks from their facts."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, false, func, not_, or_, select, text
from sqlalchemy.orm import Session

from qm.facts.models import CLOCK_COUNTS, InteractionFacts
from qm.interactions.events import events_of, merge_events
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from
from qm.reviews.readings import note_readings
from scorecards.sla.clocks import UNANSWERED
from scorecards.sla.policy import TARGETS
from tenants.credentials import Actor
from tenants.isolation import scope_of
from tenants.models import Client, utc_now

# Full-text search without stemming, for any language, over the texts of turns only.
_TEXT_SEARCH_CONFIG = text("'simple'")
_TURN_TEXTS = text("'$[*].text'")


def list_statement(actor: Actor, client: Client, filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement that lists a client's interactions by filters.

    Filters by automatic results do not match interactions that are hidden from the caller by blind review.
    """
    statement = (
        select(Interaction)
        .outerjoin(
            InteractionFacts,
            and_(
                InteractionFacts.tenant_id == Interaction.tenant_id,
                InteractionFacts.interaction_id == Interaction.interaction_id,
                not_(hidden_from(actor, Interaction.interaction_id, in_list=True)),
            ),
        )
        .where(Interaction.tenant_id == client.tenant_id, Interaction.client_id == client.client_id)
    )
    if filters.get("agent") is not None:
        spoke = Interaction.turn_agents.contains([filters["agent"]])
        statement = statement.where(or_(Interaction.agent == filters["agent"], spoke))
    for name in ("channel", "program", "state", "external_id"):
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
        statement = statement.where(_sla_condition(filters["sla"]))
    if filters.get("q"):
        words = func.to_tsvector(
            _TEXT_SEARCH_CONFIG, func.jsonb_path_query_array(Interaction.turns, _TURN_TEXTS)
        )
        statement = statement.where(
            words.op("@@")(func.websearch_to_tsquery(_TEXT_SEARCH_CONFIG, filters["q"]))
        )
    return statement


def _sla_condition(state: str) -> Any:
    now = utc_now()
    late = or_(
        *(getattr(InteractionFacts, f"{clock}_breached") > 0 for clock in TARGETS),
        *(getattr(InteractionFacts, f"{clock}_due") < now for clock in TARGETS),
    )
    running = or_(*(getattr(InteractionFacts, f"{clock}_due") >= now for clock in TARGETS))
    if state == "breached":
        return late
    if state in {"paused", UNANSWERED}:
        counts = [name for name in CLOCK_COUNTS if name.endswith(f"_{state}")]
        return or_(*(getattr(InteractionFacts, name) > 0 for name in counts))
    if state == "running":
        return and_(running, ~func.coalesce(late, false()))
    met = or_(*(getattr(InteractionFacts, f"{clock}_met") > 0 for clock in TARGETS))
    return and_(met, ~func.coalesce(late, false()), ~func.coalesce(running, false()))


def load_facts(
    session: Session, actor: Actor, ids: Sequence[uuid.UUID], *, in_list: bool
) -> dict[uuid.UUID, Row[Any]]:
    """Return the facts of these interactions by id, with whether they are hidden from the caller.

    That the caller sees the others is noted, but not in lists: they show nothing of what waits for review.
    """
    found = session.execute(
        select(
            InteractionFacts.interaction_id,
            InteractionFacts.score,
            InteractionFacts.empathy,
            InteractionFacts.charged,
            InteractionFacts.shift,
            InteractionFacts.sampled,
            InteractionFacts.clocks,
            hidden_from(actor, InteractionFacts.interaction_id, in_list=in_list).label("is_hidden"),
        ).where(
            InteractionFacts.tenant_id == scope_of(session).tenant_id,
            InteractionFacts.interaction_id.in_(ids),
        )
    )
    facts = {row.interaction_id: row for row in found}
    if not in_list:
        note_readings(session, actor, (each for each, row in facts.items() if not row.is_hidden))
    return facts


def summary_representations(
    session: Session, actor: Actor, interactions: Sequence[Interaction]
) -> list[dict[str, Any]]:
    """Return these interactions as list items."""
    facts = load_facts(session, actor, [each.interaction_id for each in interactions], in_list=True)
    return [_summary(actor, each, facts.get(each.interaction_id)) for each in interactions]


def full_representation(session: Session, actor: Actor, interaction: Interaction) -> dict[str, Any]:
    """Return one interaction with transcript, merged events and current SLA clocks."""
    events = events_of(session, interaction)
    outcome, status = merge_events(interaction, interaction.outcome, interaction.status, events)
    found = load_facts(session, actor, [interaction.interaction_id], in_list=False)
    facts = found.get(interaction.interaction_id)
    return {
        **_summary(actor, interaction, facts),
        "turns": _turns(interaction, sees_agents=actor.sees_agents),
        "status": status,
        "outcome": outcome,
        "clocks": [_clock(clock) for clock in (facts.clocks if facts else ())],
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
        "updated_at": interaction.source_updated_at,
        "received_at": interaction.received_at,
        "state": interaction.state,
        "attempts": interaction.attempts,
        "error": interaction.error,
        **_machine_findings(facts),
    }


def _machine_findings(facts: Row[Any] | None) -> dict[str, Any]:
    """Return the automatic results; None for interactions hidden from the caller by blind review."""
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


def _clock(clock: Mapping[str, Any]) -> dict[str, Any]:
    late = (
        clock["stopped_at"] is None
        and clock["due_at"] is not None
        and datetime.fromisoformat(clock["due_at"]) < utc_now()
    )
    return {**clock, "state": "breached" if late else clock["state"]}
