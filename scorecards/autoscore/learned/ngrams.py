"""The words and pairs of words a model knows, and where a sentence finds them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


class Found(NamedTuple):
    """Where the n-grams of some sentences stand, one slot per word; what is not known stands in the last row.

    `pairs` holds the pair a word forms with its successor in the same sentence; `starts` is the first slot of
    each sentence, and a sentence without words still has one slot.
    """

    words: Rows
    pairs: Rows
    starts: Rows


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by row, then pairs of words by row: a pair of rows (a, b) is kept as the number a * size + b.

    Examples
    --------
    >>> known = Vocabulary.of(["am", "i", "so", "sorry"], [(0, 3), (2, 3)])
    >>> found = known.find([["i", "am", "so", "sorry"], ["unheard"]])
    >>> found.words.tolist(), found.pairs.tolist(), found.starts.tolist()
    ([1, 0, 2, 3, 6], [6, 6, 5, 6, 6], [0, 4])
    """

    words: tuple[str, ...]
    pairs: Rows
    _row: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the words."""
        object.__setattr__(self, "_row", {word: row for row, word in enumerate(self.words)})

    @classmethod
    def of(cls, words: Sequence[str], pairs: Sequence[tuple[int, int]]) -> "Vocabulary":
        """Build from words and from pairs of their places."""
        size = len(words) + len(pairs) + 1
        return cls(tuple(words), np.array(sorted(a * size + b for a, b in pairs), dtype=np.int64))

    @property
    def size(self) -> int:
        """How many rows a table for it has: every word, every pair and one for the unknown."""
        return len(self.words) + len(self.pairs) + 1

    def find(self, sentences: Sequence[Sequence[str]]) -> Found:
        """Return the rows of sentences given as words."""
        unknown = self.size - 1
        row = self._row
        slots: list[int] = []
        starts: list[int] = []
        for words in sentences:
            starts.append(len(slots))
            slots += [row.get(word, unknown) for word in words] or [unknown]
        found = np.array(slots, dtype=np.int64)
        first = np.array(starts, dtype=np.int64)
        return Found(found, self._paired(found, first), first)

    def _paired(self, words: Rows, starts: Rows) -> Rows:
        unknown = self.size - 1
        pairs = np.full(len(words), unknown, dtype=np.int64)
        if len(self.pairs):
            wanted = words[:-1] * self.size + words[1:]
            place = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
            pairs[:-1] = np.where(self.pairs[place] == wanted, len(self.words) + place, unknown)
            pairs[starts[1:] - 1] = unknown
        return pairs
