"""Why a reviewer answered other than the machine: asked once both are shown, kept with the evaluation."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.answer_comparison import pair_answers
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation, Review
from qm.reviews.queue import get_review
from qm.reviews.submission import human_and_automatic
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound


def save_override_reasons(
    session: Session, actor: Actor, review_id: uuid.UUID, reasons: Sequence[Mapping[str, Any]]
) -> Review:
    """Keep why the caller answered otherwise, by question; what was given before is replaced.

    Raises
    ------
    NotFound
        When the review is somebody else's.
    Conflict
        When it is not submitted.
    Invalid
        For a question that both answered alike, or that only one of them answered.
    """
    review = get_review(session, actor, review_id, lock=True)
    if review.reviewer_id is None or review.reviewer_id != actor.user_id:
        raise NotFound("review")
    if review.state != "submitted" or review.evaluation_id is None:
        raise Conflict(f"This review is {review.state}, not submitted.", "not_submitted")
    differing = overridden_questions(session, review)
    faults = [
        Fault(f"/reasons/{place}/question", "not_overridden", f"'{each['question']}' was answered alike.")
        for place, each in enumerate(reasons)
        if each["question"] not in differing
    ]
    if faults:
        raise Invalid(faults)
    evaluation = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == review.interaction_id,
            Evaluation.evaluation_id == review.evaluation_id,
        )
    ).one()
    evaluation.override_reasons = {each["question"]: each["reason"] for each in reasons}
    session.flush()
    audit.record(
        session,
        "review.overrides_explained",
        f"review:{review.review_id}",
        client_id=review.client_id,
        questions=sorted(evaluation.override_reasons),
    )
    return review


def overridden_questions(session: Session, review: Review) -> frozenset[str]:
    """Return the questions that a submitted review answers other than the machine."""
    if review.evaluation_id is None:
        return frozenset()
    human, automatic = human_and_automatic(
        session, evaluation_id=review.evaluation_id, interaction_id=review.interaction_id
    )
    form = load_pinned_definitions(session, human.versions).form
    if form is None or automatic is None:
        return frozenset()
    pairs = pair_answers(form, human.answers, automatic.answers)
    return frozenset(each.question.key for each in pairs if each.overridden)
