"""How far the review queues of clients are worked off, from the states of their sampled reviews.

A sampled review waits while it is queued for anybody. One that was skipped, is claimed, is assigned to one
person, was given back by one, or may be reviewed by nobody (`unassignable.py`) is passed over: it holds
nobody else up, and counts as not answered until it is.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from qm.reviews.models import Review
from scorecards.sampling.worked_queue import WorkedQueue, rivals_until, worked_queue

rank = Review.draw / Review.inclusion_probability
"""The order of sampled reviews in the queue, smallest first."""
in_sample: ColumnElement[bool] = and_(~Review.targeted, Review.draw < Review.inclusion_probability)
"""The condition that a review is drawn: a quota may have pushed it out after it was."""
_nobody = Review.given_back_by == []
waits: ColumnElement[bool] = and_(
    Review.state == "queued", Review.reviewer_id.is_(None), _nobody, Review.nobody.is_(None)
)
"""The condition that a review waits for anybody."""
passed_over: ColumnElement[bool] = or_(
    Review.state.in_(("skipped", "claimed")), and_(Review.state == "queued", ~waits)
)
"""The condition that a review was passed over, or is in somebody's hands."""


_PAGE = 200
DRAW_COLUMNS = (
    *(Review.client_id, Review.arrived_at, Review.finished_at),
    *(Review.draw, Review.inclusion_probability),
)
"""What tells whether a sampled review counts, and with which probability: see `counted`."""


def sampled_probabilities(session: Session, rows: Sequence[Any]) -> list[float | None]:
    """Return the probability of each row with `DRAW_COLUMNS`; None if hand-picked, or not reached in turn."""
    queues = load_worked_queues(session, {row.client_id for row in rows})
    return [None if row.draw is None else counted_probability(queues[row.client_id], row) for row in rows]


def counted(session: Session, rows: Sequence[Any]) -> list[tuple[Any, float]]:
    """Return the rows, with `DRAW_COLUMNS`, that were reviewed in turn, each with its probability."""
    found = zip(rows, sampled_probabilities(session, rows), strict=True)
    return [(row, probability) for row, probability in found if probability is not None]


def counted_probability(queue: WorkedQueue, row: Any) -> float | None:
    """Return the probability that a drawn review has been reached in turn; None if it has not."""
    return queue.probability(row.draw, row.inclusion_probability, row.arrived_at, row.finished_at)


def arrival_day(arrived_at: datetime) -> date:
    """Return the day of arrival of a review in the queue."""
    return arrived_at.astimezone(UTC).date()


def load_worked_queue(session: Session, client_id: uuid.UUID) -> WorkedQueue:
    """Return how far the queue of one client is worked off."""
    return load_worked_queues(session, [client_id])[client_id]


def load_worked_queues(
    session: Session, client_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, WorkedQueue]:
    """Return how far the queue of each client is worked off."""
    waiting = _smallest_ranks(session, client_ids)
    queues = {}
    for client_id in client_ids:
        found = waiting.get(client_id, [])
        queues[client_id] = worked_queue(found, _worked(session, client_id, found) if found else ())
    return queues


def _smallest_ranks(
    session: Session, client_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[datetime, float]]]:
    """Return, by client, what waits with a smaller rank than all that waits since before it."""
    before = func.min(rank).over(
        partition_by=Review.client_id, order_by=(Review.arrived_at, Review.review_id), rows=(None, -1)
    )
    ranked = (
        select(Review.client_id, Review.arrived_at, rank.label("rank"), before.label("before"))
        .where(Review.client_id.in_(client_ids), in_sample, waits)
        .subquery()
    )
    columns = (ranked.c.client_id, ranked.c.arrived_at, ranked.c.rank)
    smaller = or_(ranked.c.before.is_(None), ranked.c.rank < ranked.c.before)
    found: dict[uuid.UUID, list[tuple[datetime, float]]] = {}
    for client_id, arrived, smallest in session.execute(select(*columns).where(smaller)):
        found.setdefault(client_id, []).append((arrived, smallest))
    return found


def _worked(
    session: Session, client_id: uuid.UUID, waiting: Sequence[tuple[datetime, float]]
) -> Iterator[tuple[datetime, datetime | None, float]]:
    """Yield what was worked since the first that waits arrived, up to the first in turn."""
    queue = worked_queue(waiting, ())
    midnight = func.timezone("UTC", func.date_trunc("day", func.timezone("UTC", Review.arrived_at)))
    until = func.least(
        midnight + literal_column("interval '1 day'"), func.greatest(Review.arrived_at, Review.finished_at)
    )
    statement = (
        select(Review.arrived_at, Review.finished_at, rank)
        .where(
            Review.client_id == client_id,
            in_sample,
            Review.state == "submitted",
            Review.arrived_at >= min(arrived for arrived, _ in waiting),
        )
        .order_by(until.desc(), Review.review_id)
    )
    for number in count():
        page: Any = session.execute(statement.limit(_PAGE).offset(number * _PAGE)).all()
        for arrived, finished, smallest in page:
            yield arrived, finished, smallest
            if smallest < queue.threshold(rivals_until(arrived, finished)):
                return
        if len(page) < _PAGE:
            return
