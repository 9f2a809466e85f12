"""The words, word bigrams and character n-grams of a model, and the rows in which sentences find them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from scorecards.arrays import IntArray
from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.oov_character_ngrams import CharacterNgrams, character_ngrams

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
"""Boundary tokens before and after the words of a sentence, so that its start and end form bigrams too."""

_DIGITS = str.maketrans("123456789", "000000000")
EMPTY_SENTENCE = SentenceAnnotations("", (), (), (), 0)
"""A sentence without words; stands in for a side that never speaks."""


def tokens(annotations: SentenceAnnotations) -> list[str]:
    """Return a sentence's words and final punctuation between the boundary tokens; every digit is a 0.

    Examples
    --------
    >>> tokens(SentenceAnnotations("it's order 4711?", ("it's", "order", "4711"), (), (), 0))
    ['<s>', "it's", 'order', '0000', '?', '</s>']
    """
    words = [word.translate(_DIGITS) for word in annotations.words]
    return [EDGES[0], *words, *_final_punctuation(annotations.plain), EDGES[1]]


def _final_punctuation(plain: str) -> str:
    last = plain[-1:]
    return "" if last.isalnum() else last


def segment_lengths(offsets: IntArray, total: int) -> IntArray:
    """Return the length of each segment of a sequence of `total` items, given the offset of each.

    Examples
    --------
    >>> segment_lengths(np.array([0, 2]), 5).tolist()
    [2, 3]
    """
    lengths = np.empty_like(offsets)
    lengths[:-1] = offsets[1:] - offsets[:-1]
    lengths[-1:] = total - offsets[-1:]
    return lengths


class NgramRows(NamedTuple):
    """Vocabulary rows of the n-grams of some sentences; the last row of the vocabulary stands for unknown.

    Attributes
    ----------
    words : ndarray of shape (n_tokens,), dtype int64
        The row of each token.
    pairs : ndarray of shape (n_tokens,), dtype int64
        The row of the bigram each token forms with the next one of its sentence; unknown for the last token.
    offsets : ndarray of shape (n_sentences,), dtype int64
        The first token of each sentence.
    character_ngrams : ndarray of shape (n_found,), dtype int64
        Rows of character n-grams in out-of-vocabulary words.
    character_owners : ndarray of shape (n_found,), dtype int64
        The sentence each of these is in.
    """

    words: IntArray
    pairs: IntArray
    offsets: IntArray
    character_ngrams: IntArray
    character_owners: IntArray


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Rows of words, then of word bigrams, then of character n-grams, and a last one for unknown.

    Attributes
    ----------
    words : tuple of str
        In the order of their rows.
    pairs : ndarray of shape (n_pairs,), dtype int64
        Bigrams, ascending: that of the words in rows (a, b) is the number a * size + b.
    character_ngrams : tuple of str
        In the order of their rows.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["am", "so", "sorry"], [(1, 2)], [" s", "ry"])
    >>> texts = ["am so sorry", "sry"]
    >>> found = vocabulary.find([SentenceAnnotations(text, tuple(text.split()), (), (), 0) for text in texts])
    >>> found.words.tolist(), found.pairs.tolist(), found.offsets.tolist()
    ([6, 0, 1, 2, 6, 6, 6, 6], [6, 6, 3, 6, 6, 6, 6, 6], [0, 5])
    >>> found.character_ngrams.tolist(), found.character_owners.tolist()
    ([4, 5], [1, 1])
    """

    words: tuple[str, ...]
    pairs: IntArray
    character_ngrams: tuple[str, ...]
    _row: dict[str, int] = field(init=False, repr=False, compare=False)
    _character_index: CharacterNgrams = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index words and character n-grams by their rows."""
        first = len(self.words) + len(self.pairs)
        object.__setattr__(self, "_row", {word: row for row, word in enumerate(self.words)})
        object.__setattr__(self, "_character_index", CharacterNgrams.of(self.character_ngrams, first))

    @classmethod
    def of(
        cls, words: Sequence[str], pairs: Sequence[tuple[int, int]], character_ngrams: Sequence[str]
    ) -> "Vocabulary":
        """Build from words, bigrams as pairs of word rows, and character n-grams."""
        size = len(words) + len(pairs) + len(character_ngrams) + 1
        codes = np.array(sorted(a * size + b for a, b in pairs), dtype=np.int64)
        return cls(tuple(words), codes, tuple(character_ngrams))

    @property
    def size(self) -> int:
        """Number of rows, the one for unknown included."""
        return len(self.words) + len(self.pairs) + len(self.character_ngrams) + 1

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        strings = sum(sys.getsizeof(name) for name in (*self.words, *self.character_ngrams))
        rows = sys.getsizeof(self._row) + sum(sys.getsizeof(row) for row in self._row.values())
        tuples = sys.getsizeof(self.words) + sys.getsizeof(self.character_ngrams)
        return strings + rows + tuples + self.pairs.nbytes + self._character_index.nbytes

    def find(self, sentences: Sequence[SentenceAnnotations]) -> NgramRows:
        """Return the rows of the n-grams of sentences."""
        unknown = self.size - 1
        row = self._row
        first, last = row.get(EDGES[0], unknown), row.get(EDGES[1], unknown)
        slots: list[int] = []
        offsets: list[int] = []
        oov_words: list[str] = []
        owners: list[int] = []
        for number, annotations in enumerate(sentences):
            offsets.append(len(slots))
            slots.append(first)
            word_rows = [row.get(word, unknown) for word in annotations.words]
            if unknown in word_rows:
                self._resolve_unknown(annotations.words, word_rows, oov_words)
                owners += [number] * (len(oov_words) - len(owners))
            slots += word_rows
            slots += [row.get(mark, unknown) for mark in _final_punctuation(annotations.plain)]
            slots.append(last)
        words, starts = np.array(slots, dtype=np.int64), np.array(offsets, dtype=np.int64)
        return NgramRows(
            words, self._pair_rows(words, starts), starts, *self._character_index.find(oov_words, owners)
        )

    def _resolve_unknown(self, words: Sequence[str], word_rows: list[int], oov_words: list[str]) -> None:
        """Look unknown words up with all digits as 0; collect those that stay unknown."""
        unknown = self.size - 1
        for index, found in enumerate(word_rows):
            if found == unknown:
                word = words[index].translate(_DIGITS)
                word_rows[index] = row = self._row.get(word, unknown)
                if row == unknown and word[0].isalnum():
                    oov_words.append(word)

    def _pair_rows(self, words: IntArray, offsets: IntArray) -> IntArray:
        unknown = self.size - 1
        if not len(self.pairs):
            return np.full(len(words), unknown, dtype=np.int64)
        pairs = np.empty(len(words), dtype=np.int64)
        wanted = words[:-1] * self.size + words[1:]
        index = self.pairs.searchsorted(wanted)
        known = self.pairs.take(index, mode="clip") == wanted
        pairs[:-1] = np.where(known, index + len(self.words), unknown)
        pairs[offsets - 1] = unknown  # the last token of the sentence before; of the last one for the first
        return pairs
