"""Kudos are given, declined and taken back here, by people."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.kudos.models import Kudos
from qm.kudos.visibility import praises_everybody
from qm.reviews.blindness import hidden_from
from qm.reviews.handling_agents import HandlingAgent, load_agent
from qm.reviews.models import Review
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import Client, User


def give_kudos(
    session: Session,
    actor: Actor,
    interaction_id: uuid.UUID,
    *,
    quote: Mapping[str, Any] | None,
    note: str | None,
    source: str,
    state: str,
    now: datetime,
    any_team: bool = False,
) -> Kudos:
    """Praise an interaction's agent, or decline a proposal to; of their own team, or `any_team`.

    Raises
    ------
    Invalid
        When the interaction is unknown, has no agent or one of another team, or the quote is not the agent's.
    Conflict
        When it was praised or declined before.
    """
    interaction = _load(session, actor, interaction_id)
    agent = _agent(session, actor, interaction, any_team=any_team or praises_everybody(actor))
    _check_quote(interaction.turns, quote)
    if session.scalar(select(func.count()).where(Kudos.interaction_id == interaction_id)):
        raise Conflict("It was decided about kudos for this interaction before.", "already_praised")
    made = Kudos(
        tenant_id=interaction.tenant_id,
        client_id=interaction.client_id,
        interaction_id=interaction_id,
        agent=agent.agent,
        agent_name=agent.name,
        team=agent.team,
        source=source,
        state=state,
        quote=dict(quote) if quote else None,
        note=note,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, made, "given" if state == "confirmed" else "declined")
    return made


def praise_reviewed(
    session: Session,
    actor: Actor,
    review: Review,
    *,
    quote: Mapping[str, Any] | None,
    note: str | None,
    now: datetime,
) -> Kudos:
    """Praise the agent of an interaction that the caller has reviewed, whatever the agent's team is.

    Raises
    ------
    Conflict
        When the caller has not submitted the review, or it was decided about kudos before.
    Invalid
        When no agent is named, or the quote is not the agent's.
    """
    if review.reviewer_id != actor.user_id or review.state != "submitted" or review.kind != "standard":
        raise Conflict(
            "Kudos are given for what you have reviewed: submit the review first.", "not_submitted"
        )
    reviewed = review.interaction_id
    return give_kudos(
        session,
        actor,
        reviewed,
        quote=quote,
        note=note,
        source="hand",
        state="confirmed",
        now=now,
        any_team=True,
    )


def take_back(session: Session, kudos: Kudos) -> None:
    """Delete kudos that were given or declined by mistake; the interaction may be proposed again."""
    _record(session, kudos, "taken_back")
    session.delete(kudos)
    session.flush()


def count_confirmed(session: Session, agent: str) -> int:
    """Return how many confirmed kudos an agent has."""
    confirmed = select(func.count()).where(Kudos.agent == agent, Kudos.state == "confirmed")
    return session.scalar(confirmed) or 0


def _load(session: Session, actor: Actor, interaction_id: uuid.UUID) -> Interaction:
    found = session.scalars(
        select(Interaction).where(
            Interaction.interaction_id == interaction_id, not_(hidden_from(actor, Interaction.interaction_id))
        )
    ).one_or_none()
    if found is None:
        raise _invalid("/interaction", "unknown_interaction", "There is no such interaction.")
    return found


def _agent(session: Session, actor: Actor, interaction: Interaction, *, any_team: bool) -> HandlingAgent:
    name = interaction.part_agent or interaction.agent
    client = session.scalars(select(Client).where(Client.client_id == interaction.client_id)).one()
    found = load_agent(session, client, name) if name else None
    if found is None:
        raise _invalid("/interaction", "no_agent", "No agent is named in this interaction.")
    if not any_team:
        team = session.scalar(select(User.team).where(User.user_id == actor.user_id))
        if team is None or team != found.team:
            raise _invalid("/interaction", "other_team", "A team lead praises the agents of their own team.")
    return found


def _check_quote(turns: Sequence[Mapping[str, Any]], quote: Mapping[str, Any] | None) -> None:
    """Raise Invalid unless the place lies within a turn of the agent."""
    if quote is None:
        return
    if quote["turn"] >= len(turns) or turns[quote["turn"]].get("speaker") != "agent":
        raise _invalid("/quote/turn", "not_the_agents", "The quote has to be of a turn of the agent.")
    length = len(turns[quote["turn"]]["text"])
    start, end = quote.get("start"), quote.get("end")
    if not (0 <= (start or 0) < (length if end is None else end) <= length):
        raise _invalid("/quote", "outside_turn", "The quote has to lie within the turn.")


def _record(session: Session, kudos: Kudos, verb: str) -> None:
    subject = f"kudos:{kudos.kudos_id}"
    details = {"agent": kudos.agent, "interaction": kudos.interaction_id, "source": kudos.source}
    audit.record(session, f"kudos.{verb}", subject, client_id=kudos.client_id, **details)


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([Fault(pointer, code, detail)])
