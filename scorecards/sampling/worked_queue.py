"""The worked part of a review queue as a probability sample (pure).

Reviewers get, of everything that waits, the sampled interaction with the smallest rank u/p. An interaction
was therefore worked whatever its rank below tau, the smallest rank that still waits of all that arrived until
the end of its own day, or until it was worked itself; given the ranks of all others, this happens with
probability min(1, p tau). What was worked out of turn (with a rank of tau or more) counts when its turn has
come.

For one batch this is exact. In the first days of a backlog tau is a little large, because what was worked of
later days might have taken their place; the totals of single days are then up to a tenth too low, all in the
same proportion, and means move by less than 0.1 points in a simulation whose level falls by 8
(docs/explanation/sampling-and-estimates.md).

E. Ohlsson (1998), "Sequential Poisson sampling", Journal of Official Statistics 14(2); N. Duffield, C. Lund &
M. Thorup (2007), "Priority sampling for estimation of arbitrary subset sums", Journal of the ACM 54(6).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

MIN_ANSWERED = 5
"""With fewer answers at one sampling rate, the share of answers is that of all rates together."""


@dataclass(frozen=True, slots=True)
class WorkedQueue:
    """How far a queue is worked off.

    Attributes
    ----------
    moments : tuple of datetime
        When something arrived that waits with a smaller rank than all before it, in order; aware.
    thresholds : tuple of float
        tau from each of these moments on, falling; before the first of them it is 1.
    reached : datetime or None
        What arrived later has not had its turn, and is in no estimate yet. None when nothing waits, so that
        everything has had it.
    """

    moments: tuple[datetime, ...] = ()
    thresholds: tuple[float, ...] = ()
    reached: datetime | None = None

    def threshold(self, until: datetime) -> float:
        """Return tau, in (0, 1], of what arrived until then."""
        place = bisect_right(self.moments, until)
        return self.thresholds[place - 1] if place else 1.0

    def probability(
        self, draw: float, p: float, arrived: datetime, worked: datetime | None = None
    ) -> float | None:
        """Return min(1, p tau), the probability of having been worked in turn; None if out of turn.

        `worked` is when it was answered or skipped; None while it is in somebody's hands.
        """
        threshold = self.threshold(rivals_until(arrived, worked))
        return min(1.0, p * threshold) if draw / p < threshold else None


def rivals_until(arrived: datetime, worked: datetime | None) -> datetime:
    """Return until when others arrived that an interaction had to come before.

    The end of the day, in UTC, on which it arrived, or when it was worked on that day.

    Examples
    --------
    >>> nine, ten = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 2, 10, tzinfo=UTC)
    >>> rivals_until(nine, ten).hour, rivals_until(nine, ten + timedelta(days=3)).hour
    (10, 23)
    """
    day = arrived.astimezone(UTC).date()
    end = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
    return end if worked is None else min(end, max(arrived, worked))


def worked_queue(
    waiting: Iterable[tuple[datetime, float]], worked: Iterable[tuple[datetime, datetime | None, float]]
) -> WorkedQueue:
    """Return how far a queue is worked off.

    Parameters
    ----------
    waiting
        When each unit that waits arrived in the queue, and its rank u/p. Those with a smaller rank than all
        before them are enough.
    worked
        Of each unit that was worked: when it arrived, when it was worked, and its rank. Those that arrived
        before anything waits may be left out, and so may those after the first in turn, if the ones with the
        latest `rivals_until` come first.

    Notes
    -----
    `reached` is the latest `rivals_until` of what was worked in turn. What arrived later had a chance too,
    but nothing stands for it: an estimate that counted it would describe what came before.

    Examples
    --------
    Something of Monday waits at 0.5: on Tuesday 0.3 was worked in turn, 0.6 would have been out of turn.

    >>> monday, tuesday, wednesday = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (2, 3, 4))
    >>> done = tuesday + timedelta(hours=1)
    >>> queue = worked_queue(
    ...     [(monday, 0.5), (wednesday, 0.1)], [(monday, done, 0.2), (tuesday, done, 0.3)]
    ... )
    >>> [queue.threshold(moment) for moment in (monday - timedelta(days=1), monday, tuesday, wednesday)]
    [1.0, 0.5, 0.5, 0.1]
    >>> queue.probability(0.03, 0.1, tuesday, done), queue.probability(0.06, 0.1, tuesday, done)
    (0.05, None)
    >>> queue.reached == done
    True
    """
    moments: list[datetime] = []
    thresholds: list[float] = []
    for arrived, rank in sorted(waiting):
        if rank < (thresholds[-1] if thresholds else 1.0):
            moments.append(arrived)
            thresholds.append(rank)
    if not moments:
        return WorkedQueue()
    queue = WorkedQueue(tuple(moments), tuple(thresholds))
    horizons = ((rivals_until(arrived, done), rank) for arrived, done, rank in worked)
    in_turn = (horizon for horizon, rank in horizons if rank < queue.threshold(horizon))
    before = moments[0] - timedelta(microseconds=1)
    return WorkedQueue(queue.moments, queue.thresholds, max(before, max(in_turn, default=before)))


def response_shares(answered: Counter[float], passed_over: Counter[float]) -> dict[float, float]:
    """Return which share of the units that had their turn was answered, by sampling rate.

    Parameters
    ----------
    answered, passed_over
        Number of units in turn by sampling rate, answered and not.

    Returns
    -------
    dict
        In (0, 1]; empty when all were answered. The probability of an answered unit is multiplied by it:
        units that were passed over are non-response, weighted within classes of one rate (Sarndal, Swensson &
        Wretman 1992, section 15.6), which is exact where units of one rate are passed over at random.

    Examples
    --------
    >>> response_shares(Counter({0.1: 8, 1.0: 1}), Counter({0.1: 2, 1.0: 2}))
    {0.1: 0.8, 1.0: 0.6923076923076923}
    """
    if not passed_over or not answered:
        return {}
    overall = answered.total() / (answered.total() + passed_over.total())
    return {
        rate: answered[rate] / (answered[rate] + passed_over[rate])
        if answered[rate] >= MIN_ANSWERED
        else overall
        for rate in sorted({*answered, *passed_over})
    }
