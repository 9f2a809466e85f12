"""The most disputed answers, side by side, and the questions whose wording is at fault (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qm.calibration.board import Board, QuestionRatings, Rater
from qm.calibration.deviations import side_difference_on
from qm.calibration.question_agreement import Agreement, question_agreement
from scorecards.statistics.agreement import RELIABLE
from scorecards.statistics.agreement_change import unit_agreement

MAX_DISPUTED = 12
REASONS = ("low_agreement", "skewed", "unsure", "sides_differ", "applicability", "one_person")
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Disputed:
    """A question of an item on which people differ: the share of pairs that agree, and how far apart."""

    ratings: QuestionRatings
    item: int
    agreement: float
    spread: float


def most_disputed(board: Board, questions: Sequence[QuestionRatings]) -> list[Disputed]:
    """Return what people differ on most, the farthest apart first."""
    found = []
    for ratings in questions:
        for item in ratings.items:
            shares = unit_agreement(ratings.counts(board.people, [item]))
            if shares and shares[0] < 1:
                found.append(Disputed(ratings, item, shares[0], _spread(board, ratings, item)))
    found.sort(key=lambda each: (each.agreement, -each.spread, each.item))
    return found[:MAX_DISPUTED]


def _spread(board: Board, ratings: QuestionRatings, item: int) -> float:
    points = [p for rater in board.people if (p := ratings.points(item, rater.number)) is not None]
    return max(points) - min(points) if points else 0.0


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question on which people agree too little, and why that may be.

    Attributes
    ----------
    reasons : tuple of str
        Of `REASONS`: `low_agreement` alpha is below 0.8, or without alpha AC1 is; `unsure` only the interval
        reaches below; `sides_differ` client and provider differ, which chance does not explain;
        `applicability` most disagreements are about N/A; `one_person` without one rater agreement is
        reliable: then that is no fault of the wording; `skewed` alpha is low only as nearly all answers are
        the same.
    apart : int or None
        The number of that rater.
    pair : tuple of (str, str, int) or None
        The two answers that are given beside each other most often, and on how many items.
    """

    ratings: QuestionRatings
    agreement: Agreement
    reasons: tuple[str, ...]
    apart: int | None
    pair: tuple[str, str, int] | None


def unclear_questions(board: Board, questions: Sequence[QuestionRatings]) -> list[Unclear]:
    """Return the questions that need a better wording, the least agreed on first."""
    found = []
    for ratings in questions:
        agreement = question_agreement(ratings, board.people)
        measure = agreement.alpha if agreement.alpha.estimate is not None else agreement.ac1
        pair = _most_frequent_pair(board, ratings)
        if measure.estimate is None or pair is None or (measure.low or 0.0) >= RELIABLE:
            continue
        low = "skewed" if agreement.is_skewed else "low_agreement"
        reasons = [low if measure.estimate < RELIABLE else "unsure"]
        if _sides_differ(board, ratings):
            reasons.append("sides_differ")
        if _mostly_about_na(board, ratings):
            reasons.append("applicability")
        apart = _one_apart(board, ratings) if measure.estimate < RELIABLE else None
        if apart is not None:
            reasons.append("one_person")
        found.append((measure.estimate, Unclear(ratings, agreement, tuple(reasons), apart, pair)))
    # What one person alone causes comes last, and before it what is skewed: neither asks for another wording.
    return [each for _, each in sorted(found, key=lambda one: (*_no_fault(one[1]), one[0]))]


def _no_fault(unclear: Unclear) -> tuple[bool, bool]:
    return unclear.apart is not None, unclear.agreement.is_skewed


def _most_frequent_pair(board: Board, ratings: QuestionRatings) -> tuple[str, str, int] | None:
    names = ratings.names()
    counted: Counter[tuple[str, str]] = Counter()
    for row in ratings.counts(board.people, ratings.items):
        given = [name for name, count in zip(names, row, strict=True) if count]
        counted.update((one, other) for place, one in enumerate(given) for other in given[place + 1 :])
    return (*counted.most_common(1)[0][0], counted.most_common(1)[0][1]) if counted else None


def _sides_differ(board: Board, ratings: QuestionRatings) -> bool:
    interval = side_difference_on(board, ratings).interval
    return interval.low is not None and interval.high is not None and not interval.low <= 0 <= interval.high


def _mostly_about_na(board: Board, ratings: QuestionRatings) -> bool:
    counts = ratings.counts(board.people, ratings.items)
    ranked = [name for name in ratings.names() if name != "n/a"]
    places = [ratings.names().index(name) for name in ranked]
    disputed = [row for row in counts if (row > 0).sum() > 1]
    about = [row for row in disputed if row[places].sum() < row.sum()]
    return bool(disputed) and len(about) / len(disputed) > _MOSTLY


def _one_apart(board: Board, ratings: QuestionRatings) -> int | None:
    """Return the rater without whom people agree reliably, if there is exactly one and enough others."""
    if len(board.people) < 4:
        return None
    apart = [rater.number for rater in board.people if _reliable_without(board, ratings, rater)]
    return apart[0] if len(apart) == 1 else None


def _reliable_without(board: Board, ratings: QuestionRatings, rater: Rater) -> bool:
    others = [each for each in board.people if each is not rater]
    agreement = question_agreement(ratings, others)
    if agreement.percent == 100:
        return True
    return (agreement.alpha.estimate or 0.0) >= RELIABLE
