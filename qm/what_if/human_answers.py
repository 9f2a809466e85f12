"""What people answered to interactions that are judged again, and what the machine's stored scores were."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from qm.reports.double_scored import given
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation, Review
from scorecards.authoring.models import Definition
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
    review = aliased(Review)
    rows = session.execute(
        select(Evaluation.interaction_id, Evaluation.answers, Definition.definition_id, Definition.body)
        .join(
            review,
            and_(
                review.tenant_id == Evaluation.tenant_id,
                review.interaction_id == Evaluation.interaction_id,
                review.evaluation_id == Evaluation.evaluation_id,
            ),
        )
        .join(
            Definition,
            and_(
                Definition.tenant_id == Evaluation.tenant_id,
                Definition.definition_id == Evaluation.scorecard_id,
            ),
        )
        .where(
            Evaluation.interaction_id == id_array(ids),
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            review.state == "submitted",
            ~review.targeted,
            visible_evaluations(actor),
        )
    )
    forms: dict[uuid.UUID, Form] = {}
    found: dict[uuid.UUID, dict[Key, str]] = {}
    for interaction_id, answers, version, body in rows:
        if version not in forms:
            forms[version] = Form.from_body(body)
        found[interaction_id] = _classes(forms[version], answers)
    return found


def _classes(form: Form, answers: Sequence[Mapping[str, Any]]) -> dict[Key, str]:
    classes = {}
    for body in answers:
        question = form.questions.get(body["question"])
        said = given(question, body) if question is not None else None
        if said is not None:
            classes[form.key, body["question"]] = said.name
    return classes
