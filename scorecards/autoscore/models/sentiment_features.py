"""Features of a customer's sentence: the lexicon and patterns, and a context window of other sentences."""

import math
import re
from collections.abc import Sequence

import numpy as np

from scorecards.arrays import Float32Array
from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.transcript import SentenceAnnotations

_SIGNALS = ("failure", "feeling", "praise", "repeated", "sarcasm", "stakes", "thanks")
SENTENCE_FEATURES = (
    "sentiment", "pleased", "displeased", "distress", "asks", "exclaims", "words", "few_words", "placeholder",
    "figures", *_SIGNALS,
)  # fmt: skip
"""Names of the features of a sentence by itself, in order; part of the artefact's format."""

CONTEXT_WINDOWS = ("itself", "before", "after", "turn", "turn_before", "all_before")
POSITION_FEATURES = ("first_turn", "how_many_before", "something_before", "something_after", "turn_number")
"""Names of the features of a sentence's position, in order."""

_FIGURE = re.compile(r"\d")
_MIN_CLEAR_VALENCE = 0.2
_MAX_FEW_WORDS = 2
_MAX_TURN = 10


def sentence_features(annotations: SentenceAnnotations) -> list[float]:
    """Return the values of `SENTENCE_FEATURES` for one sentence."""
    plain, valence = annotations.plain, annotations.valence
    found = {match.signal for match in annotations.matches} if annotations.matches else ()
    return [
        sentiment.compound([valence]),
        float(valence > _MIN_CLEAR_VALENCE),
        float(valence < -_MIN_CLEAR_VALENCE),
        annotations.distress,
        float("?" in plain),
        float("!" in plain),
        math.log1p(len(annotations.words)),
        float(len(annotations.words) <= _MAX_FEW_WORDS),
        float("#" in plain),
        float(_FIGURE.search(plain) is not None),
        *[float(signal in found) for signal in _SIGNALS],
    ]


def context_window_features(own: Float32Array, turns: Sequence[int]) -> Float32Array:
    """Return the features of each sentence of one customer in one conversation, with its context window.

    No later turn is used, so a growing conversation does not change the sentiment of earlier turns.

    Parameters
    ----------
    own : ndarray of shape (n_sentences, n_features), dtype float32
        Features of each sentence by itself; at least one sentence.
    turns : sequence of int
        The turn of each sentence, ascending.

    Returns
    -------
    ndarray of shape (n_sentences, 6 * n_features + 5), dtype float32
        By `CONTEXT_WINDOWS`: the sentence, the ones before and after it in its turn, the mean of its turn, of
        the customer's turn before, and of all sentences before; 0 where there is none. Then
        `POSITION_FEATURES`.

    Examples
    --------
    >>> context_window_features(np.array([[1.0], [3.0], [5.0]], dtype=np.float32), [0, 0, 4])[:, :6].tolist()
    [[1.0, 0.0, 3.0, 2.0, 0.0, 0.0], [3.0, 1.0, 0.0, 2.0, 0.0, 1.0], [5.0, 0.0, 0.0, 5.0, 2.0, 2.0]]
    """
    turn_numbers = np.asarray(turns)
    size, width = own.shape
    opens_turn = np.ones(size, dtype=np.bool_)
    np.not_equal(turn_numbers[1:], turn_numbers[:-1], out=opens_turn[1:])
    continues_turn = ~opens_turn
    same_turn = continues_turn[1:, None]
    turn_of = np.cumsum(opens_turn)
    means = np.zeros((turn_of[-1] + 1, width))
    means[1:] = np.add.reduceat(own, opens_turn.nonzero()[0], axis=0) / np.bincount(turn_of)[1:, None]
    order = np.arange(size)
    features = np.zeros((size, width * len(CONTEXT_WINDOWS) + len(POSITION_FEATURES)), dtype=np.float32)
    itself, before, after, turn, turn_before, all_before = (
        features[:, start : start + width] for start in range(0, width * len(CONTEXT_WINDOWS), width)
    )
    itself[:] = own
    before[1:] = own[:-1] * same_turn
    after[:-1] = own[1:] * same_turn
    turn[:] = means[turn_of]
    turn_before[:] = means[turn_of - 1]
    all_before[:] = (np.cumsum(own, axis=0) - own) / np.maximum(order, 1)[:, None]
    positions = features[:, width * len(CONTEXT_WINDOWS) :]
    positions[:, 0] = turn_numbers == turn_numbers[0]
    positions[:, 1] = np.log1p(order)
    positions[:, 2] = continues_turn
    positions[:-1, 3] = continues_turn[1:]
    positions[:, 4] = np.minimum(turn_numbers, _MAX_TURN) / _MAX_TURN
    return features
