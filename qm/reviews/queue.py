"""The review queue: claiming, drafts, skipping, releasing, reassigning, and picking by hand.

Reviews assigned to the reviewer come first, then the review with the earliest

    created_at - head start of its most urgent reason

so that a critical answer is reviewed before the base-rate sample, without starvation: the head start is
three days at most, so every sampled review is reached. Estimates need the whole sample, not only its urgent
part.

A reviewer holds one review at a time and gets the same one until it is submitted, skipped or released. A
review that they released, or whose interaction they have reviewed, is not offered to them again. A skipped
review is kept with its reason and probability, counts as missing, and is not replaced: a replacement would
have another inclusion probability.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, and_, case, exists, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from qm.interactions.models import Interaction
from qm.reviews.malformed_lists import MalformedList, require_well_formed
from qm.reviews.models import Review
from qm.reviews.permissions import check_may_manage_queue, check_may_review, may_manage_queue
from qm.reviews.sentiment_labels import Labels, label_faults, serialize_labels
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


def due_time() -> ColumnElement[datetime]:
    """Return the time by which the queue is ordered, earliest first."""
    head_start = case(
        *(
            (Review.reasons.op("?|")(array(reasons)), literal(hours, Interval))
            for hours, reasons in HEAD_STARTS.items()
        ),
        else_=literal(timedelta(0), Interval),
    )
    return Review.created_at - head_start


def visible_reviews(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of visible reviews: reviewers see their own and unassigned ones, others all."""
    if actor.role != "reviewer":
        return true()
    return or_(
        Review.reviewer_id == actor.user_id, and_(Review.state == "queued", Review.reviewer_id.is_(None))
    )


def select_reviews(
    actor: Actor, *, state: str | None, reviewer: uuid.UUID | None, client: Client | None
) -> Select[Review]:
    """Return the statement of the reviews that the caller may see, filtered."""
    statement = select(Review).where(visible_reviews(actor))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    if state is not None:
        statement = statement.where(Review.state == state)
    if reviewer is not None:
        statement = statement.where(Review.reviewer_id == reviewer)
    return statement


def get_review(session: Session, actor: Actor, review_id: uuid.UUID, *, lock: bool = False) -> Review:
    """Return a review that the caller may see."""
    statement = select(Review).where(Review.review_id == review_id, visible_reviews(actor))
    found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("review")
    return found


def get_claimed_review(session: Session, actor: Actor, review_id: uuid.UUID) -> Review:
    """Return a review that the caller has claimed, locked for update.

    Raises
    ------
    NotFound
        When it is assigned to somebody else.
    Conflict
        When it is not claimed yet, or is finished.
    """
    review = get_review(session, actor, review_id, lock=True)
    if review.reviewer_id not in {None, actor.user_id}:
        raise NotFound("review")
    if review.state == "queued":
        raise Conflict("Nobody holds this review; claim it first.", "not_claimed")
    if review.state != "claimed":
        raise Conflict(f"This review is {review.state}.", f"already_{review.state}")
    return review


def claim_next(session: Session, actor: Actor, *, client: Client | None, now: datetime) -> Review | None:
    """Return the review that the caller holds, or claim the next one; None if the queue is empty for them."""
    # Locks the user's row, so that two requests of one user cannot claim two reviews.
    session.execute(select(User.user_id).where(User.user_id == actor.user_id).with_for_update(key_share=True))
    held = session.scalars(
        select(Review)
        .where(Review.state == "claimed", Review.reviewer_id == actor.user_id)
        .order_by(Review.claimed_at)
        .limit(1)
    ).one_or_none()
    if held is not None:
        return held
    review = session.scalars(_select_next(actor, client)).one_or_none()
    if review is None:
        return None
    review.state, review.reviewer_id, review.claimed_at = "claimed", actor.user_id, now
    return _record_change(session, review, "claimed")


def _select_next(actor: Actor, client: Client | None) -> Select[Review]:
    assigned = and_(Review.reviewer_id.is_not(None), Review.reviewer_id == actor.user_id)
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
    statement = select(Review).where(Review.state == "queued", or_(assigned, open_to_all), not_(reviewed))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    assigned_first = case((Review.reviewer_id.is_(None), 1), else_=0)
    return (
        statement.order_by(assigned_first, due_time(), Review.review_id)
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
    """Save the answers so far, complete or not; drafts are not audited.

    Raises
    ------
    Invalid
        With all schema errors and duplicate answers or sentiment labels.
    """
    faults = [fault.under("/sentiment") for fault in label_faults(sentiment)]
    parsed: Mapping[str, Answer] = {}
    try:
        parsed = read_answers(require_well_formed(answers))
    except Invalid as error:
        faults = [*(fault.under("/answers") for fault in error.faults), *faults]
    if faults:
        raise Invalid(faults)
    review.draft = [answer.to_json() for answer in parsed.values()]
    review.draft_sentiment = serialize_labels(require_well_formed(sentiment))
    review.revision += 1
    session.flush()
    return review


def skip(session: Session, actor: Actor, review_id: uuid.UUID, *, reason: str, now: datetime) -> Review:
    """Skip a review permanently; it is kept and counts as missing."""
    review = get_claimed_review(session, actor, review_id)
    review.state, review.skip_reason, review.finished_at = "skipped", reason, now
    review.draft, review.draft_sentiment = [], []
    return _record_change(session, review, "skipped", reason=reason)


def release(session: Session, actor: Actor, review_id: uuid.UUID) -> Review:
    """Return a review to the queue and delete its draft."""
    review = get_review(session, actor, review_id, lock=True)
    own = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    if review.reviewer_id is not None and not own and not may_manage_queue(actor):
        raise NotFound("review")
    _check_open(review)
    if review.reviewer_id is None:
        raise Conflict("Nobody holds this review.", "not_claimed")
    if own:
        review.given_back_by = [*review.given_back_by, str(actor.user_id)]
    _requeue(review, None)
    return _record_change(session, review, "released")


def reassign(session: Session, actor: Actor, review_id: uuid.UUID, *, user_id: uuid.UUID) -> Review:
    """Assign an open review to another user, who gets it next."""
    check_may_manage_queue(actor)
    review = get_review(session, actor, review_id, lock=True)
    _check_open(review)
    check_may_review(session, user_id, review.client_id, review.interaction_id, pointer="/user")
    before = review.reviewer_id
    _requeue(review, user_id)
    return _record_change(session, review, "reassigned", before=before, to=user_id)


def create_hand_picked_review(
    session: Session, actor: Actor, interaction_id: uuid.UUID, *, note: str | None, user_id: uuid.UUID | None
) -> Review:
    """Create a review of an interaction that was picked by hand; it is in no estimate."""
    interaction = session.execute(
        select(Interaction.tenant_id, Interaction.client_id, Interaction.started_at)
        .where(Interaction.interaction_id == interaction_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if interaction is None:
        raise NotFound("interaction")
    if user_id is not None:
        check_may_manage_queue(actor)
        check_may_review(session, user_id, interaction.client_id, interaction_id, pointer="/user")
    if _is_already_picked(session, interaction_id, user_id):
        raise Conflict(
            "A review of this interaction that was picked by hand waits already.", "already_picked"
        )
    review = Review(
        tenant_id=interaction.tenant_id,
        client_id=interaction.client_id,
        interaction_id=interaction_id,
        targeted=True,
        reasons=[HAND_PICKED],
        note=note,
        started_at=interaction.started_at,
        state="queued",
        reviewer_id=user_id,
        given_back_by=[],
        revision=0,
    )
    session.add(review)
    return _record_change(session, review, "picked", note=note, to=user_id)


def _is_already_picked(session: Session, interaction_id: uuid.UUID, user_id: uuid.UUID | None) -> bool:
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


def _requeue(review: Review, user_id: uuid.UUID | None) -> None:
    review.state, review.reviewer_id, review.claimed_at = "queued", user_id, None
    review.draft, review.draft_sentiment = [], []


def _record_change(session: Session, review: Review, verb: str, **details: Any) -> Review:
    review.revision += 1
    session.flush()
    audit.record(
        session, f"review.{verb}", f"review:{review.review_id}", client_id=review.client_id, **details
    )
    return review
