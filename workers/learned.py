"""What a client's people have taught the machine, as it stands while one slice is judged."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from qm.learning.gates import gates_of
from qm.learning.models import ANSWERS, SENTIMENT
from qm.learning.standing import Loaded, ModelShelf
from qm.reviews.evaluations import pinned
from scorecards.autoscore.answering import NOTHING_LEARNED, Learned
from scorecards.autoscore.learned.feelings import SentimentModel
from scorecards.autoscore.learned.model import LearnedModel


@dataclass(frozen=True, slots=True)
class Standing:
    """What was learned, and the versions of it as an evaluation pins them."""

    learned: Learned = NOTHING_LEARNED
    versions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    model: Mapping[str, Any] | None = None

    def findings(self, familiarity: float | None) -> dict[str, Any]:
        """Return what is kept of how well the model knew a conversation's words; nothing without a model."""
        if self.model is None or familiarity is None:
            return {}
        return {"model": {**self.model, "familiarity": round(familiarity, 4)}}


NOTHING = Standing()


def standing_of(session: Session, shelf: ModelShelf, client_id: uuid.UUID) -> Standing:
    """Return what judges a client's interactions besides its rules, without models that cannot be read."""
    answers = shelf.get(session, client_id)
    feelings = shelf.get(session, None, SENTIMENT)
    learned = Learned(
        answers=answers.model if answers and isinstance(answers.model, LearnedModel) else None,
        model_id=str(answers.model_id) if answers else None,
        gates=gates_of(session, client_id),
        feelings=feelings.model if feelings and isinstance(feelings.model, SentimentModel) else None,
    )
    models = [(ANSWERS, answers), (SENTIMENT, feelings)]
    return Standing(
        learned,
        pinned(_version(kind, loaded) for kind, loaded in models if loaded is not None),
        {"model_id": str(answers.model_id), "version": answers.version} if answers else None,
    )


def _version(kind: str, loaded: Loaded) -> tuple[str, uuid.UUID, str, int]:
    return ("model", loaded.model_id, kind, loaded.version)
