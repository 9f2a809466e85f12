"""A client's learned model as bytes and back."""

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
"""Fields of `QuestionHeads` by the names that stored models give them."""


def dump(model: AnswerModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    facts = {
        "kind": _KIND,
        "version": model.version,
        "context": CONVERSATION_FEATURES,
        "questions": [[*key, _written_question(question)] for key, question in model.questions.items()],
    }
    arrays: dict[str, NDArray[Any]] = {
        "meta": model.weights.meta_weights,
        "constant": model.weights.meta_intercept,
    }
    for side in SIDES:
        arrays |= pack_scorer(side, model.weights.scorers[side])
        arrays[f"{side}.offsets"] = model.weights.intercepts[side]
    return pack(facts, arrays)


def load(data: bytes) -> AnswerModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    facts, arrays = unpack(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        if tuple(facts["context"]) != CONVERSATION_FEATURES:
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        weights = Weights(
            scorers={side: unpack_scorer(side, arrays) for side in SIDES},
            intercepts={side: arrays[f"{side}.offsets"] for side in SIDES},
            meta_weights=arrays["meta"],
            meta_intercept=arrays["constant"],
        )
        questions = {(scorecard, key): _question(body) for scorecard, key, body in facts["questions"]}
        model = AnswerModel(int(facts["version"]), questions, weights)
        model.check()
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
    return model


def pack_scorer(name: str, table: NgramScorer) -> dict[str, NDArray[Any]]:
    """Return a table as arrays whose names start with `name`."""
    return {
        f"{name}.words": _written(table.vocabulary.words),
        f"{name}.runs": _written(table.vocabulary.character_ngrams),
        f"{name}.pairs": table.vocabulary.pairs,
        f"{name}.levels": table.levels,
        f"{name}.steps": table.steps,
        f"{name}.parts": table.parts,
        f"{name}.remembered": np.array([table.cache_size], dtype=np.int64),
    }


def unpack_scorer(name: str, arrays: Mapping[str, NDArray[Any]]) -> NgramScorer:
    """Return the table that was packed under a name; ValueError when its parts do not fit."""
    words, runs = _read(arrays[f"{name}.words"]), _read(arrays[f"{name}.runs"])
    vocabulary = Vocabulary(words, arrays[f"{name}.pairs"], runs)
    remembered = int(arrays[f"{name}.remembered"][0])
    levels, steps, parts = (arrays[f"{name}.{part}"] for part in ("levels", "steps", "parts"))
    return NgramScorer(vocabulary, levels, steps, parts, remembered)


def _written(names: Sequence[str]) -> NDArray[Any]:
    return np.frombuffer("\n".join(names).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _read(written: NDArray[Any]) -> tuple[str, ...]:
    text = written.tobytes().decode("utf-8", "surrogatepass")
    return tuple(text.split("\n")) if text else ()


def _written_question(question: QuestionHeads) -> dict[str, Any]:
    return {_STORED_NAMES.get(name, name): value for name, value in asdict(question).items()}


def _question(body: Mapping[str, Any]) -> QuestionHeads:
    return QuestionHeads(
        classes=tuple(body["classes"]),
        untrained_classes=tuple(body["unlearned"]),
        option_values=dict(body["worth"]),
        evidence_classes={side: tuple(body["witnesses"][side]) for side in SIDES},
        prior_log_odds={side: tuple(body["usual"][side]) for side in SIDES},
        n_labels=int(body["learned_from"]),
    )
