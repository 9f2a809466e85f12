"""The review queue: reading, drafts, skipping, releasing, reassigning, and picking by hand.

`claiming.py` says who gets what next. A skipped review is kept with its reason and probability, counts as
missing, and is not replaced: a replacement would have another inclusion probability.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.interactions.queries import lock_interaction, lock_interaction_found
from qm.reviews.active_time import forget_activity, note_activity
from qm.reviews.malformed_lists import MalformedList, require_well_formed
from qm.reviews.models import Review
from qm.reviews.permissions import (
    check_agent_may_review,
    check_may_manage_queue,
    check_may_review,
    may_manage_queue,
)
from qm.reviews.sent_answers import read_sent
from qm.reviews.sentiment_labels import Labels, label_faults, serialize_labels
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client

HAND_PICKED = "hand_picked"
_SEE_THEIR_OWN = frozenset({"reviewer", "agent"})


def visible_reviews(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of visible reviews: reviewers and agents see their own, others all.

    What waits for anybody is a number to reviewers (`waiting.py`): nobody chooses what comes next, and
    a check of theirs would be missing in a list (`quality_checks.py`).
    """
    return Review.reviewer_id == actor.user_id if actor.role in _SEE_THEIR_OWN else true()


def _reachable_reviews(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of reviews that the caller may ask for by id.

    One that a reviewer held waits for anybody when their claim has ended: they are told so.
    """
    if actor.role != "reviewer":
        return visible_reviews(actor)
    return or_(visible_reviews(actor), and_(Review.state == "queued", Review.reviewer_id.is_(None)))


def select_reviews(
    actor: Actor,
    *,
    state: str | None,
    reviewer: uuid.UUID | None,
    client: Client | None,
    kind: str | None = None,
) -> Select[Review]:
    """Return the statement of the reviews that the caller may see, filtered."""
    statement = select(Review).where(visible_reviews(actor))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    if state is not None:
        statement = statement.where(Review.state == state)
    if reviewer is not None:
        statement = statement.where(Review.reviewer_id == reviewer)
    if kind is not None:
        statement = statement.where(Review.kind == kind)
    return statement


def get_review(session: Session, actor: Actor, review_id: uuid.UUID, *, lock: bool = False) -> Review:
    """Return a review that the caller may see, locked after its interaction if asked for."""
    statement = select(Review).where(Review.review_id == review_id, _reachable_reviews(actor))
    if lock:
        of = statement.with_only_columns(Review.interaction_id).scalar_subquery()
        if not lock_interaction_found(session, of):
            raise NotFound("review")
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
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


def save_draft(
    session: Session,
    review: Review,
    answers: Sequence[Mapping[str, Any]] | MalformedList,
    *,
    sentiment: Labels | MalformedList = (),
    faults: Sequence[Fault] = (),
    now: datetime,
) -> Review:
    """Save the answers so far, complete or not; drafts are not audited.

    Raises
    ------
    Invalid
        With all schema errors, those of the body around the lists given as `faults`, and duplicate answers or
        sentiment labels.
    """
    sent = read_sent(answers)
    found = [*faults, *(fault.under("/answers") for fault in sent.faults)]
    found += (fault.under("/sentiment") for fault in label_faults(sentiment))
    if found:
        raise Invalid(found)
    review.draft = [answer.to_json() for answer in sent.answers.values()]
    review.draft_sentiment = serialize_labels(require_well_formed(sentiment))
    review.revision += 1
    note_activity(review, now)
    session.flush()
    return review


def flag(session: Session, actor: Actor, review_id: uuid.UUID, *, flagged: bool) -> Review:
    """Mark a review as wanted for calibration, or no more; for its reviewer and queue managers."""
    review = get_review(session, actor, review_id, lock=True)
    own = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    if not own and not may_manage_queue(actor):
        raise NotFound("review")
    if review.flagged == flagged:
        return review
    review.flagged = flagged
    return record_change(session, review, "flagged", flagged=flagged)


def skip(session: Session, actor: Actor, review_id: uuid.UUID, *, reason: str, now: datetime) -> Review:
    """Skip a review permanently; it is kept and counts as missing."""
    review = get_claimed_review(session, actor, review_id)
    review.state, review.skip_reason, review.finished_at = "skipped", reason, now
    review.draft, review.draft_sentiment = [], []
    note_activity(review, now)
    return record_change(session, review, "skipped", reason=reason)


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
    requeue(review, None)
    return record_change(session, review, "released")


def reassign(
    session: Session,
    actor: Actor,
    review_id: uuid.UUID,
    *,
    user_id: uuid.UUID,
    due_at: datetime | None = None,
) -> Review:
    """Assign an open review to another user, who gets it next, with a new due date where one is given."""
    check_may_manage_queue(actor)
    review = get_review(session, actor, review_id, lock=True)
    _check_open(review)
    if review.kind != "standard":
        raise Conflict("An agent was asked for this review; ask another one instead.", "asked_of_one_agent")
    if review.calibration_id is not None:
        raise Conflict("It belongs to a covert calibration session.", "calibration_review")
    check_may_review(session, user_id, review.client_id, review.interaction_id, pointer="/user")
    before = review.reviewer_id
    requeue(review, user_id)
    review.due_at = due_at or review.due_at
    return record_change(session, review, "reassigned", before=before, to=user_id)


def create_hand_picked_review(
    session: Session,
    actor: Actor,
    interaction_id: uuid.UUID,
    *,
    note: str | None,
    user_id: uuid.UUID | None,
    kind: str = "standard",
    due_at: datetime | None = None,
) -> Review:
    """Create a review of an interaction that was picked by hand.

    By itself it is in no estimate; where the interaction is sampled too, its answers serve the sampled
    review. One of the kind `self` or `peer` is asked of an agent, and serves nothing.
    """
    interaction = lock_interaction(session, interaction_id)
    if kind != "standard":
        check_may_manage_queue(actor)
        check_agent_may_review(session, user_id, kind, interaction)
    elif user_id is not None:
        check_may_manage_queue(actor)
        check_may_review(session, user_id, interaction.client_id, interaction_id, pointer="/user")
    if session.scalar(select(InteractionFacts.judged).filter_by(interaction_id=interaction_id)) == 0:
        raise _not_judged(interaction)
    if _is_already_picked(session, interaction_id, user_id):
        raise Conflict(
            "A review of this interaction that was picked by hand waits already.", "already_picked"
        )
    review = Review(
        tenant_id=interaction.tenant_id,
        client_id=interaction.client_id,
        interaction_id=interaction_id,
        targeted=True,
        kind=kind,
        due_at=due_at,
        reasons=[HAND_PICKED if kind == "standard" else kind],
        note=note,
        started_at=interaction.started_at,
        state="queued",
        reviewer_id=user_id,
        given_back_by=[],
        revision=0,
    )
    session.add(review)
    return record_change(session, review, "picked", note=note, to=user_id)


def _not_judged(interaction: Interaction) -> Conflict:
    if interaction.part_agent:
        detail = (
            "By a later correction this agent did not speak, or not beside others: nothing is theirs here."
        )
        return Conflict(detail, "part_dissolved")
    return Conflict(
        "Several agents spoke in this interaction: pick the part of one of them.", "several_agents"
    )


def _is_already_picked(session: Session, interaction_id: uuid.UUID, user_id: uuid.UUID | None) -> bool:
    waiting = select(Review.review_id).where(
        Review.interaction_id == interaction_id,
        Review.targeted,
        Review.quality_check.is_(None),
        Review.state == "queued",
        Review.reviewer_id.is_not_distinct_from(user_id),
    )
    return session.scalars(waiting.limit(1)).one_or_none() is not None


def _check_open(review: Review) -> None:
    if review.state not in {"queued", "claimed"}:
        raise Conflict(f"This review is {review.state}.", f"already_{review.state}")


def requeue(review: Review, user_id: uuid.UUID | None) -> None:
    """Return a review to the queue, for one person or for anybody; its draft is deleted.

    One of a covert calibration session stays with its participant.
    """
    if review.calibration_id is not None:
        user_id = review.reviewer_id
    drawn = (review.draw or 0.0) < (review.inclusion_probability or 0.0)
    drawn = review.kind == "standard" if review.targeted else drawn
    review.state = "queued" if drawn or user_id is not None else "cancelled"
    review.reviewer_id, review.claimed_at, review.words = user_id, None, None
    review.draft, review.draft_sentiment = [], []
    forget_activity(review)


def record_change(session: Session, review: Review, verb: str, **details: Any) -> Review:
    """Count a change of a review, store it and audit it."""
    review.revision += 1
    session.flush()
    audit.record(
        session, f"review.{verb}", f"review:{review.review_id}", client_id=review.client_id, **details
    )
    return review
