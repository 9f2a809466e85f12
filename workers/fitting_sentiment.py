"""Fits a tenant's sentiment model to turns that people labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scorecards.autoscore.learned.feelings import FEELINGS, SentimentModel, signs
from scorecards.autoscore.reading import Reader, Spoken
from scorecards.conversation import Conversation, Turn
from workers import fitting_heads
from workers.fitting_checks import FEWEST_LABELS, FEWEST_OF_A_CLASS, kappa
from workers.fitting_corpus import Doubles, Places, corpus
from workers.fitting_examples import Refusal
from workers.fitting_model import table_of
from workers.fitting_question import FOLDS, last_step

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """What a customer said in one turn and how they felt; `group` is its interaction."""

    group: str
    text: str
    feeling: str


@dataclass(frozen=True, slots=True)
class FittedSentiment:
    """A model, or why there is none; `kappa` and `accuracy` are out of fold."""

    model: SentimentModel | None
    refused: Refusal | None
    kappa: float = 0.0
    accuracy: float = 0.0


def fit_sentiment(examples: Sequence[LabelledTurn], *, seed: int, version: int) -> FittedSentiment:
    """Fit a model; the same turns, in whatever order, and the same seed give the same model."""
    turns = sorted(
        (each for each in examples if each.feeling in FEELINGS),
        key=lambda each: (each.group, each.text, each.feeling),
    )
    answers = np.array([FEELINGS.index(each.feeling) for each in turns], dtype=np.int64)
    counts = np.bincount(answers, minlength=len(FEELINGS))
    if len(turns) < FEWEST_LABELS or np.count_nonzero(counts >= FEWEST_OF_A_CLASS) < 2:
        return FittedSentiment(
            None, Refusal("too_few_labels", f"{len(turns)} turns; learning starts at {FEWEST_LABELS}.")
        )
    with threadpool_limits(1):
        return _fitted(turns, answers, seed, version)


def spoken(reader: Reader, text: str) -> list[Spoken]:
    """Return a turn as the sentences of a customer."""
    reading = reader.read(Conversation(channel="chat", turns=(Turn("customer", text),), started_at=_ANY_TIME))
    return [each.spoken for each in reading.customer_said]


def _fitted(turns: Sequence[LabelledTurn], answers: Places, seed: int, version: int) -> FittedSentiment:
    reader = Reader()
    heard = [spoken(reader, each.text) for each in turns]
    known = corpus([[each.plain for each in turn] for turn in heard])
    numbers = np.array([signs(turn) for turn in heard])
    names = {each.group: place for place, each in enumerate(turns)}
    groups = [names[each.group] for each in turns]
    folds = list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(answers, answers, groups))
    margins = np.zeros((len(turns), len(FEELINGS) - 1))
    for learning, held in folds:
        heads = fitting_heads.margins(known.wholes[learning], answers[learning], len(FEELINGS))
        margins[held] = heads.of(known.wholes[held])
    seen = np.hstack([margins, numbers])
    given = _held_out(seen, answers, folds)
    heads = fitting_heads.margins(known.wholes, answers, len(FEELINGS))
    meta, constant = last_step(seen, answers, len(FEELINGS))
    model = SentimentModel(
        version,
        table_of(known, [heads]),
        heads.offsets.astype(np.float32),
        meta.astype(np.float32),
        constant.astype(np.float32),
    )
    return FittedSentiment(model, None, kappa(answers, given), float(np.mean(answers == given)))


def _held_out(seen: Doubles, answers: Places, folds: Sequence[tuple[Places, Places]]) -> Places:
    given = np.zeros(len(answers), dtype=np.int64)
    for learning, held in folds:
        meta, constant = last_step(seen[learning], answers[learning], len(FEELINGS))
        given[held] = (seen[held] @ meta + constant).argmax(axis=1)
    return given
