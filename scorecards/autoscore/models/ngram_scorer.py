"""Linear scores of sentences: the quantized weights of every n-gram for every head, summed and cached."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from scorecards.arrays import Float32Array, FloatArray, Int16Array
from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.score_cache import ScoreCache
from scorecards.autoscore.models.vocabulary import EMPTY_SENTENCE, Vocabulary, segment_lengths

CACHE_SIZE = 512
"""Sentences a scorer caches in each of two generations unless told otherwise."""

_MAX_LEVEL, _MAX_HALVINGS = 32_767, 3
_IN_VOCABULARY_SCALE = 1 / 2048  # so that 1 is a whole number of levels at any row scale
_EXTRA_COLUMNS = 2
_BATCH_SIZE = 128  # sentences scored together: the working set stays in the processor's cache
_CACHED_ROW_BYTES = 300  # a sentence's text, its entry in the cache and its array's own header


class NgramScorer:
    """A vocabulary with a row of weights per n-gram.

    The columns are the heads, then the n-gram's squared idf weight (so that the square root of their sum is
    the length of a sentence, or of a whole conversation), then 1 where it is a word or bigram of the
    vocabulary. The row of a word includes the weights of its character n-grams; the rows of character n-grams
    are for out-of-vocabulary words.

    Weights are quantized to 16 bits: weight = level * column scale * row scale. A column's largest weight is
    at level 32767, and rows that are small everywhere have a row scale of 1/2, 1/4 or 1/8.

    Attributes
    ----------
    levels : ndarray of shape (vocabulary.size, n_heads + 2), dtype int16
        Quantized weights; the last row, for unknown n-grams, is zeros.
    column_scales : ndarray of shape (n_heads + 2,), dtype float32
        The size of a level per column.
    row_scales : ndarray of shape (vocabulary.size,), dtype float32
        1, 1/2, 1/4 or 1/8.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        levels: Int16Array,
        column_scales: Float32Array,
        row_scales: Float32Array,
        cache_size: int = CACHE_SIZE,
    ) -> None:
        """Raise ValueError when the arrays do not fit the vocabulary."""
        shapes = (vocabulary.size, len(column_scales)), (vocabulary.size,)
        if (levels.shape, row_scales.shape) != shapes or levels.dtype != np.int16:
            raise ValueError(f"a table of {levels.shape} for {vocabulary.size} n-grams")
        self.vocabulary = vocabulary
        self.levels, self.column_scales, self.row_scales = levels, column_scales, row_scales
        self.n_heads = len(column_scales) - _EXTRA_COLUMNS
        self.cache_size = cache_size
        self.cache = ScoreCache(attrgetter("plain"), self.score_uncached, cache_size)

    @classmethod
    def from_weights(
        cls, vocabulary: Vocabulary, weights: FloatArray, cache_size: int = CACHE_SIZE
    ) -> "NgramScorer":
        """Quantize weights of shape (vocabulary.size, n_heads + 2)."""
        largest = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-12)
        column_scales = (largest / _MAX_LEVEL).astype(np.float32)
        column_scales[-1] = _IN_VOCABULARY_SCALE
        scaled = weights / column_scales
        room = _MAX_LEVEL / np.maximum(np.abs(scaled).max(axis=1), 1.0)
        row_scales = np.exp2(-np.clip(np.floor(np.log2(room)), 0, _MAX_HALVINGS))
        levels = np.clip(np.rint(scaled / row_scales[:, None]), -_MAX_LEVEL, _MAX_LEVEL).astype(np.int16)
        return cls(vocabulary, levels, column_scales, row_scales.astype(np.float32), cache_size)

    @property
    def nbytes(self) -> int:
        """Bytes in memory without the cache."""
        arrays = self.levels.nbytes + self.column_scales.nbytes + self.row_scales.nbytes
        return self.vocabulary.nbytes + arrays

    @property
    def size(self) -> int:
        """Bytes in memory with a full cache."""
        cached = 2 * self.cache_size * ((len(self.column_scales) + 1) * 4 + _CACHED_ROW_BYTES)
        return self.nbytes + cached

    def score(self, sentences: Sequence[SentenceAnnotations]) -> Float32Array:
        """Score sentences; an empty sequence is scored as one sentence without words.

        Returns
        -------
        ndarray of shape (n_sentences, n_heads + 3), dtype float32
            Per sentence the sums of its heads, its squared length, and its numbers of n-grams in the
            vocabulary and of all n-grams.
        """
        return self.score_batch([sentences])[0]

    def score_batch(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Float32Array]:
        """Return what `score` does for each group of sentences, in less time than one after the other."""
        return self.cache.rows([group or (EMPTY_SENTENCE,) for group in groups])

    def score_uncached(self, sentences: Sequence[SentenceAnnotations]) -> Float32Array:
        """Return what `score` does, of at least one sentence, without the cache."""
        return np.concatenate(
            [
                self._score_slice(sentences[start : start + _BATCH_SIZE])
                for start in range(0, len(sentences), _BATCH_SIZE)
            ]
        )

    def _score_slice(self, sentences: Sequence[SentenceAnnotations]) -> Float32Array:
        found = self.vocabulary.find(sentences)
        counts = segment_lengths(found.offsets, len(found.words))
        slots = np.repeat(np.arange(len(sentences)), counts)
        owners = np.concatenate([slots, slots, found.character_owners])
        rows = np.concatenate([found.words, found.pairs, found.character_ngrams])[
            owners.argsort(kind="stable")
        ]
        levels, row_scales = self.levels.take(rows, axis=0).astype(np.float32), self.row_scales[rows]
        scores = np.empty((len(sentences), len(self.column_scales) + 1), dtype=np.float32)
        # Each sentence is summed by itself, so that its scores do not depend on the others of the slice.
        first = 0
        for index, last in enumerate(np.bincount(owners).cumsum().tolist()):
            scores[index, :-1] = row_scales[first:last] @ levels[first:last]
            first = last
        scores[:, :-1] *= self.column_scales
        scores[:, -1] = 2 * counts - 3  # words and punctuation without the edges, and bigrams with them
        return scores
