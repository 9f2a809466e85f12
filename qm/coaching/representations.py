"""API representations of coaching plans."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.coaching.cited_evaluations import load_evidence
from qm.coaching.follow_up import follow_up
from qm.coaching.models import CoachingEvidence, CoachingPlan
from qm.coaching.plan_checks import load_form
from tenants.credentials import Actor
from tenants.models import Client
from tenants.users import people_by_id

_COLUMNS = ("agent", "agent_name", "team", "state", "scorecard", "questions", "goal", "follow_up_after")
_MOMENTS = ("follow_up_on", "created_at", "closed_at", "outcome")


def plan_summaries(session: Session, plans: Sequence[CoachingPlan]) -> list[dict[str, Any]]:
    """Return plans as list items."""
    slugs = {row.client_id: row.slug for row in session.execute(select(Client.client_id, Client.slug))}
    people = people_by_id(session, (plan.author_id for plan in plans))
    return [
        {
            "id": plan.plan_id,
            "client": slugs[plan.client_id],
            **{name: getattr(plan, name) for name in (*_COLUMNS, *_MOMENTS)},
            "author": people.get(plan.author_id),
            "actions_done": sum(each["done_at"] is not None for each in plan.actions),
            "actions_total": len(plan.actions),
        }
        for plan in plans
    ]


def plan_detail(session: Session, actor: Actor, plan: CoachingPlan) -> dict[str, Any]:
    """Return a plan with its actions, the evidence that is left, and its follow-up."""
    client = session.scalars(select(Client).where(Client.client_id == plan.client_id)).one()
    form = load_form(session, client, plan.scorecard)
    left = session.scalar(
        select(func.count()).select_from(CoachingEvidence).where(CoachingEvidence.plan_id == plan.plan_id)
    )
    return {
        **plan_summaries(session, [plan])[0],
        "actions": plan.actions,
        "evidence": load_evidence(session, actor, plan),
        "evidence_erased": plan.evidence_cited - (left or 0),
        "follow_up": [
            {**each, "text": question_text(form, each["question"])} for each in follow_up(session, plan)
        ],
        "closing_note": plan.closing_note,
    }


def question_text(form: Any, key: str) -> str:
    """Return a question as the scorecard in force asks it; its key where it does not any more."""
    question = form.questions.get(key) if form else None
    return question.text if question else key
