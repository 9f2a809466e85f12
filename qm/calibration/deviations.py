"""Deviations from the reference: per rater and question, severity over all, and side against side (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qm.calibration.board import MACHINE, Board, QuestionRatings, Rater
from scorecards.statistics.confidence_intervals import Interval, t_quantile
from scorecards.statistics.severity import MIN_UNITS, severities

LEANINGS = ("severe", "lenient", "none", "unknown")


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far a rater is from the reference on one question, in points of 100, over `n` items."""

    mean: float | None
    n: int


def deviation(board: Board, ratings: QuestionRatings, rater: Rater) -> Deviation:
    """Return a rater's mean points above (+) or below (-) the reference on one question."""
    differences = [
        points - reference
        for item in ratings.items
        if (points := ratings.points(item, rater.number)) is not None
        and (reference := _reference(board, ratings, item)) is not None
    ]
    return Deviation(float(np.mean(differences)) if differences else None, len(differences))


def _reference(board: Board, ratings: QuestionRatings, item: int) -> float | None:
    """Return the reference's points: the expert's, or the mean of all people where two or more gave any."""
    if board.reference == "none":
        return None
    if board.experts:
        return ratings.points(item, board.experts[0])
    given = [points for rater in board.people if (points := ratings.points(item, rater.number)) is not None]
    return float(np.mean(given)) if len(given) >= 2 else None


@dataclass(frozen=True, slots=True)
class RaterSeverity:
    """A rater's severity in points of 100, below 0 severe, over `n` items; none without a reference."""

    interval: Interval
    n: int

    @property
    def leaning(self) -> str:
        """Which way it is, where the interval leaves out 0."""
        return leaning_of(self.interval)


def leaning_of(interval: Interval) -> str:
    """Return `severe` or `lenient` where an interval leaves out 0, `none` where it holds it.

    Examples
    --------
    >>> leaning_of(Interval(-4, -6, -2)), leaning_of(Interval(1, -2, 4)), leaning_of(Interval())
    ('severe', 'none', 'unknown')
    """
    if interval.low is None or interval.high is None:
        return "unknown"
    if interval.high < 0:
        return "severe"
    return "lenient" if interval.low > 0 else "none"


def severity_by_rater(board: Board) -> dict[int, RaterSeverity]:
    """Return the severity of each rater on the score; the machine's beside that of the people."""
    if board.reference == "none":
        return {}
    people = board.people
    columns = {rater.number: place for place, rater in enumerate(people)}
    experts = [columns[each] for each in board.experts if each in columns]
    found = severities(board.score_table("score", people), experts)
    by_rater = {
        rater.number: RaterSeverity(found.interval(place), found.units[place])
        for rater, place in zip(people, range(len(people)), strict=True)
        if rater.number not in board.experts
    }
    return by_rater | _machine_severity(board, experts)


def _machine_severity(board: Board, experts: Sequence[int]) -> dict[int, RaterSeverity]:
    """Return the machine's mean distance from the expert, or from the mean of the people."""
    if not any(rater.number == MACHINE for rater in board.raters):
        return {}
    machine = [rater for rater in board.raters if rater.number == MACHINE]
    given = board.score_table("score", machine)[:, 0]
    people = board.score_table("score", board.people)
    people = people[:, experts] if experts else people
    return {MACHINE: _paired(given, row_means(people))}


def row_means(table: Any) -> Any:
    """Return the mean of each row without its nan; nan where there is nothing else."""
    known = ~np.isnan(table)
    counts = known.sum(axis=1)
    means = np.full(len(table), np.nan)
    np.divide(np.where(known, table, 0.0).sum(axis=1), counts, out=means, where=counts > 0)
    return means


def _paired(one: Any, other: Any) -> RaterSeverity:
    differences = (one - other)[~np.isnan(one - other)]
    n = len(differences)
    if n < MIN_UNITS:
        return RaterSeverity(Interval(), n)
    half = t_quantile(n - 1) * float(differences.std(ddof=1)) / float(np.sqrt(n))
    mean = float(differences.mean())
    return RaterSeverity(Interval(mean, mean - half, mean + half), n)


def side_difference(board: Board) -> RaterSeverity:
    """Return the mean score of the client's people minus that of the provider's, item by item."""
    client, provider = (
        row_means(board.score_table("score", board.of_side(side))) for side in ("client", "provider")
    )
    return _paired(client, provider)


def side_difference_on(board: Board, ratings: QuestionRatings) -> RaterSeverity:
    """Return the mean points of the client's people minus the provider's on one question."""
    sides = []
    for side in ("client", "provider"):
        raters = board.of_side(side)
        table = np.array(
            [
                [np.nan if (p := ratings.points(item, rater.number)) is None else p for rater in raters]
                for item in ratings.items
            ],
            dtype=np.float64,
        ).reshape(len(ratings.items), len(raters))
        sides.append(row_means(table))
    return _paired(*sides)
