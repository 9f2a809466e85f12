"""The published evaluations that plans cite: which may be, and what they say, with their words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingEvidence, CoachingPlan
from qm.coaching.reviewed_answers import answer_value
from qm.interactions.models import Interaction
from qm.reviews.blindness import visible_evaluations
from qm.reviews.handling_agents import answering_agent
from qm.reviews.models import Evaluation
from qm.reviews.quotes import answer_quotes
from qm.reviews.readings import note_readings
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from tenants.bulk_sql import id_array
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Client

MAX_PUBLISHED = 30


@dataclass(frozen=True, slots=True)
class CitedEvaluation:
    """An evaluation with what a check of it needs."""

    evaluation_id: uuid.UUID
    interaction_id: uuid.UUID


def check_evaluations(
    session: Session, actor: Actor, client: Client, agent: str, *, ids: Sequence[uuid.UUID], now: datetime
) -> list[CitedEvaluation]:
    """Return the evaluations that a plan is to cite.

    Raises
    ------
    Invalid
        With a fault for each that is unknown, named twice, not published, or of another agent's work.
    """
    statement = _select_evaluations(actor).where(
        Evaluation.client_id == client.client_id, Evaluation.evaluation_id == id_array(list(ids))
    )
    found = {row.Evaluation.evaluation_id: row for row in session.execute(statement)}
    faults = [
        Fault(f"/evaluations/{place}", *fault)
        for place, each in enumerate(ids)
        if (fault := _fault(found.get(each), agent, now, twice=each in ids[:place]))
    ]
    if faults:
        raise Invalid(faults)
    return [CitedEvaluation(each, found[each].Evaluation.interaction_id) for each in ids]


def _select_evaluations(actor: Actor) -> Select[Evaluation, Interaction, str]:
    return (
        select(Evaluation, Interaction, answering_agent.label("answering"))
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == Evaluation.tenant_id,
                Interaction.interaction_id == Evaluation.interaction_id,
            ),
        )
        .where(Evaluation.kind == "human", visible_evaluations(actor))
    )


def _fault(row: Any, agent: str, now: datetime, *, twice: bool) -> tuple[str, str] | None:
    if row is None:
        return "unknown_evaluation", "There is no such evaluation by a person."
    if twice:
        return "duplicate", "This evaluation is named twice."
    evaluation: Evaluation = row.Evaluation
    if evaluation.superseded_at is not None:
        return "not_in_force", "This evaluation was replaced or voided."
    if evaluation.published_at is None or evaluation.published_at > now:
        return "not_published", "The agent has not seen this evaluation yet: publish it first."
    return None if row.answering == agent else ("other_agent", "This is the work of another agent.")


def load_evidence(session: Session, actor: Actor, plan: CoachingPlan) -> list[dict[str, Any]]:
    """Return what a plan cites and the caller may see, oldest first; that it was seen is noted."""
    statement = (
        _select_evaluations(actor)
        .join(
            CoachingEvidence,
            and_(
                CoachingEvidence.tenant_id == Evaluation.tenant_id,
                CoachingEvidence.evaluation_id == Evaluation.evaluation_id,
            ),
        )
        .where(CoachingEvidence.plan_id == plan.plan_id)
        .order_by(Interaction.started_at, Evaluation.evaluation_id)
    )
    return _represented(session, actor, session.execute(statement).all(), plan.questions)


def load_published(
    session: Session, actor: Actor, client: Client, agent: str, *, questions: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """Return the newest published evaluations of an agent's work, of which a plan may cite some."""
    statement = (
        _select_evaluations(actor)
        .where(
            Evaluation.client_id == client.client_id,
            Evaluation.superseded_at.is_(None),
            Evaluation.published_at <= now,
            answering_agent == agent,
        )
        .order_by(Interaction.started_at.desc(), Evaluation.evaluation_id)
        .limit(MAX_PUBLISHED)
    )
    return _represented(session, actor, session.execute(statement).all(), questions)


def _represented(
    session: Session, actor: Actor, rows: Sequence[Any], questions: Sequence[str]
) -> list[dict[str, Any]]:
    note_readings(session, actor, (row.Interaction.interaction_id for row in rows))
    forms = forms_by_id(session, {row.Evaluation.scorecard_id for row in rows if row.Evaluation.scorecard_id})
    return [_evaluation(forms, row.Evaluation, row.Interaction, questions) for row in rows]


def _evaluation(
    forms: Mapping[uuid.UUID, Form],
    evaluation: Evaluation,
    interaction: Interaction,
    questions: Sequence[str],
) -> dict[str, Any]:
    form = forms.get(evaluation.scorecard_id) if evaluation.scorecard_id else None
    return {
        "evaluation": evaluation.evaluation_id,
        "interaction": interaction.interaction_id,
        "external_id": interaction.external_id,
        "channel": interaction.channel,
        "started_at": interaction.started_at,
        "score": evaluation.score,
        "replaced": evaluation.superseded_at is not None,
        "answers": [
            _answer(form, interaction, answer)
            for answer in evaluation.answers
            if answer["question"] in questions
        ],
    }


def _answer(form: Form | None, interaction: Interaction, answer: Mapping[str, Any]) -> dict[str, Any]:
    value = answer_value(form, answer)
    return {
        "question": answer["question"],
        "points": None if value is None else 100 * value,
        "note": answer.get("note") or None,
        "quotes": [words for _, words in answer_quotes(interaction.turns, answer)],
    }
