"""What the last step of a model sees: pooled sentences, the rule's answer, signs of the conversation."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.learned.table import Numbers
from scorecards.autoscore.reading import Mark
from scorecards.autoscore.verdict import Case, Verdict

NOT_APPLICABLE = "n/a"
POOLS = 3
"""Ways in which the sentences of one side are pooled: highest, mean, at least one of them."""

AGENT_SIGNALS = (
    "account_action",
    "apology",
    "blame",
    "canned",
    "check_back",
    "date",
    "deflection",
    "feeling",
    "greeting",
    "looking",
    "more_help",
    "next_step",
    "ownership",
    "promise",
    "reassurance",
    "reflection",
    "sign_off",
    "solution",
    "sympathy",
    "understanding",
    "vague_time",
    "verification",
    "warm_close",
)
CUSTOMER_SIGNALS = ("failure", "feeling", "praise", "repeated", "sarcasm", "stakes", "thanks")
FACTS = (
    "sentiment_start",
    "sentiment_end",
    "sentiment_shift",
    "peak_distress",
    "charged",
    "opportunity",
    "feelings",
    "failures",
    "agent_turns",
    "customer_turns",
    "agent_words",
    "customer_words",
    "understood",
)
CONTEXT = (
    *FACTS,
    *(f"agent_{name}" for name in AGENT_SIGNALS),
    *(f"customer_{name}" for name in CUSTOMER_SIGNALS),
)
"""Names of the numbers that describe a conversation as a whole, in order; part of the artefact's format."""

_LOWEST, _HIGHEST = -12.0, 12.0


def context(case: Case) -> list[float]:
    """Return the numbers of `CONTEXT`; what is not known is 0, counts are taken as log(1 + count)."""
    mood, reading, chance = case.sentiment, case.reading, case.opportunity
    return [
        mood.start or 0.0,
        mood.end or 0.0,
        mood.shift or 0.0,
        mood.peak_distress,
        float(mood.charged),
        float(chance.any),
        math.log1p(len(chance.feelings)),
        math.log1p(len(chance.failures)),
        math.log1p(len(reading.agent_turns)),
        math.log1p(len(reading.customer_turns)),
        math.log1p(sum([len(said.spoken.words) for said in reading.agent_said])),
        math.log1p(sum([len(said.spoken.words) for said in reading.customer_said])),
        float(reading.understood),
        *_counted(reading.agent, AGENT_SIGNALS),
        *_counted(reading.customer, CUSTOMER_SIGNALS),
    ]


def _counted(marks: Mapping[str, Sequence[Mark]], signals: Sequence[str]) -> list[float]:
    return [math.log1p(len(marks[signal])) if signal in marks else 0.0 for signal in signals]


def pool(logits: Numbers, starts: Sequence[int] | NDArray[np.int64]) -> Numbers:
    """Pool the sentences of conversations: three columns per head.

    Parameters
    ----------
    logits : array of shape (sentences, heads)
        Log-odds that a sentence is evidence.
    starts : sequence of int
        The first sentence of each conversation; none is without a sentence.

    Returns
    -------
    array of shape (conversations, 3 * heads)
        Log-odds of the highest sentence, of the mean, and of at least one being evidence if they were
        independent: 1 - prod(1 - p). Kept within [-12, 12].

    Examples
    --------
    >>> pool(np.array([[0.0], [0.0]], dtype=np.float32), [0]).round(3).tolist()
    [[0.0, 0.0, 1.099]]
    """
    clipped = np.clip(logits, _LOWEST, _HIGHEST)
    calm = np.logaddexp(np.float32(0), clipped)  # -log(1 - p)
    counts = np.diff(np.asarray(starts), append=len(logits))[:, None]
    highest = np.maximum.reduceat(clipped, starts, axis=0)
    mean = np.add.reduceat(-np.expm1(-calm), starts, axis=0) / counts
    some = np.add.reduceat(calm, starts, axis=0)
    with np.errstate(divide="ignore"):
        pooled = np.concatenate(
            [highest, np.log(mean) - np.log1p(-mean), np.log(-np.expm1(-some)) + some], axis=1
        )
    bounded: Numbers = np.clip(pooled, _LOWEST, _HIGHEST).astype(np.float32)
    return bounded


def chosen(values: Mapping[str, float], verdict: Verdict | None) -> str | None:
    """Return the class a rule's verdict stands for among options worth `values`; None where it abstains.

    Examples
    --------
    >>> chosen({"yes": 1.0, "no": 0.0}, Verdict(0.4, 0.9, (), ""))
    'no'
    """
    if verdict is None or verdict.abstained:
        return None
    if verdict.value is None:
        return NOT_APPLICABLE
    worth = verdict.value
    ranked = sorted(values, key=lambda key: values[key])
    if len(ranked) <= 2:
        return (ranked[-1] if worth >= 1.0 else ranked[0]) if ranked else None
    return min(ranked, key=lambda key: abs(values[key] - worth))


def ruled(classes: Sequence[str], choice: str | None, confidence: float) -> tuple[int, float]:
    """Return the one place that is not 0 among the rule's features, and its value.

    It is the rule's confidence at the class it chose, or 1 behind the classes where it chose none of them.
    """
    if choice in classes:
        return classes.index(choice), confidence
    return len(classes), 1.0
