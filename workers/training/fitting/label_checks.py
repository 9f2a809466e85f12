"""What keeps a question from being learned, said in words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import norm

from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.definitions.form import Question
from workers.training.fitting.examples import Example, Refusal
from workers.training.fitting.ngram_matrix import Doubles, Places

LEARNABLE = frozenset({"yes_no", "scale", "single"})
MIN_LABELS = 40
MIN_LABELS_OF_CLASS = 8
MIN_GROUPS = 10
"""Interactions, repeats counted once, below which nothing can be held out."""
MIN_LABELS_OF_REVIEWER = 15
"""Labels of one reviewer from which they are held against what the others teach."""

_BY_CHANCE = 0.05
"""Chance of learning from labels without sense, over all that is asked about them."""
_ACCUSED = 0.01
"""Chance of naming a reviewer whose labels merely have nothing to do with those of others."""
_MIN_REPEATS = 10
_SUSPECT = 0.1
"""Kappa out of fold from which a reviewer is not looked at more closely."""

Predict = Callable[[Places, Places], Places]
"""Takes the labels to learn from and those to answer, and returns the answers."""


@dataclass(frozen=True, slots=True)
class EncodedLabels:
    """The labels that teach: places of their examples, their classes and reviewers."""

    rows: Places
    answers: Places
    classes: tuple[str, ...]
    untrained_classes: tuple[str, ...]
    reviewers: tuple[str, ...]


def encode_labels(
    examples: Sequence[Example], groups: Places, key: QuestionKey, question: Question
) -> EncodedLabels | Refusal:
    """Return the labels of classes that can be learned; answers that are no option any more are left out."""
    if question.kind not in LEARNABLE:
        return Refusal("not_learnable", "Only answers chosen among options are learned.")
    names = [option.key for option in question.options] + [NOT_APPLICABLE] * question.na_allowed
    given = [(row, each.labels[key]) for row, each in enumerate(examples) if key in each.labels]
    given = [(row, label) for row, label in given if label.name in names]
    counts = Counter(label.name for _, label in given)
    if len(given) < MIN_LABELS:
        return Refusal("too_few_labels", f"There are {len(given)} labels; learning starts at {MIN_LABELS}.")
    if len(counts) < 2:
        return Refusal("one_class", f"Every label says '{given[0][1].name}'; there is nothing to tell apart.")
    classes = tuple(name for name in names if counts[name] >= MIN_LABELS_OF_CLASS)
    kept = [(row, label) for row, label in given if label.name in classes]
    if len(classes) < 2 or len(kept) < MIN_LABELS:
        return Refusal(
            "too_few_labels",
            f"Two answers need {MIN_LABELS_OF_CLASS} labels each, and {MIN_LABELS} together; "
            + ", ".join(f"'{name}' has {counts[name]}" for name in names if counts[name])
            + ".",
        )
    rows = np.array([row for row, _ in kept], dtype=np.int64)
    if len(np.unique(groups[rows])) < MIN_GROUPS:
        return Refusal("too_few_labels", f"The labels are of fewer than {MIN_GROUPS} different interactions.")
    return EncodedLabels(
        rows=rows,
        answers=np.array([classes.index(label.name) for _, label in kept], dtype=np.int64),
        classes=classes,
        untrained_classes=tuple(name for name in names if name not in classes),
        reviewers=tuple(label.reviewer for _, label in kept),
    )


def kappa(first: Places, second: Places) -> float:
    """Return Cohen's kappa, (p_o - p_e) / (1 - p_e); 0 where chance alone would agree always.

    Examples
    --------
    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]))
    0.5
    """
    return beyond_chance(first, second)[0]


def beyond_chance(first: Places, second: Places) -> tuple[float, float]:
    """Return Cohen's kappa and its standard error, sqrt(p_o (1 - p_o) / n) / (1 - p_e).

    The error is never taken as less than that of one disagreement, so that a few labels that happen to agree
    prove nothing.

    Examples
    --------
    >>> beyond_chance(np.array([0, 1] * 8), np.array([1, 0] * 8))
    (-1.0, 0.12103072956898178)
    """
    size = int(max(first.max(), second.max())) + 1
    count = len(first)
    chance = float(np.bincount(first, minlength=size) @ np.bincount(second, minlength=size)) / count**2
    if chance >= 1.0:
        return 0.0, 1.0
    observed = float(np.mean(first == second))
    spread = max(observed * (1.0 - observed), (count - 1) / count**2)
    return (observed - chance) / (1.0 - chance), float(np.sqrt(spread / count)) / (1.0 - chance)


def balanced_predictions(scores: Doubles, answers: Places) -> Places:
    """Return an answer per row such that each class is given about as often as it is labelled.

    A rare class is seldom the likeliest, however well it is recognised; this tells whether it is. Each score
    is taken relative to what its class's share of the rows reaches.
    """
    shares = np.bincount(answers, minlength=scores.shape[1]) / len(answers)
    spread = scores - scores.mean(axis=1, keepdims=True)
    reached = np.array([np.quantile(spread[:, place], 1.0 - share) for place, share in enumerate(shares)])
    raised: Places = ((spread - reached) / np.maximum(spread.std(axis=0), 1e-9)).argmax(axis=1)
    return raised


def no_signal(answers: Places, contents: Places, out_of_fold_scores: Sequence[Doubles]) -> Refusal | None:
    """Tell when equal conversations are labelled differently, or no opinion out of fold beats chance."""
    if refusal := _repeats_disagree(answers, contents):
        return refusal
    found = [beyond_chance(answers, balanced_predictions(scores, answers)) for scores in out_of_fold_scores]
    agreed, error = max(found, key=lambda each: each[0] / each[1])
    if agreed > float(norm.isf(_BY_CHANCE / len(found))) * error:
        return None
    return Refusal(
        "contradictory",
        "What is learned from one part of the labels predicts the rest no better than chance "
        f"(kappa {agreed:.2f}, standard error {error:.2f}).",
    )


def _repeats_disagree(answers: Places, contents: Places) -> Refusal | None:
    """Compare every two labels of conversations with the same words, numbers apart.

    Chance is that two labels of any conversations differ, 1 - sum of squared shares: repeats alone may hold
    one answer only.
    """
    together: defaultdict[int, list[int]] = defaultdict(list)
    for content, answer in zip(contents.tolist(), answers.tolist(), strict=True):
        together[content].append(answer)
    told = [each for each in together.values() if len(each) > 1]
    pairs = [pair for each in told for pair in combinations(each[:50], 2)]
    if sum(len(each) for each in told) < _MIN_REPEATS:
        return None
    differing = sum(first != second for first, second in pairs)
    shares = np.bincount(answers) / len(answers)
    by_chance = float(1.0 - np.square(shares).sum())
    if not differing or differing / len(pairs) < by_chance:
        return None
    return Refusal(
        "contradictory",
        f"{differing} of {len(pairs)} pairs of labels of conversations with the same words differ, "
        "which is as often as chance would have it.",
    )


def conflicting_reviewers(labelled: EncodedLabels, scores: Doubles, predict: Predict) -> Refusal | None:
    """Name reviewers whose labels contradict what all the others teach.

    That is when a model of the others' labels agrees with a reviewer surely less than chance would, at 0.01
    for all reviewers together: to accuse takes more than to doubt a question. At first only those are
    tried whose labels are hardly predicted out of fold; where one of them is named everybody is, because two
    may contradict each other and nobody knows who is right.
    """
    given = balanced_predictions(scores, labelled.answers)
    tried = {
        reviewer: own
        for reviewer, own in _judged(labelled).items()
        if kappa(labelled.answers[own], given[own]) <= _SUSPECT
    }
    named = _contradicting(labelled, tried, predict)
    if not named:
        return None
    named = _contradicting(labelled, _judged(labelled), predict) or named
    return Refusal("poisoned", f"Labels contradict what all the others teach: {', '.join(named)}.")


def _judged(labelled: EncodedLabels) -> dict[str, Places]:
    """Return the labels of each reviewer who has enough of them while others have, too."""
    reviewers = np.array(labelled.reviewers)
    own = {reviewer: np.flatnonzero(reviewers == reviewer) for reviewer in sorted(set(labelled.reviewers))}
    return {
        reviewer: rows
        for reviewer, rows in own.items()
        if len(rows) >= MIN_LABELS_OF_REVIEWER
        and len(reviewers) - len(rows) >= MIN_LABELS
        and len(np.unique(labelled.answers[reviewers != reviewer])) > 1
    }


def _contradicting(labelled: EncodedLabels, tried: Mapping[str, Places], predict: Predict) -> list[str]:
    sure = float(norm.isf(_ACCUSED / max(1, len(tried))))
    named = []
    for reviewer, own in tried.items():
        others = np.setdiff1d(np.arange(len(labelled.answers)), own)
        agreed, error = beyond_chance(labelled.answers[own], predict(others, own))
        if agreed + sure * error < 0.0:
            named.append(f"{reviewer} (kappa {agreed:.2f} on {len(own)} labels)")
    return named
