"""What people answered to interactions that are judged again, and what the machine's stored scores were."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.answer_comparison import given
from qm.reviews.blindness import visible_evaluations
from qm.reviews.double_scored import human, sampled, submitted_reviews
from qm.reviews.models import Evaluation
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from tenants.bulk_sql import id_array
from tenants.credentials import Actor

Key = tuple[str, str]
"""Keys of a scorecard and of a question in it."""


@dataclass(frozen=True, slots=True)
class HumanAnswers:
    """What is stored of the sample: people's answers as classes, and the machine's totals.

    `answers` holds, by interaction, the class that a person chose for each question; `totals` the scorecard
    version and the total of the machine's evaluation.
    """

    answers: Mapping[uuid.UUID, Mapping[Key, str]]
    totals: Mapping[uuid.UUID, tuple[uuid.UUID | None, float | None]]


def human_answers_of(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> HumanAnswers:
    """Return what is stored of these interactions, as far as the caller may see it.

    Of people's evaluations only those of reviews that chance drew: hand-picked ones are no sample.
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
    statement = submitted_reviews(human.interaction_id, human.answers, human.scorecard_id)
    rows = session.execute(
        statement.where(human.interaction_id == id_array(ids), sampled, visible_evaluations(actor, human))
    ).all()
    forms = forms_by_id(session, {row.scorecard_id for row in rows})
    return {row.interaction_id: _classes(forms[row.scorecard_id], row.answers) for row in rows}


def _classes(form: Form, answers: Sequence[Mapping[str, Any]]) -> dict[Key, str]:
    classes = {}
    for body in answers:
        question = form.questions.get(body["question"])
        said = given(question, body) if question is not None else None
        if said is not None:
            classes[form.key, body["question"]] = said.name
    return classes
