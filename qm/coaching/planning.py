"""Plans are made, changed, worked on and closed here."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from qm.coaching.cited_evaluations import CitedEvaluation, check_evaluations
from qm.coaching.follow_up import follow_up
from qm.coaching.models import CoachingEvidence, CoachingPlan
from qm.coaching.plan_checks import check_agent, check_not_coached, check_questions
from qm.reviews.handling_agents import HandlingAgent
from tenants import audit
from tenants.credentials import Actor
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault, NotFound
from tenants.models import Client


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan to make, as of the API."""

    agent: str
    scorecard: str
    questions: Sequence[str]
    goal: str
    evaluations: Sequence[uuid.UUID]
    actions: Sequence[Mapping[str, Any]]
    follow_up_after: int
    follow_up_on: date | None


def create_plan(session: Session, actor: Actor, client: Client, new: NewPlan, now: datetime) -> CoachingPlan:
    """Make a plan; what its agent does from now on counts as after it.

    Raises
    ------
    Invalid
        With every fault of the agent, the questions, the evaluations and the dates.
    Conflict
        When an open plan of the agent coaches one of the questions already.
    """
    agent, cited = _checked(session, actor, client, new, now)
    check_not_coached(session, client, new.agent, new.scorecard, new.questions)
    made = CoachingPlan(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        agent=agent.agent,
        agent_name=agent.name,
        team=agent.team,
        user_id=agent.user.user_id if agent.user else None,
        author_id=actor.user_id,
        scorecard=new.scorecard,
        questions=list(new.questions),
        goal=new.goal.strip(),
        actions=_actions(new.actions, (), now),
        evidence_cited=len(cited),
        follow_up_after=new.follow_up_after,
        follow_up_on=new.follow_up_on,
        created_at=now,
    )
    session.add(made)
    session.flush()
    owner = {name: getattr(made, name) for name in ("tenant_id", "client_id", "plan_id")}
    session.add_all(
        CoachingEvidence(**owner, interaction_id=each.interaction_id, evaluation_id=each.evaluation_id)
        for each in cited
    )
    session.flush()
    _record(session, made, "planned", questions=made.questions, evaluations=list(new.evaluations))
    return made


def _checked(
    session: Session, actor: Actor, client: Client, new: NewPlan, now: datetime
) -> tuple[HandlingAgent, Sequence[CitedEvaluation]]:
    """Return the agent and the cited evaluations; raise Invalid with every fault."""
    agent: HandlingAgent | None = None
    cited: Sequence[CitedEvaluation] = ()
    faults = FaultCollector()
    with faults:
        agent = check_agent(session, actor, client, new.agent)
    with faults:
        check_questions(session, client, new.scorecard, new.questions)
    with faults:
        cited = check_evaluations(session, actor, client, new.agent, ids=new.evaluations, now=now)
    if new.follow_up_on is not None and new.follow_up_on < now.date():
        faults.add(Fault("/follow_up_on", "in_past", "The follow-up has to be today or later."))
    faults.raise_all()
    if agent is None:
        raise NotFound("agent")
    return agent, cited


def change_plan(
    session: Session, plan: CoachingPlan, changes: Mapping[str, Any], now: datetime
) -> CoachingPlan:
    """Change the goal, the actions or the date of the follow-up of an open plan."""
    _check_open(plan)
    for name in ("goal", "follow_up_on"):
        if name in changes:
            setattr(plan, name, changes[name])
    if "actions" in changes:
        plan.actions = _actions(changes["actions"], plan.actions, now)
    return _changed(session, plan, "changed", fields=sorted(changes))


def tick_action(
    session: Session, plan: CoachingPlan, number: int, *, done: bool, now: datetime
) -> CoachingPlan:
    """Say that an action, numbered from 1, is done, or is not yet."""
    _check_open(plan)
    if not 1 <= number <= len(plan.actions):
        raise NotFound("action")
    actions = [dict(each) for each in plan.actions]
    actions[number - 1]["done_at"] = now.isoformat() if done else None
    plan.actions = actions
    return _changed(session, plan, "action_ticked", number=number, done=done)


def close_plan(
    session: Session, plan: CoachingPlan, *, outcome: str, note: str | None, now: datetime
) -> CoachingPlan:
    """End a plan; what is measured by now stays with it."""
    _check_open(plan)
    plan.measured = follow_up(session, plan)
    plan.outcome, plan.closing_note, plan.closed_at = outcome, note, now
    verdicts = {each["question"]: each["verdict"] for each in plan.measured}
    return _changed(session, plan, "closed", outcome=outcome, verdicts=verdicts)


def _check_open(plan: CoachingPlan) -> None:
    if plan.closed_at is not None:
        raise Conflict("This coaching plan is closed.", "coaching_closed")


def _changed(session: Session, plan: CoachingPlan, verb: str, **details: Any) -> CoachingPlan:
    plan.revision += 1
    session.flush()
    _record(session, plan, verb, **details)
    return plan


def _record(session: Session, plan: CoachingPlan, verb: str, **details: Any) -> None:
    subject = f"coaching:{plan.plan_id}"
    audit.record(session, f"coaching.{verb}", subject, client_id=plan.client_id, agent=plan.agent, **details)


def _actions(
    given: Sequence[Mapping[str, Any]], present: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Return actions as stored; what was done already keeps its moment."""
    done = {each["text"]: each["done_at"] for each in present if each["done_at"]}
    return [
        {
            "text": each["text"].strip(),
            "due": each["due"].isoformat() if each.get("due") else None,
            "done_at": done.get(each["text"].strip(), now.isoformat()) if each.get("done") else None,
        }
        for each in given
    ]
