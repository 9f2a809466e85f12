"""Queries and representations of interactions, with scores, sentiment and SLA clocks from their facts."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, literal, select, true
from sqlalchemy.orm import Session, aliased, defer

from qm.browsing.filters import OF_FACTS, conditions
from qm.facts.models import InteractionFacts
from qm.interactions.events import events_of, merge_events
from qm.interactions.models import WHOLE, Interaction
from qm.reviews.blindness import hidden_from
from qm.reviews.readings import note_readings
from tenants.credentials import Actor
from tenants.isolation import scope_of
from tenants.models import Client, utc_now

_UNLISTED = (
    *(Interaction.turns, Interaction.turn_agents, Interaction.status, Interaction.outcome),
    *(Interaction.details, Interaction.digest, Interaction.priorities),
)
"""What no list shows, and what makes an interaction large."""

# With offsets they are looked up one after the other. Joined, PostgreSQL reads all interactions for every one
# that is listed, as long as the tables are not analysed.
_whole, _part, _facts = aliased(Interaction), aliased(Interaction), aliased(InteractionFacts)
_part_of_whole = (
    select(_part.tenant_id, _part.interaction_id)
    .where(
        _part.tenant_id == _whole.tenant_id,
        _part.client_id == _whole.client_id,
        _part.external_id == _whole.external_id,
        _part.part_agent != WHOLE,
    )
    .correlate(_whole)
    .offset(0)
    .lateral("drawn_part")
)
_facts_of_part = (
    select(_facts.sampled, _facts.judged)
    .where(
        _facts.tenant_id == _part_of_whole.c.tenant_id,
        _facts.interaction_id == _part_of_whole.c.interaction_id,
    )
    .correlate(_part_of_whole)
    .offset(0)
    .lateral("facts_of_part")
)


def list_statement(actor: Actor, client: Client, filters: Mapping[str, Any]) -> Select[Any]:
    """Return the statement that lists a client's interactions by filters.

    Filters by automatic results do not match interactions that are hidden from the caller by blind review.
    """
    statement = (
        select(Interaction)
        .where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.part_agent == "",
        )
        .options(*(defer(column, raiseload=True) for column in _UNLISTED))
    )
    if any(filters.get(name) is not None for name in OF_FACTS):
        statement = statement.outerjoin(
            InteractionFacts,
            and_(
                InteractionFacts.tenant_id == Interaction.tenant_id,
                # Known by their ids alone, but so PostgreSQL reads the facts of no other client.
                InteractionFacts.client_id == Interaction.client_id,
                InteractionFacts.interaction_id == Interaction.interaction_id,
            ),
        )
    return statement.where(*conditions(actor, filters))


def load_facts(
    session: Session, actor: Actor, ids: Sequence[uuid.UUID], *, in_list: bool
) -> dict[uuid.UUID, Row[Any]]:
    """Return the facts of these interactions by id, with whether they are hidden from the caller.

    That the caller sees what was found of the others is noted.
    """
    found = session.execute(
        select(
            InteractionFacts.interaction_id,
            InteractionFacts.score,
            InteractionFacts.empathy,
            InteractionFacts.charged,
            InteractionFacts.shift,
            case(
                (InteractionFacts.judged == 0, _a_part_is_drawn()), else_=InteractionFacts.sampled > 0
            ).label("sampled"),
            InteractionFacts.judged,
            InteractionFacts.clocks,
            hidden_from(actor, InteractionFacts.interaction_id, in_list=in_list).label("is_hidden"),
        ).where(
            InteractionFacts.tenant_id == scope_of(session).tenant_id,
            InteractionFacts.interaction_id.in_(ids),
        )
    )
    facts = {row.interaction_id: row for row in found}
    note_readings(session, actor, (each for each, row in facts.items() if not row.is_hidden))
    return facts


def _a_part_is_drawn() -> ColumnElement[bool]:
    """Return whether one of the parts of the interaction of these facts is drawn: nothing draws the whole."""
    return (
        select(literal(1))
        .select_from(_whole)
        .join(_part_of_whole, true())
        .join(_facts_of_part, true())
        .where(
            _whole.tenant_id == InteractionFacts.tenant_id,
            _whole.interaction_id == InteractionFacts.interaction_id,
            _whole.part_agent == WHOLE,
            _facts_of_part.c.sampled > 0,
            _facts_of_part.c.judged > 0,
        )
        .exists()
    )


def summary_representations(
    session: Session, actor: Actor, interactions: Sequence[Interaction]
) -> list[dict[str, Any]]:
    """Return these interactions as list items."""
    facts = load_facts(session, actor, [each.interaction_id for each in interactions], in_list=True)
    return [_summary(actor, each, facts.get(each.interaction_id)) for each in interactions]


def full_representation(
    session: Session, actor: Actor, interaction: Interaction, *, in_list: bool = False
) -> dict[str, Any]:
    """Return one interaction with transcript, merged events and current SLA clocks.

    With `in_list` without what the caller could not judge blind after it.
    """
    events = events_of(session, interaction)
    outcome, status = merge_events(interaction, interaction.outcome, interaction.status, events)
    found = load_facts(session, actor, [interaction.interaction_id], in_list=in_list)
    facts = found.get(interaction.interaction_id)
    return {
        **_summary(actor, interaction, facts),
        "is_part": bool(interaction.part_agent),
        "parts": [] if interaction.part_agent else _parts(session, actor, interaction),
        "turns": _turns(interaction, sees_agents=actor.sees_agents),
        "status": status,
        "outcome": outcome,
        "clocks": [_clock(clock) for clock in (facts.clocks if facts else ())],
        **{name: interaction.details.get(name) for name in ("handling", "tags", "custom")},
    }


def _parts(session: Session, actor: Actor, interaction: Interaction) -> list[dict[str, Any]]:
    """Return the parts of several agents that are judged by themselves, by agent."""
    found = session.scalars(
        select(Interaction)
        .where(
            Interaction.tenant_id == interaction.tenant_id,
            Interaction.client_id == interaction.client_id,
            Interaction.external_id == interaction.external_id,
            Interaction.part_agent != "",
        )
        .order_by(Interaction.part_agent)
    ).all()
    facts = load_facts(session, actor, [each.interaction_id for each in found], in_list=True)
    return [
        {
            "id": each.interaction_id,
            "agent": each.part_agent if actor.sees_agents else None,
            **_machine_findings(facts.get(each.interaction_id)),
        }
        for each in found
        if each.interaction_id not in facts or facts[each.interaction_id].judged
    ]


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
        "changed_at": interaction.updated_at,
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
    return [
        {**turn, "agent": (turn.get("agent") or None) if sees_agents else None} for turn in interaction.turns
    ]


def _clock(clock: Mapping[str, Any]) -> dict[str, Any]:
    late = (
        clock["stopped_at"] is None
        and clock["due_at"] is not None
        and datetime.fromisoformat(clock["due_at"]) < utc_now()
    )
    pauses = [{"start": start, "end": end} for start, end in clock.get("pauses", ())]
    return {**clock, "state": "breached" if late else clock["state"], "pauses": pauses}


def external_ids(session: Session, interaction_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the external ids of interactions."""
    wanted = select(Interaction.interaction_id, Interaction.external_id).where(
        Interaction.interaction_id.in_(interaction_ids)
    )
    return {row.interaction_id: row.external_id for row in session.execute(wanted)}
