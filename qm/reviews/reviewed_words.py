"""The words that a review was made of: their digest, and what becomes of reviews when they change."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ScalarSelect, Text, cast, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from tenants.bulk_sql import id_array, insert_rows
from tenants.models import new_id, utc_now

_SPOKEN = """'$[*] ? (@.speaker != "system")"""
_said = func.jsonb_path_query_array(
    Interaction.turns, literal_column(f"{_SPOKEN}.speaker'::jsonpath"), type_=JSONB
).op("||")(
    func.jsonb_path_query_array(Interaction.turns, literal_column(f"{_SPOKEN}.text'::jsonpath"), type_=JSONB)
)
words = func.sha256(func.convert_to(func.regexp_replace(cast(_said, Text), r"\s+", "", "g"), "UTF8"))
"""The digest of who said what in an interaction; times, spaces and turns of the system are no words."""

# What a sampled interaction keeps when it waits again.
_DRAWN = (
    *("tenant_id", "client_id", "interaction_id", "targeted", "reasons", "inclusion_probability", "draw"),
    *("policy_id", "started_at"),
)


def words_of(session: Session, interaction_id: uuid.UUID) -> bytes | None:
    """Return the digest of the words of an interaction."""
    return session.scalar(select(select_words(interaction_id)))


def select_words(interaction_id: uuid.UUID) -> ScalarSelect[bytes]:
    """Return the digest of the words of an interaction as a column."""
    return select(words).where(Interaction.interaction_id == interaction_id).scalar_subquery()


def outdate_reviews(session: Session, interaction_ids: Sequence[uuid.UUID]) -> int:
    """Mark finished reviews of words that have changed as outdated, and queue sampled ones again.

    The interactions are locked. A deleted transcript outdates nothing: the answers stay true of what was
    said.
    """
    found = session.scalars(
        select(Review)
        .join(
            Interaction,
            (Interaction.tenant_id == Review.tenant_id)
            & (Interaction.interaction_id == Review.interaction_id),
        )
        .where(
            Review.interaction_id == id_array(interaction_ids),
            Review.state.in_(("submitted", "skipped")),
            Review.words != words,
            Interaction.turns != [],
        )
        .order_by(Review.review_id)
        .with_for_update(of=Review)
    )
    outdated, now = found.all(), utc_now()
    _outdate(session, outdated, now)
    again = [
        {**{name: getattr(each, name) for name in _DRAWN}, "review_id": new_id(), "state": "queued"}
        | {"draft": [], "revision": 1, "created_at": now, "arrived_at": now}
        for each in outdated
        if not each.targeted and (each.draw or 0.0) < (each.inclusion_probability or 0.0)
    ]
    insert_rows(session, Review, again)
    return len(outdated)


def withdraw_reviews(session: Session, interaction_ids: Sequence[uuid.UUID]) -> int:
    """Withdraw the reviews of interactions that are not judged by themselves any more; return how many.

    Finished ones are outdated, open ones cancelled. The interactions are locked.
    """
    if not interaction_ids:
        return 0
    found = session.scalars(
        select(Review)
        .where(
            Review.interaction_id == id_array(interaction_ids),
            Review.state.in_(("queued", "claimed", "submitted", "skipped")),
        )
        .order_by(Review.review_id)
        .with_for_update(of=Review)
    ).all()
    finished = [each for each in found if each.state in {"submitted", "skipped"}]
    for review in found:
        if review not in finished:
            review.state, review.revision = "cancelled", review.revision + 1
    _outdate(session, finished, utc_now())
    return len(found)


def _outdate(session: Session, reviews: Sequence[Review], now: datetime) -> None:
    for review in reviews:
        review.state, review.revision = "outdated", review.revision + 1
    session.flush()
    session.execute(
        update(Evaluation)
        .where(
            Evaluation.interaction_id == id_array([each.interaction_id for each in reviews]),
            Evaluation.evaluation_id.in_([each.evaluation_id for each in reviews]),
            Evaluation.superseded_at.is_(None),
        )
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )
