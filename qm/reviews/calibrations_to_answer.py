"""What people still have to answer in calibration sessions, and what they answer in covert ones.

The tables are named by hand: the room of calibration is built on this one.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, any_, column, exists, func, literal, or_, select, table, true, union
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from qm.interactions.models import WHOLE, Interaction
from qm.reviews.models import Review
from qm.reviews.reviewed_words import words
from scorecards.scoring.scoring import FormScore

_sessions = table("calibrations", column("calibration_id"), column("closed_at"), column("deadline"))
_items = table("calibration_items", column("calibration_id"), column("interaction_id"), column("words"))
_participants = table(
    "calibration_participants", column("calibration_id"), column("user_id"), column("results_seen_at")
)
_seen = _participants.alias("seen")
_answers = table(
    "calibration_answers",
    *(column(name) for name in ("tenant_id", "client_id", "calibration_id", "interaction_id", "user_id")),
    *(column(name, JSONB) for name in ("answers", "scores")),
    column("blind"),
    column("answered_at"),
)
# Made once: an alias costs a millisecond for each that is made.
_part, _whole = aliased(Interaction, name="asked_part"), aliased(Interaction, name="asked_whole")
# With an offset it is looked up for each part. Joined, PostgreSQL compares all interactions with each other
# to find none, as long as the tables are not analysed.
_whole_of_part = (
    select(_whole.interaction_id)
    .where(
        _whole.tenant_id == _part.tenant_id,
        _whole.client_id == _part.client_id,
        _whole.external_id == _part.external_id,
        _whole.part_agent == WHOLE,
    )
    .correlate(_part)
    .offset(0)
    .lateral("whole_of_part")
)


def scores_of(result: FormScore) -> dict[str, float | None]:
    """Return what a session keeps of a score: the total, empathy, and its pillars."""
    return {"score": result.total, "empathy": result.empathy, **result.pillars}


def store_covert_answers(
    session: Session,
    review: Review,
    answers: Sequence[Mapping[str, Any]],
    scores: Mapping[str, float | None],
    now: datetime,
) -> None:
    """Store what was answered to a review that belongs to a covert session.

    Whoever may submit it has seen no evaluation of the interaction.
    """
    owner = ("tenant_id", "client_id", "calibration_id", "interaction_id")
    row = {name: getattr(review, name) for name in owner} | {"user_id": review.reviewer_id}
    row |= {"answers": list(answers), "scores": dict(scores), "blind": True, "answered_at": now}
    session.execute(_answers.insert().values(row))


def select_unanswered(user_id: uuid.UUID, calibration_id: Any) -> Select[Any]:
    """Return the statement of what a participant still has to answer of a session.

    What was erased is gone, and what has other words than at the beginning is asked no more. Nothing is asked
    of those who have been shown the results.
    """
    answered = exists(
        select(literal(1))
        .select_from(_answers)
        .where(
            _answers.c.calibration_id == _items.c.calibration_id,
            _answers.c.interaction_id == _items.c.interaction_id,
            _answers.c.user_id == user_id,
        )
        .correlate(_items)
    )
    has_seen_results = exists(
        select(literal(1))
        .select_from(_seen)
        .where(
            _seen.c.calibration_id == _items.c.calibration_id,
            _seen.c.user_id == user_id,
            _seen.c.results_seen_at.is_not(None),
        )
        .correlate(_items)
    )
    return (
        select(_items.c.interaction_id)
        .join(Interaction, Interaction.interaction_id == _items.c.interaction_id)
        .where(
            _items.c.calibration_id == calibration_id, _items.c.words == words, ~answered, ~has_seen_results
        )
    )


@lru_cache(maxsize=1024)
def select_blind_to(user_id: uuid.UUID) -> Select[Any]:
    """Return the statement of the interactions of sessions in which somebody still has to answer any.

    Where a part of an interaction is in such a session, so is the whole.
    """
    unanswered = select_unanswered(user_id, _sessions.c.calibration_id).correlate(_sessions)
    # Arrays and an offset have the sessions looked for first: there are few, mostly none. Joined, PostgreSQL
    # reads the words of all interactions to find none, as long as the tables are not analysed.
    running = (
        select(_sessions.c.calibration_id)
        .join(_participants, _participants.c.calibration_id == _sessions.c.calibration_id)
        .where(
            _participants.c.user_id == user_id,
            _sessions.c.closed_at.is_(None),
            or_(_sessions.c.deadline.is_(None), _sessions.c.deadline > func.now()),
            exists(unanswered.offset(0)),
        )
    )
    asked = select(_items.c.interaction_id).where(
        _items.c.calibration_id == any_(func.array(running.scalar_subquery()))
    )
    wholes = (
        select(_whole_of_part.c.interaction_id)
        .select_from(_part)
        .join(_whole_of_part, true())
        .where(_part.part_agent != WHOLE, _part.interaction_id == any_(func.array(asked.scalar_subquery())))
    )
    return select(union(asked, wholes).subquery("blind_to").c.interaction_id)
