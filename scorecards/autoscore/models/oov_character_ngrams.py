"""The runs of letters a model knows, and which of them stand in words it does not know."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

MIN_LENGTH, MAX_LENGTH = 2, 5
"""Letters in a run."""

_LONGEST_WORD = 30
_WINDOW = np.arange(MAX_LENGTH)
_BEYOND = " " * (MAX_LENGTH - 1)
_POINT = np.dtype("<u4")


def character_ngrams(token: str) -> list[str]:
    """Return the runs of letters in a word, with a space for where it begins and ends; marks have none.

    Examples
    --------
    >>> runs("ok")
    [' o', 'ok', 'k ', ' ok', 'ok ', ' ok ']
    """
    if not token[0].isalnum():
        return []
    word = _spaced(token)
    return [
        word[start : start + length]
        for length in range(MIN_LENGTH, MAX_LENGTH + 1)
        for start in range(len(word) - length + 1)
    ]


@dataclass(frozen=True, slots=True)
class CharacterNgrams:
    """Known runs as whole numbers: a run is written in a numeral system whose digits are letters.

    Attributes
    ----------
    alphabet : array of code points
        Rising; their places, counted from 1, are the digits, and one more digit stands for any other letter.
        Numbers are exact up to some 6,000 different letters.
    numbers : array of int
        One per run, rising.
    rows : array of int
        The row of each of them.
    powers : array of int, of shape (5, 4)
        From the digits of five letters to the numbers of the runs of two to five that they begin with.

    Examples
    --------
    >>> known = Letters.of(["rr", "or", "ry "], first=7)
    >>> rows, owners = known.find(["sorry", "or"], [3, 4])
    >>> rows.tolist(), owners.tolist()
    ([8, 7, 9, 8], [3, 3, 3, 4])
    """

    alphabet: NDArray[np.uint32]
    numbers: Rows
    rows: Rows
    powers: Rows

    @classmethod
    def of(cls, known: Sequence[str], first: int) -> "CharacterNgrams":
        """Number runs whose rows follow each other from `first`."""
        alphabet = np.unique(_points("".join(known)))
        powers = _powers(len(alphabet) + 2)
        numbers = np.zeros(len(known), dtype=np.int64)
        for column, length in enumerate(range(MIN_LENGTH, MAX_LENGTH + 1)):
            places = [place for place, run in enumerate(known) if len(run) == length]
            digits = _digits(alphabet, "".join([known[place] for place in places])).reshape(-1, length)
            numbers[places] = digits @ powers[:length, column]
        order = np.argsort(numbers)
        return cls(alphabet, numbers[order], order + first, powers)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.alphabet.nbytes + self.numbers.nbytes + self.rows.nbytes

    def find(self, words: Sequence[str], owners: Sequence[int]) -> tuple[Rows, Rows]:
        """Return the rows of all known runs in some words, and the owner of the word each is in."""
        if not words or not len(self.numbers):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        # No run goes beyond its word: between two words stand two spaces, and no known run has two.
        spaced = [_spaced(word) for word in words]
        digits = _digits(self.alphabet, "".join(spaced) + _BEYOND)
        size = len(digits) - len(_BEYOND)
        wanted = digits[np.arange(size)[:, None] + _WINDOW] @ self.powers
        place = self.numbers.searchsorted(wanted)
        starts, lengths = (self.numbers.take(place, mode="clip") == wanted).nonzero()
        owner = np.repeat(owners, [len(word) for word in spaced])
        return self.rows[place[starts, lengths]], owner[starts]


def _spaced(token: str) -> str:
    return f" {token[:_LONGEST_WORD]} "


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=_POINT)


def _digits(alphabet: NDArray[np.uint32], text: str) -> Rows:
    points = _points(text)
    places = alphabet.searchsorted(points)
    known = alphabet.take(places, mode="clip") == points if len(alphabet) else np.zeros(len(points), np.bool_)
    return np.where(known, places, len(alphabet)) + 1


def _powers(base: int) -> Rows:
    powers = np.zeros((MAX_LENGTH, MAX_LENGTH - MIN_LENGTH + 1), dtype=np.int64)
    for column, length in enumerate(range(MIN_LENGTH, MAX_LENGTH + 1)):
        powers[:length, column] = base ** np.arange(length, dtype=np.int64)[::-1]
    return powers
