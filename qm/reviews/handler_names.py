"""What the people are called whom a client's own people never see by name.

An interaction is pushed with the name of one agent. Others who spoke are known by their ids only; what they
are called is looked for among those who sign in, and in what was pushed of them around the same time.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.models import User
from tenants.roles import CLIENT_ROLE

_AROUND = timedelta(days=30)
_name = Interaction.agent_details["name"].astext


def handler_names(session: Session, interactions: Sequence[Any]) -> dict[uuid.UUID, list[str]]:
    """Return the names of everybody who handled each interaction or a part of it, as far as they are known.

    An interaction may be a row with its ids and start. The number of queries is constant.
    """
    wanted = {_place(each) for each in interactions}
    columns = (Interaction.client_id, Interaction.external_id, Interaction.agent, Interaction.part_agent)
    rows = session.execute(
        select(*columns, Interaction.turn_agents, _name.label("name")).where(
            tuple_(Interaction.client_id, Interaction.external_id).in_(wanted)
        )
    ).all()
    handlers: dict[Any, set[str]] = {place: set() for place in wanted}
    named: dict[Any, dict[str | None, str]] = {place: {} for place in wanted}
    for row in rows:
        handlers[_place(row)] |= {id_ for id_ in (row.agent, row.part_agent, *row.turn_agents) if id_}
        named[_place(row)] |= {row.agent: row.name} if row.name else {}
    known = _names_of_users(session, set().union(*handlers.values()))
    unnamed = {place: ids - named[place].keys() for place, ids in handlers.items()}
    pushed = _pushed_names(session, interactions, set().union(*unnamed.values()))
    return {
        each.interaction_id: sorted(
            {
                *named[_place(each)].values(),
                *(name for id_ in handlers[_place(each)] for name in known.get(id_, ())),
                *(name for id_ in unnamed[_place(each)] for name in pushed.get((each.client_id, id_), ())),
            }
        )
        for each in interactions
    }


def _place(interaction: Any) -> tuple[uuid.UUID, str]:
    return interaction.client_id, interaction.external_id


def staff_names(session: Session) -> list[str]:
    """Return the names of all people of the provider, also of those who have left."""
    return sorted(set(session.scalars(select(User.name).where(User.role != CLIENT_ROLE))))


def _names_of_users(session: Session, agents: Collection[str]) -> dict[Any, set[str]]:
    if not agents:
        return {}
    return _grouped(session.execute(select(User.agent, User.name).where(User.agent.in_(agents))))


def _pushed_names(
    session: Session, interactions: Sequence[Any], agents: Collection[str]
) -> dict[Any, set[str]]:
    """Return what agents were called in other interactions of their clients around the same time."""
    if not agents:
        return {}
    began = [each.started_at for each in interactions]
    wanted = select(Interaction.client_id, Interaction.agent, _name).where(
        Interaction.client_id.in_({each.client_id for each in interactions}),
        Interaction.started_at.between(min(began) - _AROUND, max(began) + _AROUND),
        Interaction.agent.in_(agents),
        _name.is_not(None),
    )
    found = session.execute(wanted.distinct())
    return _grouped(((client_id, agent), name) for client_id, agent, name in found)


def _grouped(pairs: Iterable[Any]) -> dict[Any, set[str]]:
    found: dict[Any, set[str]] = {}
    for key, name in pairs:
        found.setdefault(key, set()).add(name)
    return found
