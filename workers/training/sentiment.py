"""Trains the sentiment model of a provider on reviewers' labels of customer turns."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from qm.interactions.conversations import load_conversations
from qm.reviews.models import Evaluation, Review
from qm.reviews.sentiment_labels import LABELS_KEY
from qm.reviews.worked_queues import DRAW_COLUMNS, sampled_probabilities
from scorecards.automation.holdout_evaluation import HoldoutCase, HoldoutEvaluation, evaluate_holdout
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript
from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES, SentimentModel, dump
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import Option, Question, Span
from scorecards.sampling import holdout
from scorecards.statistics.sign_test import sign_test
from workers.training import model_card
from workers.training.fitting.examples import Refusal, content_digest
from workers.training.fitting.sentiment import SentimentExample, SentimentSpan, fit_sentiment
from workers.training.result import CurrentModel, TrainingResult, refusal_record, reject_if_worse

KEY = ("sentiment", "feeling")
"""The scorecard and question under which the model card lists the sentiment model."""

MAX_CONVERSATIONS = 10_000
_DISAGREEMENT_LIMIT = 0.1
_NO_LABELS = Refusal(
    "too_few_labels", "No reviewer has said yet how customers felt in a conversation still kept."
)
_QUESTION = Question(
    KEY[1],
    "How does the customer feel?",
    "single",
    options=tuple(Option(each, each) for each in SENTIMENT_CLASSES),
)


@dataclass(frozen=True, slots=True)
class LabelledTurns:
    """One reviewer's sentiment labels of one interaction.

    Attributes
    ----------
    interaction_id : UUID
    client : str
    conversation : Conversation
    labels : mapping of int to str
        The class of each labelled customer turn.
    reviewer : str
    probability : float or None
        The inclusion probability of the interaction in the review sample; None if it was targeted.
    held_out : bool
        Whether the interaction belongs to the third on which no model is trained.
    """

    interaction_id: uuid.UUID
    client: str
    conversation: Conversation
    labels: Mapping[int, str]
    reviewer: str
    probability: float | None
    held_out: bool


@dataclass(frozen=True, slots=True)
class SentimentDataset:
    """Everything read, and the number of evaluations, including those of conversations no longer kept."""

    conversations: Sequence[LabelledTurns]
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Case:
    """Labelled turns with the annotated transcript of their conversation."""

    labelled: LabelledTurns
    transcript: AnnotatedTranscript


def read_sentiment_dataset(
    session: Session, *, holdout_key: bytes, limit: int = MAX_CONVERSATIONS
) -> SentimentDataset:
    """Read the sentiment labels of all clients in scope, the newest evaluations if there are too many."""
    rows = session.execute(
        select(
            Review.interaction_id,
            Review.reviewer_id,
            *DRAW_COLUMNS,
            Evaluation.findings[LABELS_KEY].label("sentiment_labels"),
        )
        .join(
            Evaluation,
            and_(
                Evaluation.tenant_id == Review.tenant_id,
                Evaluation.interaction_id == Review.interaction_id,
                Evaluation.evaluation_id == Review.evaluation_id,
                Evaluation.superseded_at.is_(None),
            ),
        )
        .where(
            Review.state == "submitted",
            ~Review.hand_picked_answer,
            ~Review.reopened,
            Evaluation.findings.has_key(LABELS_KEY),
        )
        .order_by(Review.finished_at.desc(), Review.review_id.desc())
        .limit(limit)
    ).all()
    conversations = load_conversations(session, [row.interaction_id for row in rows])
    labelled = [
        _labelled_turns(row, probability, conversations[row.interaction_id], holdout_key)
        for row, probability in zip(rows, sampled_probabilities(session, rows), strict=True)
        if row.interaction_id in conversations
    ]
    ordered = sorted(labelled, key=lambda each: (each.interaction_id, each.reviewer))
    return SentimentDataset(ordered, len(rows))


def _labelled_turns(
    row: Any, probability: float | None, conversation: Conversation, holdout_key: bytes
) -> LabelledTurns:
    turns = conversation.turns
    return LabelledTurns(
        interaction_id=row.interaction_id,
        client=str(row.client_id),
        conversation=conversation,
        labels={
            label["turn"]: label["feeling"]
            for label in row.sentiment_labels
            if label["turn"] < len(turns) and turns[label["turn"]].speaker == "customer"
        },
        reviewer=str(row.reviewer_id),
        probability=probability,
        held_out=holdout.in_holdout(holdout_key, row.interaction_id),
    )


def train_sentiment(
    dataset: SentimentDataset, *, version: int, current: CurrentModel | None
) -> TrainingResult:
    """Fit a sentiment model, evaluate it on held-out interactions, and compare it with the current model."""
    began, annotator = time.monotonic(), shared_annotator()
    cases = [_Case(each, annotator.annotate(each.conversation)) for each in dataset.conversations]
    provenance = model_card.provenance(map(_hashed_record, cases))
    if current is not None and provenance.items() <= current.card.items():
        return TrainingResult((), unchanged=current.model_id)
    training = [each for each in cases if not each.labelled.held_out]
    if not training:
        return TrainingResult([refusal_record(_NO_LABELS)])
    fitted = fit_sentiment([_example(each) for each in training], seed=model_card.SEED, version=version)
    if fitted.model is None:
        return TrainingResult([refusal_record(fitted.refused or _NO_LABELS)])
    holdout_cases = [
        each for each in cases if each.labelled.held_out and each.labelled.probability is not None
    ]
    evaluation = evaluate_holdout(
        list(_predictions(fitted.model, holdout_cases)), _QUESTION, limit=_DISAGREEMENT_LIMIT
    )
    return TrainingResult(
        refusals=(),
        artefact=dump(fitted.model),
        card={
            **provenance,
            "trained_on": len(training),
            "proving": sum(each.labelled.held_out for each in cases),
            "reviewers": len({each.labelled.reviewer for each in cases}),
            "familiarity": model_card.vocabulary_share(()),
            "lessons": {"overrides": 0, "followed": 0},
            "questions": [_question_line(evaluation, sum(len(each.labelled.labels) for each in training))],
            "seconds": round(time.monotonic() - began, 3),
        },
        rejected=_reject_if_worse(current, fitted.model, holdout_cases),
    )


def _hashed_record(case: _Case) -> list[Any]:
    """Return everything of one interaction that determines the model."""
    labelled = case.labelled
    labels = sorted(labelled.labels.items())
    owner = [str(labelled.interaction_id), labelled.client, labelled.reviewer]
    return [*owner, content_digest(case.transcript), labels, labelled.probability]


def _example(case: _Case) -> SentimentExample:
    labelled = case.labelled
    labels = tuple(SentimentSpan(Span(turn), label) for turn, label in sorted(labelled.labels.items()))
    return SentimentExample(str(labelled.interaction_id), case.transcript, labels, labelled.client)


def _question_line(evaluation: HoldoutEvaluation, n_labels: int) -> dict[str, Any]:
    return model_card.question_line(
        KEY, evaluation, n_labels=n_labels, classes=SENTIMENT_CLASSES, refused=None
    )


def _predictions(model: SentimentModel, cases: Sequence[_Case]) -> Iterator[HoldoutCase]:
    """Yield each labelled turn with its predicted probabilities: the mean over its sentences."""
    for case in cases:
        labelled = case.labelled
        probabilities = model.for_client(labelled.client).probabilities(case.transcript)
        turns = np.array([each.turn for each in case.transcript.customer_sentences])
        for turn, label in sorted(labelled.labels.items()):
            rows = probabilities[turns == turn] if len(turns) else probabilities
            if len(rows):
                yield HoldoutCase.of(
                    str(labelled.interaction_id),
                    dict(zip(SENTIMENT_CLASSES, rows.mean(axis=0).tolist(), strict=True)),
                    human=label,
                    probability=labelled.probability or 1.0,
                )


def _reject_if_worse(
    current: CurrentModel | None, model: SentimentModel, cases: Sequence[_Case]
) -> Refusal | None:
    if current is None or not isinstance(current.model, SentimentModel):
        return None
    differences: Counter[str] = Counter()
    for now, before in zip(_predictions(model, cases), _predictions(current.model, cases), strict=True):
        differences[now.interaction] += (now.machine == now.human) - (before.machine == before.human)
    return reject_if_worse(sign_test(differences.values()))
