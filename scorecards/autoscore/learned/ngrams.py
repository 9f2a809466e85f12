"""The words, pairs of words and letters in words that a model knows, and where a sentence finds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecards.autoscore.reading import Spoken

Rows = NDArray[np.int64]

EDGES = ("<s>", "</s>")
"""Stand before and behind the words of a sentence, so that beginnings and ends are pairs of words too."""

SHORTEST_RUN, LONGEST_RUN = 2, 5
"""Letters in a run."""

_DIGITS = str.maketrans("123456789", "000000000")
_LONGEST_WORD = 30
NOTHING = Spoken("", (), (), (), 0)
"""A sentence that says nothing: what a side that never speaks is heard as."""


def tokens(spoken: Spoken) -> list[str]:
    """Return the words of a sentence and the mark it ends in, between its edges; every digit is a 0.

    Examples
    --------
    >>> tokens(Spoken("it's order 4711?", ("it's", "order", "4711"), (), (), 0))
    ['<s>', "it's", 'order', '0000', '?', '</s>']
    """
    return [EDGES[0], *[word.translate(_DIGITS) for word in spoken.words], *_mark(spoken.plain), EDGES[1]]


def _mark(plain: str) -> str:
    last = plain[-1:]
    return "" if last.isalnum() else last


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


def lengths(starts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how long each part of a row of `total` things is, from where each starts.

    Examples
    --------
    >>> lengths(np.array([0, 2]), 5).tolist()
    [2, 3]
    """
    counts = np.empty_like(starts)
    counts[:-1] = starts[1:] - starts[:-1]
    counts[-1:] = total - starts[-1:]
    return counts


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
    >>> said = [Spoken("am so sorry", ("am", "so", "sorry"), (), (), 0), Spoken("sry", ("sry",), (), (), 0)]
    >>> found = known.find(said)
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

    def find(self, sentences: Sequence[Spoken]) -> Found:
        """Return the rows of sentences."""
        unknown = self.size - 1
        row = self._row
        first, last = row.get(EDGES[0], unknown), row.get(EDGES[1], unknown)
        slots: list[int] = []
        starts: list[int] = []
        strange: list[tuple[int, list[int]]] = []
        for spoken in sentences:
            starts.append(len(slots))
            slots.append(first)
            said = [row.get(word, unknown) for word in spoken.words]
            if unknown in said:
                self._look_closer(spoken.words, said, len(slots), strange)
            slots += said
            slots += [row.get(mark, unknown) for mark in _mark(spoken.plain)]
            slots.append(last)
        words = np.array(slots, dtype=np.int64)
        begun = np.array(starts, dtype=np.int64)
        return Found(words, self._paired(words, begun), begun, strange)

    def _look_closer(
        self, words: Sequence[str], said: list[int], start: int, strange: list[tuple[int, list[int]]]
    ) -> None:
        """Look unknown words up with their digits levelled, and then by their letters."""
        unknown = self.size - 1
        for place, found in enumerate(said):
            if found == unknown:
                word = words[place].translate(_DIGITS)
                said[place] = self._row.get(word, unknown)
                if said[place] == unknown and (letters := self.rows_of(runs(word))):
                    strange.append((start + place, letters))

    def _paired(self, words: Rows, starts: Rows) -> Rows:
        unknown = self.size - 1
        pairs = np.full(len(words), unknown, dtype=np.int64)
        if len(self.pairs):
            wanted = words[:-1] * self.size + words[1:]
            place = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
            pairs[:-1] = np.where(self.pairs[place] == wanted, len(self.words) + place, unknown)
            pairs[starts[1:] - 1] = unknown
        return pairs
