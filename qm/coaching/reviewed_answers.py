"""Reviewed answers to one question of a client: whose, how good, and how likely they were to be drawn.

Of drawn reviews that were worked in turn alone: what was picked by hand was picked for a reason, and would
tell more of the picking than of the agent.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, cast, func, literal, literal_column, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.handling_agents import answering_agent
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted
from scorecards.authoring.models import Definition
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import question_score

_OF_QUESTION: Any = literal_column("'$[*] ? (@.question == $question)'::jsonpath")


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """An answer in [0, 1], with its weight, when the conversation was, and how many ran beside it."""

    agent: str
    value: float
    weight: float
    started_at: datetime
    finished_at: datetime
    concurrency: float | None


def of_interaction() -> Any:
    """Return the join condition of the reviewed interaction."""
    return and_(
        Interaction.tenant_id == Review.tenant_id, Interaction.interaction_id == Review.interaction_id
    )


def load_answers(
    session: Session, client_id: uuid.UUID, scorecard: str, question: str, *, since: datetime
) -> list[ReviewedAnswer]:
    """Return the reviewed answers to a question, in the order in which they were given.

    N/A says nothing of the agent and is left out.
    """
    wanted = func.jsonb_build_object("question", cast(literal(question), Text))
    versions = select(Definition.definition_id).where(
        Definition.client_id == client_id, Definition.kind == "scorecard", Definition.key == scorecard
    )
    statement = (
        select_submitted_reviews(
            *DRAW_COLUMNS,
            Review.started_at,
            human.scorecard_id,
            answering_agent.label("agent"),
            func.jsonb_path_query_first(human.answers, _OF_QUESTION, wanted).label("answer"),
            Interaction.details["handling"]["concurrency"].label("concurrency"),
        )
        .join(Interaction, of_interaction())
        .where(
            Review.client_id == client_id,
            Review.started_at >= since,
            sampled,
            human.scorecard_id.in_(versions),
            answering_agent.is_not(None),
        )
        .order_by(Review.finished_at, Review.review_id)
    )
    rows = counted(session, session.execute(statement).all())
    forms = forms_by_id(session, {row.scorecard_id for row, _ in rows})
    found = (
        (row, probability, answer_value(forms.get(row.scorecard_id), row.answer)) for row, probability in rows
    )
    return [
        ReviewedAnswer(
            row.agent, value, 1 / probability, row.started_at, row.finished_at, _number(row.concurrency)
        )
        for row, probability, value in found
        if value is not None
    ]


def answer_value(form: Form | None, body: Any) -> float | None:
    """Return what an answer is worth in [0, 1]; None for N/A, and where nothing was scored."""
    if form is None or not body:
        return None
    answer = Answer.from_json(body)
    question = form.questions.get(answer.question)
    return None if question is None or answer.na else question_score(question, answer.value)


def mean_concurrency(answers: Sequence[ReviewedAnswer]) -> float | None:
    """Return how many conversations ran at once, on average; None where nobody pushed it."""
    known = [each.concurrency for each in answers if each.concurrency is not None]
    return sum(known) / len(known) if known else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
