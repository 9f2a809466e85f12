"""What each n-gram adds to every head, and what a sentence adds up to; sentences are remembered."""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore import text
from scorecards.autoscore.learned.ngrams import Vocabulary

Numbers = NDArray[np.float32]

REMEMBERED = 2_048
"""Sentences a table remembers in each of two generations; bounds a worker's memory."""

_PLAIN_BYTES = 160  # a remembered sentence's text, its place in the memo and its array's own header


class Table:
    """A vocabulary with a row of numbers per n-gram.

    The columns are the heads, then the n-gram's squared weight (so that the square root of their sum is the
    length of a sentence, or of a whole conversation), then 1 for being known.
    """

    def __init__(self, vocabulary: Vocabulary, weights: Numbers) -> None:
        """Keep the weights, one row per row of the vocabulary; the last row is nothing but zeros."""
        self.vocabulary = vocabulary
        self.weights = weights
        self.width = weights.shape[1] + 1
        self._young: dict[str, Numbers] = {}
        self._old: dict[str, Numbers] = {}

    @property
    def size(self) -> int:
        """Bytes in memory, with the memo at its fullest."""
        words = sum(
            sys.getsizeof(word) + sys.getsizeof(row) for row, word in enumerate(self.vocabulary.words)
        )
        index = sys.getsizeof(self.vocabulary._row)  # noqa: SLF001 - the index is what it is measured for
        memo = 2 * REMEMBERED * (self.width * 4 + _PLAIN_BYTES)
        return int(words + index + self.vocabulary.pairs.nbytes + self.weights.nbytes + memo)

    def hear(self, plains: Sequence[str]) -> Numbers:
        """Return one row per normalised sentence: its heads, squared length, known and all n-grams.

        An empty sequence is heard as one sentence that says nothing.
        """
        plains = plains or ("",)
        rows = [self._recall(plain) for plain in plains]
        missing = [plain for plain, row in zip(plains, rows, strict=True) if row is None]
        if missing:
            fresh = iter(self._measure(missing))
            for place, plain in enumerate(plains):
                if rows[place] is None:
                    rows[place] = self._remember(plain, next(fresh))
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
        found = self.vocabulary.find([text.words(plain) for plain in plains])
        slots = self.weights[found.words] + self.weights[found.pairs]
        sums = np.add.reduceat(slots, found.starts, axis=0)
        lengths = np.diff(found.starts, append=len(found.words))
        ngrams = np.maximum(2 * lengths - 1, 1)[:, None]
        return list(np.concatenate([sums, ngrams], axis=1, dtype=np.float32))
