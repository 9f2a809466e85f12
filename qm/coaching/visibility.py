"""Who sees which coaching plan, and who coaches.

Managers and keys that act for nobody see and coach everybody; team leads the agents of their team; agents see
their own plans and nobody else's. Nobody else sees any.
"""

import uuid

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingPlan
from qm.reviews.handling_agents import own_agent, own_team
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import NotFound

_EVERYBODY = frozenset({"admin", "qm_manager"})
_SEE_PLANS = _EVERYBODY | {"team_lead", "agent"}


def coaches_everybody(actor: Actor) -> bool:
    """Whether the caller coaches the agents of every team."""
    return actor.role is None or actor.role in _EVERYBODY


def may_coach(actor: Actor) -> bool:
    """Whether the caller makes, changes and closes plans."""
    return coaches_everybody(actor) or actor.role == "team_lead"


def check_may_coach(actor: Actor) -> None:
    """Raise `Forbidden` unless the caller makes, changes and closes plans."""
    if not may_coach(actor):
        raise Forbidden("coaching:write", "Only a QM manager, an admin or a team lead coaches.")


def check_sees_plans(actor: Actor) -> None:
    """Raise `Forbidden` for callers to whom no plan is ever shown."""
    if actor.role is not None and actor.role not in _SEE_PLANS:
        raise Forbidden("coaching:read", "Coaching plans are between agents and those who coach them.")


def visible_plans(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a caller may know of a plan."""
    if coaches_everybody(actor):
        return true()
    if actor.role == "team_lead":
        return or_(CoachingPlan.team == own_team(actor), CoachingPlan.author_id == actor.user_id)
    return CoachingPlan.agent == own_agent(actor)


def select_plans(
    actor: Actor, *, client_id: uuid.UUID | None = None, state: str | None = None, agent: str | None = None
) -> Select[CoachingPlan]:
    """Return the statement of the plans that a caller may know of."""
    check_sees_plans(actor)
    statement = select(CoachingPlan).where(visible_plans(actor))
    if client_id is not None:
        statement = statement.where(CoachingPlan.client_id == client_id)
    if state is not None:
        statement = statement.where(CoachingPlan.closed_at.is_(None) == (state == "open"))
    return statement if agent is None else statement.where(CoachingPlan.agent == agent)


def get_plan(session: Session, actor: Actor, plan_id: uuid.UUID, *, lock: bool = False) -> CoachingPlan:
    """Return the plan with this id, if the caller may know of it; with `lock` for a change."""
    wanted = select_plans(actor).where(CoachingPlan.plan_id == plan_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("coaching plan")
    return found
