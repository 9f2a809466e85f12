"""How long somebody worked on a review: the time between what they did, without pauses."""

from datetime import datetime, timedelta

from qm.reviews.models import Review

MAX_PAUSE = timedelta(minutes=5)
"""Of a longer time without a saved answer only this much counts: somebody may have gone away."""


def active_between(before: datetime | None, now: datetime) -> float:
    """
    Return the seconds of work between two moments at which something was done.

    Examples
    --------
    >>> from datetime import UTC
    >>> nine = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> active_between(nine, nine + timedelta(seconds=90)), active_between(nine, nine + timedelta(hours=2))
    (90.0, 300.0)
    >>> active_between(None, nine), active_between(nine, nine - timedelta(seconds=1))
    (0.0, 0.0)
    """
    if before is None:
        return 0.0
    return max(0.0, min(now - before, MAX_PAUSE).total_seconds())


def note_activity(review: Review, now: datetime) -> None:
    """Add the time since something was done last to a review; the caller stores it."""
    review.active_seconds = (review.active_seconds or 0.0) + active_between(review.active_at, now)
    review.active_at = now


def forget_activity(review: Review) -> None:
    """Begin from nothing: somebody else will work on it."""
    review.active_seconds, review.active_at = 0.0, None
