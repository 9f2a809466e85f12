"""The words, pairs of words and letters in words that a model knows, and where a sentence finds them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.oov_character_ngrams import CharacterNgrams, Rows, character_ngrams

__all__ = [
    "EDGES",
    "EMPTY_SENTENCE",
    "NgramRows",
    "Vocabulary",
    "character_ngrams",
    "segment_lengths",
    "tokens",
]

EDGES = ("<s>", "</s>")
"""Stand before and behind the words of a sentence, so that beginnings and ends are pairs of words too."""

_DIGITS = str.maketrans("123456789", "000000000")
EMPTY_SENTENCE = SentenceAnnotations("", (), (), (), 0)
"""A sentence that says nothing: what a side that never speaks is heard as."""


def tokens(spoken: SentenceAnnotations) -> list[str]:
    """Return the words of a sentence and the mark it ends in, between its edges; every digit is a 0.

    Examples
    --------
    >>> tokens(Spoken("it's order 4711?", ("it's", "order", "4711"), (), (), 0))
    ['<s>', "it's", 'order', '0000', '?', '</s>']
    """
    return [EDGES[0], *[word.translate(_DIGITS) for word in spoken.words], *_mark(spoken.plain), EDGES[1]]


def _mark(plain: str) -> str:
    last = plain[-1:]
    return "" if last.isalnum() else last


def segment_lengths(starts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how long each part of a row of `total` things is, from where each starts.

    Examples
    --------
    >>> lengths(np.array([0, 2]), 5).tolist()
    [2, 3]
    """
    counts = np.empty_like(starts)
    counts[:-1] = starts[1:] - starts[:-1]
    counts[-1:] = total - starts[-1:]
    return counts


class NgramRows(NamedTuple):
    """Where the n-grams of some sentences stand, one slot per token; the last row stands for unknown.

    `pairs` holds the pair a token forms with its successor in the same sentence, `starts` the first slot of
    each sentence, `letters` the runs in words that are not known, `spelt` the sentence each is in.
    """

    words: Rows
    pairs: Rows
    starts: Rows
    character_ngrams: Rows
    character_owners: Rows


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Rows of words, then of pairs, then of runs, and a last one for the unknown.

    A pair of words in rows (a, b) is kept as the number a * size + b.

    Examples
    --------
    >>> known = Vocabulary.of(["am", "so", "sorry"], [(1, 2)], [" s", "ry"])
    >>> said = [Spoken("am so sorry", ("am", "so", "sorry"), (), (), 0), Spoken("sry", ("sry",), (), (), 0)]
    >>> found = known.find(said)
    >>> found.words.tolist(), found.pairs.tolist(), found.starts.tolist()
    ([6, 0, 1, 2, 6, 6, 6, 6], [6, 6, 3, 6, 6, 6, 6, 6], [0, 5])
    >>> found.letters.tolist(), found.spelt.tolist()
    ([4, 5], [1, 1])
    """

    words: tuple[str, ...]
    pairs: Rows
    character_ngrams: tuple[str, ...]
    _row: dict[str, int] = field(init=False, repr=False, compare=False)
    _character_index: CharacterNgrams = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index words and runs by their rows."""
        first = len(self.words) + len(self.pairs)
        object.__setattr__(self, "_row", {word: row for row, word in enumerate(self.words)})
        object.__setattr__(self, "_character_index", CharacterNgrams.of(self.character_ngrams, first))

    @classmethod
    def of(cls, words: Sequence[str], pairs: Sequence[tuple[int, int]], runs: Sequence[str]) -> "Vocabulary":
        """Build from words, pairs of their rows, and runs."""
        size = len(words) + len(pairs) + len(runs) + 1
        return cls(
            tuple(words), np.array(sorted(a * size + b for a, b in pairs), dtype=np.int64), tuple(runs)
        )

    @property
    def size(self) -> int:
        """How many rows a table for it has."""
        return len(self.words) + len(self.pairs) + len(self.character_ngrams) + 1

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        names = sum(sys.getsizeof(name) for name in (*self.words, *self.character_ngrams))
        rows = sys.getsizeof(self._row) + sum(sys.getsizeof(row) for row in self._row.values())
        kept = sys.getsizeof(self.words) + sys.getsizeof(self.character_ngrams) + self.pairs.nbytes
        return names + rows + kept + self._character_index.nbytes

    def find(self, sentences: Sequence[SentenceAnnotations]) -> NgramRows:
        """Return the rows of sentences."""
        unknown = self.size - 1
        row = self._row
        first, last = row.get(EDGES[0], unknown), row.get(EDGES[1], unknown)
        slots: list[int] = []
        starts: list[int] = []
        strange: list[str] = []
        owners: list[int] = []
        for number, spoken in enumerate(sentences):
            starts.append(len(slots))
            slots.append(first)
            said = [row.get(word, unknown) for word in spoken.words]
            if unknown in said:
                self._look_closer(spoken.words, said, strange)
                owners += [number] * (len(strange) - len(owners))
            slots += said
            slots += [row.get(mark, unknown) for mark in _mark(spoken.plain)]
            slots.append(last)
        words, begun = np.array(slots, dtype=np.int64), np.array(starts, dtype=np.int64)
        return NgramRows(
            words, self._paired(words, begun), begun, *self._character_index.find(strange, owners)
        )

    def _look_closer(self, words: Sequence[str], said: list[int], strange: list[str]) -> None:
        """Look unknown words up with their digits levelled; those that stay unknown are read by letters."""
        unknown = self.size - 1
        for place, found in enumerate(said):
            if found == unknown:
                word = words[place].translate(_DIGITS)
                said[place] = known = self._row.get(word, unknown)
                if known == unknown and word[0].isalnum():
                    strange.append(word)

    def _paired(self, words: Rows, starts: Rows) -> Rows:
        unknown = self.size - 1
        if not len(self.pairs):
            return np.full(len(words), unknown, dtype=np.int64)
        pairs = np.empty(len(words), dtype=np.int64)
        wanted = words[:-1] * self.size + words[1:]
        place = self.pairs.searchsorted(wanted)
        known = self.pairs.take(place, mode="clip") == wanted
        pairs[:-1] = np.where(known, place + len(self.words), unknown)
        pairs[starts - 1] = unknown  # the last slot of the sentence before, and of all where it is the first
        return pairs
