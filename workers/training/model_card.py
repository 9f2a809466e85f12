"""A model's card: its training data, library versions, and measures on held-out interactions."""

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
    """Return the versions of everything a model depends on besides its data."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def data_hash(records: Iterable[Any]) -> str:
    """Return one digest of all training and held-out data, in whatever order it comes.

    Examples
    --------
    >>> data_hash([["b", 2], ["a", 1]]) == data_hash([["a", 1], ["b", 2]])
    True
    """
    digest = hashlib.sha256()
    for line in sorted(json.dumps(each, sort_keys=True, separators=(",", ":")) for each in records):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def provenance(records: Iterable[Any]) -> dict[str, Any]:
    """Return what determines a model: equal data, seed and versions give the same one."""
    return {"data_hash": data_hash(records), "seed": SEED, "versions": versions()}


def question_line(
    key: QuestionKey,
    evaluation: HoldoutEvaluation | None,
    *,
    n_labels: int,
    classes: Sequence[str],
    untrained_classes: Sequence[str] = (),
    refused: Refusal | None,
) -> dict[str, Any]:
    """Return a question's entry in the card."""
    body = evaluation.to_body() if evaluation else {}
    return {
        "scorecard": key[0],
        "question": key[1],
        "classes": list(classes),
        "unlearned": list(untrained_classes),
        "learned_from": n_labels,
        "labelled": body.get("labelled", 0),
        "proved_on": body.get("proved_on", 0),
        **{name: body.get(name) for name in _MEASURED},
        "recall": body.get("recall", {}),
        "selective_error_upper": body.get("upper"),
        "words": body.get("words", ""),
        "proof": body or None,
        "refused": {"code": refused.code, "detail": refused.detail} if refused else None,
    }


_MEASURED = ("accuracy", "macro_f1", "kappa", "ece", "rule_accuracy", "threshold", "coverage")


def vocabulary_share(sample: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return mean and standard deviation of the in-vocabulary share of interactions, and the sample size.

    Parameters
    ----------
    sample : sequence of (float, float)
        In-vocabulary share in [0, 1] and inclusion probability p in (0, 1] of sampled, held-out interactions;
        each stands for 1/p interactions. `n` is Kish's effective sample size, rounded down.

    Examples
    --------
    >>> vocabulary_share([(0.8, 0.5), (0.6, 0.5)])
    {'mean': 0.7, 'sd': 0.1, 'n': 2}
    """
    if not sample:
        return {"mean": None, "sd": None, "n": 0}
    weights = [1 / p for _, p in sample]
    total = math.fsum(weights)
    mean = math.fsum(weight * each for weight, (each, _) in zip(weights, sample, strict=True)) / total
    variance = math.fsum(w * (each - mean) ** 2 for w, (each, _) in zip(weights, sample, strict=True)) / total
    effective_size = total**2 / math.fsum(weight**2 for weight in weights)
    return {
        "mean": round(mean, 6),
        "sd": round(math.sqrt(variance), 6),
        "n": math.floor(effective_size + 1e-9),
    }
