"""Whether an interval meets a goal, and how many more reviews it takes to know (pure)."""

import math
from dataclasses import dataclass

from scorecards.statistics.confidence_intervals import Interval

MET, MISSED, OPEN = "met", "missed", "open"
VERDICTS = (MET, MISSED, OPEN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an interval says of a goal.

    Attributes
    ----------
    verdict : {'met', 'missed', 'open'}
        "open": the interval holds the goal, or there is none.
    missing : int or None
        Of an open one, how many more reviews narrow the interval enough, were the estimate to stay; None
        where no number of reviews is known to do.
    """

    verdict: str
    missing: int | None = None


def verdict_on(
    estimate: Interval, goal: float, *, n: int, population: int, lower_is_better: bool = False
) -> Verdict:
    """
    Return whether an estimate meets its goal: only where the whole interval does.

    The width of an interval falls with the square root of the number of reviews, so an estimate at the
    distance d from its goal needs n * (h / d)^2 of them, with h the part of the interval that reaches over
    the goal; never more than there are interactions.

    Parameters
    ----------
    estimate : Interval
        The estimate and its limits, in the unit of the goal.
    goal : float
        At least so much is wanted; at most with `lower_is_better`.
    n : int
        Reviews that the estimate rests on.
    population : int
        Interactions that could be reviewed, >= n.

    Examples
    --------
    >>> verdict_on(Interval(80.0, 76.0, 84.0), 75.0, n=100, population=900)
    Verdict(verdict='met', missing=None)
    >>> verdict_on(Interval(72.0, 66.0, 77.0), 75.0, n=100, population=900)
    Verdict(verdict='open', missing=178)
    >>> verdict_on(Interval(4.0, 2.0, 8.0), 1.5, n=50, population=900, lower_is_better=True)
    Verdict(verdict='missed', missing=None)
    """
    if estimate.estimate is None or estimate.low is None or estimate.high is None:
        return Verdict(OPEN)
    reaches, fails = estimate.low >= goal, estimate.high < goal
    if lower_is_better:
        reaches, fails = estimate.high <= goal, estimate.low > goal
    if reaches or fails:
        return Verdict(MET if reaches else MISSED)
    distance = abs(estimate.estimate - goal)
    over = estimate.estimate - estimate.low if estimate.estimate > goal else estimate.high - estimate.estimate
    return Verdict(OPEN, _missing(distance, over, n, population))


def _missing(distance: float, over: float, n: int, population: int) -> int | None:
    """Return how many reviews more shrink `over` to the distance; all that are left where that is too few."""
    left = population - n
    wanted = n * (over / distance) ** 2 - n if distance else math.inf
    if wanted < left:
        return max(1, math.ceil(wanted - 1e-9))
    return left or None
