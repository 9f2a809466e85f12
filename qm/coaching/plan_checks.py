"""What a new plan has to be: of an agent who is there, on scored questions, and not begun already."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingPlan
from qm.coaching.visibility import coaches_everybody
from qm.reviews.handling_agents import HandlingAgent, load_agent
from scorecards.authoring.version_queries import open_ended_version
from scorecards.definitions.form import Form
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client, User


def check_agent(session: Session, actor: Actor, client: Client, agent: str) -> HandlingAgent:
    """Return the agent who is to be coached; raise Invalid if nobody is, or not by this caller."""
    found = load_agent(session, client, agent)
    if found is None:
        raise _invalid("/agent", "unknown_agent", "No interaction of this client is by this agent.")
    if found.user is not None and found.user.disabled_at is not None:
        raise _invalid("/agent", "agent_left", "This agent has left: nothing could be measured.")
    if not coaches_everybody(actor):
        team = session.scalar(select(User.team).where(User.user_id == actor.user_id))
        if team is None or team != found.team:
            raise _invalid("/agent", "other_team", "A team lead coaches the agents of their own team.")
    return found


def check_questions(session: Session, client: Client, scorecard: str, questions: Sequence[str]) -> None:
    """Raise Invalid with every question that is named twice, is not there or is not scored."""
    form = load_form(session, client, scorecard)
    if form is None:
        raise _invalid("/scorecard", "unknown_scorecard", "No scorecard in force has this key.")
    faults = [
        Fault(f"/questions/{place}", *fault)
        for place, key in enumerate(questions)
        if (fault := _question_fault(form, key, twice=key in questions[:place]))
    ]
    if faults:
        raise Invalid(faults)


def load_form(session: Session, client: Client, scorecard: str) -> Form | None:
    """Return the scorecard in force with this key, if there is one."""
    try:
        found = open_ended_version(session, client_id=client.client_id, kind="scorecard", key=scorecard)
    except NotFound:
        return None
    return Form.from_body({**found.body, "key": found.key}) if found else None


def _question_fault(form: Form, key: str, *, twice: bool) -> tuple[str, str] | None:
    question = form.questions.get(key)
    if question is None:
        return "unknown_question", "The scorecard in force does not ask this."
    if not question.scored:
        return "not_scored", "This question is not scored, so nothing can be measured."
    return ("duplicate", "This question is named twice.") if twice else None


def check_not_coached(
    session: Session, client: Client, agent: str, scorecard: str, questions: Sequence[str]
) -> None:
    """Raise Conflict when an open plan of the agent coaches one of these questions."""
    present = session.scalars(
        select(CoachingPlan.questions).where(
            CoachingPlan.client_id == client.client_id,
            CoachingPlan.agent == agent,
            CoachingPlan.scorecard == scorecard,
            CoachingPlan.closed_at.is_(None),
        )
    )
    if any(set(each) & set(questions) for each in present):
        raise Conflict("An open plan of this agent coaches this question.", "already_coached")


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([Fault(pointer, code, detail)])
