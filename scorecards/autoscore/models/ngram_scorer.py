"""What each n-gram adds to every head, and what a sentence adds up to; sentences are remembered."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.score_cache import Numbers, ScoreCache
from scorecards.autoscore.models.vocabulary import EMPTY_SENTENCE, Vocabulary, segment_lengths

Levels = NDArray[np.int16]

CACHE_SIZE = 512
"""Sentences a table remembers in each of two generations unless it is made for more."""

_FINEST, _HALVINGS = 32_767, 3
_KNOWN = 1 / 2048  # so that 1 is a whole number of steps in any part of them
_OWN_COLUMNS = 2
_AT_ONCE = 128  # sentences measured together: what they need stays in the processor's cache
_REMEMBERED_BYTES = 300  # a sentence's text, its place in the memo and its array's own header


class NgramScorer:
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
        remembered: int = CACHE_SIZE,
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
        self.n_heads = len(steps) - _OWN_COLUMNS
        self.cache_size = remembered
        self.cache = ScoreCache(attrgetter("plain"), self.score_uncached, remembered)

    @classmethod
    def from_weights(
        cls, vocabulary: Vocabulary, weights: NDArray[np.float64], remembered: int = CACHE_SIZE
    ) -> "NgramScorer":
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
        memo = 2 * self.cache_size * ((len(self.steps) + 1) * 4 + _REMEMBERED_BYTES)
        return self.nbytes + memo

    def score(self, sentences: Sequence[SentenceAnnotations]) -> Numbers:
        """Return one row per sentence: its heads, squared length, known and all n-grams.

        An empty sequence is heard as one sentence that says nothing.
        """
        return self.score_batch([sentences])[0]

    def score_batch(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Numbers]:
        """Return what `hear` does for each group of sentences, in less time than one after the other."""
        return self.cache.rows([group or (EMPTY_SENTENCE,) for group in groups])

    def score_uncached(self, sentences: Sequence[SentenceAnnotations]) -> Numbers:
        """Return what `hear` does, of at least one sentence, and remember none of them."""
        return np.concatenate(
            [
                self._scored(sentences[start : start + _AT_ONCE])
                for start in range(0, len(sentences), _AT_ONCE)
            ]
        )

    def _scored(self, sentences: Sequence[SentenceAnnotations]) -> Numbers:
        found = self.vocabulary.find(sentences)
        counts = segment_lengths(found.starts, len(found.words))
        slots = np.repeat(np.arange(len(sentences)), counts)
        owners = np.concatenate([slots, slots, found.character_owners])
        rows = np.concatenate([found.words, found.pairs, found.character_ngrams])[
            owners.argsort(kind="stable")
        ]
        levels, parts = self.levels.take(rows, axis=0).astype(np.float32), self.parts[rows]
        measured = np.empty((len(sentences), len(self.steps) + 1), dtype=np.float32)
        # Each sentence is added up by itself, so that it comes to the same among any others.
        first = 0
        for place, last in enumerate(np.bincount(owners).cumsum().tolist()):
            measured[place, :-1] = parts[first:last] @ levels[first:last]
            first = last
        measured[:, :-1] *= self.steps
        measured[:, -1] = 2 * counts - 3  # words and marks without the edges, and pairs with them
        return measured
