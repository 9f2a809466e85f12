"""Character n-grams: which of a model's stand in words that are not in its vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import IntArray, UInt32Array

MIN_LENGTH, MAX_LENGTH = 2, 5
"""Characters of an n-gram."""

_MAX_WORD_LENGTH = 30
_WINDOW = np.arange(MAX_LENGTH)
_PADDING = " " * (MAX_LENGTH - 1)
_CODE_POINT = np.dtype("<u4")


def character_ngrams(token: str) -> list[str]:
    """Return the character n-grams of a word, with a space for its start and its end; punctuation has none.

    Examples
    --------
    >>> character_ngrams("ok")
    [' o', 'ok', 'k ', ' ok', 'ok ', ' ok ']
    """
    if not token[0].isalnum():
        return []
    word = _padded(token)
    return [
        word[start : start + length]
        for length in range(MIN_LENGTH, MAX_LENGTH + 1)
        for start in range(len(word) - length + 1)
    ]


@dataclass(frozen=True, slots=True)
class CharacterNgrams:
    """The character n-grams of a vocabulary as integer codes, whose digits are characters of an alphabet.

    Attributes
    ----------
    alphabet : ndarray of shape (n_characters,), dtype uint32
        Code points, ascending. The digit of a character is its index + 1; one more digit stands for every
        character outside the alphabet. Codes are exact up to some 6,000 different characters.
    codes : ndarray of shape (n_ngrams,), dtype int64
        Ascending.
    rows : ndarray of shape (n_ngrams,), dtype int64
        The vocabulary row of each code.
    powers : ndarray of shape (5, 4), dtype int64
        Takes the digits of five characters to the codes of the n-grams of length 2 to 5 that they begin with.

    Examples
    --------
    >>> ngrams = CharacterNgrams.of(["rr", "or", "ry "], first_row=7)
    >>> rows, owners = ngrams.find(["sorry", "or"], [3, 4])
    >>> rows.tolist(), owners.tolist()
    ([8, 7, 9, 8], [3, 3, 3, 4])
    """

    alphabet: UInt32Array
    codes: IntArray
    rows: IntArray
    powers: IntArray

    @classmethod
    def of(cls, ngrams: Sequence[str], first_row: int) -> "CharacterNgrams":
        """Encode n-grams whose vocabulary rows follow each other from `first_row`."""
        alphabet = np.unique(_code_points("".join(ngrams)))
        powers = _powers(len(alphabet) + 2)
        codes = np.zeros(len(ngrams), dtype=np.int64)
        for column, length in enumerate(range(MIN_LENGTH, MAX_LENGTH + 1)):
            indices = [index for index, ngram in enumerate(ngrams) if len(ngram) == length]
            digits = _digits(alphabet, "".join([ngrams[index] for index in indices])).reshape(-1, length)
            codes[indices] = digits @ powers[:length, column]
        order = np.argsort(codes)
        return cls(alphabet, codes[order], order + first_row, powers)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.alphabet.nbytes + self.codes.nbytes + self.rows.nbytes

    def find(self, words: Sequence[str], owners: Sequence[int]) -> tuple[IntArray, IntArray]:
        """Return the vocabulary rows of all n-grams found in some words, and the owner of each one's word.

        Parameters
        ----------
        words : sequence of str
            Words outside the vocabulary.
        owners : sequence of int
            The sentence each word is in.

        Returns
        -------
        rows, owners : ndarray of shape (n_found,), dtype int64
        """
        if not words or not len(self.codes):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        # No match crosses words: between two words stand two spaces, and no n-gram has two in a row.
        padded = [_padded(word) for word in words]
        digits = _digits(self.alphabet, "".join(padded) + _PADDING)
        size = len(digits) - len(_PADDING)
        wanted = digits[np.arange(size)[:, None] + _WINDOW] @ self.powers
        index = self.codes.searchsorted(wanted)
        starts, lengths = (self.codes.take(index, mode="clip") == wanted).nonzero()
        owner = np.repeat(owners, [len(word) for word in padded])
        return self.rows[index[starts, lengths]], owner[starts]


def _padded(token: str) -> str:
    return f" {token[:_MAX_WORD_LENGTH]} "


def _code_points(text: str) -> UInt32Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=_CODE_POINT)


def _digits(alphabet: UInt32Array, text: str) -> IntArray:
    points = _code_points(text)
    index = alphabet.searchsorted(points)
    known = alphabet.take(index, mode="clip") == points if len(alphabet) else np.zeros(len(points), np.bool_)
    return np.where(known, index, len(alphabet)) + 1


def _powers(base: int) -> IntArray:
    powers = np.zeros((MAX_LENGTH, MAX_LENGTH - MIN_LENGTH + 1), dtype=np.int64)
    for column, length in enumerate(range(MIN_LENGTH, MAX_LENGTH + 1)):
        powers[:length, column] = base ** np.arange(length, dtype=np.int64)[::-1]
    return powers
