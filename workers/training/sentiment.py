"""What people said of customers' feelings, turn by turn, and the sentiment model that learns from it."""

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
from scorecards.automation.holdout_evaluation import HoldoutCase, HoldoutEvaluation, evaluate_holdout
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript
from scorecards.autoscore.engine import shared_reader
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
"""Under which name the card lists what was learned."""

MAX_CONVERSATIONS = 10_000
_LIMIT = 0.1
_NOTHING = Refusal(
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
    """One interaction, and how its customer felt turn by turn as one reviewer said.

    `probability` and `proving` are as of labels for answers.
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
    """Everything read, and how many evaluations were, those of forgotten conversations too."""

    conversations: Sequence[LabelledTurns]
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Case:
    """An interaction as the reader reads it."""

    heard: LabelledTurns
    reading: AnnotatedTranscript


def read_sentiment_dataset(
    session: Session, *, split_key: bytes, most: int = MAX_CONVERSATIONS
) -> SentimentDataset:
    """Read what people said of feelings for all clients in scope, the newest evaluations first."""
    rows = session.execute(
        select(
            Review.interaction_id,
            Review.client_id,
            Review.reviewer_id,
            Review.targeted,
            Review.inclusion_probability,
            Evaluation.findings[LABELS_KEY].label("felt"),
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
        .where(Review.state == "submitted", Evaluation.findings.has_key(LABELS_KEY))
        .order_by(Review.finished_at.desc(), Review.review_id.desc())
        .limit(most)
    ).all()
    conversations = load_conversations(session, [row.interaction_id for row in rows])
    heard = [
        _labelled_turns(row, conversations[row.interaction_id], split_key)
        for row in rows
        if row.interaction_id in conversations
    ]
    return SentimentDataset(sorted(heard, key=lambda each: (each.interaction_id, each.reviewer)), len(rows))


def _labelled_turns(row: Any, conversation: Conversation, split_key: bytes) -> LabelledTurns:
    turns = conversation.turns
    return LabelledTurns(
        interaction_id=row.interaction_id,
        client=str(row.client_id),
        conversation=conversation,
        labels={
            label["turn"]: label["feeling"]
            for label in row.felt
            if label["turn"] < len(turns) and turns[label["turn"]].speaker == "customer"
        },
        reviewer=str(row.reviewer_id),
        probability=None if row.targeted else row.inclusion_probability,
        held_out=holdout.in_holdout(split_key, row.interaction_id),
    )


def train_sentiment(
    feelings: SentimentDataset, *, version: int, present: CurrentModel | None
) -> TrainingResult:
    """Fit a model of sentiment, prove it on what it did not learn from, weigh it against the present one."""
    began, reader = time.monotonic(), shared_reader()
    cases = [_Case(each, reader.annotate(each.conversation)) for each in feelings.conversations]
    made_from = model_card.dataset_facts(map(_fact, cases))
    if present is not None and made_from.items() <= present.card.items():
        return TrainingResult((), unchanged=present.model_id)
    learning = [each for each in cases if not each.heard.held_out]
    if not learning:
        return TrainingResult([refusal_record(_NOTHING)])
    fitted = fit_sentiment([_example(each) for each in learning], seed=model_card.SEED, version=version)
    if fitted.model is None:
        return TrainingResult([refusal_record(fitted.refused or _NOTHING)])
    proving = [each for each in cases if each.heard.held_out and each.heard.probability is not None]
    proof = evaluate_holdout(list(_evaluated(fitted.model, proving)), _QUESTION, limit=_LIMIT)
    return TrainingResult(
        refusals=(),
        artefact=dump(fitted.model),
        card={
            **made_from,
            "trained_on": len(learning),
            "proving": sum(each.heard.held_out for each in cases),
            "reviewers": len({each.heard.reviewer for each in cases}),
            "familiarity": model_card.vocabulary_share(()),
            "lessons": {"overrides": 0, "followed": 0},
            "questions": [_line(proof, sum(len(each.heard.labels) for each in learning))],
            "seconds": round(time.monotonic() - began, 3),
        },
        rejected=_reject_if_worse(present, fitted.model, proving),
    )


def _fact(case: _Case) -> list[Any]:
    heard = case.heard
    told = sorted(heard.labels.items())
    whose = [str(heard.interaction_id), heard.client, heard.reviewer]
    return [*whose, content_digest(case.reading), told, heard.probability]


def _example(case: _Case) -> SentimentExample:
    felt = tuple(SentimentSpan(Span(turn), feeling) for turn, feeling in sorted(case.heard.labels.items()))
    return SentimentExample(str(case.heard.interaction_id), case.reading, felt, case.heard.client)


def _line(proof: HoldoutEvaluation, learned_from: int) -> dict[str, Any]:
    return model_card.question_line(
        KEY, proof, learned_from=learned_from, names=SENTIMENT_CLASSES, refused=None
    )


def _evaluated(model: SentimentModel, cases: Sequence[_Case]) -> Iterator[HoldoutCase]:
    """Yield each labelled turn with what the model hears in it: the mean over its sentences."""
    for case in cases:
        heard = model.for_client(case.heard.client).probabilities(case.reading)
        turns = np.array([each.turn for each in case.reading.customer_sentences])
        for turn, feeling in sorted(case.heard.labels.items()):
            rows = heard[turns == turn] if len(turns) else heard
            if len(rows):
                yield HoldoutCase.of(
                    str(case.heard.interaction_id),
                    dict(zip(SENTIMENT_CLASSES, rows.mean(axis=0).tolist(), strict=True)),
                    human=feeling,
                    probability=case.heard.probability or 1.0,
                )


def _reject_if_worse(
    present: CurrentModel | None, model: SentimentModel, proving: Sequence[_Case]
) -> Refusal | None:
    if present is None or not isinstance(present.model, SentimentModel):
        return None
    gained: Counter[str] = Counter()
    for now, before in zip(_evaluated(model, proving), _evaluated(present.model, proving), strict=True):
        gained[now.interaction] += (now.machine == now.human) - (before.machine == before.human)
    return reject_if_worse(sign_test(gained.values()))
