"""What a client's people have taught the machine, as it stands while one slice is judged."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from qm.learning.gate_store import load_gates
from qm.learning.model_cache import LoadedModel, ModelCache
from qm.learning.models import ANSWERS, CANNED, SENTIMENT
from qm.reviews.evaluations import pin_versions
from scorecards.automation.gate import Gate
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.answer_policy import NO_MODELS, ClientModels
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.autoscore.models.sentiment_model import SentimentModel


@dataclass(frozen=True, slots=True)
class ModelsInForce:
    """What was learned, and the versions of it as an evaluation pins them."""

    client_models: ClientModels = NO_MODELS
    versions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    model: Mapping[str, Any] | None = None

    def findings(self, familiarity: float | None) -> dict[str, Any]:
        """Return what is kept of how well the model knew a conversation's words; nothing without a model."""
        if self.model is None or familiarity is None:
            return {}
        return {"model": {**self.model, "familiarity": round(familiarity, 4)}}


NO_MODELS_IN_FORCE = ModelsInForce()


def current_models(session: Session, shelf: ModelCache, client_id: uuid.UUID) -> ModelsInForce:
    """Return what judges a client's new interactions besides rules, without models that cannot be read."""
    models = {
        ANSWERS: shelf.get(session, client_id),
        SENTIMENT: shelf.get(session, None, SENTIMENT),
        CANNED: shelf.get(session, client_id, CANNED),
    }
    return _standing(client_id, models, load_gates(session, client_id))


def pinned_models(
    session: Session,
    shelf: ModelCache,
    client_id: uuid.UUID,
    now: ModelsInForce,
    then: Sequence[tuple[str, str]],
) -> ModelsInForce:
    """Return what judged an interaction first, as its evaluation pins it: `then` holds kinds and ids.

    An interaction is never judged anew by a later model: that one may have learned from what people said of
    this very interaction, and estimates that compare the two would find them too much alike.
    """
    models = {kind: shelf.get_version(session, uuid.UUID(model_id)) for kind, model_id in then}
    return _standing(client_id, models, now.client_models.gates)


def _standing(
    client_id: uuid.UUID, models: Mapping[str, LoadedModel | None], gates: Mapping[QuestionKey, Gate]
) -> ModelsInForce:
    answers, feelings, memo = models.get(ANSWERS), models.get(SENTIMENT), models.get(CANNED)
    learned = ClientModels(
        answers=answers.model if answers and isinstance(answers.model, AnswerModel) else None,
        model_id=str(answers.model_id) if answers else None,
        gates=gates,
        sentiment=feelings.model.for_client(str(client_id))
        if feelings and isinstance(feelings.model, SentimentModel)
        else None,
        canned_responses=memo.model if memo and isinstance(memo.model, CannedResponses) else None,
    )
    return ModelsInForce(
        learned,
        pin_versions(("model", held.model_id, kind, held.version) for kind, held in models.items() if held),
        {"model_id": str(answers.model_id), "version": answers.version} if answers else None,
    )
