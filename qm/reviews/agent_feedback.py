"""What reviewers said of an agent's own interactions, as the agent may read it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation, Review
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.scoring import question_score

MOST = 50


def published_evaluations(session: Session, agent: str) -> Sequence[tuple[Evaluation, Interaction]]:
    """Return the human evaluations in force of an agent's interactions and parts, newest first.

    The one place that says what is published: what was submitted, is in force, and was not reopened.
    """
    whose = func.coalesce(func.nullif(Interaction.part_agent, ""), Interaction.agent)
    rows = session.execute(
        select(Evaluation, Interaction)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .join(
            Review,
            (Review.tenant_id == Evaluation.tenant_id) & (Review.evaluation_id == Evaluation.evaluation_id),
        )
        .where(
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            Review.state == "submitted",
            or_(Interaction.agent == agent, Interaction.part_agent == agent),
            whose == agent,
        )
        .order_by(Evaluation.created_at.desc(), Evaluation.evaluation_id)
        .limit(MOST)
    )
    # A hand-picked answer that serves the sampled review too belongs to two reviews.
    return list({row[0].evaluation_id: (row[0], row[1]) for row in rows}.values())


def feedback(session: Session, agent: str) -> list[dict[str, Any]]:
    """Return each published evaluation with what went well and what could go better, by question."""
    return [_feedback(session, *found) for found in published_evaluations(session, agent)]


def _feedback(session: Session, evaluation: Evaluation, interaction: Interaction) -> dict[str, Any]:
    form = load_pinned_definitions(session, evaluation.versions).form
    points = _points(form, evaluation.answers) if form else {}
    said = {answer["question"]: answer.get("note") or "" for answer in evaluation.answers}
    texts = {key: question.text for key, question in form.questions.items()} if form else {}
    ranked = sorted(points, key=lambda key: points[key])
    return {
        "evaluation_id": evaluation.evaluation_id,
        "interaction": interaction.external_id,
        "channel": interaction.channel,
        "started_at": interaction.started_at,
        "at": evaluation.created_at,
        "score": evaluation.score,
        "band": evaluation.band,
        "strengths": [(texts[key], said.get(key, "")) for key in reversed(ranked) if points[key] >= 1],
        "next": [(texts[key], said.get(key, "")) for key in ranked if points[key] < 1],
    }


def _points(form: Form, answers: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the points of each scored question, from 0 to 1."""
    found = read_answers(answers)
    points = {}
    for key, question in form.questions.items():
        answer = found.get(key)
        value = None if answer is None or answer.na else question_score(question, answer.value)
        if value is not None:
            points[key] = value
    return points
