"""Quotas: how many interactions of a group are drawn at least and at most (pure).

A group is what one agent handled in one week, or all interactions of a client in one period. Its interactions
are ranked by u/rate, of the draw number and the rate by the policy; the quota is a threshold on that rank,
and the probability becomes min(1, rate * threshold). The threshold of a unit is the k-th smallest rank of the
*others* of its group, so that it does not depend on the unit's own number (rank conditioning): this is what
keeps weights of 1/p unbiased, and what makes probabilities final however late a fact or an interaction comes.

N. Duffield, C. Lund & M. Thorup (2007), "Priority sampling for estimation of arbitrary subset sums", Journal
of the ACM 54(6); E. Ohlsson (1998), "Sequential Poisson sampling", Journal of Official Statistics 14.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

PERIODS = ("day", "week", "month")
MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """A period of days, both included, and the agent whose it is; '' for all interactions of a client."""

    agent: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class AgentWeek:
    """How many of each agent's interactions in an ISO week are drawn; no maximum is None."""

    at_least: int = 0
    at_most: int | None = None

    def window(self, agent: str, day: date) -> Window | None:
        """Return the window of an interaction; None where the agent is unknown."""
        return Window(agent, *_bounds("week", day)) if agent else None

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The fewest and the most that are drawn."""
        return self.at_least, self.at_most


@dataclass(frozen=True, slots=True)
class FixedSize:
    """How many of a client's interactions in a day, an ISO week or a month are drawn."""

    size: int
    per: str = "week"

    def window(self, agent: str, day: date) -> Window | None:  # noqa: ARG002 - the same for every quota
        """Return the window of an interaction."""
        return Window("", *_bounds(self.per, day))

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The fewest and the most that are drawn."""
        return self.size, self.size


Quota = AgentWeek | FixedSize


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The thresholds of one group: of the units drawn by it, and of all others.

    Those drawn have the (k+1)-th smallest rank of the group, all others, late ones included, the k-th: either
    way the k-th smallest of the *other* units.
    """

    drawn: float = 1.0
    others: float = 1.0

    def of(self, rank: float) -> float:
        """Return the threshold of a unit of the group with this rank."""
        return self.drawn if rank < self.drawn else self.others


def _bounds(period: str, day: date) -> tuple[date, date]:
    if period == "day":
        return day, day
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def thresholds(
    ranks: Iterable[float], at_least: int, at_most: int | None, *, highest: float = math.inf
) -> Thresholds:
    """Return the thresholds of a group.

    Parameters
    ----------
    ranks
        u/rate of every unit of the group; without a minimum those below 1 are enough.
    at_least, at_most
        How many are drawn; at_most None for no maximum.
    highest
        A threshold that draws everything: used where there are no more units than the minimum.

    Returns
    -------
    Thresholds
        Units whose rank is below their threshold are drawn: as many as have ranks below 1, but not fewer than
        at_least and not more than at_most.

    Notes
    -----
    With r_k the k-th smallest rank of the other units, the threshold of a unit is
    min(max(1, r_at_least), r_at_most).

    Examples
    --------
    >>> thresholds([0.1, 0.4, 0.8, 2.0], 0, 2)
    Thresholds(drawn=0.8, others=0.4)
    >>> thresholds([0.1, 1.5, 2.0], 2, None)
    Thresholds(drawn=2.0, others=1.5)
    >>> thresholds([0.1, 0.4, 2.0], 1, 5)
    Thresholds(drawn=1.0, others=1.0)
    """
    ranked = sorted(ranks)

    def smallest(k: int | None) -> float:
        if k == 0:
            return 0.0
        return ranked[k - 1] if k is not None and k <= len(ranked) else highest

    upper = (math.inf, math.inf) if at_most is None else (smallest(at_most + 1), smallest(at_most))
    return Thresholds(
        min(max(1.0, smallest(at_least + 1) if at_least else 0.0), upper[0]),
        min(max(1.0, smallest(at_least)), upper[1]),
    )


def everything(base_rate: float) -> float:
    """Return a finite threshold at which every rate from this base rate up becomes a probability of 1."""
    return 2 / base_rate


def effective_probability(rate: float, threshold: float) -> float:
    """Return the inclusion probability after quotas.

    >>> effective_probability(0.1, 0.5), effective_probability(0.1, 20.0)
    (0.05, 1.0)
    """
    return min(1.0, rate * threshold)
