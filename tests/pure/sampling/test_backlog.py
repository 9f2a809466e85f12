"""A queue that is never worked off: how much its early days weigh, and what that does to a mean.

Whoever works one of today's reviews might have worked an older one that still waits. The threshold of the
older days does not know that, and is a little too high.
"""

import heapq
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scorecards.sampling.worked_queue import worked_queue
from tests.sizes import short_and_whole

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DAYS, ARRIVALS, RATE, REVIEWS = 10, 40, 0.275, 3
FALL = 8
"""Of eleven drawn a day three are reviewed, between nine and four; the level falls by 8 points half-way."""


def month(chance):
    """Return the summed weights and the number of interactions in N, by day of arrival."""
    hours = np.sort(chance.uniform(8, 16, (DAYS, ARRIVALS)))
    arrived = [MONDAY + timedelta(days=day, hours=hour) for day in range(DAYS) for hour in hours[day]]
    ranks = chance.uniform(size=DAYS * ARRIVALS) / RATE
    waiting, done, place = [], {}, 0
    moments = [
        MONDAY + timedelta(days=day, hours=9 + 7 * (number + 1) / REVIEWS)
        for day in range(DAYS)
        for number in range(REVIEWS)
    ]
    for moment in [*moments, MONDAY + timedelta(days=DAYS)]:
        while place < len(arrived) and arrived[place] <= moment:
            if ranks[place] < 1:
                heapq.heappush(waiting, (ranks[place], place))
            place += 1
        if waiting and moment in moments:
            rank, worked = heapq.heappop(waiting)
            done[worked] = (moment, rank)
    queue = worked_queue(
        [(arrived[each], rank) for rank, each in waiting],
        [(arrived[each], moment, rank) for each, (moment, rank) in done.items()],
    )
    weights = np.zeros(DAYS)
    for each, (moment, rank) in done.items():
        weights[each // ARRIVALS] += 1 / (
            queue.probability(rank * RATE, RATE, arrived[each], moment) or np.inf
        )
    covered = np.array([queue.reached is None or moment <= queue.reached for moment in arrived])
    return weights, covered.reshape(DAYS, ARRIVALS).sum(axis=1)


@pytest.mark.parametrize("repeats", short_and_whole(400, 4000))
def test_early_days_of_a_backlog_weigh_a_little_too_little(repeats, capsys):
    months = [month(np.random.default_rng(seed)) for seed in range(repeats)]
    weights, covered = (np.array(each, dtype=float) for each in zip(*months, strict=True))
    level = np.where(np.arange(DAYS) < DAYS // 2, 0, -FALL)
    bias = (weights @ level) / weights.sum(axis=1) - (covered @ level) / covered.sum(axis=1)
    by_day = weights.sum(axis=0) / covered.sum(axis=0)
    with capsys.disabled():
        print(
            f"\ntotal {weights.sum() / covered.sum():.3f}, by day {by_day.round(2)}, mean {bias.mean():+.2f}"
        )
    assert 0.93 < weights.sum() / covered.sum() < 0.98
    assert by_day.min() > 0.8
    assert abs(bias.mean()) < 0.3 < bias.std()
