"""What each n-gram adds to every head, and what a sentence adds up to; sentences are remembered."""

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.learned.ngrams import NOTHING, Found, Vocabulary, lengths
from scorecards.autoscore.reading import Spoken

Numbers = NDArray[np.float32]
Levels = NDArray[np.int16]

REMEMBERED = 512
"""Sentences a table remembers in each of two generations unless it is made for more."""

_FINEST, _HALVINGS = 32_767, 3
_KNOWN = 1 / 2048  # so that 1 is a whole number of steps in any part of them
_OWN_COLUMNS = 2
_REMEMBERED_BYTES = 300  # a sentence's text, its place in the memo and its array's own header


class Table:
    """A vocabulary with a row of numbers per n-gram.

    The columns are the heads, then the n-gram's squared weight (so that the square root of their sum is the
    length of a sentence, or of a whole conversation), then 1 where it is a known word or pair. The row of a
    word holds what its letters add as well; the rows of runs are for words that are not known.

    Numbers are kept as whole steps, 16 bits each: a column's largest is 32767 steps, and rows that are small
    everywhere count in halves, quarters or eighths of a step.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        levels: Levels,
        steps: Numbers,
        parts: Numbers,
        remembered: int = REMEMBERED,
    ) -> None:
        """Keep a row per row of the vocabulary, the last one zeros.

        `steps` is the size of a step per column, `parts` the part of it that a row counts in, `remembered`
        how many sentences to remember in each of two generations.
        """
        shapes = (vocabulary.size, len(steps)), (vocabulary.size,)
        if (levels.shape, parts.shape) != shapes or levels.dtype != np.int16:
            raise ValueError(f"a table of {levels.shape} for {vocabulary.size} n-grams")
        self.vocabulary = vocabulary
        self.levels, self.steps, self.parts = levels, steps, parts
        self.heads = len(steps) - _OWN_COLUMNS
        self.remembered = remembered
        self._young: dict[str, Numbers] = {}
        self._old: dict[str, Numbers] = {}

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, weights: NDArray[np.float64], remembered: int = REMEMBERED
    ) -> "Table":
        """Build from the numbers themselves."""
        steps = (np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-12) / _FINEST).astype(np.float32)
        steps[-1] = _KNOWN
        whole = weights / steps
        room = _FINEST / np.maximum(np.abs(whole).max(axis=1), 1.0)
        parts = np.exp2(-np.clip(np.floor(np.log2(room)), 0, _HALVINGS))
        levels = np.clip(np.rint(whole / parts[:, None]), -_FINEST, _FINEST).astype(np.int16)
        return cls(vocabulary, levels, steps, parts.astype(np.float32), remembered)

    @property
    def size(self) -> int:
        """Bytes in memory, with the memo at its fullest."""
        indexes = self.vocabulary.indexes
        names = sum(
            sys.getsizeof(name) + sys.getsizeof(row) for each in indexes for name, row in each.items()
        )
        vocabulary = names + sum(sys.getsizeof(each) for each in indexes) + self.vocabulary.pairs.nbytes
        memo = 2 * self.remembered * ((len(self.steps) + 1) * 4 + _REMEMBERED_BYTES)
        return int(vocabulary + self.levels.nbytes + self.steps.nbytes + self.parts.nbytes + memo)

    def hear(self, sentences: Sequence[Spoken]) -> Numbers:
        """Return one row per sentence: its heads, squared length, known and all n-grams.

        An empty sequence is heard as one sentence that says nothing.
        """
        sentences = sentences or (NOTHING,)
        rows = [self._recall(spoken.plain) for spoken in sentences]
        missing = [spoken for spoken, row in zip(sentences, rows, strict=True) if row is None]
        if missing:
            fresh = iter(self._measure(missing))
            rows = [
                self._remember(spoken.plain, next(fresh)) if row is None else row
                for spoken, row in zip(sentences, rows, strict=True)
            ]
        return np.array(rows, dtype=np.float32)

    def _recall(self, plain: str) -> Numbers | None:
        row = self._young.get(plain)
        if row is None and (row := self._old.get(plain)) is not None:
            self._remember(plain, row)
        return row

    def _remember(self, plain: str, row: Numbers) -> Numbers:
        # Two generations forget the oldest half at once; no step can surprise another thread.
        if len(self._young) >= self.remembered:
            self._old, self._young = self._young, {}
        self._young[plain] = row
        return row

    def _measure(self, sentences: Sequence[Spoken]) -> list[Numbers]:
        found = self.vocabulary.find(sentences)
        counts = lengths(found.starts, len(found.words))
        rows, owners = _gathered(
            found, np.repeat(np.arange(len(sentences)), counts), self.vocabulary.size - 1
        )
        belongs = (owners == np.arange(len(sentences))[:, None]) * self.parts[rows]
        sums = belongs @ self.levels.take(rows, axis=0).astype(np.float32) * self.steps
        ngrams = 2 * counts - 3  # words and marks without the edges, and pairs with them
        return [row.copy() for row in np.concatenate([sums, ngrams[:, None]], axis=1, dtype=np.float32)]


def _gathered(
    found: Found, owners: NDArray[np.int64], unknown: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every row that adds something, and the sentence it adds it to."""
    letters = [row for _, each in found.strange for row in each]
    spelling = [int(owners[slot]) for slot, each in found.strange for _ in each]
    rows = np.concatenate([found.words, found.pairs, np.array(letters, dtype=np.int64)])
    belong = np.concatenate([owners, owners, np.array(spelling, dtype=np.int64)])
    known = rows != unknown
    return rows[known], belong[known]
