"""Quality checks: golden items and second looks, offered in place of a drawn review.

The order of the queue stays what estimates rest on: a check is made for the moment, beside the drawn review
whose turn it is. That one is neither claimed nor passed over, and is taken by whoever asks next. So a check
changes no rank and no probability; it has neither itself, and its answers are no evaluation.

To whoever answers it a check is a drawn review: it has the reasons, the age and the due date of one, counts
towards their week, may be given back or skipped, and while it is held the review behind it is in no count of
theirs. What waits for anybody is a number to reviewers and no list: in one, what they are given was missing.
Only people who manage the queue are told; they are offered none.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, literal, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from qm.interactions.models import Interaction
from qm.reviews.due_dates import due_at, due_days
from qm.reviews.eligibility import limits_of
from qm.reviews.models import Evaluation, Review
from qm.reviews.permissions import QUEUE_MANAGERS
from qm.reviews.quality_check_models import GoldenItem, QualityCheck
from qm.reviews.readings import has_seen
from qm.reviews.reviewed_words import words
from qm.reviews.worked_queues import in_sample
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS
from tenants.credentials import Actor
from tenants.models import Client, User

BASE_RATE = "base_rate"
RE_REVIEWED_FOR = timedelta(days=28)
"""Reviews that are older are not looked at again."""
_check, _held = aliased(QualityCheck, name="check"), aliased(Review, name="held")
_other, _first = aliased(Review, name="other"), aliased(Review, name="first")


def hides_check(actor: Actor, review: Review) -> bool:
    """Whether a review has to look like a drawn one to this caller."""
    return review.quality_check is not None and actor.role is not None and actor.role not in QUEUE_MANAGERS


def behind_own_check(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a review waits behind a check that the caller holds, or has given back."""
    given_back = and_(_held.state == "queued", _held.given_back_by.contains([str(actor.user_id)]))
    held = and_(_held.state == "claimed", _held.reviewer_id == actor.user_id)
    behind = (
        select(_check.before_id)
        .join(_held, and_(_held.tenant_id == _check.tenant_id, _held.review_id == _check.review_id))
        .where(_check.offered_to == actor.user_id, or_(held, given_back))
    )
    return Review.review_id.in_(behind)


def check_in_place_of(session: Session, user: User, review: Review, now: datetime) -> Review | None:
    """Return a check that this person is to claim before a drawn review, or None where none is due.

    Whether one is due follows from the draw of the review, which is random and nobody's to see, and from the
    person: so it is the same whenever they ask, and there is one at most for each.
    """
    if review.targeted or user.role in QUEUE_MANAGERS:
        return None
    settings: Mapping[str, Any] = {**DEFAULT_SETTINGS, **_settings(session, review.client_id)}
    golden, again = settings["golden_rate"], settings["re_review_rate"]
    number = check_number(review, user)
    if number >= golden + again or _was_offered(session, user, review):
        return None
    wanted = _golden_item(session, user, review) if number < golden else _reviewed(session, user, review, now)
    return None if wanted is None else _make(session, user, review, wanted, now)


def _settings(session: Session, client_id: uuid.UUID) -> Mapping[str, Any]:
    return session.scalar(select(Client.settings).where(Client.client_id == client_id)) or {}


def check_number(review: Review, user: User) -> float:
    """Return a number in [0, 1) that is even and independent over reviews and people."""
    digest = hmac.digest(float(review.draw or 0.0).hex().encode(), user.user_id.bytes, hashlib.sha256)
    return int.from_bytes(digest[:7], "big") / 2**56


def _was_offered(session: Session, user: User, review: Review) -> bool:
    offered = select(QualityCheck.review_id).where(
        QualityCheck.offered_to == user.user_id, QualityCheck.before_id == review.review_id
    )
    return session.scalars(offered.limit(1)).one_or_none() is not None


def _golden_item(session: Session, user: User, review: Review) -> Any:
    """Return a golden item that is new to a person, as the drawn review has it: the same whenever asked."""
    wanted: Any = (
        select(
            Interaction.interaction_id,
            Interaction.started_at,
            Interaction.received_at,
            GoldenItem.golden_item_id,
            GoldenItem.evaluation_id,
            GoldenItem.words,
        )
        .join(
            GoldenItem,
            and_(
                GoldenItem.tenant_id == Interaction.tenant_id,
                GoldenItem.interaction_id == Interaction.interaction_id,
            ),
        )
        .where(
            GoldenItem.client_id == review.client_id,
            GoldenItem.retired_at.is_(None),
            GoldenItem.words == words,
            *_new_to(session, user, review),
        )
        .order_by(_order(review))
    )
    return session.execute(_one_unlocked(wanted)).first()


def _reviewed(session: Session, user: User, review: Review, now: datetime) -> Any:
    """Return a drawn review of somebody else's from the last weeks that nobody has looked at again."""
    again = exists(
        select(literal(1))
        .select_from(QualityCheck)
        .where(
            QualityCheck.interaction_id == _first.interaction_id,
            QualityCheck.evaluation_id == _first.evaluation_id,
            QualityCheck.kind == "re_review",
        )
    )
    wanted: Any = (
        select(
            Interaction.interaction_id,
            Interaction.started_at,
            Interaction.received_at,
            literal(None).label("golden_item_id"),
            _first.evaluation_id,
            _first.words,
        )
        .join(
            _first,
            and_(
                _first.tenant_id == Interaction.tenant_id, _first.interaction_id == Interaction.interaction_id
            ),
        )
        .join(
            Evaluation,
            and_(
                Evaluation.tenant_id == _first.tenant_id,
                Evaluation.interaction_id == _first.interaction_id,
                Evaluation.evaluation_id == _first.evaluation_id,
                Evaluation.superseded_at.is_(None),
            ),
        )
        .where(
            _first.client_id == review.client_id,
            _first.state == "submitted",
            ~_first.targeted,
            ~_first.hand_picked_answer,
            ~_first.reopened,
            _first.finished_at > now - RE_REVIEWED_FOR,
            _first.words == words,
            not_(again),
            *_new_to(session, user, review),
        )
        .order_by(_order(review))
    )
    return session.execute(_one_unlocked(wanted)).first()


def _order(review: Review) -> ColumnElement[str]:
    """Return an order of interactions that is random, and the same whenever this review is asked for."""
    return func.md5(cast(Interaction.interaction_id, Text) + float(review.draw or 0.0).hex())


def _one_unlocked(wanted: Select[Any]) -> Select[Any]:
    """Lock one interaction as a new review does, and wait for none: an erasure may wait for this queue."""
    return wanted.limit(1).with_for_update(key_share=True, skip_locked=True, of=Interaction)


def _new_to(session: Session, user: User, review: Review) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that a person may be given an interaction, and has neither judged nor seen it."""
    limits = limits_of(session, user, Interaction.interaction_id)
    had = exists(
        select(literal(1))
        .select_from(_other)
        .where(
            _other.interaction_id == Interaction.interaction_id,
            _other.reviewer_id == user.user_id,
            _other.state.in_(("queued", "claimed", "submitted", "skipped", "outdated")),
        )
    )
    offered = exists(
        select(literal(1))
        .select_from(_check)
        .where(_check.interaction_id == Interaction.interaction_id, _check.offered_to == user.user_id)
    )
    return (
        Interaction.interaction_id != review.interaction_id,
        not_(had),
        not_(offered),
        not_(has_seen(user.user_id, Interaction.interaction_id)),
        true() if limits is None else limits,
    )


def _make(session: Session, user: User, review: Review, wanted: Any, now: datetime) -> Review:
    """Make a check that has all that a drawn review shows."""
    kind = "re_review" if wanted.golden_item_id is None else "golden"
    since = max(review.created_at, wanted.received_at)
    made = Review(
        tenant_id=review.tenant_id,
        client_id=review.client_id,
        review_id=_id_of(since),
        interaction_id=wanted.interaction_id,
        state="queued",
        targeted=True,
        quality_check=kind,
        reasons=_reasons(session, wanted.interaction_id),
        started_at=wanted.started_at,
        created_at=since,
        arrived_at=since,
        due_at=due_at(review, due_days(session, [review])),
        given_back_by=[],
        revision=review.revision,
    )
    session.add(made)
    session.flush()
    session.add(
        QualityCheck(
            tenant_id=review.tenant_id,
            client_id=review.client_id,
            review_id=made.review_id,
            interaction_id=wanted.interaction_id,
            kind=kind,
            golden_item_id=wanted.golden_item_id,
            evaluation_id=wanted.evaluation_id,
            offered_to=user.user_id,
            before_id=review.review_id,
            words=wanted.words,
            created_at=now,
        )
    )
    session.flush()
    return made


def _reasons(session: Session, interaction_id: uuid.UUID) -> list[str]:
    """Return why the interaction was drawn, or would have been."""
    drawn = select(Review.reasons).where(Review.interaction_id == interaction_id, in_sample)
    return list(session.scalars(drawn.order_by(Review.created_at).limit(1)).one_or_none() or [BASE_RATE])


def _id_of(moment: datetime) -> uuid.UUID:
    """Return a UUIDv7 of a moment: ids tell when they were made."""
    value = int(moment.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def store_check(
    session: Session,
    review: Review,
    *,
    scorecard_id: uuid.UUID | None,
    answers: Sequence[Mapping[str, Any]],
    score: float | None,
    now: datetime,
) -> Review:
    """Store what was answered to a check, which is no evaluation, and close its review."""
    check = session.scalars(select(QualityCheck).where(QualityCheck.review_id == review.review_id)).one()
    check.user_id, check.scorecard_id = review.reviewer_id, scorecard_id
    check.answers, check.score, check.answered_at = [dict(each) for each in answers], score, now
    review.state, review.finished_at = "submitted", now
    review.draft, review.draft_sentiment = [], []
    review.revision += 1
    session.flush()
    audit.record(
        session,
        "quality_check.answered",
        f"review:{review.review_id}",
        client_id=review.client_id,
        interaction=review.interaction_id,
        kind=check.kind,
    )
    return review
