"""When customers get in touch: weighted by day of the week, hour of the day and a slow growth."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from infra.demo.companies import WEEKS, Company, busyness

_GROWTH = 0.25
"""By how much the last day is busier than the first."""


def arrival_times(company: Company, *, count: int, rng: Random, end: datetime) -> Sequence[datetime]:
    """Return `count` times (UTC) in the weeks before `end`, in order, by the client's local time.

    The last two hours stay empty, so that every interaction has time to take place.
    """
    hours = WEEKS * 7 * 24
    first = (end - timedelta(hours=hours)).astimezone(UTC)
    weights = []
    for number in range(hours - 2):
        local = (first + timedelta(hours=number)).astimezone(company.zone)
        growth = 1 + _GROWTH * number / hours
        weights.append(busyness(local.weekday(), local.hour) * growth)
    sums = list(accumulate(weights))
    offsets = [
        bisect_left(sums, rng.random() * sums[-1]) * 3600 + int(rng.random() * 3600) for _ in range(count)
    ]
    return [first.replace(microsecond=0) + timedelta(seconds=seconds) for seconds in sorted(offsets)]
