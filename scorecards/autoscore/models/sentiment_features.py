"""What is known of a customer's sentence from the lexicon, and from what the customer said around it."""

import math
import re
from collections.abc import Sequence

import numpy as np

from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.score_cache import Numbers

_SIGNALS = ("failure", "feeling", "praise", "repeated", "sarcasm", "stakes", "thanks")
SENTENCE_FEATURES = (
    "sentiment", "pleased", "displeased", "distress", "asks", "exclaims", "words", "few_words", "placeholder",
    "figures", *_SIGNALS,
)  # fmt: skip
"""Names of what the lexicon and the patterns say of a sentence, in order; part of the artefact's format."""

CONTEXT_WINDOWS = ("itself", "before", "after", "turn", "turn_before", "all_before")
POSITION_FEATURES = ("first_turn", "how_many_before", "something_before", "something_after", "turn_number")
"""Names of where a sentence stands, in order."""

_FIGURE = re.compile(r"\d")
_CLEAR = 0.2
_FEW = 2
_LATE = 10


def sentence_features(spoken: SentenceAnnotations) -> list[float]:
    """Return the numbers of `SIGNS` for one sentence."""
    plain, valence = spoken.plain, spoken.valence
    found = {hit.signal for hit in spoken.matches} if spoken.matches else ()
    return [
        sentiment.compound([valence]),
        float(valence > _CLEAR),
        float(valence < -_CLEAR),
        spoken.distress,
        float("?" in plain),
        float("!" in plain),
        math.log1p(len(spoken.words)),
        float(len(spoken.words) <= _FEW),
        float("#" in plain),
        float(_FIGURE.search(plain) is not None),
        *[float(signal in found) for signal in _SIGNALS],
    ]


def context_window_features(own: Numbers, turns: Sequence[int]) -> Numbers:
    """Return what is known of each sentence of one customer in one conversation.

    Nothing said in a later turn is looked at, so a growing conversation does not change what was felt before.

    Parameters
    ----------
    own : array of shape (sentences, numbers)
        What is known of each sentence by itself; at least one sentence.
    turns : sequence of int
        The turn of each sentence, never falling.

    Returns
    -------
    array of shape (sentences, 6 * numbers + 5)
        By `PARTS`: the sentence, the ones before and after it in its turn, the mean of its turn, of the
        customer's turn before, and of all sentences before; 0 where there is none. Then `PLACES`.

    Examples
    --------
    >>> surrounded(np.array([[1.0], [3.0], [5.0]], dtype=np.float32), [0, 0, 4])[:, :6].tolist()
    [[1.0, 0.0, 3.0, 2.0, 0.0, 0.0], [3.0, 1.0, 0.0, 2.0, 0.0, 1.0], [5.0, 0.0, 0.0, 5.0, 2.0, 2.0]]
    """
    numbers = np.asarray(turns)
    size, width = own.shape
    opens = np.ones(size, dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=opens[1:])
    follows = ~opens
    joined = follows[1:, None]
    turn_of = np.cumsum(opens)
    means = np.zeros((turn_of[-1] + 1, width))
    means[1:] = np.add.reduceat(own, opens.nonzero()[0], axis=0) / np.bincount(turn_of)[1:, None]
    order = np.arange(size)
    found = np.zeros((size, width * len(CONTEXT_WINDOWS) + len(POSITION_FEATURES)), dtype=np.float32)
    itself, before, after, turn, turn_before, all_before = (
        found[:, start : start + width] for start in range(0, width * len(CONTEXT_WINDOWS), width)
    )
    itself[:] = own
    before[1:] = own[:-1] * joined
    after[:-1] = own[1:] * joined
    turn[:] = means[turn_of]
    turn_before[:] = means[turn_of - 1]
    all_before[:] = (np.cumsum(own, axis=0) - own) / np.maximum(order, 1)[:, None]
    places = found[:, width * len(CONTEXT_WINDOWS) :]
    places[:, 0] = numbers == numbers[0]
    places[:, 1] = np.log1p(order)
    places[:, 2] = follows
    places[:-1, 3] = follows[1:]
    places[:, 4] = np.minimum(numbers, _LATE) / _LATE
    return found
