"""A client's learned model as bytes and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.models.answer_model import LearnedModel, Weights
from scorecards.autoscore.models.features import CONTEXT
from scorecards.autoscore.models.head_layout import SIDES, LearnedQuestion
from scorecards.autoscore.models.ngram_scorer import Table
from scorecards.autoscore.models.safetensors_container import FORMAT, UnreadableModel, opened, sealed
from scorecards.autoscore.models.vocabulary import Vocabulary

__all__ = ["FORMAT", "UnreadableModel", "dump", "load", "packed", "unpacked"]

_KIND = "answers"


def dump(model: LearnedModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    facts = {
        "kind": _KIND,
        "version": model.version,
        "context": CONTEXT,
        "questions": [[*key, asdict(question)] for key, question in model.questions.items()],
    }
    arrays: dict[str, NDArray[Any]] = {"meta": model.weights.meta, "constant": model.weights.constant}
    for side in SIDES:
        arrays |= packed(side, model.weights.tables[side])
        arrays[f"{side}.offsets"] = model.weights.offsets[side]
    return sealed(facts, arrays)


def load(data: bytes) -> LearnedModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    facts, arrays = opened(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        if tuple(facts["context"]) != CONTEXT:
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        weights = Weights(
            tables={side: unpacked(side, arrays) for side in SIDES},
            offsets={side: arrays[f"{side}.offsets"] for side in SIDES},
            meta=arrays["meta"],
            constant=arrays["constant"],
        )
        questions = {(scorecard, key): _question(body) for scorecard, key, body in facts["questions"]}
        model = LearnedModel(int(facts["version"]), questions, weights)
        model.check()
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
    return model


def packed(name: str, table: Table) -> dict[str, NDArray[Any]]:
    """Return a table as arrays whose names start with `name`."""
    return {
        f"{name}.words": _written(table.vocabulary.words),
        f"{name}.runs": _written(table.vocabulary.runs),
        f"{name}.pairs": table.vocabulary.pairs,
        f"{name}.levels": table.levels,
        f"{name}.steps": table.steps,
        f"{name}.parts": table.parts,
        f"{name}.remembered": np.array([table.remembered], dtype=np.int64),
    }


def unpacked(name: str, arrays: Mapping[str, NDArray[Any]]) -> Table:
    """Return the table that was packed under a name; ValueError when its parts do not fit."""
    words, runs = _read(arrays[f"{name}.words"]), _read(arrays[f"{name}.runs"])
    vocabulary = Vocabulary(words, arrays[f"{name}.pairs"], runs)
    remembered = int(arrays[f"{name}.remembered"][0])
    levels, steps, parts = (arrays[f"{name}.{part}"] for part in ("levels", "steps", "parts"))
    return Table(vocabulary, levels, steps, parts, remembered)


def _written(names: Sequence[str]) -> NDArray[Any]:
    return np.frombuffer("\n".join(names).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _read(written: NDArray[Any]) -> tuple[str, ...]:
    text = written.tobytes().decode("utf-8", "surrogatepass")
    return tuple(text.split("\n")) if text else ()


def _question(body: Mapping[str, Any]) -> LearnedQuestion:
    return LearnedQuestion(
        classes=tuple(body["classes"]),
        unlearned=tuple(body["unlearned"]),
        worth=dict(body["worth"]),
        witnesses={side: tuple(body["witnesses"][side]) for side in SIDES},
        usual={side: tuple(body["usual"][side]) for side in SIDES},
        learned_from=int(body["learned_from"]),
    )
