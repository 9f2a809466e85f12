"""What each n-gram adds to every head, and what a sentence adds up to; sentences are remembered."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.learned.ngrams import NOTHING, Vocabulary, lengths
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
    def nbytes(self) -> int:
        """Bytes in memory without the memo."""
        return self.vocabulary.nbytes + self.levels.nbytes + self.steps.nbytes + self.parts.nbytes

    @property
    def size(self) -> int:
        """Bytes in memory, with the memo at its fullest."""
        memo = 2 * self.remembered * ((len(self.steps) + 1) * 4 + _REMEMBERED_BYTES)
        return self.nbytes + memo

    def hear(self, sentences: Sequence[Spoken]) -> Numbers:
        """Return one row per sentence: its heads, squared length, known and all n-grams.

        An empty sequence is heard as one sentence that says nothing.
        """
        sentences = sentences or (NOTHING,)
        rows = [self._recall(spoken.plain) for spoken in sentences]
        missing = [place for place, row in enumerate(rows) if row is None]
        if missing:
            fresh = self.measure([sentences[place] for place in missing])
            for place, row in zip(missing, fresh, strict=True):
                rows[place] = self._remember(sentences[place].plain, row.copy())
        heard = np.concatenate([row for row in rows if row is not None])
        return heard.reshape(len(sentences), -1)

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

    def measure(self, sentences: Sequence[Spoken]) -> Numbers:
        """Return what `hear` does, of at least one sentence, and remember none of them."""
        found = self.vocabulary.find(sentences)
        counts = lengths(found.starts, len(found.words))
        order = np.arange(len(sentences))
        slots = np.repeat(order, counts)
        rows = np.concatenate([found.words, found.pairs, found.letters])
        owners = np.concatenate([slots, slots, found.spelt])
        belongs = (owners == order[:, None]) * self.parts[rows]
        measured = np.empty((len(sentences), len(self.steps) + 1), dtype=np.float32)
        sums = belongs @ self.levels.take(rows, axis=0).astype(np.float32)
        np.multiply(sums, self.steps, out=measured[:, :-1])
        measured[:, -1] = 2 * counts - 3  # words and marks without the edges, and pairs with them
        return measured
