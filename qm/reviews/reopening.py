"""Taking back what was submitted by mistake.

The evaluation stays, superseded, so that estimates no longer take it; what is submitted next takes its place.
Whoever submitted has seen the machine's answers since: what they answer now is in the estimates, and in no
comparison of people with the machine.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.reviews.models import Evaluation, Review
from qm.reviews.permissions import may_manage_queue, may_review
from qm.reviews.queue import get_review, record_change, requeue
from qm.reviews.reviewed_words import words_of
from qm.reviews.sentiment_labels import LABELS_KEY
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound

WINDOW = timedelta(minutes=15)
"""For so long people take back their own submission themselves."""


def reopen(session: Session, actor: Actor, review_id: uuid.UUID, *, now: datetime) -> Review:
    """Take a submitted review back: to its reviewer, or to the queue if they may not review it any more.

    Whoever reopens their own holds it again, with the answers as draft. What somebody else reopens waits for
    its reviewer.

    Raises
    ------
    Conflict
        When it is not submitted, was answered through another review, or the window has passed.
    """
    review = get_review(session, actor, review_id, lock=True)
    own = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    if not own and not may_manage_queue(actor):
        raise NotFound("review")
    _check(review, now, unlimited=may_manage_queue(actor))
    evaluation = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == review.interaction_id,
            Evaluation.evaluation_id == review.evaluation_id,
        )
    ).one()
    evaluation.superseded_at = now
    session.flush()
    before = review.reviewer_id
    for served in _served_by(session, review):
        take_back(served)
        requeue(served, None)
        record_change(session, served, "reopened", evaluation=evaluation.evaluation_id)
    take_back(review)
    if own:
        _hold_again(session, review, evaluation, now)
    else:
        requeue(review, before if may_review(session, before, review) else None)
        review.reopened = review.reviewer_id is not None
    return record_change(session, review, "reopened", evaluation=evaluation.evaluation_id, before=before)


def _check(review: Review, now: datetime, *, unlimited: bool) -> None:
    if review.state != "submitted" or review.finished_at is None:
        raise Conflict(f"This review is {review.state}, not submitted.", "not_submitted")
    if review.calibration_id is not None or review.quality_check is not None:
        raise Conflict("The answers of this review are final.", "answers_final")
    if review.hand_picked_answer:
        raise Conflict(
            "It was answered through the hand-picked review; reopen that one.", "answered_elsewhere"
        )
    if not unlimited and now - review.finished_at > WINDOW:
        raise Conflict("It was submitted too long ago; a QM manager can reopen it.", "too_late")


def _served_by(session: Session, review: Review) -> Sequence[Review]:
    """Return the sampled review that this one's answers served, if there is one, locked."""
    if not review.targeted:
        return ()
    return session.scalars(
        select(Review)
        .where(
            Review.interaction_id == review.interaction_id,
            Review.evaluation_id == review.evaluation_id,
            Review.review_id != review.review_id,
            Review.hand_picked_answer,
            Review.state == "submitted",
        )
        .with_for_update()
    ).all()


def take_back(review: Review) -> None:
    """Let a review be answered by nothing any more; what was edited of it went with its answers."""
    review.evaluation_id, review.finished_at = None, None
    review.hand_picked_answer = review.reopened = False


def _hold_again(session: Session, review: Review, evaluation: Evaluation, now: datetime) -> None:
    review.state, review.claimed_at, review.reopened = "claimed", now, True
    review.active_at = now
    review.words = words_of(session, review.interaction_id)
    review.draft = [dict(answer) for answer in evaluation.answers]
    review.draft_sentiment = list(evaluation.findings.get(LABELS_KEY, []))
