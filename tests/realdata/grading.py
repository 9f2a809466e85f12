"""Accuracy, macro-F1, kappa and calibration error, and cross-validation folds grouped by dialogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score
from sklearn.model_selection import GroupKFold

BINS = 10
FOLDS = 5

Opinion = tuple[str, float]
"""What a judge says, and how sure it is in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Grade:
    accuracy: float
    macro_f1: float
    kappa: float
    ece: float
    count: int

    @classmethod
    def of(cls, labels: Sequence[str], opinions: Sequence[Opinion]) -> "Grade":
        said = [name for name, _ in opinions]
        return cls(
            accuracy=float(accuracy_score(labels, said)),
            macro_f1=float(f1_score(labels, said, average="macro", labels=sorted(set(labels)))),
            kappa=float(cohen_kappa_score(labels, said)),
            ece=calibration_error([sure for _, sure in opinions], np.array(labels) == np.array(said)),
            count=len(labels),
        )


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Return the mean distance of confidence from accuracy, by tenths of confidence."""
    confidence, hit = np.array(sure), np.array(right, dtype=float)
    tenth = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(
        sum(
            abs(confidence[tenth == each].mean() - hit[tenth == each].mean()) * np.mean(tenth == each)
            for each in np.unique(tenth)
        )
    )


def folds(groups: Sequence[str], seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what to learn from and what to judge; every dialogue is judged once."""
    yield from GroupKFold(FOLDS, shuffle=True, random_state=seed).split(groups, groups=groups)


def part(rows: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Return `size` of the rows, drawn evenly."""
    return np.random.default_rng(seed).permutation(rows)[:size]
