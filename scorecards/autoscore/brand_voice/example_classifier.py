"""Learns from the client's own good and bad examples what sounds like the client (pure, deterministic).

Log-odds of words, word pairs and marks of style with an informative Dirichlet prior, after Monroe, Colaresi &
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
"""Good ones, and bad ones, below which nothing is learned."""

MIN_ACCURACY = 0.65
"""Balanced leave-one-out accuracy on the examples below which the learner says that it cannot tell."""

_PRIOR = 2.0
_SURE = 3.0
"""The log-odds of one sentence are cut here: no sentence decides alone."""

_STEPS = 50
_RIDGE = 0.05
_TOLD = 3
_OPEN, _CLOSE = "<", ">"


@dataclass(frozen=True, slots=True)
class ExampleFeatures:
    """One sentence as the learner hears it: log-odds of sounding like the client, and what it knew of it."""

    odds: float
    known: int


UNKNOWN = ExampleFeatures(0.0, 0)


@dataclass(frozen=True, slots=True)
class ExampleClassifier:
    """What was learned: a weight by feature, the scale that makes odds of it, and how well it held up."""

    weights: dict[str, float]
    slope: float
    intercept: float
    accuracy: float
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)
    marks: tuple[tuple[int, float], ...] = ()

    def features_of(self, words: tuple[str, ...], counted: Style) -> ExampleFeatures:
        """Judge one sentence by its normalised words and its style; the same features as `features`."""
        weights, pairs = self.weights, self.pairs
        found = [weights[word] for word in set(words) if word in weights]
        found += [pairs[pair] for pair in set(pairwise(words)) if pair in pairs]
        there = style_markers.marks(counted)
        found += [weight for number, weight in self.marks if there[number]]
        if not found:
            return UNKNOWN
        return ExampleFeatures(_cut(self.slope * math.fsum(found) + self.intercept), len(found))

    def pulls(self, words: tuple[str, ...], counted: Style, *, towards_good: bool) -> tuple[str, ...]:
        """Return the features that pulled a sentence most one way, strongest first; words in quotes."""
        sign = 1.0 if towards_good else -1.0
        known = features(words, counted) & self.weights.keys()
        strongest = sorted((-sign * self.weights[each], each) for each in known)
        told: list[str] = []
        for weight, each in strongest:
            if weight < 0 and not any(each.strip("<>") in other for other in told):
                told.append(each[1:-1] if each.startswith(_OPEN) else f"'{each}'")
        return tuple(told[:_TOLD])


def features(words: Sequence[str], counted: Style) -> set[str]:
    """Return what the learner looks at: words, pairs of neighbours, and marks of style in angle brackets."""
    found = set(words)
    found.update(f"{first} {second}" for first, second in pairwise(words))
    found.update(f"{_OPEN}{name}{_CLOSE}" for name, there in style_markers.names(counted).items() if there)
    return found


def learn(good: Sequence[str], bad: Sequence[str]) -> ExampleClassifier | None:
    """Learn from examples; None where there are too few or they do not differ in a way that can be learned.

    Parameters
    ----------
    good, bad : sequence of str
        Sentences that do and do not sound like the client; at least five of each.

    Examples
    --------
    >>> good = ["I'm glad you asked!", "We'll sort it.", "I've got you.", "You're all set!", "I'll fix it."]
    >>> bad = ["Your request is processed.", "The form is to be submitted.", "The item is not eligible.",
    ...        "The case is closed.", "The request is not approved."]
    >>> tone = learn(good, bad)
    >>> said = "i'll get it sorted"
    >>> words = tuple(normalization.words(said))
    >>> tone.hear(words, style_markers.style_of(said, words)).odds > 0
    True
    >>> learn(good[:4], bad) is None
    True
    """
    if min(len(good), len(bad)) < MIN_EXAMPLES:
        return None
    examples = [(_features_of(each), 1) for each in good] + [(_features_of(each), 0) for each in bad]
    counts = _counted(examples, 1), _counted(examples, 0)
    totals = (len(good), len(bad))
    scored = [(_left_out(found, label, counts, totals), label) for found, label in examples]
    accuracy = _accuracy(scored)
    slope, intercept = _scaled(scored)
    if accuracy < MIN_ACCURACY or slope <= 0:
        return None
    weights = {
        feature: weight
        for feature in sorted({*counts[0], *counts[1]})
        if counts[0][feature] + counts[1][feature] > 1
        and (weight := _weight(counts[0][feature], counts[1][feature], totals))
    }
    pairs = {(each[0], each[1]): weights[name] for name in weights if len(each := name.split(" ")) == 2}
    marks = tuple(
        (style_markers.NAMES.index(name[1:-1]), weight)
        for name, weight in weights.items()
        if name.startswith(_OPEN)
    )
    return ExampleClassifier(weights, slope, intercept, accuracy, pairs, marks)


def _counted(examples: Iterable[tuple[set[str], int]], kind: int) -> Counter[str]:
    return Counter(feature for found, label in examples if label == kind for feature in found)


def _features_of(written: str) -> set[str]:
    plain = normalization.normalise(written)
    words = tuple(normalization.words(plain))
    return features(words, style_markers.style_of(plain, words))


def _weight(good: int, bad: int, totals: tuple[int, int]) -> float:
    """Return the shrunken log-odds of a feature; what is not clearly more frequent on one side weighs little.

    With the prior a = 2 p, where p is the share of all examples that hold the feature:
    d = log((g + a) / (G - g + a')) - log((b + a) / (B - b + a')), shrunk by z² / (1 + z²), z = d / sd(d).
    """
    share = (good + bad) / max(sum(totals), 1)
    there, absent = _PRIOR * share + 0.01, _PRIOR * (1 - share) + 0.01
    sides = [
        (count + there, total - count + absent) for count, total in zip((good, bad), totals, strict=True)
    ]
    difference = math.log(sides[0][0] / sides[0][1]) - math.log(sides[1][0] / sides[1][1])
    square = difference**2 / sum(1 / part for side in sides for part in side)
    return difference * square / (1 + square)


def _left_out(
    found: Iterable[str], label: int, counts: tuple[Counter[str], Counter[str]], totals: tuple[int, int]
) -> float:
    """Score an example by what the others teach."""
    without = (totals[0] - label, totals[1] - (1 - label))
    return math.fsum(
        _weight(good, bad, without)
        for good, bad in (
            (counts[0][feature] - label, counts[1][feature] - (1 - label)) for feature in sorted(found)
        )
        if good + bad > 1
    )


def _accuracy(scored: Sequence[tuple[float, int]]) -> float:
    """Return the mean over both kinds of the share on its own side of nought."""
    shares = []
    for kind in (1, 0):
        mine = [score for score, label in scored if label == kind]
        shares.append(sum((score > 0) == bool(kind) for score in mine) / len(mine))
    return sum(shares) / 2


def _scaled(scored: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Fit 1 / (1 + exp(-(slope * score + intercept))) by Newton's method, with a small ridge."""
    counts = Counter(label for _, label in scored)
    goals = {1: (counts[1] + 1) / (counts[1] + 2), 0: 1 / (counts[0] + 2)}
    slope = intercept = 0.0
    for _ in range(_STEPS):
        gradient, bend = [_RIDGE * slope, _RIDGE * intercept], [_RIDGE, 0.0, _RIDGE]
        for score, label in scored:
            chance = 1 / (1 + math.exp(-_cut(slope * score + intercept, 30.0)))
            miss, spread = chance - goals[label], chance * (1 - chance)
            gradient = [gradient[0] + miss * score, gradient[1] + miss]
            bend = [bend[0] + spread * score**2, bend[1] + spread * score, bend[2] + spread]
        size = bend[0] * bend[2] - bend[1] ** 2
        slope -= (bend[2] * gradient[0] - bend[1] * gradient[1]) / size
        intercept -= (bend[0] * gradient[1] - bend[1] * gradient[0]) / size
    return slope, intercept


def _cut(odds: float, most: float = _SURE) -> float:
    return max(-most, min(most, odds))
