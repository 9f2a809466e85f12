"""Who answers for interactions, and who that is by the newest of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.credentials import Actor
from tenants.models import Client, User

answering_agent: ColumnElement[str] = func.coalesce(
    func.nullif(Interaction.part_agent, ""), Interaction.agent
)
"""Who answers for an interaction, or for a part of a shared one."""


@dataclass(frozen=True, slots=True)
class HandlingAgent:
    """An agent as their newest interaction names them, and the person they are, if somebody is."""

    agent: str
    name: str
    team: str | None
    user: User | None


def load_agent(session: Session, client: Client, agent: str) -> HandlingAgent | None:
    """Return an agent of a client; None if nothing at this client is theirs."""
    newest = (
        select(Interaction.agent_details, Interaction.agent)
        .where(
            Interaction.client_id == client.client_id,
            or_(Interaction.agent == agent, Interaction.part_agent == agent),
        )
        .order_by(Interaction.started_at.desc(), Interaction.interaction_id.desc())
        .limit(1)
    )
    row = session.execute(newest).one_or_none()
    if row is None:
        return None
    user = session.scalars(select(User).where(User.agent == agent).order_by(User.user_id)).first()
    details: dict[str, Any] = row.agent_details if row.agent == agent else {}
    name = details.get("name") or (user.name if user else None) or agent
    return HandlingAgent(agent, name, details.get("team") or (user.team if user else None), user)


def agents_who_left(session: Session) -> frozenset[str]:
    """Return the agents all of whose accounts are disabled; who never had one may be there still."""
    accounts = select(User.agent, func.bool_and(User.disabled_at.is_not(None)).label("left"))
    rows = session.execute(accounts.where(User.agent.is_not(None)).group_by(User.agent))
    return frozenset(row.agent for row in rows if row.left)


def own_agent(actor: Actor) -> ScalarSelect[Any]:
    """Return the subquery of the agent that the caller is."""
    return select(User.agent).where(User.user_id == actor.user_id).scalar_subquery()


def load_own_agent(session: Session, actor: Actor) -> str | None:
    """Return the agent that the caller is; None for who is none."""
    return session.scalar(select(User.agent).where(User.user_id == actor.user_id))


def own_team(actor: Actor) -> ScalarSelect[Any]:
    """Return the subquery of the team that the caller is of."""
    return select(User.team).where(User.user_id == actor.user_id).scalar_subquery()
