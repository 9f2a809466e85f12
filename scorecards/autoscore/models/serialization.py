"""Serializes answer models."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.models.answer_model import AnswerModel, Weights
from scorecards.autoscore.models.features import CONVERSATION_FEATURES
from scorecards.autoscore.models.head_layout import SIDES, QuestionHeads
from scorecards.autoscore.models.ngram_scorer import NgramScorer
from scorecards.autoscore.models.safetensors_container import FORMAT, UnreadableModel, pack, unpack
from scorecards.autoscore.models.vocabulary import Vocabulary

__all__ = ["FORMAT", "UnreadableModel", "dump", "load", "pack_scorer", "unpack_scorer"]

_KIND = "answers"
_STORED_NAMES = {
    "untrained_classes": "unlearned",
    "option_values": "worth",
    "evidence_classes": "witnesses",
    "prior_log_odds": "usual",
    "n_labels": "learned_from",
}
"""The stored names of fields of `QuestionHeads`."""


def dump(model: AnswerModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    metadata = {
        "kind": _KIND,
        "version": model.version,
        "context": CONVERSATION_FEATURES,
        "questions": [[*key, _question_to_json(question)] for key, question in model.questions.items()],
    }
    arrays: dict[str, NDArray[Any]] = {
        "meta": model.weights.meta_weights,
        "constant": model.weights.meta_intercept,
    }
    for side in SIDES:
        arrays |= pack_scorer(side, model.weights.scorers[side])
        arrays[f"{side}.offsets"] = model.weights.intercepts[side]
    return pack(metadata, arrays)


def load(data: bytes) -> AnswerModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    metadata, arrays = unpack(data)
    try:
        if metadata["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {metadata['kind']}, not of {_KIND}.")
        if tuple(metadata["context"]) != CONVERSATION_FEATURES:
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        weights = Weights(
            scorers={side: unpack_scorer(side, arrays) for side in SIDES},
            intercepts={side: arrays[f"{side}.offsets"] for side in SIDES},
            meta_weights=arrays["meta"],
            meta_intercept=arrays["constant"],
        )
        questions = {
            (scorecard, key): _question_from_json(body) for scorecard, key, body in metadata["questions"]
        }
        model = AnswerModel(int(metadata["version"]), questions, weights)
        model.check()
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
    return model


def pack_scorer(prefix: str, scorer: NgramScorer) -> dict[str, NDArray[Any]]:
    """Return a scorer as arrays whose names start with a prefix."""
    return {
        f"{prefix}.words": _encode_strings(scorer.vocabulary.words),
        f"{prefix}.runs": _encode_strings(scorer.vocabulary.character_ngrams),
        f"{prefix}.pairs": scorer.vocabulary.pairs,
        f"{prefix}.levels": scorer.levels,
        f"{prefix}.steps": scorer.column_scales,
        f"{prefix}.parts": scorer.row_scales,
        f"{prefix}.remembered": np.array([scorer.cache_size], dtype=np.int64),
    }


def unpack_scorer(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> NgramScorer:
    """Return the scorer that was packed under a prefix; ValueError when its arrays do not fit each other."""
    words = _decode_strings(arrays[f"{prefix}.words"])
    character_ngrams = _decode_strings(arrays[f"{prefix}.runs"])
    vocabulary = Vocabulary(words, arrays[f"{prefix}.pairs"], character_ngrams)
    cache_size = int(arrays[f"{prefix}.remembered"][0])
    levels, column_scales, row_scales = (arrays[f"{prefix}.{name}"] for name in ("levels", "steps", "parts"))
    return NgramScorer(vocabulary, levels, column_scales, row_scales, cache_size)


def _encode_strings(strings: Sequence[str]) -> NDArray[Any]:
    return np.frombuffer("\n".join(strings).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _decode_strings(encoded: NDArray[Any]) -> tuple[str, ...]:
    text = encoded.tobytes().decode("utf-8", "surrogatepass")
    return tuple(text.split("\n")) if text else ()


def _question_to_json(question: QuestionHeads) -> dict[str, Any]:
    return {_STORED_NAMES.get(name, name): value for name, value in asdict(question).items()}


def _question_from_json(body: Mapping[str, Any]) -> QuestionHeads:
    return QuestionHeads(
        classes=tuple(body["classes"]),
        untrained_classes=tuple(body["unlearned"]),
        option_values=dict(body["worth"]),
        evidence_classes={side: tuple(body["witnesses"][side]) for side in SIDES},
        prior_log_odds={side: tuple(body["usual"][side]) for side in SIDES},
        n_labels=int(body["learned_from"]),
    )
