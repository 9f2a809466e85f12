"""The answers of a session as a board: raters, items, and what each rater gave to each item (pure)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from qm.reviews.answer_comparison import LEVELS, NOT_APPLICABLE, AnswerValue, answer_value
from scorecards.arrays import FloatArray
from scorecards.definitions.form import Form, Question

MACHINE = 0
"""The number of the machine among the raters; people begin at 1."""


@dataclass(frozen=True, slots=True)
class Rater:
    """A participant of a session, or the machine: number 0, of no side."""

    number: int
    user_id: uuid.UUID | None
    name: str
    side: str
    answered: int = 0
    last_answer_at: datetime | None = None
    not_blind: int = 0


@dataclass(frozen=True, slots=True)
class BoardItem:
    """An interaction of a session, and the scorecard version that its answers are under."""

    number: int
    interaction_id: uuid.UUID
    external_id: str
    scorecard_id: uuid.UUID
    version: int
    form: Form
    changed: bool


Given = Mapping[str, Mapping[str, Any]]
"""Stored answers by question."""


@dataclass(frozen=True, slots=True)
class Board:
    """A session's answers by item and rater.

    Attributes
    ----------
    drawn : int
        Interactions at the beginning; those that were erased since are missing in `items`.
    answers : mapping of (item number, rater number) to answers by question
    scores : mapping of (item number, rater number) to points by measure
    experts : tuple of int
        The rater whose answers are the reference, if one is.
    reference : str
        One of `qm.calibration.models.REFERENCES`.
    """

    drawn: int
    items: Sequence[BoardItem]
    raters: Sequence[Rater]
    answers: Mapping[tuple[int, int], Given]
    scores: Mapping[tuple[int, int], Mapping[str, float | None]]
    experts: tuple[int, ...] = ()
    reference: str = "consensus"

    @property
    def people(self) -> list[Rater]:
        """The raters without the machine."""
        return [each for each in self.raters if each.number != MACHINE]

    def of_side(self, side: str) -> list[Rater]:
        """Return the raters of a side."""
        return [each for each in self.raters if each.side == side]

    def score_table(self, measure: str, raters: Sequence[Rater]) -> FloatArray:
        """Return the points of each item (rows) by each rater (columns); nan where there are none."""
        return np.array(
            [
                [_number(self.scores.get((item.number, rater.number), {}).get(measure)) for rater in raters]
                for item in self.items
            ],
            dtype=np.float64,
        ).reshape(len(self.items), len(raters))


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


@dataclass(slots=True)
class QuestionRatings:
    """What the raters answered to one question, over all items whose scorecard asks it."""

    scorecard: str
    question: Question
    version: int
    classes: dict[str, float | None] = field(default_factory=dict)
    values: dict[tuple[int, int], AnswerValue] = field(default_factory=dict)
    items: list[int] = field(default_factory=list)

    @property
    def level(self) -> str:
        """The level of measurement of the answers."""
        return LEVELS.get(self.question.kind, "nominal")

    def names(self) -> list[str]:
        """Return the possible answers in order: by value where they are ordered, N/A last."""
        names = sorted(self.classes, key=lambda name: name == NOT_APPLICABLE)
        if self.level == "nominal":
            return names
        return sorted(names, key=lambda name: (self.classes[name] is None, self.classes[name] or 0.0))

    def counts(self, raters: Sequence[Rater], items: Sequence[int]) -> FloatArray:
        """Return how many raters gave each answer to each item."""
        places = {name: place for place, name in enumerate(self.names())}
        table: FloatArray = np.zeros((len(items), len(places)))
        for row, item in enumerate(items):
            for rater in raters:
                value = self.values.get((item, rater.number))
                if value is not None:
                    table[row, places[value.name]] += 1
        return table

    def ranked(self) -> list[int]:
        """Return the columns of `counts` that have a place in the order: N/A has none."""
        return [place for place, name in enumerate(self.names()) if self.classes[name] is not None]

    def points(self, item: int, rater: int) -> float | None:
        """Return the points of an answer, 0 to 100; None for N/A, without points, and without an answer."""
        value = self.values.get((item, rater))
        return None if value is None or value.score is None else 100.0 * value.score


def ratings_of(board: Board) -> list[QuestionRatings]:
    """Return the ratings of each scored or critical question, in the order of the forms."""
    found: dict[tuple[str, str], QuestionRatings] = {}
    for item in board.items:
        for question in _compared(item.form):
            key = item.form.key, question.key
            ratings = found.setdefault(key, QuestionRatings(item.form.key, question, item.version))
            if item.version >= ratings.version:
                ratings.question, ratings.version = question, item.version
            ratings.items.append(item.number)
            _add_classes(ratings, question)
            _add_values(ratings, board, item.number, question)
    return list(found.values())


def _compared(form: Form) -> Iterator[Question]:
    return (each for each in form.questions.values() if each.scored or each.critical)


def _add_classes(ratings: QuestionRatings, question: Question) -> None:
    if question.kind == "numeric":
        ratings.classes |= {f"{band.value:g}": band.value for band in question.ranges}
    elif question.kind != "multi":
        ratings.classes |= {option.key: option.value for option in question.options}
    if question.na_allowed:
        ratings.classes[NOT_APPLICABLE] = None


def _add_values(ratings: QuestionRatings, board: Board, item: int, question: Question) -> None:
    for rater in board.raters:
        body = board.answers.get((item, rater.number), {}).get(question.key)
        value = answer_value(question, body)
        if value is not None:
            ratings.values[item, rater.number] = value
            ratings.classes.setdefault(value.name, value.score)
