"""What reviewers said of an agent's own interactions, as the agent may read it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation
from qm.reviews.publishing import select_published_evaluations
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.scoring import question_score
from tenants.credentials import Actor

MOST = 50


def feedback(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the published evaluations of somebody's own work, newest first: what went well, what next.

    At most the newest `MOST`.
    """
    newest = select_published_evaluations(actor).order_by(
        Evaluation.created_at.desc(), Evaluation.evaluation_id
    )
    rows = session.execute(newest.add_columns(Interaction).limit(MOST))
    return [_feedback(session, evaluation, interaction) for evaluation, interaction in rows]


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
