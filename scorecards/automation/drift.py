"""Whether what the machine was trusted for still holds: in people's recent answers, in what it reads (pure).

Both tests leave room for chance, because they are asked again and again: a bound at 1 %, a smallest number
of cases, and for what it reads a smallest difference that matters.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scorecards.automation.holdout_evaluation import agreement, classes, disagree, thinned
from scorecards.definitions.form import Question
from scorecards.statistics.agreement import TENTATIVE, confusion
from scorecards.statistics.confidence_intervals import UNKNOWN, Interval, normal_quantile, share_at_least

LEVEL = 0.01
"""Chance that one look raises a false alarm, where the machine is just as good as promised."""
MIN_ANSWERS = 20
"""Fewer recent answers of machine and person than this say nothing of the share of disagreement."""
MIN_PAIRS = 40
"""Fewer than this say nothing of coefficients of agreement."""
MIN_CONVERSATIONS = 50
"""Fewer recent interactions than this say nothing of what the machine reads."""
MAX_STANDARD_DEVIATIONS = 0.5
"""Standard deviations that the mean familiarity may surely have fallen since training."""
MIN_FALL = 0.02


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """A recent interaction that chance drew and a person reviewed, judged by the model in force.

    `said` is the machine's class, None where it abstained; `human` and `probability` are as of `Proven`.
    """

    interaction: str
    machine: str | None
    human: str
    probability: float


@dataclass(frozen=True, slots=True)
class RecentAgreement:
    """What recent double-scored interactions show of one question; shares in [0, 1].

    `reviewed` interactions count after thinning, in `answered` of them the machine's answer stood, `wrong` of
    those contradict the person; `low` is the lower bound of that share. `missed` holds the lower bound, for
    each rare class that was promised, of people's answers that the machine answered otherwise. `broken` says
    what surely does not hold any more: "too_often_wrong", "misses", "agreement", or None.
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
    seen: Sequence[ReviewedAnswer], question: Question, *, limit: float, rare: Collection[str] = ()
) -> RecentAgreement:
    """Tell what recent interactions show of the answers that stood.

    Parameters
    ----------
    seen
        One for each interaction.
    question
        What was asked.
    limit
        The share of disagreement that was promised, in (0, 1).
    rare
        The classes that have a promise of their own.

    Notes
    -----
    Interactions are thinned to an even sample first, as in `prove`. The promise is broken when a lower
    Clopper-Pearson bound at `LEVEL` lies above the limit, or when the upper ends of the 95 % intervals of
    alpha and of AC1 both lie below 0.667.

    Examples
    --------
    >>> question = Question("heard", "Heard?", "yes_no")
    >>> good = [Seen(f"{i}", "yes", "no" if i % 20 == 0 else "yes", 0.1) for i in range(60)]
    >>> recent(good, question, limit=0.1).broken is None
    True
    >>> bad = [Seen(f"{i}", "yes", "no" if i % 3 == 0 else "yes", 0.1) for i in range(60)]
    >>> recent(bad, question, limit=0.1).broken
    'too_often_wrong'
    """
    kept = thinned(seen)
    pairs = [(each.machine, each.human) for each in kept if each.machine is not None]
    apart = [(one, other) for one, other in pairs if disagree(question, one, other)]
    said = Counter(each.human for each in kept)
    astray = Counter(other for _, other in apart)
    low = float(share_at_least(len(apart), len(pairs), LEVEL))
    missed = {name: float(share_at_least(astray[name], said[name], LEVEL)) for name in sorted(rare)}
    alpha, ac1 = _agreement(question, pairs)
    found = RecentAgreement(len(kept), len(pairs), len(apart), low, missed, alpha, ac1)
    return RecentAgreement(**(_fields(found) | {"broken": _broken_guarantees(found, limit)}))


def _fields(found: RecentAgreement) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


def _agreement(question: Question, pairs: Sequence[tuple[str, str]]) -> tuple[Interval, Interval]:
    names = classes(question, {name for pair in pairs for name in pair})
    place = {name: number for number, name in enumerate(names)}
    table = confusion([place[one] for one, _ in pairs], [place[other] for _, other in pairs], len(names))
    return agreement(question, names, table)


def _broken_guarantees(found: RecentAgreement, limit: float) -> str | None:
    if found.answered < MIN_ANSWERS:
        return None
    if found.low > limit:
        return "too_often_wrong"
    if any(low > limit for low in found.missed.values()):
        return "misses"
    return "agreement" if found.answered >= MIN_PAIRS and _below(found, TENTATIVE) else None


def _below(found: RecentAgreement, bar: float) -> bool:
    """Whether neither coefficient can still be as high as the bar; one that is unknown says nothing."""
    highest = [each.high for each in (found.alpha, found.ac1) if each.high is not None]
    return bool(highest) and max(highest) < bar


def worse_than_chance(found: RecentAgreement) -> bool:
    """Tell whether recent answers surely agree less than chance would make them, by alpha and by AC1.

    Alpha alone would say so of a machine that says "yes" where people hardly ever say "no".
    """
    return found.answered >= MIN_PAIRS and _below(found, 0.0)


@dataclass(frozen=True, slots=True)
class VocabularyShare:
    """How much of what is said the model knows: mean and standard deviation over `n` interactions."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class InputDrift:
    """Familiarity at training and now; `fall` is the smallest fall that is sure, `drifted` if it matters."""

    then: VocabularyShare
    now: VocabularyShare
    fall: float
    drifted: bool

    def to_body(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def input_drift(then: VocabularyShare, now: VocabularyShare) -> InputDrift:
    """Tell whether what the machine reads now is surely less familiar to it than at training.

    Notes
    -----
    fall = then.mean - now.mean - z sqrt(then.sd² / then.n + now.sd² / now.n), z the one-sided normal quantile
    at `LEVEL`; it matters above max(`FARTHEST` then.sd, `LEAST_FALL`). Large samples show smallest
    differences, hence the second bar.

    Examples
    --------
    >>> inputs(Familiarity(0.8, 0.1, 400), Familiarity(0.6, 0.1, 200)).drifted
    True
    >>> inputs(Familiarity(0.8, 0.1, 400), Familiarity(0.77, 0.1, 5000)).drifted
    False
    """
    if min(then.n, now.n) < MIN_CONVERSATIONS:
        return InputDrift(then, now, 0.0, drifted=False)
    error = math.sqrt(then.sd**2 / then.n + now.sd**2 / now.n)
    fall = then.mean - now.mean - normal_quantile(1 - 2 * LEVEL) * error
    return InputDrift(then, now, fall, drifted=fall > max(MAX_STANDARD_DEVIATIONS * then.sd, MIN_FALL))
