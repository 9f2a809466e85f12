"""Recognition of one person, the goals of their teams, and the switch of the tenant.

Switched off, nothing is computed. Nobody is shown what somebody else earned, and goals are of everybody.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.recognition.badge_sources import BADGE_SOURCES
from qm.recognition.goal_measures import GOAL_MEASURES
from qm.recognition.models import RecognitionSwitch, TeamGoal
from qm.reviews.permissions import QUEUE_MANAGERS
from tenants import audit
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import scope_of
from tenants.models import Client, User


class NotTeamManager(Forbidden):
    """The credential has the scope, but the role of its user sets no goals."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("reviews:write")
        self.args = ("Only a QM manager or an admin sets goals and switches recognition on or off.",)


def sets_goals(actor: Actor) -> bool:
    """Whether the caller sets goals: managers, admins, and keys that act for nobody."""
    return actor.role is None or actor.role in QUEUE_MANAGERS


def check_sets_goals(actor: Actor) -> None:
    """Raise `NotTeamManager` unless the caller sets goals."""
    if not sets_goals(actor):
        raise NotTeamManager


def check_switches(actor: Actor) -> None:
    """Raise `Forbidden` unless the caller speaks for the whole tenant."""
    check_sets_goals(actor)
    if actor.bound:
        raise Forbidden("reviews:write", "Who is bound to clients cannot decide this for all of them.")


def is_enabled(session: Session) -> bool:
    """Whether the tenant wants recognition."""
    newest = select(RecognitionSwitch.enabled).order_by(RecognitionSwitch.switch_id.desc()).limit(1)
    return bool(session.scalar(newest))


def switch(session: Session, *, enabled: bool, now: datetime) -> None:
    """Switch recognition on or off for the whole tenant."""
    if is_enabled(session) == enabled:
        return
    tenant_id = scope_of(session).tenant_id
    session.add(RecognitionSwitch(tenant_id=tenant_id, enabled=enabled, switched_at=now))
    session.flush()
    audit.record(session, "recognition.switched", f"tenant:{tenant_id}", enabled=enabled)


def recognition_of(session: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the caller has earned, and the goals of the clients they work for."""
    if not is_enabled(session):
        return {"enabled": False, "badges": [], "goals": []}
    user = session.scalars(select(User).where(User.user_id == actor.user_id)).one()
    earned = [badge for source in BADGE_SOURCES if (badge := source(session, user, now)) is not None]
    return {
        "enabled": True,
        "badges": [{"kind": each.kind, "level": each.level, "figure": each.figure} for each in earned],
        "goals": goals(session, now),
    }


def goals(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Return the goals that were not taken back, the latest first, with how far everybody is together."""
    rows = session.execute(
        select(TeamGoal, Client)
        .join(Client, Client.client_id == TeamGoal.client_id)
        .where(TeamGoal.ended_at.is_(None))
        .order_by(TeamGoal.last_day.desc(), TeamGoal.goal_id)
    ).all()
    return [goal_representation(session, goal, client, now) for goal, client in rows]


def goal_representation(session: Session, goal: TeamGoal, client: Client, now: datetime) -> dict[str, Any]:
    """Return a goal with the figure of everybody, where it tells of nobody alone."""
    figure = GOAL_MEASURES[goal.measure](session, client, goal.first_day, goal.last_day).shown
    return {
        "id": goal.goal_id,
        "client": client.slug,
        "measure": goal.measure,
        "target": goal.target,
        "from": goal.first_day,
        "to": goal.last_day,
        "figure": figure,
        "reached": None if figure is None else figure >= goal.target,
        "over": now.date() > goal.last_day,
    }


def set_goal(
    session: Session, client: Client, *, measure: str, target: float, first: date, last: date, now: datetime
) -> TeamGoal:
    """Set a goal for everybody who works for a client.

    Raises
    ------
    Invalid
        When it ends before it begins.
    Conflict
        When recognition is switched off.
    """
    if not is_enabled(session):
        raise Conflict("Recognition is switched off: switch it on first.", "recognition_off")
    if last < first:
        raise Invalid([Fault("/to", "before_from", "The last day must not come before the first.")])
    made = TeamGoal(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        measure=measure,
        target=target,
        first_day=first,
        last_day=last,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        "team_goal.set",
        f"team_goal:{made.goal_id}",
        client_id=client.client_id,
        measure=measure,
        target=target,
        first=first,
        last=last,
    )
    return made


def end_goal(session: Session, goal_id: uuid.UUID, *, now: datetime) -> None:
    """Take a goal back: it is shown no more."""
    wanted = select(TeamGoal).where(TeamGoal.goal_id == goal_id, TeamGoal.ended_at.is_(None))
    goal = session.scalars(wanted.with_for_update()).one_or_none()
    if goal is None:
        raise NotFound("team goal")
    goal.ended_at = now
    session.flush()
    audit.record(session, "team_goal.ended", f"team_goal:{goal.goal_id}", client_id=goal.client_id)
