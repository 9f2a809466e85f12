"""What quality checks and the record of reviews say of somebody who reviews (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from scorecards.statistics.clustered_share import clustered_share
from scorecards.statistics.confidence_intervals import Interval, t_quantile, wilson

MIN_CHECKS = 3
"""Of fewer checks no share and no difference is said."""
MIN_ANSWERS = 3
"""Of fewer answers to a question nothing is said of it."""
MAX_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class CheckedQuestion:
    """One question of a check that both answered, and whether they answered the same."""

    scorecard: str
    question: str
    text: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A check that somebody took part in: its day, its questions, and their score minus the other one."""

    kind: str
    day: date
    questions: Sequence[CheckedQuestion]
    difference: float | None = None

    @property
    def agreed(self) -> int:
        """How many questions were answered the same."""
        return sum(each.agrees for each in self.questions)


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody did with the reviews they took: counts, and the seconds of work on each submitted."""

    submitted: int = 0
    skipped: int = 0
    given_back: int = 0
    seconds: Sequence[float] = ()


def agreement(checks: Iterable[Check]) -> Interval:
    """
    Return the share of questions that were answered the same, by conversation, with its interval.

    Examples
    --------
    >>> same, other = (CheckedQuestion("care", "hears", "Heard?", agrees) for agrees in (True, False))
    >>> day = date(2026, 11, 2)
    >>> agreement([Check("golden", day, [same] * 4), Check("golden", day, [same, other])])
    Interval(estimate=None, low=None, high=None)
    >>> agreement([Check("golden", day, [same] * 3 + [other])] * 3).estimate
    0.75
    """
    counts = [(each.agreed, len(each.questions)) for each in checks]
    return clustered_share(counts, min_clusters=MIN_CHECKS)


def mean_difference(checks: Iterable[Check]) -> Interval:
    """Return the mean of the differences of scores, in points of 100, with Student's interval.

    Examples
    --------
    >>> checks = [Check("golden", date(2026, 11, 2), [], points) for points in (-6.0, -2.0, -4.0)]
    >>> found = mean_difference(checks)
    >>> round(found.estimate, 1), round(found.low, 1), round(found.high, 1)
    (-4.0, -9.0, 1.0)
    """
    points = np.array([each.difference for each in checks if each.difference is not None])
    if len(points) < MIN_CHECKS:
        return Interval()
    mean = float(points.mean())
    half = t_quantile(len(points) - 1) * float(points.std(ddof=1)) / len(points) ** 0.5
    return Interval(mean, mean - half, mean + half)


def by_month(checks: Iterable[Check]) -> list[tuple[str, list[Check]]]:
    """Return the checks of each month, oldest first."""
    found: dict[str, list[Check]] = defaultdict(list)
    for each in checks:
        found[f"{each.day:%Y-%m}"].append(each)
    return sorted(found.items())


def differing_questions(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Return the questions most often answered otherwise, of those that were answered often enough."""
    counts: dict[tuple[str, str], list[Any]] = {}
    for check in checks:
        for each in check.questions:
            entry = counts.setdefault((each.scorecard, each.question), [each.text, 0, 0])
            entry[1] += 1
            entry[2] += not each.agrees
    rows = [
        {"scorecard": scorecard, "question": question, "text": text, "n": n, "differing": differing}
        for (scorecard, question), (text, n, differing) in counts.items()
        if n >= MIN_ANSWERS and differing
    ]
    rows.sort(key=lambda row: (-row["differing"] / row["n"], row["scorecard"], row["question"]))
    return rows[:MAX_QUESTIONS]


def quartiles(seconds: Sequence[float]) -> Mapping[str, float | None]:
    """
    Return the quartiles of the time of work on a review; nothing of fewer than three.

    Examples
    --------
    >>> quartiles([60.0, 120.0, 300.0])
    {'low': 90.0, 'median': 120.0, 'high': 210.0}
    """
    if len(seconds) < MIN_CHECKS:
        return {"low": None, "median": None, "high": None}
    low, median, high = (float(each) for each in np.percentile(seconds, [25, 50, 75]))
    return {"low": low, "median": median, "high": high}


def reviewer_figures(checks: Sequence[Check], work: Work) -> dict[str, Any]:
    """Return everything that is said of one person."""
    golden = [each for each in checks if each.kind == "golden"]
    again = [each for each in checks if each.kind == "re_review"]
    taken = work.submitted + work.skipped + work.given_back
    return {
        "golden": _measured(golden),
        "re_reviews": _measured(again),
        "months": [
            {
                "month": month,
                "golden": _share(golden_ones := [e for e in each if e.kind == "golden"]),
                "golden_n": len(golden_ones),
                "re_reviews": _share(other_ones := [e for e in each if e.kind != "golden"]),
                "re_reviews_n": len(other_ones),
            }
            for month, each in by_month(checks)
        ],
        "differing": differing_questions(golden),
        "submitted": work.submitted,
        "skipped": work.skipped,
        "given_back": work.given_back,
        "skip_rate": _percent(wilson(work.skipped / taken, taken) if taken else Interval()),
        "replacement_rate": _percent(wilson(work.given_back / taken, taken) if taken else Interval()),
        "active_seconds": {**quartiles(work.seconds), "n": len(work.seconds)},
    }


def _measured(checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "n": len(checks),
        "agreement": _share(checks),
        "difference": _bounds(mean_difference(checks)),
    }


def _share(checks: Sequence[Check]) -> dict[str, float | None]:
    return _percent(agreement(checks))


def _percent(interval: Interval) -> dict[str, float | None]:
    return {name: None if value is None else 100 * value for name, value in _bounds(interval).items()}


def _bounds(interval: Interval) -> dict[str, float | None]:
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}
