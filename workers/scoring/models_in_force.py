"""The models by which one batch is evaluated: those in force, or those an earlier evaluation pins."""

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
    """A client's models, and their versions as an evaluation pins them."""

    client_models: ClientModels = NO_MODELS
    versions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    model: Mapping[str, Any] | None = None

    def findings(self, in_vocabulary_share: float | None) -> dict[str, Any]:
        """Return the stored finding of a conversation's in-vocabulary share; empty without a model."""
        if self.model is None or in_vocabulary_share is None:
            return {}
        return {"model": {**self.model, "familiarity": round(in_vocabulary_share, 4)}}


NO_MODELS_IN_FORCE = ModelsInForce()


def current_models(session: Session, model_cache: ModelCache, client_id: uuid.UUID) -> ModelsInForce:
    """Return a client's models in force, for new interactions, without those that cannot be read."""
    models = {
        ANSWERS: model_cache.get(session, client_id),
        SENTIMENT: model_cache.get(session, None, SENTIMENT),
        CANNED: model_cache.get(session, client_id, CANNED),
    }
    return _models_in_force(client_id, models, load_gates(session, client_id))


def pinned_models(
    session: Session,
    model_cache: ModelCache,
    client_id: uuid.UUID,
    current: ModelsInForce,
    pins: Sequence[tuple[str, str]],
) -> ModelsInForce:
    """Return the models, given by kind and id, that an earlier evaluation of an interaction pins.

    An interaction is never evaluated again by a later model: that one may have been trained on people's
    answers to this very interaction, and would bias estimates of their agreement upwards.
    """
    models = {kind: model_cache.get_version(session, uuid.UUID(model_id)) for kind, model_id in pins}
    return _models_in_force(client_id, models, current.client_models.gates)


def _models_in_force(
    client_id: uuid.UUID, models: Mapping[str, LoadedModel | None], gates: Mapping[QuestionKey, Gate]
) -> ModelsInForce:
    answers, sentiment, canned = models.get(ANSWERS), models.get(SENTIMENT), models.get(CANNED)
    client_models = ClientModels(
        answers=answers.model if answers and isinstance(answers.model, AnswerModel) else None,
        model_id=str(answers.model_id) if answers else None,
        gates=gates,
        sentiment=sentiment.model.for_client(str(client_id))
        if sentiment and isinstance(sentiment.model, SentimentModel)
        else None,
        canned_responses=canned.model if canned and isinstance(canned.model, CannedResponses) else None,
    )
    return ModelsInForce(
        client_models,
        pin_versions(("model", each.model_id, kind, each.version) for kind, each in models.items() if each),
        {"model_id": str(answers.model_id), "version": answers.version} if answers else None,
    )
