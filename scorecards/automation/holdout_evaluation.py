"""Evaluation of a model on a holdout sample, and the risk guarantee that follows from it (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from scorecards.arrays import BoolArray, FloatArray, IntArray
from scorecards.automation.class_agreement import agreement, classes, disagree
from scorecards.automation.risk_control import RiskGuarantee, ScoredCases, select_threshold
from scorecards.automation.risk_wording import guarantee_in_words
from scorecards.automation.thinning import thinned
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import cohens_kappa, confusion
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval

DELTA = 0.1
"""Probability that the guarantee of a gate is violated."""
BINS = 10
"""Bins of the expected calibration error."""


@dataclass(frozen=True, slots=True)
class HoldoutCase:
    """A randomly sampled, human-reviewed interaction with the machine's answer to one question.

    Attributes
    ----------
    interaction : str
        Its id.
    machine, human : str
        Class of the answer: option key or "n/a".
    confidence : float
        Calibrated probability of `machine`, in [0, 1].
    probability : float
        Inclusion probability of the interaction, in (0, 1].
    rule : str or None
        Class given by the written rule; None when it gives none.
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
        """Build a case whose machine answer is the most probable class, the first by name in case of ties."""
        machine = min(probabilities, key=lambda name: (-probabilities[name], name))
        return cls(interaction, machine, probabilities[machine], human, probability, rule)


@dataclass(frozen=True, slots=True)
class HoldoutEvaluation:
    """Metrics and risk guarantee of one question; shares in [0, 1], None where nothing could be measured.

    Attributes
    ----------
    labelled, proved_on : int
        Cases before and after thinning to a simple random sample (`thinned`); metrics are over the latter.
    weight_ratio : float
        Largest inclusion probability divided by the smallest, >= 1.
    limit, delta : float
        As of `evaluate_holdout`.
    answers : mapping of str to int
        Human answers by class.
    accuracy, macro_f1, kappa : float or None
        Of the machine against the human answers.
    recall : mapping of str to float
        By class that occurs in the human answers.
    ece : float or None
        Expected calibration error in ten bins of equal width.
    rule_accuracy : float or None
        Of the written rule, where it gives an answer.
    alpha, ac1 : Interval
        Agreement of machine and human over all cases.
    accepted_alpha, accepted_ac1 : Interval
        The same over accepted answers only.
    threshold, coverage, accepted, wrong, selective_error_upper, miss_bounds, unguaranteed_classes
        As of `scorecards.automation.risk_control.RiskGuarantee`, with class names instead of indices.
    code : str or None
        Why there is no threshold; None when there is one.
    words : str
        The guarantee, or why there is none, in sentences for users.
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
        """Read it from JSON; unknown fields, as of a later version, are ignored."""
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
"""Field names of `HoldoutEvaluation` that differ in stored evaluations and the API."""


def evaluate_holdout(
    cases: Sequence[HoldoutCase], question: Question, *, limit: float, delta: float = DELTA
) -> HoldoutEvaluation:
    """Evaluate the machine's answers against human answers and select the acceptance threshold.

    Parameters
    ----------
    cases
        One for each interaction, randomly sampled and never used for training; may be empty.
    question
        The question in its newest version.
    limit
        Largest error rate that the client accepts, in (0, 1).
    delta
        Probability that the guarantee is violated, in (0, 1).

    Returns
    -------
    HoldoutEvaluation
        Without threshold, and with a code, when no guarantee holds.

    Raises
    ------
    ValueError
        For an inclusion probability outside (0, 1].

    Notes
    -----
    Cases are thinned first (`thinned`), because binomial bounds need equal inclusion probabilities. The
    threshold is that of `scorecards.automation.risk_control.select_threshold`; failing answers of a critical
    question are never excluded from the guarantee.
    """
    sample = thinned(cases)
    names = classes(question, [name for each in sample for name in (each.machine, each.human)])
    machine = _class_indices(names, [each.machine for each in sample])
    human = _class_indices(names, [each.human for each in sample])
    confidence = np.array([each.confidence for each in sample], dtype=np.float64)
    errors = np.array([[disagree(question, one, other) for other in names] for one in names], dtype=np.bool_)
    failing = question.critical.options if question.critical else frozenset()
    required = [index for index, name in enumerate(names) if name in failing]
    scored = ScoredCases(confidence, errors[machine, human], human, len(names))
    guarantee = select_threshold(scored, limit=limit, delta=delta, required_classes=required)
    table = confusion(machine.tolist(), human.tolist(), len(names))
    accepted = confidence >= (np.inf if guarantee.threshold is None else guarantee.threshold)
    accepted_table = confusion(machine[accepted].tolist(), human[accepted].tolist(), len(names))
    return HoldoutEvaluation(
        labelled=len(cases),
        proved_on=len(sample),
        weight_ratio=_weight_ratio([each.probability for each in cases]),
        limit=limit,
        delta=delta,
        answers={name: int(count) for name, count in zip(names, table.sum(axis=0), strict=True)},
        **_performance(names, table, confidence, machine == human),
        rule_accuracy=_share([each.rule == each.human for each in sample if each.rule is not None]),
        **_agreements(question, names, table, accepted_table),
        **_guarantee_fields(guarantee, names),
        words=guarantee_in_words(
            guarantee, names, labelled=len(cases), counted=len(sample), limit=limit, delta=delta
        ),
    )


def _class_indices(names: Sequence[str], chosen: Sequence[str]) -> IntArray:
    index_of = {name: index for index, name in enumerate(names)}
    return np.array([index_of[name] for name in chosen], dtype=np.intp)


def _weight_ratio(probabilities: Sequence[float]) -> float:
    return max(probabilities) / min(probabilities) if probabilities else 1.0


def _agreements(
    question: Question, names: Sequence[str], table: FloatArray, accepted_table: FloatArray
) -> dict[str, Any]:
    alpha, ac1 = agreement(question, names, table)
    accepted_alpha, accepted_ac1 = agreement(question, names, accepted_table)
    return {
        "alpha": alpha,
        "ac1": ac1,
        "accepted_alpha": accepted_alpha,
        "accepted_ac1": accepted_ac1,
    }


def _performance(
    names: Sequence[str], table: FloatArray, confidence: FloatArray, correct: BoolArray
) -> dict[str, Any]:
    """Return accuracy, recall, macro F1 (over classes that human or machine chose), kappa and ECE."""
    if not correct.size:
        return {}
    hits, machine, human = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    occurs = machine + human > 0
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    gaps = np.abs(np.bincount(bins, confidence, BINS) - np.bincount(bins, correct.astype(np.float64), BINS))
    by_class = zip(names, hits, human, strict=True)
    return {
        "accuracy": float(correct.mean()),
        "macro_f1": float((2 * hits[occurs] / (machine + human)[occurs]).mean()),
        "recall": {name: float(hit / count) for name, hit, count in by_class if count},
        "kappa": cohens_kappa(table),
        "ece": float(gaps.sum() / correct.size),
    }


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _guarantee_fields(guarantee: RiskGuarantee, names: Sequence[str]) -> dict[str, Any]:
    return {
        "threshold": guarantee.threshold,
        "coverage": guarantee.coverage,
        "accepted": guarantee.accepted,
        "wrong": guarantee.wrong,
        "selective_error_upper": guarantee.selective_error_upper,
        "miss_bounds": {names[index]: bound for index, bound in guarantee.miss_bounds.items()},
        "unguaranteed_classes": tuple(names[index] for index in guarantee.unguaranteed_classes),
        "code": guarantee.code,
    }
