"""The words, pairs of words and letters in words that a model knows, and where a sentence finds them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

EDGES = ("<s>", "</s>")
"""Stand before and behind the words of a sentence, so that beginnings and ends are pairs of words too."""

SHORTEST_RUN, LONGEST_RUN = 2, 5
"""Letters in a run."""

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
_DIGITS = str.maketrans("123456789", "000000000")
_LONGEST_WORD = 30


def tokens(plain: str) -> list[str]:
    """Return the words and marks of a normalised sentence between its edges; every digit is a 0.

    Examples
    --------
    >>> tokens("that's order 4711, ok?")
    ['<s>', "that's", 'order', '0000', ',', 'ok', '?', '</s>']
    """
    return [EDGES[0], *_TOKEN.findall(plain.translate(_DIGITS)), EDGES[1]]


def runs(token: str) -> list[str]:
    """Return the runs of letters in a word, with a space for where it begins and ends; marks have none.

    Examples
    --------
    >>> runs("ok")
    [' o', 'ok', 'k ', ' ok', 'ok ', ' ok ']
    """
    if not token[0].isalnum():
        return []
    word = f" {token[:_LONGEST_WORD]} "
    return [
        word[start : start + length]
        for length in range(SHORTEST_RUN, LONGEST_RUN + 1)
        for start in range(len(word) - length + 1)
    ]


class Found(NamedTuple):
    """Where the n-grams of some sentences stand, one slot per token; the last row stands for unknown.

    `pairs` holds the pair a token forms with its successor in the same sentence, `starts` the first slot of
    each sentence, `strange` the slots of words that are not known, with the rows of their runs.
    """

    words: Rows
    pairs: Rows
    starts: Rows
    strange: Sequence[tuple[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Rows of words, then of pairs, then of runs, and a last one for the unknown.

    A pair of words in rows (a, b) is kept as the number a * size + b.

    Examples
    --------
    >>> known = Vocabulary.of(["am", "so", "sorry"], [(1, 2)], [" s", "ry"])
    >>> found = known.find(["am so sorry", "sry"])
    >>> found.words.tolist(), found.pairs.tolist(), found.starts.tolist()
    ([6, 0, 1, 2, 6, 6, 6, 6], [6, 6, 3, 6, 6, 6, 6, 6], [0, 5])
    >>> found.strange
    [(6, [4, 5])]
    """

    words: tuple[str, ...]
    pairs: Rows
    runs: tuple[str, ...]
    _row: dict[str, int] = field(init=False, repr=False, compare=False)
    _run: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index words and runs by their rows."""
        first = len(self.words) + len(self.pairs)
        object.__setattr__(self, "_row", {word: row for row, word in enumerate(self.words)})
        object.__setattr__(self, "_run", {run: row for row, run in enumerate(self.runs, start=first)})

    @classmethod
    def of(cls, words: Sequence[str], pairs: Sequence[tuple[int, int]], runs: Sequence[str]) -> "Vocabulary":
        """Build from words, pairs of their rows, and runs."""
        size = len(words) + len(pairs) + len(runs) + 1
        return cls(
            tuple(words), np.array(sorted(a * size + b for a, b in pairs), dtype=np.int64), tuple(runs)
        )

    @property
    def size(self) -> int:
        """How many rows a table for it has."""
        return len(self.words) + len(self.pairs) + len(self.runs) + 1

    @property
    def indexes(self) -> tuple[dict[str, int], dict[str, int]]:
        """The rows of words and of runs."""
        return self._row, self._run

    def rows_of(self, found: Iterable[str]) -> list[int]:
        """Return the rows of the runs that are known among these."""
        rows = [self._run.get(run) for run in found]
        return [row for row in rows if row is not None]

    def find(self, plains: Sequence[str]) -> Found:
        """Return the rows of normalised sentences."""
        unknown = self.size - 1
        row = self._row
        slots: list[int] = []
        starts: list[int] = []
        strange: list[tuple[int, list[int]]] = []
        for plain in plains:
            starts.append(len(slots))
            for token in tokens(plain):
                place = row.get(token, unknown)
                if place == unknown and (letters := self.rows_of(runs(token))):
                    strange.append((len(slots), letters))
                slots.append(place)
        words = np.array(slots, dtype=np.int64)
        first = np.array(starts, dtype=np.int64)
        return Found(words, self._paired(words, first), first, strange)

    def _paired(self, words: Rows, starts: Rows) -> Rows:
        unknown = self.size - 1
        pairs = np.full(len(words), unknown, dtype=np.int64)
        if len(self.pairs):
            wanted = words[:-1] * self.size + words[1:]
            place = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
            pairs[:-1] = np.where(self.pairs[place] == wanted, len(self.words) + place, unknown)
            pairs[starts[1:] - 1] = unknown
        return pairs
