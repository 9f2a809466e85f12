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

from qm.interactions.conversations import kept_conversations
from qm.reviews.models import Evaluation, Review
from qm.reviews.sentiment_labels import LABELS
from scorecards.automation.holdout_evaluation import Proof, Proven, prove
from scorecards.autoscore.annotation.transcript import Reading
from scorecards.autoscore.engine import shared_reader
from scorecards.autoscore.models.sentiment_model import FEELINGS, SentimentModel, dump
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import Option, Question, Span
from scorecards.sampling import holdout
from scorecards.statistics.sign_test import weigh
from workers.training import model_card
from workers.training.fitting.examples import Refusal, content
from workers.training.fitting.sentiment import Felt, FeltExample, fit_sentiment
from workers.training.result import Made, Present, held_back, refusal_line

KEY = ("sentiment", "feeling")
"""Under which name the card lists what was learned."""

MOST_READ = 10_000
_LIMIT = 0.1
_NOTHING = Refusal(
    "too_few_labels", "No reviewer has said yet how customers felt in a conversation still kept."
)
_QUESTION = Question(
    KEY[1], "How does the customer feel?", "single", options=tuple(Option(each, each) for each in FEELINGS)
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One interaction, and how its customer felt turn by turn as one reviewer said.

    `probability` and `proving` are as of labels for answers.
    """

    interaction_id: uuid.UUID
    client: str
    conversation: Conversation
    felt: Mapping[int, str]
    reviewer: str
    probability: float | None
    proving: bool


@dataclass(frozen=True, slots=True)
class Feelings:
    """Everything read, and how many evaluations were, those of forgotten conversations too."""

    heard: Sequence[Heard]
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Case:
    """An interaction as the reader reads it."""

    heard: Heard
    reading: Reading


def read_feelings(session: Session, *, split_key: bytes, most: int = MOST_READ) -> Feelings:
    """Read what people said of feelings for all clients in scope, the newest evaluations first."""
    rows = session.execute(
        select(
            Review.interaction_id,
            Review.client_id,
            Review.reviewer_id,
            Review.targeted,
            Review.inclusion_probability,
            Evaluation.findings[LABELS].label("felt"),
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
        .where(Review.state == "submitted", Evaluation.findings.has_key(LABELS))
        .order_by(Review.finished_at.desc(), Review.review_id.desc())
        .limit(most)
    ).all()
    conversations = kept_conversations(session, [row.interaction_id for row in rows])
    heard = [
        _heard(row, conversations[row.interaction_id], split_key)
        for row in rows
        if row.interaction_id in conversations
    ]
    return Feelings(sorted(heard, key=lambda each: (each.interaction_id, each.reviewer)), len(rows))


def _heard(row: Any, conversation: Conversation, split_key: bytes) -> Heard:
    turns = conversation.turns
    return Heard(
        interaction_id=row.interaction_id,
        client=str(row.client_id),
        conversation=conversation,
        felt={
            label["turn"]: label["feeling"]
            for label in row.felt
            if label["turn"] < len(turns) and turns[label["turn"]].speaker == "customer"
        },
        reviewer=str(row.reviewer_id),
        probability=None if row.targeted else row.inclusion_probability,
        proving=holdout.proves(split_key, row.interaction_id),
    )


def teach_feelings(feelings: Feelings, *, version: int, present: Present | None) -> Made:
    """Fit a model of sentiment, prove it on what it did not learn from, weigh it against the present one."""
    began, reader = time.monotonic(), shared_reader()
    cases = [_Case(each, reader.read(each.conversation)) for each in feelings.heard]
    made_from = model_card.made_from(map(_fact, cases))
    if present is not None and made_from.items() <= present.card.items():
        return Made((), unchanged=present.model_id)
    learning = [each for each in cases if not each.heard.proving]
    if not learning:
        return Made([refusal_line(_NOTHING)])
    fitted = fit_sentiment([_example(each) for each in learning], seed=model_card.SEED, version=version)
    if fitted.model is None:
        return Made([refusal_line(fitted.refused or _NOTHING)])
    proving = [each for each in cases if each.heard.proving and each.heard.probability is not None]
    proof = prove(list(_proven(fitted.model, proving)), _QUESTION, limit=_LIMIT)
    return Made(
        refusals=(),
        artefact=dump(fitted.model),
        card={
            **made_from,
            "trained_on": len(learning),
            "proving": sum(each.heard.proving for each in cases),
            "reviewers": len({each.heard.reviewer for each in cases}),
            "familiarity": model_card.familiarity(()),
            "lessons": {"overrides": 0, "followed": 0},
            "questions": [_line(proof, sum(len(each.heard.felt) for each in learning))],
            "seconds": round(time.monotonic() - began, 3),
        },
        held_back=_held_back(present, fitted.model, proving),
    )


def _fact(case: _Case) -> list[Any]:
    heard = case.heard
    told = sorted(heard.felt.items())
    whose = [str(heard.interaction_id), heard.client, heard.reviewer]
    return [*whose, content(case.reading), told, heard.probability]


def _example(case: _Case) -> FeltExample:
    felt = tuple(Felt(Span(turn), feeling) for turn, feeling in sorted(case.heard.felt.items()))
    return FeltExample(str(case.heard.interaction_id), case.reading, felt, case.heard.client)


def _line(proof: Proof, learned_from: int) -> dict[str, Any]:
    return model_card.question_line(KEY, proof, learned_from=learned_from, names=FEELINGS, refused=None)


def _proven(model: SentimentModel, cases: Sequence[_Case]) -> Iterator[Proven]:
    """Yield each labelled turn with what the model hears in it: the mean over its sentences."""
    for case in cases:
        heard = model.of(case.heard.client).probabilities(case.reading)
        turns = np.array([each.turn for each in case.reading.customer_said])
        for turn, feeling in sorted(case.heard.felt.items()):
            rows = heard[turns == turn] if len(turns) else heard
            if len(rows):
                yield Proven.of(
                    str(case.heard.interaction_id),
                    dict(zip(FEELINGS, rows.mean(axis=0).tolist(), strict=True)),
                    human=feeling,
                    probability=case.heard.probability or 1.0,
                )


def _held_back(present: Present | None, model: SentimentModel, proving: Sequence[_Case]) -> Refusal | None:
    if present is None or not isinstance(present.model, SentimentModel):
        return None
    gained: Counter[str] = Counter()
    for now, before in zip(_proven(model, proving), _proven(present.model, proving), strict=True):
        gained[now.interaction] += (now.said == now.human) - (before.said == before.human)
    return held_back(weigh(gained.values()))
