"""A model's card: from what it was made, with what, and how well it does on what it never learned from."""

import hashlib
import json
import math
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.autoscore.models.head_layout import QuestionKey
from workers.training.fitting.examples import Refusal

SEED = 1
LIBRARIES = ("numpy", "scipy", "scikit-learn", "qm")


def versions() -> dict[str, str]:
    """Return what a model depends on besides its data."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def data_hash(facts: Iterable[Any]) -> str:
    """Return one digest of all that was learned from and proved on, in whatever order it comes.

    Examples
    --------
    >>> data_hash([["b", 2], ["a", 1]]) == data_hash([["a", 1], ["b", 2]])
    True
    """
    digest = hashlib.sha256()
    for line in sorted(json.dumps(each, sort_keys=True, separators=(",", ":")) for each in facts):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def dataset_facts(facts: Iterable[Any]) -> dict[str, Any]:
    """Return what determines a model: equal data, seed and versions make the same one."""
    return {"data_hash": data_hash(facts), "seed": SEED, "versions": versions()}


def question_line(
    key: QuestionKey,
    proof: HoldoutEvaluation | None,
    *,
    learned_from: int,
    names: Sequence[str],
    unlearned: Sequence[str] = (),
    refused: Refusal | None,
) -> dict[str, Any]:
    """Return a question as it stands in the card."""
    shown = proof.to_body() if proof else {}
    return {
        "scorecard": key[0],
        "question": key[1],
        "classes": list(names),
        "unlearned": list(unlearned),
        "learned_from": learned_from,
        "labelled": shown.get("labelled", 0),
        "proved_on": shown.get("proved_on", 0),
        **{name: shown.get(name) for name in _MEASURED},
        "recall": shown.get("recall", {}),
        "selective_error_upper": shown.get("upper"),
        "words": shown.get("words", ""),
        "proof": shown or None,
        "refused": {"code": refused.code, "detail": refused.detail} if refused else None,
    }


_MEASURED = ("accuracy", "macro_f1", "kappa", "ece", "rule_accuracy", "threshold", "coverage")


def vocabulary_share(seen: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return mean and standard deviation of the familiarity of all interactions, and what they rest on.

    Parameters
    ----------
    seen : sequence of (float, float)
        Familiarity in [0, 1] and inclusion probability p in (0, 1] of drawn interactions that no model
        learned from; each stands for 1/p interactions. `n` is Kish's effective number.

    Examples
    --------
    >>> familiarity([(0.8, 0.5), (0.6, 0.5)])
    {'mean': 0.7, 'sd': 0.1, 'n': 2}
    """
    if not seen:
        return {"mean": None, "sd": None, "n": 0}
    weights = [1 / p for _, p in seen]
    total = math.fsum(weights)
    mean = math.fsum(weight * each for weight, (each, _) in zip(weights, seen, strict=True)) / total
    spread = math.fsum(w * (each - mean) ** 2 for w, (each, _) in zip(weights, seen, strict=True)) / total
    worth = total**2 / math.fsum(weight**2 for weight in weights)
    return {"mean": round(mean, 6), "sd": round(math.sqrt(spread), 6), "n": math.floor(worth + 1e-9)}
