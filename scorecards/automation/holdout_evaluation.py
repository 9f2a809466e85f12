"""What a model shows on answers it never learned from, and what may be promised of it (pure)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from scorecards.automation.risk_control import RiskGuarantee, ScoredCases, select_threshold
from scorecards.automation.risk_wording import guarantee_in_words
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import cohens_kappa, confusion, counts_of
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval
from scorecards.statistics.gwet import ac1_interval
from scorecards.statistics.krippendorff import alpha_interval

Array = NDArray[np.float64]

NOT_APPLICABLE = "n/a"
DELTA = 0.1
"""Chance that the promise of a gate is broken."""
MAX_SCALE_DISTANCE = 0.25
"""Answers on a scale that lie no further apart than this say the same."""
BINS = 10
_ROUNDING = 1e-9


class SampledCase(Protocol):
    """An interaction that chance drew, with this inclusion probability in (0, 1]."""

    @property
    def interaction(self) -> str:
        """Its id."""

    @property
    def probability(self) -> float:
        """Its inclusion probability."""


D = TypeVar("D", bound=SampledCase)


@dataclass(frozen=True, slots=True)
class HoldoutCase:
    """One interaction that chance drew and a person reviewed, with what the machine says of one question.

    `said` and `human` are classes: option keys or "n/a". `confidence` in [0, 1] is the calibrated probability
    of `said`, `probability` in (0, 1] the interaction's inclusion probability, `rule` what the written rule
    says (None: nothing).
    """

    interaction: str
    machine: str
    confidence: float
    human: str
    probability: float
    rule: str | None = None

    @classmethod
    def of(
        cls,
        interaction: str,
        probabilities: Mapping[str, float],
        *,
        human: str,
        probability: float,
        rule: str | None = None,
    ) -> "HoldoutCase":
        """Take the likeliest class as what the machine says; of equally likely ones the first by name."""
        said = min(probabilities, key=lambda name: (-probabilities[name], name))
        return cls(interaction, said, probabilities[said], human, probability, rule)


@dataclass(frozen=True, slots=True)
class HoldoutEvaluation:
    """What was shown of one question; shares in [0, 1], None where nothing could be measured.

    `labelled` cases were given, of which `proved_on` are an even sample of all interactions and counted;
    `ratio` is the largest inclusion probability by the smallest. `answers` counts people's answers by class,
    `recall` is the share of each class that the machine said too. `ece` is the expected calibration error in
    ten bins of equal width. `alpha` and `ac1` are over all cases, `accepted_alpha` and `accepted_ac1` over
    the answers that stand. `threshold` to `untold` are as of `scorecards.automation.risk_control.Promise`, by
    name. `code` and `words` say why nothing can be promised, or (code None) what is.
    """

    labelled: int
    proved_on: int
    weight_ratio: float
    limit: float
    delta: float
    answers: Mapping[str, int]
    accuracy: float | None = None
    macro_f1: float | None = None
    recall: Mapping[str, float] = field(default_factory=dict)
    kappa: float | None = None
    ece: float | None = None
    rule_accuracy: float | None = None
    alpha: Interval = UNKNOWN
    ac1: Interval = UNKNOWN
    accepted_alpha: Interval = UNKNOWN
    accepted_ac1: Interval = UNKNOWN
    threshold: float | None = None
    coverage: float | None = None
    accepted: int = 0
    wrong: int = 0
    selective_error_upper: float | None = None
    miss_bounds: Mapping[str, float] = field(default_factory=dict)
    unguaranteed_classes: tuple[str, ...] = ()
    code: str | None = None
    words: str = ""

    def to_body(self) -> dict[str, Any]:
        """Return it as JSON."""
        body = asdict(self) | {"unguaranteed_classes": list(self.unguaranteed_classes)}
        return {_STORED_NAMES.get(name, name): value for name, value in body.items()}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "HoldoutEvaluation":
        """Read it from JSON; what a later version wrote besides is left out."""
        stored = {each.name: _STORED_NAMES.get(each.name, each.name) for each in fields(cls)}
        known = {name: body[key] for name, key in stored.items() if key in body}
        spans = {name: Interval(**known[name]) for name in _INTERVALS if name in known}
        unguaranteed = tuple(known.get("unguaranteed_classes", ()))
        return cls(**(known | spans | {"unguaranteed_classes": unguaranteed}))


_INTERVALS = ("alpha", "ac1", "accepted_alpha", "accepted_ac1")
_STORED_NAMES = {
    "weight_ratio": "ratio",
    "accepted_alpha": "standing_alpha",
    "accepted_ac1": "standing_ac1",
    "selective_error_upper": "upper",
    "miss_bounds": "missed",
    "unguaranteed_classes": "untold",
}
"""Fields of `HoldoutEvaluation` by the names that stored evaluations and the API give them."""


def thinned(cases: Sequence[D]) -> list[D]:
    """Return an even sample of all interactions: each case is kept with smallest / own inclusion probability.

    Whether a case is kept follows from its interaction alone, so that repeats keep the same. On average
    smallest / mean of the inclusion probabilities is kept: at least half under a sampling policy with the
    default floor, little where a few were drawn with a far smaller probability than the rest.

    Raises
    ------
    ValueError
        For an inclusion probability outside (0, 1].

    Examples
    --------
    >>> often = [Proven(f"often {i}", "yes", 0.9, "yes", 0.2) for i in range(1000)]
    >>> rarely = [Proven(f"rarely {i}", "yes", 0.9, "yes", 0.05) for i in range(250)]
    >>> kept = thinned(often + rarely)
    >>> sum(each.probability == 0.2 for each in kept), sum(each.probability == 0.05 for each in kept)
    (254, 250)
    """
    if any(not 0 < each.probability <= 1 for each in cases):
        raise ValueError("An inclusion probability lies above 0 and is at most 1.")
    smallest = min((each.probability for each in cases), default=1.0)
    return [each for each in cases if _thinning_number(each.interaction) * each.probability < smallest]


def _thinning_number(interaction: str) -> float:
    """Return a number in [0, 1) that has nothing to do with any other draw."""
    digest = hashlib.blake2b(interaction.encode(), digest_size=8, person=b"proving").digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def disagree(question: Question, one: str, other: str) -> bool:
    """Tell whether two classes contradict each other: not the same, and on a scale not near each other.

    Examples
    --------
    >>> from scorecards.definitions.form import Option
    >>> five = Question("care", "?", "scale", options=tuple(Option(str(i), str(i), i / 4) for i in range(5)))
    >>> disagree(five, "3", "4"), disagree(five, "2", "4"), disagree(five, "4", "n/a")
    (False, True, True)
    """
    if one == other:
        return False
    first, second = question.values.get(one), question.values.get(other)
    if question.kind != "scale" or first is None or second is None:
        return True
    return abs(first - second) > MAX_SCALE_DISTANCE + _ROUNDING


def evaluate_holdout(
    cases: Sequence[HoldoutCase], question: Question, *, limit: float, delta: float = DELTA
) -> HoldoutEvaluation:
    """Measure what the machine says against people, and find the threshold from which it may be trusted.

    Parameters
    ----------
    cases
        One for each interaction; none of them was learned from, and chance drew all of them.
    question
        What was asked, in its newest version.
    limit
        The largest share of disagreement that the client accepts, in (0, 1).
    delta
        Chance of a broken promise, in (0, 1).

    Notes
    -----
    Cases are thinned first (`thinned`), so that counts are those of an even sample and binomial bounds are
    honest. The threshold is that of `scorecards.automation.risk_control.promised`; people's answers that make
    a critical question fail are never left out of the promise.
    """
    kept = thinned(cases)
    names = classes(question, [name for each in kept for name in (each.machine, each.human)])
    said = _class_indices(names, [each.machine for each in kept])
    human = _class_indices(names, [each.human for each in kept])
    confidence = np.array([each.confidence for each in kept], dtype=np.float64)
    apart = np.array([[disagree(question, one, other) for other in names] for one in names], dtype=np.bool_)
    failing = question.critical.options if question.critical else frozenset()
    vital = [place for place, name in enumerate(names) if name in failing]
    rated = ScoredCases(confidence, apart[said, human], human, len(names))
    found = select_threshold(rated, limit=limit, delta=delta, vital=vital)
    table = confusion(said.tolist(), human.tolist(), len(names))
    stand = confidence >= (np.inf if found.threshold is None else found.threshold)
    standing = confusion(said[stand].tolist(), human[stand].tolist(), len(names))
    return HoldoutEvaluation(
        labelled=len(cases),
        proved_on=len(kept),
        weight_ratio=_weight_ratio([each.probability for each in cases]),
        limit=limit,
        delta=delta,
        answers={name: int(count) for name, count in zip(names, table.sum(axis=0), strict=True)},
        **_performance(names, table, confidence, said == human),
        rule_accuracy=_share([each.rule == each.human for each in kept if each.rule is not None]),
        **_agreements(question, names, table, standing),
        **_guarantee_fields(found, names),
        words=guarantee_in_words(
            found, names, labelled=len(cases), counted=len(kept), limit=limit, delta=delta
        ),
    )


def _class_indices(names: Sequence[str], chosen: Sequence[str]) -> NDArray[np.intp]:
    place = {name: place for place, name in enumerate(names)}
    return np.array([place[name] for name in chosen], dtype=np.intp)


def _weight_ratio(probabilities: Sequence[float]) -> float:
    return max(probabilities) / min(probabilities) if probabilities else 1.0


def _agreements(question: Question, names: Sequence[str], table: Array, standing: Array) -> dict[str, Any]:
    alpha, ac1 = agreement(question, names, table)
    accepted_alpha, accepted_ac1 = agreement(question, names, standing)
    found = {"alpha": alpha, "ac1": ac1}
    return found | {"accepted_alpha": accepted_alpha, "accepted_ac1": accepted_ac1}


def agreement(question: Question, names: Sequence[str], table: Array) -> tuple[Interval, Interval]:
    """Return Krippendorff's alpha and Gwet's AC1 from a confusion table of classes, each with its interval.

    Alpha of a scale is ordinal and over what both rated, as N/A has no place in an order; AC1 takes every
    class as it is.
    """
    if question.kind != "scale":
        return alpha_interval(counts_of(table)), ac1_interval(table)
    scored = sorted(
        (question.values[name], place) for place, name in enumerate(names) if name in question.values
    )
    part = [place for _, place in scored]
    units = counts_of(table[np.ix_(part, part)])
    return alpha_interval(units, "ordinal") if units.size else UNKNOWN, ac1_interval(table)


def classes(question: Question, chosen: Iterable[str]) -> list[str]:
    """Return every class that can be chosen now, and those that were chosen under earlier versions."""
    now = [option.key for option in question.options] + [NOT_APPLICABLE] * question.na_allowed
    return now + sorted(set(chosen).difference(now))


def _performance(
    names: Sequence[str], table: Array, confidence: Array, right: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return accuracy, recall, F1 (mean over the classes that people or machine chose), kappa and ECE."""
    if not right.size:
        return {}
    hits, said, human = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    met = said + human > 0
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    gaps = np.abs(np.bincount(bins, confidence, BINS) - np.bincount(bins, right.astype(np.float64), BINS))
    recalled = zip(names, hits, human, strict=True)
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float((2 * hits[met] / (said + human)[met]).mean()),
        "recall": {name: float(hit / count) for name, hit, count in recalled if count},
        "kappa": cohens_kappa(table),
        "ece": float(gaps.sum() / right.size),
    }


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _guarantee_fields(found: RiskGuarantee, names: Sequence[str]) -> dict[str, Any]:
    return {
        "threshold": found.threshold,
        "coverage": found.coverage,
        "accepted": found.accepted,
        "wrong": found.wrong,
        "selective_error_upper": found.selective_error_upper,
        "miss_bounds": {names[place]: bound for place, bound in found.miss_bounds.items()},
        "unguaranteed_classes": tuple(names[place] for place in found.unguaranteed_classes),
        "code": found.code,
    }
