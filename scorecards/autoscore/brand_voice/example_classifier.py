"""A classifier trained on the client's own good and bad examples of its voice (pure, deterministic).

Log-odds of words, bigrams and markers of style with an informative Dirichlet prior, after Monroe, Colaresi &
Quinn, Fightin' Words (Political Analysis 16, 2008); scores become probabilities by Platt scaling on
leave-one-out scores (Platt 1999), so that a handful of examples is not taken for certainty.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scorecards.autoscore.brand_voice import style_markers
from scorecards.autoscore.brand_voice.style_markers import Style
from scorecards.autoscore.text import normalization

MIN_EXAMPLES = 5
"""Good and bad examples each, below which nothing is trained."""

MIN_ACCURACY = 0.65
"""Balanced leave-one-out accuracy below which there is no classifier."""

_PRIOR = 2.0
_MAX_LOG_ODDS = 3.0
"""The log-odds of one sentence are clipped, so that no sentence decides alone."""

_ITERATIONS = 50
_RIDGE = 0.05
_MAX_EXPLAINED = 3
_MARKER_START, _MARKER_END = "<", ">"


@dataclass(frozen=True, slots=True)
class ExampleFeatures:
    """The score of one sentence: log-odds of the good class, and the number of known features."""

    odds: float
    known: int


UNKNOWN = ExampleFeatures(0.0, 0)


@dataclass(frozen=True, slots=True)
class ExampleClassifier:
    """Weights by feature, the Platt scaling of their sum, and the leave-one-out accuracy."""

    weights: dict[str, float]
    slope: float
    intercept: float
    accuracy: float
    bigrams: dict[tuple[str, str], float] = field(default_factory=dict)
    markers: tuple[tuple[int, float], ...] = ()

    def features_of(self, words: tuple[str, ...], style: Style) -> ExampleFeatures:
        """Score one sentence by its normalised words and its style, with the same features as `features`."""
        weights, bigrams = self.weights, self.bigrams
        known = [weights[word] for word in set(words) if word in weights]
        known += [bigrams[bigram] for bigram in set(pairwise(words)) if bigram in bigrams]
        present = style_markers.markers(style)
        known += [weight for number, weight in self.markers if present[number]]
        if not known:
            return UNKNOWN
        return ExampleFeatures(_clipped(self.slope * math.fsum(known) + self.intercept), len(known))

    def contributions(self, words: tuple[str, ...], style: Style, *, towards_good: bool) -> tuple[str, ...]:
        """Return the features that contribute most to one class, strongest first; words are in quotes."""
        sign = 1.0 if towards_good else -1.0
        known = features(words, style) & self.weights.keys()
        strongest = sorted((-sign * self.weights[each], each) for each in known)
        names: list[str] = []
        for weight, each in strongest:
            if weight < 0 and not any(each.strip("<>") in other for other in names):
                names.append(each[1:-1] if each.startswith(_MARKER_START) else f"'{each}'")
        return tuple(names[:_MAX_EXPLAINED])


def features(words: Sequence[str], style: Style) -> set[str]:
    """Return the features of a sentence: words, bigrams, and markers of style in angle brackets."""
    names = set(words)
    names.update(f"{first} {second}" for first, second in pairwise(words))
    markers = style_markers.marker_names(style)
    names.update(f"{_MARKER_START}{name}{_MARKER_END}" for name, present in markers.items() if present)
    return names


def train(good: Sequence[str], bad: Sequence[str]) -> ExampleClassifier | None:
    """Train on examples; None if there are too few or the classifier is not accurate enough.

    Parameters
    ----------
    good, bad : sequence of str
        Sentences in the client's voice and not in it; at least five of each.

    Examples
    --------
    >>> good = ["I'm glad you asked!", "We'll sort it.", "I've got you.", "You're all set!", "I'll fix it."]
    >>> bad = ["Your request is processed.", "The form is to be submitted.", "The item is not eligible.",
    ...        "The case is closed.", "The request is not approved."]
    >>> classifier = train(good, bad)
    >>> sentence = "i'll get it sorted"
    >>> words = tuple(normalization.words(sentence))
    >>> classifier.features_of(words, style_markers.style_of(sentence, words)).odds > 0
    True
    >>> train(good[:4], bad) is None
    True
    """
    if min(len(good), len(bad)) < MIN_EXAMPLES:
        return None
    examples = [(_features_of(each), 1) for each in good] + [(_features_of(each), 0) for each in bad]
    counts = _feature_counts(examples, 1), _feature_counts(examples, 0)
    totals = (len(good), len(bad))
    scored = [(_leave_one_out_score(names, label, counts, totals), label) for names, label in examples]
    accuracy = _accuracy(scored)
    slope, intercept = _platt_scaling(scored)
    if accuracy < MIN_ACCURACY or slope <= 0:
        return None
    weights = {
        feature: weight
        for feature in sorted({*counts[0], *counts[1]})
        if counts[0][feature] + counts[1][feature] > 1
        and (weight := _weight(counts[0][feature], counts[1][feature], totals))
    }
    bigrams = {(each[0], each[1]): weights[name] for name in weights if len(each := name.split(" ")) == 2}
    markers = tuple(
        (style_markers.NAMES.index(name[1:-1]), weight)
        for name, weight in weights.items()
        if name.startswith(_MARKER_START)
    )
    return ExampleClassifier(weights, slope, intercept, accuracy, bigrams, markers)


def _feature_counts(examples: Iterable[tuple[set[str], int]], class_: int) -> Counter[str]:
    return Counter(feature for names, label in examples if label == class_ for feature in names)


def _features_of(text: str) -> set[str]:
    plain = normalization.normalise(text)
    words = tuple(normalization.words(plain))
    return features(words, style_markers.style_of(plain, words))


def _weight(good: int, bad: int, totals: tuple[int, int]) -> float:
    """Return the shrunken log-odds of a feature, low unless it is clearly more frequent in one class.

    With the prior a = 2 p, where p is the share of all examples that have the feature:
    d = log((g + a) / (G - g + a')) - log((b + a) / (B - b + a')), shrunk by z² / (1 + z²), z = d / sd(d).
    """
    share = (good + bad) / max(sum(totals), 1)
    present, absent = _PRIOR * share + 0.01, _PRIOR * (1 - share) + 0.01
    sides = [
        (count + present, total - count + absent) for count, total in zip((good, bad), totals, strict=True)
    ]
    difference = math.log(sides[0][0] / sides[0][1]) - math.log(sides[1][0] / sides[1][1])
    square = difference**2 / sum(1 / part for side in sides for part in side)
    return difference * square / (1 + square)


def _leave_one_out_score(
    names: Iterable[str], label: int, counts: tuple[Counter[str], Counter[str]], totals: tuple[int, int]
) -> float:
    """Score an example with weights of the other examples."""
    other_totals = (totals[0] - label, totals[1] - (1 - label))
    return math.fsum(
        _weight(good, bad, other_totals)
        for good, bad in (
            (counts[0][feature] - label, counts[1][feature] - (1 - label)) for feature in sorted(names)
        )
        if good + bad > 1
    )


def _accuracy(scored: Sequence[tuple[float, int]]) -> float:
    """Return the balanced accuracy: the mean over both classes of the share that is classified correctly."""
    shares = []
    for class_ in (1, 0):
        scores = [score for score, label in scored if label == class_]
        shares.append(sum((score > 0) == bool(class_) for score in scores) / len(scores))
    return sum(shares) / 2


def _platt_scaling(scored: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Fit 1 / (1 + exp(-(slope * score + intercept))) by Newton's method, with a small ridge."""
    counts = Counter(label for _, label in scored)
    targets = {1: (counts[1] + 1) / (counts[1] + 2), 0: 1 / (counts[0] + 2)}
    slope = intercept = 0.0
    for _ in range(_ITERATIONS):
        gradient, hessian = [_RIDGE * slope, _RIDGE * intercept], [_RIDGE, 0.0, _RIDGE]
        for score, label in scored:
            probability = 1 / (1 + math.exp(-_clipped(slope * score + intercept, 30.0)))
            error, variance = probability - targets[label], probability * (1 - probability)
            gradient = [gradient[0] + error * score, gradient[1] + error]
            hessian = [hessian[0] + variance * score**2, hessian[1] + variance * score, hessian[2] + variance]
        determinant = hessian[0] * hessian[2] - hessian[1] ** 2
        slope -= (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant
        intercept -= (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant
    return slope, intercept


def _clipped(odds: float, limit: float = _MAX_LOG_ODDS) -> float:
    return max(-limit, min(limit, odds))
