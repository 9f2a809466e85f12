"""What the people are called whom a client's own people never see by name.

An interaction is pushed with the name of one agent. Others who spoke are known by their ids only; what they
are called is looked for among those who sign in, and in what was pushed of them around the same time.
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.models import User
from tenants.roles import CLIENT_ROLE

_AROUND = timedelta(days=30)
_name = Interaction.agent_details["name"].astext


def handler_names(session: Session, interaction: Interaction) -> list[str]:
    """Return the names of everybody who handled an interaction or a part of it, as far as they are known."""
    found = session.execute(
        select(Interaction.agent, Interaction.part_agent, Interaction.turn_agents, _name.label("name")).where(
            Interaction.tenant_id == interaction.tenant_id,
            Interaction.client_id == interaction.client_id,
            Interaction.external_id == interaction.external_id,
        )
    ).all()
    named = {row.agent: row.name for row in found if row.name}
    handlers = {id_ for row in found for id_ in (row.agent, row.part_agent, *row.turn_agents) if id_}
    names = {*named.values(), *_names_of_users(session, handlers)}
    return sorted(names | _pushed_names(session, interaction, handlers - named.keys()))


def staff_names(session: Session) -> list[str]:
    """Return the names of all people of the provider, also of those who have left."""
    return sorted(set(session.scalars(select(User.name).where(User.role != CLIENT_ROLE))))


def _names_of_users(session: Session, agents: Collection[str]) -> set[str]:
    return set(session.scalars(select(User.name).where(User.agent.in_(agents)))) if agents else set()


def _pushed_names(session: Session, interaction: Interaction, agents: Collection[str]) -> set[str]:
    """Return what agents were called in other interactions of the client around the same time."""
    if not agents:
        return set()
    wanted = select(_name).where(
        Interaction.tenant_id == interaction.tenant_id,
        Interaction.client_id == interaction.client_id,
        Interaction.started_at.between(interaction.started_at - _AROUND, interaction.started_at + _AROUND),
        Interaction.agent.in_(agents),
        _name.is_not(None),
    )
    return set(session.scalars(wanted.distinct()))
