"""What each n-gram adds to every head, and what a sentence adds up to; sentences are remembered."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.learned.ngrams import Vocabulary

Numbers = NDArray[np.float32]

REMEMBERED = 2_048
"""Sentences a table remembers in each of two generations; bounds a worker's memory."""

_OWN_COLUMNS = 2
_REMEMBERED_BYTES = 300  # a sentence's text, its place in the memo and its array's own header


class Table:
    """A vocabulary with a row of numbers per n-gram.

    The columns are the heads, then the n-gram's squared weight (so that the square root of their sum is the
    length of a sentence, or of a whole conversation), then 1 where it is a known word or pair. The row of a
    word holds what its letters add as well; the rows of runs are for words that are not known.
    """

    def __init__(self, vocabulary: Vocabulary, weights: NDArray[Any]) -> None:
        """Keep the weights, one row per row of the vocabulary; the last row is nothing but zeros."""
        self.vocabulary = vocabulary
        self.weights = weights
        self.heads = weights.shape[1] - _OWN_COLUMNS
        self._young: dict[str, Numbers] = {}
        self._old: dict[str, Numbers] = {}

    @property
    def size(self) -> int:
        """Bytes in memory, with the memo at its fullest."""
        indexes = self.vocabulary.indexes
        names = sum(
            sys.getsizeof(name) + sys.getsizeof(row) for each in indexes for name, row in each.items()
        )
        vocabulary = names + sum(sys.getsizeof(each) for each in indexes) + self.vocabulary.pairs.nbytes
        memo = 2 * REMEMBERED * ((self.heads + _OWN_COLUMNS + 1) * 4 + _REMEMBERED_BYTES)
        return int(vocabulary + self.weights.nbytes + memo)

    def hear(self, plains: Sequence[str]) -> Numbers:
        """Return one row per normalised sentence: its heads, squared length, known and all n-grams.

        An empty sequence is heard as one sentence that says nothing.
        """
        plains = plains or ("",)
        rows = [self._recall(plain) for plain in plains]
        missing = [plain for plain, row in zip(plains, rows, strict=True) if row is None]
        if missing:
            fresh = iter(self._measure(missing))
            rows = [
                self._remember(plain, next(fresh)) if row is None else row
                for plain, row in zip(plains, rows, strict=True)
            ]
        return np.array(rows, dtype=np.float32)

    def _recall(self, plain: str) -> Numbers | None:
        row = self._young.get(plain)
        if row is None and (row := self._old.get(plain)) is not None:
            self._remember(plain, row)
        return row

    def _remember(self, plain: str, row: Numbers) -> Numbers:
        # Two generations forget the oldest half at once; no step can surprise another thread.
        if len(self._young) >= REMEMBERED:
            self._old, self._young = self._young, {}
        self._young[plain] = row
        return row

    def _measure(self, plains: Sequence[str]) -> list[Numbers]:
        found = self.vocabulary.find(plains)
        slots = np.add(self.weights[found.words], self.weights[found.pairs], dtype=np.float32)
        for slot, letters in found.strange:
            slots[slot] += self.weights[letters].sum(axis=0, dtype=np.float32)
        sums = np.add.reduceat(slots, found.starts, axis=0)
        lengths = np.diff(found.starts, append=len(found.words))
        ngrams = 2 * lengths - 3  # words without the edges, and pairs with them
        return [row.copy() for row in np.concatenate([sums, ngrams[:, None]], axis=1, dtype=np.float32)]
