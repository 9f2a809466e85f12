"""Badges: what somebody has earned, from plain values (pure).

A badge says of one person what they did well, to that person alone. It is earned where the limit of an
interval passes a threshold, so that luck earns none. There are no points and no places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scorecards.statistics.confidence_intervals import Interval, t_quantile

KINDS = (
    "working_weeks",
    "golden_agreement",
    "golden_improvement",
    "calibration_accuracy",
    "kudos",
    "coached_questions",
)
STREAK_WEEKS = (4, 12, 26, 52)
AGREEMENT_PERCENT = (70, 80, 90)
ACCURACY_POINTS = (15, 10, 5)
COUNTS = (1, 5, 20)
"""Kudos, or coached questions that moved."""
MAX_WEEKS_OFF = 2
"""So many weeks in a row without a review are a holiday, and end no streak."""
MIN_ITEMS = 5


@dataclass(frozen=True, slots=True)
class Badge:
    """What was earned: its kind, the threshold that was passed, and the figure that passed it."""

    kind: str
    level: float
    figure: float


@dataclass(frozen=True, slots=True)
class Streak:
    """Weeks with reviews, one after another: the present ones, and the most ever."""

    current: int
    longest: int


def working_weeks(days: Iterable[date], today: date) -> Streak:
    """
    Return how many weeks in a row somebody reviewed in; a holiday ends no streak, and counts as no week.

    Examples
    --------
    >>> monday = date(2026, 11, 2)
    >>> weeks = [monday + timedelta(weeks=number) for number in (0, 1, 2, 5)]
    >>> working_weeks(weeks, date(2026, 12, 10)), working_weeks(weeks, date(2027, 1, 20))
    (Streak(current=4, longest=4), Streak(current=0, longest=4))
    >>> working_weeks([], monday)
    Streak(current=0, longest=0)
    """
    weeks = sorted({_monday(day) for day in days if day <= today})
    run = longest = 0
    before: date | None = None
    for week in weeks:
        run = run + 1 if before is not None and _weeks_off(before, week) <= MAX_WEEKS_OFF else 1
        longest, before = max(longest, run), week
    if before is None or _weeks_off(before, _monday(today)) > MAX_WEEKS_OFF:
        run = 0
    return Streak(run, longest)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks_off(before: date, after: date) -> int:
    return max(0, (after - before).days // 7 - 1)


def streak_badge(streak: Streak) -> Badge | None:
    """Return the badge of a streak, by its longest run: what was earned stays.

    Examples
    --------
    >>> streak_badge(Streak(0, 13)), streak_badge(Streak(3, 3))
    (Badge(kind='working_weeks', level=12, figure=13), None)
    """
    return _passed("working_weeks", STREAK_WEEKS, streak.longest, streak.longest)


def agreement_badge(percent: Interval) -> Badge | None:
    """Return the badge of agreement with known answers, where its lower limit passes a threshold.

    Examples
    --------
    >>> agreement_badge(Interval(92.0, 84.0, 97.0)), agreement_badge(Interval(92.0, 60.0, 99.0))
    (Badge(kind='golden_agreement', level=80, figure=92.0), None)
    """
    return _passed("golden_agreement", AGREEMENT_PERCENT, percent.low, percent.estimate)


def improvement_badge(before: Sequence[float], after: Sequence[float]) -> Badge | None:
    """
    Return the badge of agreement that rose by more than chance; both in percent, by conversation.

    Examples
    --------
    >>> improvement_badge([60, 70, 65, 55, 70], [90, 95, 85, 90, 100])
    Badge(kind='golden_improvement', level=0, figure=28.0)
    >>> improvement_badge([60, 90, 65, 55, 70], [80, 60, 85, 70, 70]) is None
    True
    """
    if len(before) < MIN_ITEMS or len(after) < MIN_ITEMS:
        return None
    first, second = np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)
    gain = float(second.mean() - first.mean())
    spread = float(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
    low = gain - t_quantile(min(len(first), len(second)) - 1) * spread**0.5
    return Badge("golden_improvement", 0, round(gain, 1)) if low > 0 else None


def accuracy_badge(deviations: Sequence[float]) -> Badge | None:
    """
    Return the badge of closeness to the reference in calibration, from deviations in points of 100.

    Examples
    --------
    >>> accuracy_badge([3, -2, 4, -5, 1, 2])
    Badge(kind='calibration_accuracy', level=5, figure=2.8)
    >>> accuracy_badge([3, -2, 40, -35, 1, 2]) is None, accuracy_badge([0, 0, 0]) is None
    (True, True)
    """
    if len(deviations) < MIN_ITEMS:
        return None
    sizes = np.abs(np.array(deviations, dtype=np.float64))
    mean = float(sizes.mean())
    high = mean + t_quantile(len(sizes) - 1) * float(sizes.std(ddof=1)) / len(sizes) ** 0.5
    passed = [level for level in ACCURACY_POINTS if high <= level]
    return Badge("calibration_accuracy", passed[-1], round(mean, 1)) if passed else None


def count_badge(kind: str, count: int) -> Badge | None:
    """Return the badge of so many kudos, or of so many coached questions that moved.

    Examples
    --------
    >>> count_badge("kudos", 7), count_badge("kudos", 0)
    (Badge(kind='kudos', level=5, figure=7), None)
    """
    return _passed(kind, COUNTS, count, count)


def _passed(kind: str, levels: Sequence[float], reached: float | None, figure: float | None) -> Badge | None:
    passed = [level for level in levels if reached is not None and reached >= level]
    return Badge(kind, passed[-1], figure or 0.0) if passed else None
