"""The review queue: the next one for a person, saved, given back, kept for another, skipped, picked by hand.

Which one is next: what is kept for the person comes first, then the review with the earliest moment of

    created_at - head start of its weightiest reason

so that a critical answer is looked at before last night's base rate, and yet nothing waits for ever:
after the head start (three days at most) age alone decides, and everything drawn is reviewed in the end.
That matters beyond fairness: estimates rest on the whole sample, not on its most alarming part.

A person holds one review at a time and gets the same one until they submit, skip or give it back. One they
gave back, or whose interaction they have already reviewed, is not offered to them again. A skipped review
stays in the record with its reason and probability, counts as missing, and is not replaced: whatever took
its place would have been drawn with another probability.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, and_, case, exists, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from qm.interactions.models import Interaction
from qm.reviews.malformed_lists import MalformedList, well_formed
from qm.reviews.models import Review
from qm.reviews.permissions import check_may_manage_queue, check_may_review, may_manage_queue
from qm.reviews.sentiment_labels import Labels, label_faults, plain
from scorecards.definitions.form import Answer, read_answers
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Invalid, NotFound
from tenants.models import Client, User

HAND_PICKED = "hand_picked"
HEAD_STARTS: Mapping[timedelta, tuple[str, ...]] = {
    timedelta(hours=72): ("critical", HAND_PICKED),
    timedelta(hours=48): ("charged", "low_csat"),
    timedelta(hours=24): ("sla_breach",),
    timedelta(hours=12): ("low_confidence", "abstained", "new_agent"),
}


def due_moment() -> ColumnElement[datetime]:
    """Return the moment by which the queue is ordered, earliest first."""
    head_start = case(
        *(
            (Review.reasons.op("?|")(array(reasons)), literal(hours, Interval))
            for hours, reasons in HEAD_STARTS.items()
        ),
        else_=literal(timedelta(0), Interval),
    )
    return Review.created_at - head_start


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return which reviews one may see: reviewers their own and those that wait for anybody, others all."""
    if actor.role != "reviewer":
        return true()
    return or_(
        Review.reviewer_id == actor.user_id, and_(Review.state == "queued", Review.reviewer_id.is_(None))
    )


def listed(
    actor: Actor, *, state: str | None, reviewer: uuid.UUID | None, client: Client | None
) -> Select[Review]:
    """Return the statement of the reviews one may see, narrowed as asked."""
    statement = select(Review).where(visible(actor))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    if state is not None:
        statement = statement.where(Review.state == state)
    if reviewer is not None:
        statement = statement.where(Review.reviewer_id == reviewer)
    return statement


def review_with(session: Session, actor: Actor, review_id: uuid.UUID, *, lock: bool = False) -> Review:
    """Return a review that one may see."""
    statement = select(Review).where(Review.review_id == review_id, visible(actor))
    found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("review")
    return found


def claimed_review(session: Session, actor: Actor, review_id: uuid.UUID) -> Review:
    """Return the review that this person holds, locked, to be changed.

    Raises
    ------
    NotFound
        When it is another's, as if there were none.
    Conflict
        When nobody holds it yet, or it is finished.
    """
    review = review_with(session, actor, review_id, lock=True)
    if review.reviewer_id not in {None, actor.user_id}:
        raise NotFound("review")
    if review.state == "queued":
        raise Conflict("Nobody holds this review; claim it first.", "not_claimed")
    if review.state != "claimed":
        raise Conflict(f"This review is {review.state}.", f"already_{review.state}")
    return review


def claim_next(session: Session, actor: Actor, *, client: Client | None, now: datetime) -> Review | None:
    """Give this person the review they hold, or claim the next one; None when nothing waits for them."""
    # Two windows of one person must not claim two reviews; other people are not held up.
    session.execute(select(User.user_id).where(User.user_id == actor.user_id).with_for_update(key_share=True))
    held = session.scalars(
        select(Review)
        .where(Review.state == "claimed", Review.reviewer_id == actor.user_id)
        .order_by(Review.claimed_at)
        .limit(1)
    ).one_or_none()
    if held is not None:
        return held
    found = session.scalars(_waiting(actor, client)).one_or_none()
    if found is None:
        return None
    found.state, found.reviewer_id, found.claimed_at = "claimed", actor.user_id, now
    return _changed(session, found, "claimed")


def _waiting(actor: Actor, client: Client | None) -> Select[Review]:
    kept = and_(Review.reviewer_id.is_not(None), Review.reviewer_id == actor.user_id)
    open_to_all = and_(
        Review.reviewer_id.is_(None), not_(Review.given_back_by.contains([str(actor.user_id)]))
    )
    earlier = aliased(Review)
    reviewed = exists(
        select(literal(1))
        .select_from(earlier)
        .where(
            earlier.interaction_id == Review.interaction_id,
            earlier.reviewer_id == actor.user_id,
            earlier.state == "submitted",
        )
    )
    statement = select(Review).where(Review.state == "queued", or_(kept, open_to_all), not_(reviewed))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    first = case((Review.reviewer_id.is_(None), 1), else_=0)
    return (
        statement.order_by(first, due_moment(), Review.review_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Review)
    )


def save_draft(
    session: Session,
    review: Review,
    answers: Sequence[Mapping[str, Any]] | MalformedList,
    *,
    sentiment: Labels | MalformedList = (),
) -> Review:
    """Keep the answers so far, complete or not; a draft says nothing yet, so nothing is noted of it.

    Raises
    ------
    Invalid
        Naming everything that is out of shape, and what is answered or felt twice.
    """
    faults = [fault.under("/sentiment") for fault in label_faults(sentiment)]
    found: Mapping[str, Answer] = {}
    try:
        found = read_answers(well_formed(answers))
    except Invalid as error:
        faults = [*(fault.under("/answers") for fault in error.faults), *faults]
    if faults:
        raise Invalid(faults)
    review.draft = [answer.to_json() for answer in found.values()]
    review.draft_sentiment = plain(well_formed(sentiment))
    review.revision += 1
    session.flush()
    return review


def skip(session: Session, actor: Actor, review_id: uuid.UUID, *, reason: str, now: datetime) -> Review:
    """Put a review aside for good; it stays in the record and counts as missing."""
    review = claimed_review(session, actor, review_id)
    review.state, review.skip_reason, review.finished_at = "skipped", reason, now
    review.draft, review.draft_sentiment = [], []
    return _changed(session, review, "skipped", reason=reason)


def release(session: Session, actor: Actor, review_id: uuid.UUID) -> Review:
    """Give a review back to the queue without its draft, so that the next reviewer starts from nothing."""
    review = review_with(session, actor, review_id, lock=True)
    own = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    if review.reviewer_id is not None and not own and not may_manage_queue(actor):
        raise NotFound("review")
    _check_open(review)
    if review.reviewer_id is None:
        raise Conflict("Nobody holds this review.", "not_claimed")
    if own:
        review.given_back_by = [*review.given_back_by, str(actor.user_id)]
    _back_to_queue(review, None)
    return _changed(session, review, "released")


def reassign(session: Session, actor: Actor, review_id: uuid.UUID, *, user_id: uuid.UUID) -> Review:
    """Keep an open review for another person, who gets it as their next one."""
    check_may_manage_queue(actor)
    review = review_with(session, actor, review_id, lock=True)
    _check_open(review)
    check_may_review(session, user_id, review.client_id, review.interaction_id, pointer="/user")
    before = review.reviewer_id
    _back_to_queue(review, user_id)
    return _changed(session, review, "reassigned", before=before, to=user_id)


def pick(
    session: Session, actor: Actor, interaction_id: uuid.UUID, *, note: str | None, user_id: uuid.UUID | None
) -> Review:
    """Ask for a review of an interaction that somebody picked by hand; it never feeds an estimate."""
    found = session.execute(
        select(Interaction.tenant_id, Interaction.client_id, Interaction.started_at)
        .where(Interaction.interaction_id == interaction_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound("interaction")
    if user_id is not None:
        check_may_manage_queue(actor)
        check_may_review(session, user_id, found.client_id, interaction_id, pointer="/user")
    if _picked_already(session, interaction_id, user_id):
        raise Conflict(
            "A review of this interaction that was picked by hand waits already.", "already_picked"
        )
    review = Review(
        tenant_id=found.tenant_id,
        client_id=found.client_id,
        interaction_id=interaction_id,
        targeted=True,
        reasons=[HAND_PICKED],
        note=note,
        started_at=found.started_at,
        state="queued",
        reviewer_id=user_id,
        given_back_by=[],
        revision=0,
    )
    session.add(review)
    return _changed(session, review, "picked", note=note, to=user_id)


def _picked_already(session: Session, interaction_id: uuid.UUID, user_id: uuid.UUID | None) -> bool:
    waiting = select(Review.review_id).where(
        Review.interaction_id == interaction_id,
        Review.targeted,
        Review.state == "queued",
        Review.reviewer_id.is_not_distinct_from(user_id),
    )
    return session.scalars(waiting.limit(1)).one_or_none() is not None


def _check_open(review: Review) -> None:
    if review.state not in {"queued", "claimed"}:
        raise Conflict(f"This review is {review.state}.", f"already_{review.state}")


def _back_to_queue(review: Review, user_id: uuid.UUID | None) -> None:
    review.state, review.reviewer_id, review.claimed_at = "queued", user_id, None
    review.draft, review.draft_sentiment = [], []


def _changed(session: Session, review: Review, what: str, **details: Any) -> Review:
    review.revision += 1
    session.flush()
    audit.record(
        session, f"review.{what}", f"review:{review.review_id}", client_id=review.client_id, **details
    )
    return review
