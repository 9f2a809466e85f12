"""A prefilter: which alternatives of which patterns a sentence may match, by its words alone."""

from collections import defaultdict
from collections.abc import Sequence

from scorecards.autoscore.matching import required_literals
from scorecards.autoscore.matching.regex_expansion import NON_ASCII
from scorecards.autoscore.text.bounded_cache import BoundedCache

_OPENING = 3
"""First letters of a word by which words that no alternative requires are recognised quickly."""

_PER_PATTERN, _MAX_CACHED = 80, 4096


class Prefilter:
    """An index from words to the alternatives that require them.

    Every alternative has one bit in each of a few rows, one row per clause of its required literals. The
    words of a sentence set bits in the rows; an alternative whose bit is set in all of them may match.
    """

    def __init__(self, alternatives: Sequence[Sequence[str]]) -> None:
        """Index the alternatives of every pattern by their required literals."""
        self._width = sum(map(len, alternatives))
        self._shifts = [row * self._width for row in range(1, required_literals.MAX_CLAUSES)]
        self._full = (1 << self._width) - 1
        self._words: defaultdict[str, int] = defaultdict(int)
        self._beginnings: defaultdict[str, int] = defaultdict(int)
        self._unconditional = self._non_ascii = 0
        self._owner: list[tuple[int, int, int]] = []
        for number, expressions in enumerate(alternatives):
            first = len(self._owner)
            block = ((1 << len(expressions)) - 1) << first
            self._owner += [(number, first, block)] * len(expressions)
            for position, expression in enumerate(expressions, first):
                self._require(required_literals.required_literals(expression), position)
        self._lengths = sorted({len(each) for each in self._beginnings})
        self._openings = {each[:_OPENING] for table in (self._words, self._beginnings) for each in table}
        self._short_beginnings = {each for each in self._beginnings if len(each) < _OPENING}
        self._bits = BoundedCache(self._bits_of, min(_MAX_CACHED, _PER_PATTERN * len(alternatives)))

    def _require(self, clauses: Sequence[frozenset[str]], position: int) -> None:
        for row in range(required_literals.MAX_CLAUSES):
            bit = 1 << (row * self._width + position)
            if row >= len(clauses):
                self._unconditional |= bit
                continue
            for literal in clauses[row]:
                if literal == NON_ASCII:
                    self._non_ascii |= bit
                elif literal.endswith("*"):
                    self._beginnings[literal[:-1]] |= bit
                else:
                    self._words[literal] |= bit

    def _bits_of(self, word: str) -> int:
        if self._is_unrequired(word):
            return 0
        bits = 0
        for part in required_literals.word_parts(word):
            bits |= self._words.get(part, 0)
            for length in self._lengths:
                bits |= self._beginnings.get(part[:length], 0)
        return bits

    def _is_unrequired(self, word: str) -> bool:
        """Tell by its first letters that no alternative requires a word, as for most names."""
        return word.isalpha() and not (
            word[:_OPENING] in self._openings
            or word[:1] in self._short_beginnings
            or word[:2] in self._short_beginnings
        )

    def candidates(self, words: Sequence[str], *, ascii_only: bool) -> list[tuple[int, list[int]]]:
        """Return the patterns that a sentence of these words may match, with the numbers of alternatives."""
        bits = self._unconditional if ascii_only else self._unconditional | self._non_ascii
        bits_of = self._bits
        for word in words:
            some = bits_of[word]
            if some:
                bits |= some
        left = bits & self._full
        for shift in self._shifts:
            left &= bits >> shift
        found = []
        while left:
            lowest = left & -left
            number, first, block = self._owner[lowest.bit_length() - 1]
            mine = left & block
            left ^= mine
            chosen = []
            while mine != lowest:
                chosen.append(lowest.bit_length() - 1 - first)
                mine ^= lowest
                lowest = mine & -mine
            chosen.append(lowest.bit_length() - 1 - first)
            found.append((number, chosen))
        return found
