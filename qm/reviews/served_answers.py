"""Answers to hand-picked reviews that serve the sampled review of the same interaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from qm.reviews.models import Evaluation, Review
from tenants import audit

_twin = aliased(Review, name="twin")


def serve_hand_picked_answer(session: Session, review: Review, *, now: datetime) -> bool:
    """Complete a sampled review with the answers of a hand-picked one, if there are any; tell whether.

    Call it when the review's turn has come. The first answers count; outdated ones never do.
    """
    if review.targeted:
        return False
    found = session.execute(
        select(_twin.reviewer_id, _twin.evaluation_id, _twin.words)
        .join(
            Evaluation,
            (Evaluation.tenant_id == _twin.tenant_id)
            & (Evaluation.interaction_id == _twin.interaction_id)
            & (Evaluation.evaluation_id == _twin.evaluation_id),
        )
        .where(
            _twin.interaction_id == review.interaction_id,
            _twin.targeted,
            _twin.kind == "standard",
            _twin.state == "submitted",
            Evaluation.superseded_at.is_(None),
        )
        .order_by(_twin.finished_at, _twin.review_id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return False
    review.state, review.hand_picked_answer, review.finished_at = "submitted", True, now
    review.reviewer_id, review.evaluation_id, review.words = (
        found.reviewer_id,
        found.evaluation_id,
        found.words,
    )
    review.draft, review.draft_sentiment = [], []
    review.revision += 1
    session.flush()
    audit.record(
        session,
        "review.answer_served",
        f"review:{review.review_id}",
        client_id=review.client_id,
        evaluation=found.evaluation_id,
        interaction=review.interaction_id,
    )
    return True
