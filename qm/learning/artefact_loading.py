"""From the bytes of an artefact to a model, with nothing believed before it is checked."""

import hashlib
from collections.abc import Callable, Mapping

from qm.learning.models import ANSWERS, CANNED, SENTIMENT
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models import canned_responses_artefact, sentiment_model, serialization
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.safetensors_container import UnreadableModel
from scorecards.autoscore.models.sentiment_model import SentimentModel

__all__ = ["ReadableModel", "UnreadableModel", "digest_of", "read_artefact"]

ReadableModel = AnswerModel | SentimentModel | CannedResponses

_LOADING: Mapping[str, Callable[[bytes], ReadableModel]] = {
    ANSWERS: serialization.load,
    SENTIMENT: sentiment_model.load,
    CANNED: canned_responses_artefact.load,
}


def read_artefact(kind: str, data: bytes, digest: bytes) -> ReadableModel:
    """Return the model in an artefact.

    Raises
    ------
    UnreadableModel
        When these are not the bytes that were stored, or no model of this kind that can be used.
    """
    if digest_of(data) != digest:
        raise UnreadableModel("The artefact is not the one that was stored: its digest differs.")
    return _LOADING[kind](data)


def digest_of(data: bytes) -> bytes:
    """Return what tells one artefact from another: its SHA-256."""
    return hashlib.sha256(data).digest()
