"""What keeps a question from being learned, said in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.autoscore.learned.features import NOT_APPLICABLE
from scorecards.autoscore.learned.layout import Key
from scorecards.form import Question
from workers.fitting_corpus import Doubles, Places
from workers.fitting_examples import Example, Refusal

LEARNABLE = frozenset({"yes_no", "scale", "single"})
FEWEST_LABELS = 40
FEWEST_OF_A_CLASS = 8


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels that teach: places of their examples, their classes and reviewers."""

    rows: Places
    answers: Places
    classes: tuple[str, ...]
    unlearned: tuple[str, ...]
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """How well answers out of fold agree with the labels."""

    kappa: float
    accuracy: float


def usable(examples: Sequence[Example], key: Key, question: Question) -> Labelled | Refusal:
    """Return the labels of classes that can be learned."""
    if question.kind not in LEARNABLE:
        return Refusal("not_learnable", "Only answers chosen among options are learned.")
    names = [option.key for option in question.options] + [NOT_APPLICABLE] * question.na_allowed
    given = [(row, each.labels[key]) for row, each in enumerate(examples) if key in each.labels]
    given = [(row, label) for row, label in given if label.name in names]
    counts = Counter(label.name for _, label in given)
    if len(given) < FEWEST_LABELS:
        return Refusal("too_few_labels", f"{len(given)} labels; learning starts at {FEWEST_LABELS}.")
    classes = tuple(name for name in names if counts[name] >= FEWEST_OF_A_CLASS)
    if len(counts) < 2:
        return Refusal("one_class", f"Every label says '{given[0][1].name}'; there is nothing to tell apart.")
    if len(classes) < 2:
        return Refusal(
            "too_few_labels",
            f"Only one answer has {FEWEST_OF_A_CLASS} labels or more; learning needs two such answers.",
        )
    kept = [(row, label) for row, label in given if label.name in classes]
    return Labelled(
        rows=np.array([row for row, _ in kept], dtype=np.int64),
        answers=np.array([classes.index(label.name) for _, label in kept], dtype=np.int64),
        classes=classes,
        unlearned=tuple(name for name in names if name not in classes),
        reviewers=tuple(label.reviewer for _, label in kept),
    )


def kappa(first: Places, second: Places) -> float:
    """Return Cohen's kappa, (p_o - p_e) / (1 - p_e); 0 where chance alone would agree always.

    Examples
    --------
    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]))
    0.5
    """
    size = int(max(first.max(), second.max())) + 1
    chance = float(np.bincount(first, minlength=size) @ np.bincount(second, minlength=size)) / len(first) ** 2
    observed = float(np.mean(first == second))
    return 0.0 if chance >= 1.0 else (observed - chance) / (1.0 - chance)


def found_out(answers: Places, held_out: Doubles) -> Found | Refusal:
    """Judge the labels by how well they predict each other."""
    given = held_out.argmax(axis=1)
    return Found(kappa(answers, given), float(np.mean(answers == given)))
