"""Fits a client's judge to its reviewers' answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.models import features
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.head_layout import SIDES, QuestionKey
from scorecards.definitions.form import Question
from workers.training.fitting.assemble import assemble_model
from workers.training.fitting.examples import Example, Label, Refusal, content, groups, in_order
from workers.training.fitting.ngram_matrix import AGENT_LIMITS, CUSTOMER_LIMITS, build_corpus
from workers.training.fitting.stacking import FittedQuestion, fit_question
from workers.training.fitting.targets import TrainingMaterial

__all__ = ["Example", "Fitted", "Label", "QuestionKey", "Refusal", "fit"]


_SILENCE: tuple[None] = (None,)
_LIMITS = {"agent": AGENT_LIMITS, "customer": CUSTOMER_LIMITS}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and why it does not answer what it does not answer."""

    model: AnswerModel
    refused: Mapping[QuestionKey, Refusal]


def fit(
    examples: Sequence[Example], questions: Mapping[QuestionKey, Question], *, seed: int, version: int
) -> Fitted:
    """Fit a model; the same examples, in whatever order, and the same seed give the same model."""
    with threadpool_limits(1):
        material = _material(in_order(examples))
        outcomes = {
            key: fit_question(material, key, question, seed) for key, question in sorted(questions.items())
        }
        learned = {key: each for key, each in outcomes.items() if isinstance(each, FittedQuestion)}
        refused = {key: each for key, each in outcomes.items() if isinstance(each, Refusal)}
        return Fitted(assemble_model(material.corpora, learned, version), refused)


def _material(examples: Sequence[Example]) -> TrainingMaterial:
    readings = [each.case.transcript for each in examples]
    said = {side: [_said(reading, side) for reading in readings] for side in SIDES}
    return TrainingMaterial(
        examples=examples,
        groups=np.array(groups(examples), dtype=np.int64),
        contents=np.array(_numbered([content(reading) for reading in readings]), dtype=np.int64),
        corpora={
            side: build_corpus([[each.annotations for each in told] for told in said[side]], _LIMITS[side])
            for side in SIDES
        },
        sentences={side: [each for told in said[side] for each in (told or _SILENCE)] for side in SIDES},
        context=np.array([features.conversation_features(each.case) for each in examples]).reshape(
            len(examples), len(features.CONVERSATION_FEATURES)
        ),
    )


def _numbered(names: Sequence[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _said(reading: AnnotatedTranscript, side: str) -> Sequence[Sentence]:
    return reading.agent_sentences if side == "agent" else reading.customer_sentences
