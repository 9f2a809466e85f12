"""Claims of reviews: who gets what next.

Reviews assigned to the reviewer come first, then those picked by hand, oldest first, for cases to act on;
then, of all sampled reviews that wait, the one with the smallest rank draw / inclusion probability. There is
no other order: estimates rest on it (`scorecards/sampling/worked_queue.py`). Alarming interactions come early
all the same, because a large probability makes a small rank.

A sampled interaction that was picked by hand and answered is not reviewed twice: when its turn comes, those
answers serve the sampled review.

A reviewer holds one review at a time and gets the same one until it is submitted, skipped or released, or
until the claim expires. A review that they released, whose interaction they have reviewed, or of whose
interaction they have been shown an evaluation, is not offered to them.

Now and then somebody is offered a check of their work in place of a sampled review, which waits on
(`quality_checks.py`).
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from qm.reviews.capacity import clients_at_capacity
from qm.reviews.eligibility import limits_of
from qm.reviews.models import Review
from qm.reviews.permissions import QUEUE_MANAGERS
from qm.reviews.quality_checks import check_in_place_of
from qm.reviews.queue import record_change, requeue
from qm.reviews.readings import has_seen
from qm.reviews.reviewed_words import select_words, words_of
from qm.reviews.served_answers import serve_hand_picked_answer
from qm.reviews.worked_queues import in_sample, rank
from tenants.credentials import Actor
from tenants.models import Client, User
from tenants.roles import ROLES

NOTHING = ("empty", "capacity", "seen", "limits")
"""Why nothing is offered: nothing waits for the person, they have had their reviews of the week, they have
seen an evaluation of all that waits, or it is in other languages, needs other skills, or is their own."""
CLAIM_LASTS = timedelta(days=3)
"""After this time a claim returns to the queue, for others."""
_earlier = aliased(Review, name="earlier")
# Not a parameter: prepared statements that anticipate any state use no index of what is queued.
_queued = Review.state == literal_column("'queued'")


def claim_next(session: Session, actor: Actor, *, client: Client | None, now: datetime) -> Review | None:
    """Return the review that the caller holds, or claim the next one; None if the queue is empty for them."""
    # Locks the user's row, so that two requests of one user cannot claim two reviews.
    person = select(User).where(User.user_id == actor.user_id).with_for_update(key_share=True)
    user = session.scalars(person.execution_options(populate_existing=True)).one()
    if user.disabled_at is not None:
        return None
    held = _return_expired_claims(session, user, now)
    if held is not None:
        held.words, held.active_at = words_of(session, held.interaction_id), now
        return held
    review = _next(session, user, client, now)
    if review is None:
        return None
    review = check_in_place_of(session, user, review, now) or review
    # One statement: PostgreSQL looks up the interaction of a row that is changed twice, whose lock an erasure
    # may hold that waits for this review.
    review.state, review.reviewer_id, review.claimed_at = "claimed", actor.user_id, now
    review.words, review.active_at = select_words(review.interaction_id), now
    return record_change(session, review, "claimed")


def _return_expired_claims(session: Session, user: User, now: datetime) -> Review | None:
    """Return all expired claims to the queue; return the claim that this person still holds, if any."""
    expired = Review.claimed_at < now - CLAIM_LASTS
    # An erasure may be about to delete what the caller holds: then it is as if it were gone already.
    found = session.execute(
        select(Review, expired.label("is_expired"))
        .where(Review.state == "claimed", or_(expired, Review.reviewer_id == user.user_id))
        .order_by(Review.claimed_at)
        .with_for_update(skip_locked=True)
    ).all()
    for review in (each.Review for each in found if each.is_expired):
        review.given_back_by = [*review.given_back_by, str(review.reviewer_id)]
        before = review.reviewer_id
        requeue(review, None if review.kind == "standard" else before)
        record_change(session, review, "claim_expired", before=before)
    return next((each.Review for each in found if not each.is_expired), None)


def _next(session: Session, user: User, client: Client | None, now: datetime) -> Review | None:
    """Return the next review for a person, locked; serve sampled ones that were answered already."""
    works_queue = "reviews:write" in ROLES[user.role]
    full = clients_at_capacity(session, user, now) if works_queue else set()
    lanes = _select_assigned_or_picked(session, user, client)
    sampled = _select_sampled(session, user, client).where(Review.client_id.not_in(full))
    while True:
        review = session.scalars(lanes).one_or_none()
        if review is None and works_queue:
            review = session.scalars(sampled).one_or_none()
        if review is None or not serve_hand_picked_answer(session, review, now=now):
            return review


def reason_for_nothing(session: Session, actor: Actor, *, client: Client | None, now: datetime) -> str:
    """Return why `claim_next` offers nothing: one of `NOTHING`."""
    user = session.scalars(select(User).where(User.user_id == actor.user_id)).one()
    if "reviews:write" not in ROLES[user.role]:
        return NOTHING[0]
    full = clients_at_capacity(session, user, now)
    waiting = _select_sampled(session, user, client).where(Review.client_id.in_(full))
    if full and session.scalars(waiting).one_or_none():
        return NOTHING[1]
    any_lane = or_(Review.reviewer_id == user.user_id, _open_to(session, user))
    seen = has_seen(user.user_id, Review.interaction_id)
    waiting = _select_offered(user, client, and_(any_lane, seen), unseen_only=False)
    if session.scalars(waiting).one_or_none():
        return NOTHING[2]
    others = and_(Review.reviewer_id.is_(None), in_sample)
    limited = _select_offered(user, client, others)
    return NOTHING[3] if session.scalars(limited).one_or_none() else NOTHING[0]


def _select_assigned_or_picked(session: Session, user: User, client: Client | None) -> Select[Review]:
    assigned = Review.reviewer_id == user.user_id
    lane = assigned
    if "reviews:write" in ROLES[user.role]:
        lane = or_(assigned, and_(Review.targeted, _open_to(session, user)))
    statement = _select_offered(user, client, lane)
    # A check that was given back comes after what was picked by hand, as the sampled ones do.
    checks_last = (Review.quality_check.is_not(None), Review.created_at, Review.review_id)
    return statement.order_by(Review.reviewer_id.is_(None), *checks_last)


def _select_sampled(session: Session, user: User, client: Client | None) -> Select[Review]:
    lane = and_(in_sample, _open_to(session, user))
    return _select_offered(user, client, lane).order_by(rank, Review.review_id)


def _open_to(session: Session, user: User) -> ColumnElement[bool]:
    given_back = Review.given_back_by.contains([str(user.user_id)])
    limits = limits_of(session, user, Review.interaction_id)
    told = Review.quality_check.is_(None) if user.role in QUEUE_MANAGERS else true()
    return and_(Review.reviewer_id.is_(None), not_(given_back), told, true() if limits is None else limits)


def _select_offered(
    user: User, client: Client | None, lane: ColumnElement[bool], *, unseen_only: bool = True
) -> Select[Review]:
    """Return the statement of one queued review of a lane that the caller has not reviewed yet."""
    # An offset has them looked up for what comes next in the queue. Joined, PostgreSQL reads all that was
    # ever submitted to offer one.
    reviewed = (
        select(literal(1))
        .select_from(_earlier)
        .where(
            _earlier.interaction_id == Review.interaction_id,
            _earlier.reviewer_id == user.user_id,
            _earlier.state == "submitted",
        )
        .offset(0)
    )
    # The caller's own hand-picked answers serve the sampled review; those to a quality check do not.
    checked = reviewed.where(_earlier.quality_check.is_not(None))
    offered = and_(or_(~Review.targeted, not_(exists(reviewed))), not_(exists(checked)))
    statement = select(Review).where(_queued, lane, offered)
    if unseen_only:
        statement = statement.where(not_(has_seen(user.user_id, Review.interaction_id)))
    if client is not None:
        statement = statement.where(Review.client_id == client.client_id)
    return statement.limit(1).with_for_update(skip_locked=True, of=Review)
