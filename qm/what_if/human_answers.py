"""Reviewers' answers and stored automatic totals of the interactions of a what-if sample."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.answer_comparison import answer_value
from qm.reviews.blindness import visible_evaluations
from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.models import Evaluation
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from tenants.bulk_sql import id_array
from tenants.credentials import Actor

Key = tuple[str, str]
"""Keys of a scorecard and of a question in it."""


@dataclass(frozen=True, slots=True)
class HumanAnswers:
    """Stored human answers and automatic totals of a sample.

    `answers` holds, by interaction, the class of a reviewer's answer to each question; `totals` holds the
    scorecard version and the total of the automatic evaluation.
    """

    answers: Mapping[uuid.UUID, Mapping[Key, str]]
    totals: Mapping[uuid.UUID, tuple[uuid.UUID | None, float | None]]


def load_human_answers(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> HumanAnswers:
    """Return the stored human answers and automatic totals that the caller may see.

    Only evaluations of sampled reviews are read: hand-picked reviews are not a random sample.
    """
    rows = session.execute(
        select(Evaluation.interaction_id, Evaluation.scorecard_id, Evaluation.score).where(
            Evaluation.interaction_id == id_array(ids),
            Evaluation.kind == "automatic",
            Evaluation.superseded_at.is_(None),
            visible_evaluations(actor),
        )
    )
    return HumanAnswers(_answers(session, actor, ids), {row[0]: (row[1], row[2]) for row in rows})


def _answers(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[Key, str]]:
    statement = select_submitted_reviews(human.interaction_id, human.answers, human.scorecard_id)
    rows = session.execute(
        statement.where(human.interaction_id == id_array(ids), sampled, visible_evaluations(actor, human))
    ).all()
    forms = forms_by_id(session, {row.scorecard_id for row in rows})
    return {row.interaction_id: _classes(forms[row.scorecard_id], row.answers) for row in rows}


def _classes(form: Form, answers: Sequence[Mapping[str, Any]]) -> dict[Key, str]:
    classes = {}
    for body in answers:
        question = form.questions.get(body["question"])
        value = answer_value(question, body) if question is not None else None
        if value is not None:
            classes[form.key, body["question"]] = value.name
    return classes
