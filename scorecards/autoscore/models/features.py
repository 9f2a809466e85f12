"""Features of the meta-classifier: pooled evidence scores, the rule's verdict, the whole conversation."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from scorecards.arrays import Float32Array, IntArray
from scorecards.autoscore.annotation.transcript import Annotation
from scorecards.autoscore.case import Case, Verdict

NOT_APPLICABLE = "n/a"
POOLS = 3
"""Ways in which the evidence scores of one side are pooled: maximum, mean, at least one."""

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
"""Names of the features of a conversation as a whole, in order; part of the artefact's format."""

_MIN_LOG_ODDS, _MAX_LOG_ODDS, _ONE = np.float32(-12.0), np.float32(12.0), np.float32(1.0)


def conversation_features(case: Case) -> list[float]:
    """Return the values of `CONVERSATION_FEATURES`; unknown values are 0, counts enter as log(1 + count)."""
    sentiment, transcript, opportunity = case.sentiment, case.transcript, case.opportunity
    return [
        sentiment.start or 0.0,
        sentiment.end or 0.0,
        sentiment.shift or 0.0,
        sentiment.peak_distress,
        float(sentiment.charged),
        float(opportunity.any),
        math.log1p(len(opportunity.feelings)),
        math.log1p(len(opportunity.failures)),
        math.log1p(len(transcript.agent_turns)),
        math.log1p(len(transcript.customer_turns)),
        math.log1p(sum([len(each.annotations.words) for each in transcript.agent_sentences])),
        math.log1p(sum([len(each.annotations.words) for each in transcript.customer_sentences])),
        float(transcript.is_known_language),
        *_log_counts(transcript.agent_annotations, AGENT_SIGNALS),
        *_log_counts(transcript.customer_annotations, CUSTOMER_SIGNALS),
    ]


def _log_counts(annotations: Mapping[str, Sequence[Annotation]], signals: Sequence[str]) -> list[float]:
    return [math.log1p(len(annotations[signal])) if signal in annotations else 0.0 for signal in signals]


def pool(logits: Float32Array, offsets: IntArray) -> Float32Array:
    """Pool the evidence scores of the sentences of each conversation: three columns per head.

    Parameters
    ----------
    logits : ndarray of shape (n_sentences, n_heads), dtype float32
        Log-odds that a sentence is evidence.
    offsets : ndarray of shape (n_conversations,), dtype int64
        The first sentence of each conversation; each has at least one.

    Returns
    -------
    ndarray of shape (n_conversations, 3 * n_heads), dtype float32
        Log-odds of the highest probability, of the mean probability, and of at least one sentence being
        evidence if they were independent, 1 - prod(1 - p). Clipped to [-12, 12].

    Examples
    --------
    >>> pool(np.array([[0.0], [0.0]], dtype=np.float32), np.array([0])).round(3).tolist()
    [[0.0, 0.0, 1.0989999771118164]]
    """
    clipped = np.minimum(np.maximum(logits, _MIN_LOG_ODDS), _MAX_LOG_ODDS)
    odds = np.exp(clipped)
    more = odds + _ONE
    counts = np.add.reduceat(np.ones((len(logits), 1), dtype=np.float32), offsets, axis=0)
    highest = np.maximum.reduceat(clipped, offsets, axis=0)
    mean = np.add.reduceat(odds / more, offsets, axis=0) / counts
    some = np.minimum(np.add.reduceat(np.log(more), offsets, axis=0), _MAX_LOG_ODDS)  # -log(prod(1 - p))
    pooled = np.concatenate([highest, np.log(mean / (_ONE - mean)), np.log(np.expm1(some))], axis=1)
    bounded: Float32Array = np.minimum(np.maximum(pooled, _MIN_LOG_ODDS), _MAX_LOG_ODDS)
    return bounded


def class_of_verdict(values: Mapping[str, float], verdict: Verdict | None) -> str | None:
    """Return the option key, or "n/a", nearest to a rule's verdict, given option values; None if it abstains.

    Examples
    --------
    >>> class_of_verdict({"yes": 1.0, "no": 0.0}, Verdict(0.4, 0.9, (), ""))
    'no'
    """
    if verdict is None or verdict.abstained:
        return None
    if verdict.value is None:
        return NOT_APPLICABLE
    value = verdict.value
    if len(values) == 2:  # most questions by far
        one, other = values
        low, high = (one, other) if values[one] <= values[other] else (other, one)
        return high if value >= 1.0 else low
    ranked = sorted(values, key=lambda key: values[key])
    if len(ranked) <= 1:
        return ranked[0] if ranked else None
    return min(ranked, key=lambda key: abs(values[key] - value))
