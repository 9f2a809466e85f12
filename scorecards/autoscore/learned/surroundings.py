"""What is known of a customer's sentence from the lexicon, and from what the customer said around it."""

import math
import re
from collections.abc import Sequence

import numpy as np

from scorecards.autoscore import sentiment
from scorecards.autoscore.learned.table import Numbers
from scorecards.autoscore.reading import Spoken

_SIGNALS = ("failure", "feeling", "praise", "repeated", "sarcasm", "stakes", "thanks")
SIGNS = (
    "sentiment", "pleased", "displeased", "distress", "asks", "exclaims", "words", "few_words", "placeholder",
    "figures", *_SIGNALS,
)  # fmt: skip
"""Names of what the lexicon and the patterns say of a sentence, in order; part of the artefact's format."""

PARTS = ("itself", "before", "after", "turn", "turn_before", "all_before")
PLACES = ("first_turn", "how_many_before", "something_before", "something_after", "turn_number")
"""Names of where a sentence stands, in order."""

_FIGURE = re.compile(r"\d")
_CLEAR = 0.2
_FEW = 2
_LATE = 10


def signs(spoken: Spoken) -> list[float]:
    """Return the numbers of `SIGNS` for one sentence."""
    plain, valence = spoken.plain, spoken.valence
    found = {hit.signal for hit in spoken.hits}
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
        *(float(signal in found) for signal in _SIGNALS),
    ]


def surrounded(own: Numbers, turns: Sequence[int]) -> Numbers:
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
    size = len(numbers)
    same = numbers[1:] == numbers[:-1]
    joined = same[:, None]
    before, after = np.zeros_like(own), np.zeros_like(own)
    before[1:] = own[:-1] * joined
    after[:-1] = own[1:] * joined
    starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    counts = np.diff(starts, append=size)
    means = np.add.reduceat(own, starts, axis=0) / counts[:, None]
    earlier = np.zeros_like(means)
    earlier[1:] = means[:-1]
    order = np.arange(size)
    past = ((np.cumsum(own, axis=0) - own) / np.maximum(order, 1)[:, None]).astype(np.float32)
    places = np.column_stack(
        [
            numbers == numbers[0],
            np.log1p(order),
            np.concatenate([[False], same]),
            np.concatenate([same, [False]]),
            np.minimum(numbers, _LATE) / _LATE,
        ]
    )
    parts: list[Numbers] = [
        own,
        before,
        after,
        np.repeat(means, counts, axis=0),
        np.repeat(earlier, counts, axis=0),
        past,
    ]
    return np.hstack([*parts, places]).astype(np.float32)
