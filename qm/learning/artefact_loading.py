"""Deserializes model artefacts after verifying their SHA-256 digest."""

import hashlib
from collections.abc import Callable, Mapping

from qm.learning.models import ANSWERS, CANNED, SENTIMENT
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models import canned_responses_artefact, sentiment_model, serialization
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.safetensors_container import UnreadableModel
from scorecards.autoscore.models.sentiment_model import SentimentModel

__all__ = ["ReadableModel", "UnreadableModel", "artefact_digest", "read_artefact"]

ReadableModel = AnswerModel | SentimentModel | CannedResponses

_LOADERS: Mapping[str, Callable[[bytes], ReadableModel]] = {
    ANSWERS: serialization.load,
    SENTIMENT: sentiment_model.load,
    CANNED: canned_responses_artefact.load,
}


def read_artefact(kind: str, data: bytes, digest: bytes) -> ReadableModel:
    """Return the model in an artefact.

    Raises
    ------
    UnreadableModel
        When the digest does not match, or the bytes are not a usable model of this kind.
    """
    if artefact_digest(data) != digest:
        raise UnreadableModel("The artefact is not the one that was stored: its digest differs.")
    return _LOADERS[kind](data)


def artefact_digest(data: bytes) -> bytes:
    """Return the SHA-256 digest that identifies an artefact."""
    return hashlib.sha256(data).digest()
