"""Fits a client's answer model to its reviewers' labels."""

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
from workers.training.fitting.examples import (
    Example,
    Label,
    Refusal,
    content_digest,
    group_numbers,
    in_canonical_order,
)
from workers.training.fitting.ngram_matrix import MAX_AGENT_NGRAMS, MAX_CUSTOMER_NGRAMS, build_corpus
from workers.training.fitting.stacking import FittedQuestion, fit_question
from workers.training.fitting.targets import TrainingMaterial

__all__ = ["Example", "Fitted", "Label", "QuestionKey", "Refusal", "fit"]


_NO_SENTENCE: tuple[None] = (None,)
_MAX_NGRAMS = {"agent": MAX_AGENT_NGRAMS, "customer": MAX_CUSTOMER_NGRAMS}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and why it does not answer the questions it does not answer."""

    model: AnswerModel
    refused: Mapping[QuestionKey, Refusal]


def fit(
    examples: Sequence[Example], questions: Mapping[QuestionKey, Question], *, seed: int, version: int
) -> Fitted:
    """Fit a model; the same examples, in whatever order, and the same seed give the same model."""
    with threadpool_limits(1):
        material = _material(in_canonical_order(examples))
        outcomes = {
            key: fit_question(material, key, question, seed) for key, question in sorted(questions.items())
        }
        fitted = {key: each for key, each in outcomes.items() if isinstance(each, FittedQuestion)}
        refused = {key: each for key, each in outcomes.items() if isinstance(each, Refusal)}
        return Fitted(assemble_model(material.corpora, fitted, version), refused)


def _material(examples: Sequence[Example]) -> TrainingMaterial:
    transcripts = [each.case.transcript for each in examples]
    by_side = {side: [_sentences(transcript, side) for transcript in transcripts] for side in SIDES}
    digests = [content_digest(transcript) for transcript in transcripts]
    return TrainingMaterial(
        examples=examples,
        groups=np.array(group_numbers(examples), dtype=np.int64),
        content_ids=np.array(_enumerate_distinct(digests), dtype=np.int64),
        corpora={
            side: build_corpus(
                [[each.annotations for each in sentences] for sentences in by_side[side]], _MAX_NGRAMS[side]
            )
            for side in SIDES
        },
        sentences={
            side: [each for sentences in by_side[side] for each in (sentences or _NO_SENTENCE)]
            for side in SIDES
        },
        context=np.array([features.conversation_features(each.case) for each in examples]).reshape(
            len(examples), len(features.CONVERSATION_FEATURES)
        ),
    )


def _enumerate_distinct(names: Sequence[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _sentences(transcript: AnnotatedTranscript, side: str) -> Sequence[Sentence]:
    return transcript.agent_sentences if side == "agent" else transcript.customer_sentences
