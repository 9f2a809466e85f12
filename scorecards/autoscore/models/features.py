"""What the last step of a model sees: pooled sentences, the rule's answer, signs of the conversation."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.annotation.transcript import Annotation
from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.models.score_cache import Numbers

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
COUNT_FEATURES = (
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
CONVERSATION_FEATURES = (
    *COUNT_FEATURES,
    *(f"agent_{name}" for name in AGENT_SIGNALS),
    *(f"customer_{name}" for name in CUSTOMER_SIGNALS),
)
"""Names of the numbers that describe a conversation as a whole, in order; part of the artefact's format."""

_LOWEST, _HIGHEST, _ONE = np.float32(-12.0), np.float32(12.0), np.float32(1.0)


def conversation_features(case: Case) -> list[float]:
    """Return the numbers of `CONTEXT`; what is not known is 0, counts are taken as log(1 + count)."""
    mood, reading, chance = case.sentiment, case.transcript, case.opportunity
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
        math.log1p(sum([len(said.annotations.words) for said in reading.agent_sentences])),
        math.log1p(sum([len(said.annotations.words) for said in reading.customer_sentences])),
        float(reading.is_known_language),
        *_counted(reading.agent_annotations, AGENT_SIGNALS),
        *_counted(reading.customer_annotations, CUSTOMER_SIGNALS),
    ]


def _counted(marks: Mapping[str, Sequence[Annotation]], signals: Sequence[str]) -> list[float]:
    return [math.log1p(len(marks[signal])) if signal in marks else 0.0 for signal in signals]


def pool(logits: Numbers, starts: NDArray[np.int64]) -> Numbers:
    """Pool the sentences of conversations: three columns per head.

    Parameters
    ----------
    logits : array of shape (sentences, heads)
        Log-odds that a sentence is evidence.
    starts : array of int
        The first sentence of each conversation; none is without a sentence.

    Returns
    -------
    array of shape (conversations, 3 * heads)
        Log-odds of the highest sentence, of the mean, and of at least one being evidence if they were
        independent: 1 - prod(1 - p). Kept within [-12, 12].

    Examples
    --------
    >>> pool(np.array([[0.0], [0.0]], dtype=np.float32), np.array([0])).round(3).tolist()
    [[0.0, 0.0, 1.0989999771118164]]
    """
    clipped = np.minimum(np.maximum(logits, _LOWEST), _HIGHEST)
    odds = np.exp(clipped)
    more = odds + _ONE
    counts = np.add.reduceat(np.ones((len(logits), 1), dtype=np.float32), starts, axis=0)
    highest = np.maximum.reduceat(clipped, starts, axis=0)
    mean = np.add.reduceat(odds / more, starts, axis=0) / counts
    some = np.minimum(np.add.reduceat(np.log(more), starts, axis=0), _HIGHEST)  # -log(prod(1 - p))
    pooled = np.concatenate([highest, np.log(mean / (_ONE - mean)), np.log(np.expm1(some))], axis=1)
    bounded: Numbers = np.minimum(np.maximum(pooled, _LOWEST), _HIGHEST)
    return bounded


def class_of_verdict(values: Mapping[str, float], verdict: Verdict | None) -> str | None:
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
    if len(values) == 2:  # most questions by far
        one, other = values
        low, high = (one, other) if values[one] <= values[other] else (other, one)
        return high if worth >= 1.0 else low
    ranked = sorted(values, key=lambda key: values[key])
    if len(ranked) <= 1:
        return ranked[0] if ranked else None
    return min(ranked, key=lambda key: abs(values[key] - worth))
