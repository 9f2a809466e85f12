"""Who sees which kudos: agents their own, team leads their team's, a client's people those of their client.

What was declined, and who is praised, is shown to those who give kudos alone.
"""

import uuid

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select, true
from sqlalchemy.orm import Session

from qm.kudos.models import Kudos
from qm.reviews.blindness import hidden_from
from qm.reviews.handling_agents import own_agent, own_team
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import NotFound

_EVERYBODY = frozenset({"admin", "qm_manager"})


def praises_everybody(actor: Actor) -> bool:
    """Whether the caller gives kudos to agents of every team."""
    return actor.role is None or actor.role in _EVERYBODY


def may_praise(actor: Actor) -> bool:
    """Whether the caller gives kudos."""
    return praises_everybody(actor) or actor.role == "team_lead"


def check_may_praise(actor: Actor) -> None:
    """Raise `Forbidden` unless the caller gives kudos."""
    if not may_praise(actor):
        raise Forbidden("coaching:write", "Only a QM manager, an admin or a team lead gives kudos.")


def _visible(actor: Actor) -> ColumnElement[bool]:
    if praises_everybody(actor):
        return true()
    confirmed = Kudos.state == "confirmed"
    if actor.role == "team_lead":
        return or_(Kudos.team == own_team(actor), Kudos.author_id == actor.user_id)
    if actor.role == "client_stakeholder":
        return confirmed
    return and_(confirmed, Kudos.agent == own_agent(actor)) if actor.role == "agent" else false()


def select_kudos(
    actor: Actor, *, client_id: uuid.UUID | None = None, state: str | None = None
) -> Select[Kudos]:
    """Return the statement of the kudos that a caller may know of; not of what they are still to review."""
    statement = select(Kudos).where(_visible(actor), not_(hidden_from(actor, Kudos.interaction_id)))
    if client_id is not None:
        statement = statement.where(Kudos.client_id == client_id)
    return statement if state is None else statement.where(Kudos.state == state)


def get_kudos(session: Session, actor: Actor, kudos_id: uuid.UUID) -> Kudos:
    """Return the kudos with this id, if the caller may know of it."""
    found = session.scalars(select_kudos(actor).where(Kudos.kudos_id == kudos_id)).one_or_none()
    if found is None:
        raise NotFound("kudos")
    return found
