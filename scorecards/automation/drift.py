"""Drift detection: agreement with recent human answers, and familiarity of recent inputs (pure).

Both tests are repeated often and therefore strict: error probability 1 %, a minimum number of cases, and for
input drift a minimum effect size.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from scorecards.automation.class_agreement import agreement, classes, disagree
from scorecards.automation.thinning import thinned
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import TENTATIVE, confusion
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval, normal_quantile, share_at_least

LEVEL = 0.01
"""False alarm probability of one test when the error rate is exactly at the limit."""
MIN_ANSWERS = 20
"""Minimum recent pairs of machine and human answer for a test of the error rate."""
MIN_PAIRS = 40
"""Minimum recent pairs for a test of agreement coefficients."""
MIN_CONVERSATIONS = 50
"""Minimum interactions, at training and now, for a test of input drift."""
MAX_STANDARD_DEVIATIONS = 0.5
"""Tolerated significant fall of mean familiarity, in standard deviations at training."""
MIN_FALL = 0.02
"""Tolerated significant fall of mean familiarity, absolute."""


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """A recent, randomly sampled and human-reviewed interaction, evaluated by the model in force.

    Attributes
    ----------
    interaction, human, probability
        As of `scorecards.automation.holdout_evaluation.HoldoutCase`.
    machine : str or None
        Class of the machine's answer; None when it abstained.
    """

    interaction: str
    machine: str | None
    human: str
    probability: float


@dataclass(frozen=True, slots=True)
class RecentAgreement:
    """Agreement on recent double-scored interactions for one question.

    Attributes
    ----------
    reviewed, answered, wrong : int
        Reviewed interactions after thinning, those of them that the machine answered, and those of these in
        which it contradicts the human.
    low : float
        Lower confidence bound of the error rate wrong / answered, in [0, 1].
    missed : mapping of str to float
        By rare class with a guarantee, the lower confidence bound of the share of its human answers that the
        machine contradicts.
    alpha, ac1 : Interval
        Krippendorff's alpha and Gwet's AC1 of machine and human.
    broken : {'too_often_wrong', 'misses', 'agreement'} or None
        Which part of the guarantee is significantly violated.
    """

    reviewed: int
    answered: int = 0
    wrong: int = 0
    low: float = 0.0
    missed: Mapping[str, float] = field(default_factory=dict)
    alpha: Interval = UNKNOWN
    ac1: Interval = UNKNOWN
    broken: str | None = None

    def to_body(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def recent_agreement(
    recent: Sequence[ReviewedAnswer], question: Question, *, limit: float, rare: Collection[str] = ()
) -> RecentAgreement:
    """Test whether recent double-scored interactions contradict the risk guarantee.

    Parameters
    ----------
    recent
        One for each interaction; may be empty.
    question
        The question that was answered.
    limit
        Guaranteed error rate, in (0, 1).
    rare
        Classes with a miss rate guarantee of their own.

    Raises
    ------
    ValueError
        For an inclusion probability outside (0, 1].

    Notes
    -----
    Interactions are thinned first, as in `evaluate_holdout`. The guarantee is violated when a lower
    Clopper-Pearson bound at `LEVEL` lies above the limit, or when the upper limits of the 95 % intervals of
    alpha and of AC1 both lie below 0.667.

    Examples
    --------
    >>> question = Question("polite", "Polite?", "yes_no")
    >>> good = [ReviewedAnswer(f"{i}", "yes", "no" if i % 20 == 0 else "yes", 0.1) for i in range(60)]
    >>> recent_agreement(good, question, limit=0.1).broken is None
    True
    >>> bad = [ReviewedAnswer(f"{i}", "yes", "no" if i % 3 == 0 else "yes", 0.1) for i in range(60)]
    >>> recent_agreement(bad, question, limit=0.1).broken
    'too_often_wrong'
    """
    sample = thinned(recent)
    pairs = [(each.machine, each.human) for each in sample if each.machine is not None]
    errors = [(machine, human) for machine, human in pairs if disagree(question, machine, human)]
    human_counts = Counter(each.human for each in sample)
    miss_counts = Counter(human for _, human in errors)
    low = float(share_at_least(len(errors), len(pairs), LEVEL))
    missed = {
        name: float(share_at_least(miss_counts[name], human_counts[name], LEVEL)) for name in sorted(rare)
    }
    alpha, ac1 = _agreement(question, pairs)
    measured = RecentAgreement(len(sample), len(pairs), len(errors), low, missed, alpha, ac1)
    return replace(measured, broken=_violated_part(measured, limit))


def _agreement(question: Question, pairs: Sequence[tuple[str, str]]) -> tuple[Interval, Interval]:
    names = classes(question, {name for pair in pairs for name in pair})
    index = {name: position for position, name in enumerate(names)}
    table = confusion(
        [index[machine] for machine, _ in pairs], [index[human] for _, human in pairs], len(names)
    )
    return agreement(question, names, table)


def _violated_part(measured: RecentAgreement, limit: float) -> str | None:
    if measured.answered < MIN_ANSWERS:
        return None
    if measured.low > limit:
        return "too_often_wrong"
    if any(low > limit for low in measured.missed.values()):
        return "misses"
    return "agreement" if measured.answered >= MIN_PAIRS and _below(measured, TENTATIVE) else None


def _below(measured: RecentAgreement, threshold: float) -> bool:
    """Whether the upper limits of both coefficients lie below a threshold; unknown ones are ignored."""
    upper = [each.high for each in (measured.alpha, measured.ac1) if each.high is not None]
    return bool(upper) and max(upper) < threshold


def worse_than_chance(found: RecentAgreement) -> bool:
    """Tell whether recent agreement is significantly below chance, by alpha and by AC1.

    Alpha alone can be negative for a machine that always says "yes" where humans hardly ever say "no".
    """
    return found.answered >= MIN_PAIRS and _below(found, 0.0)


@dataclass(frozen=True, slots=True)
class VocabularyShare:
    """Share of words in the model's vocabulary, in [0, 1]: mean and SD over `n` interactions."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class InputDrift:
    """Familiarity at training (`then`) and `now`.

    Attributes
    ----------
    then, now : VocabularyShare
        In-vocabulary shares.
    fall : float
        Lower confidence bound of the fall of the mean; 0 with too few interactions, negative possible.
    drifted : bool
        Whether the fall is significant and large enough to matter.
    """

    then: VocabularyShare
    now: VocabularyShare
    fall: float
    drifted: bool

    def to_body(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def input_drift(then: VocabularyShare, now: VocabularyShare) -> InputDrift:
    """Test whether recent inputs are less familiar to the model than its training inputs.

    Parameters
    ----------
    then, now
        In-vocabulary shares at training and now.

    Returns
    -------
    InputDrift
        Not drifted when either has fewer than `MIN_CONVERSATIONS` interactions.

    Notes
    -----
    fall = then.mean - now.mean - z sqrt(then.sd² / then.n + now.sd² / now.n), z the one-sided normal quantile
    at `LEVEL` (two-sample z-test); it matters above max(`MAX_STANDARD_DEVIATIONS` then.sd, `MIN_FALL`), as
    large samples make negligible differences significant.

    Examples
    --------
    >>> input_drift(VocabularyShare(0.8, 0.1, 400), VocabularyShare(0.6, 0.1, 200)).drifted
    True
    >>> input_drift(VocabularyShare(0.8, 0.1, 400), VocabularyShare(0.77, 0.1, 5000)).drifted
    False
    """
    if min(then.n, now.n) < MIN_CONVERSATIONS:
        return InputDrift(then, now, 0.0, drifted=False)
    error = math.sqrt(then.sd**2 / then.n + now.sd**2 / now.n)
    fall = then.mean - now.mean - normal_quantile(1 - 2 * LEVEL) * error
    return InputDrift(then, now, fall, drifted=fall > max(MAX_STANDARD_DEVIATIONS * then.sd, MIN_FALL))
