"""Agreement of a session, question by question and over all of them (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from qm.calibration.board import Board, QuestionRatings, Rater
from scorecards.arrays import FloatArray
from scorecards.statistics.agreement import RELIABLE, percent_agreement, zone, zone_words
from scorecards.statistics.confidence_intervals import LEVEL, Interval
from scorecards.statistics.gwet import ac1_of_many, resampled_ac1
from scorecards.statistics.krippendorff import REPEATS, SEED, Level, alpha, alpha_interval, smoothed_alphas


@dataclass(frozen=True, slots=True)
class Agreement:
    """Percent agreement (0 to 100), alpha and AC1 with intervals, over `n` items that several answered."""

    n: int
    percent: float | None
    alpha: Interval
    ac1: Interval

    @property
    def zone(self) -> str:
        """How far it may be relied on, by Krippendorff's thresholds."""
        return zone(self.alpha.estimate, self.n)

    @property
    def is_skewed(self) -> bool:
        """Whether alpha is low only as nearly all answers are the same: AC1, which allows for that, is high.

        Then neither is shown: that people mean the same, nor that they do not.
        """
        alpha, ac1 = self.alpha.estimate, self.ac1.estimate
        return alpha is not None and ac1 is not None and alpha < RELIABLE <= ac1

    def figures(self) -> dict[str, Any]:
        """Return the figures by the names of the API."""
        return {
            "n": self.n,
            "percent": self.percent,
            "alpha": self.alpha.estimate,
            "alpha_low": self.alpha.low,
            "alpha_high": self.alpha.high,
            "ac1": self.ac1.estimate,
            "ac1_low": self.ac1.low,
            "ac1_high": self.ac1.high,
            "zone": self.zone,
            "zone_note": zone_words(self.zone, self.alpha.low),
        }


def question_agreement(ratings: QuestionRatings, raters: Sequence[Rater]) -> Agreement:
    """Return how far raters agree on one question.

    At the ordinal and interval levels alpha leaves out N/A, which has no rank; percent and AC1 count it as an
    answer of its own.
    """
    counts = ratings.counts(raters, ratings.items)
    share = percent_agreement(counts)
    return Agreement(
        int((counts.sum(axis=1) >= 2).sum()),
        None if share is None else 100 * share,
        alpha_interval(*_measured(ratings, counts)),
        ac1_of_many(counts),
    )


def _measured(ratings: QuestionRatings, counts: FloatArray) -> tuple[FloatArray, Level, list[float] | None]:
    """Return the counts that alpha is computed from, with level and values."""
    if ratings.level == "nominal":
        return counts, "nominal", None
    columns, names = ratings.ranked(), ratings.names()
    values = [float(ratings.classes[names[place]] or 0.0) for place in columns]
    return counts[:, columns], cast("Level", ratings.level), values


def overall_agreement(
    board: Board, questions: Sequence[QuestionRatings], raters: Sequence[Rater]
) -> Agreement:
    """Return the means of percent, alpha and AC1 over the questions that have one.

    The intervals are of the means: items are drawn with all their answers, 1,000 times.
    """
    items = [item.number for item in board.items]
    tables = [ratings.counts(raters, items) for ratings in questions]
    shares = [share for table in tables if (share := percent_agreement(table)) is not None]
    return Agreement(
        max((int((table.sum(axis=1) >= 2).sum()) for table in tables), default=0),
        100 * float(np.mean(shares)) if shares else None,
        _mean_alpha([_measured(ratings, table) for ratings, table in zip(questions, tables, strict=True)]),
        _mean_ac1(tables),
    )


def _mean_alpha(measured: Sequence[tuple[FloatArray, Level, list[float] | None]]) -> Interval:
    generator = np.random.default_rng(SEED)
    units = len(measured[0][0]) if measured else 0
    weights = generator.standard_gamma(1.0, size=(REPEATS, units))
    estimates = [alpha(counts, level, values) for counts, level, values in measured]
    drawn = [smoothed_alphas(counts, weights, generator, level, values) for counts, level, values in measured]
    return _mean_interval(
        [each for each in estimates if each is not None],
        [each for each, estimate in zip(drawn, estimates, strict=True) if estimate is not None],
    )


def _mean_ac1(tables: Sequence[FloatArray]) -> Interval:
    units = len(tables[0]) if tables else 0
    if not units:
        return Interval()
    times = np.random.default_rng(SEED).multinomial(units, np.full(units, 1 / units), size=REPEATS)
    estimates = [float(resampled_ac1(table, np.ones((1, units)))[0]) for table in tables]
    drawn = [resampled_ac1(table, times.astype(np.float64)) for table in tables]
    return _mean_interval([each for each in estimates if not np.isnan(each)], drawn)


def _mean_interval(estimates: Sequence[float], drawn: Sequence[FloatArray]) -> Interval:
    """Return the mean of coefficients over questions, with its percentile bootstrap interval."""
    if not estimates:
        return Interval()
    once, found = float(np.mean(estimates)), _mean(drawn)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(found[~np.isnan(found)], (tail, 100 - tail))
    return Interval(once, min(once, float(low)), max(once, float(high)))


def _mean(drawn: Sequence[FloatArray]) -> FloatArray:
    """Return the mean of each draw over the questions that have a coefficient in it; nan where none has."""
    values = np.array(drawn)
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    means: FloatArray = np.full(count.shape, np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means
