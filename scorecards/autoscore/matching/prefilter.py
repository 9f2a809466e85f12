"""Which alternatives of which patterns a sentence can hold, told by its words alone."""

from collections import defaultdict
from collections.abc import Sequence

from scorecards.autoscore.matching import required_literals
from scorecards.autoscore.text.bounded_cache import BoundedCache

STEM = 4
"""Letters of an anchor stem: the anchor `apol*` stands for every word that starts with these four letters."""
BEYOND_ASCII = "~"

_OPENING = 3
"""First letters by which words that nothing asks for are told."""

_PER_PATTERN, _MOST_REMEMBERED = 80, 4096


class Prefilter:
    """An index from words to the alternatives that ask for them.

    Every alternative has one bit in each of a few rows. A row is a thing it asks for: a word of each group of
    its pattern's anchors, and of each set of words that its expression needs. A sentence's words fill rows;
    an alternative with its bit in all of them may match.
    """

    def __init__(self, anchors: Sequence[str], pieces: Sequence[Sequence[str]]) -> None:
        """Index the alternatives of every pattern by the pattern's anchors and their own needs."""
        groups = [each.split("&") for each in anchors]
        asked = max(map(len, groups), default=0)
        self._width = sum(map(len, pieces))
        self._shifts = [row * self._width for row in range(1, asked + required_literals.MAX_LITERALS)]
        self._full = (1 << self._width) - 1
        self._words: defaultdict[str, int] = defaultdict(int)
        self._stems: defaultdict[str, int] = defaultdict(int)
        self._parts: defaultdict[str, int] = defaultdict(int)
        self._beginnings: defaultdict[str, int] = defaultdict(int)
        self._free = self._beyond = 0
        self._owner: list[tuple[int, int, int]] = []
        for number, alternatives in enumerate(pieces):
            first = len(self._owner)
            block = ((1 << len(alternatives)) - 1) << first
            self._owner += [(number, first, block)] * len(alternatives)
            self._anchor(groups[number], block, asked)
            for place, piece in enumerate(alternatives):
                self._need(required_literals.required_literals(piece), first + place, asked)
        self._lengths = sorted({len(each) for each in self._beginnings})
        tables = (self._words, self._stems, self._parts, self._beginnings)
        self._openings = {each[:_OPENING] for table in tables for each in table}
        self._openings_of_any = {each for each in self._beginnings if len(each) < _OPENING}
        self._filled = BoundedCache(self._fill, min(_MOST_REMEMBERED, _PER_PATTERN * len(anchors)))

    def _anchor(self, groups: Sequence[str], block: int, asked: int) -> None:
        if groups == [BEYOND_ASCII]:
            self._beyond |= block
        for row in range(asked):
            bits = block << row * self._width
            if row >= len(groups) or groups == [""]:
                self._free |= bits
                continue
            for anchor in groups[row].split():
                if anchor.endswith("*"):
                    self._stems[anchor[:-1][:STEM]] |= bits
                else:
                    self._words[anchor] |= bits

    def _need(self, needed: Sequence[frozenset[str]], place: int, asked: int) -> None:
        for number in range(required_literals.MAX_LITERALS):
            bit = 1 << ((asked + number) * self._width + place)
            if number >= len(needed):
                self._free |= bit
                continue
            for each in needed[number]:
                if each.endswith("*"):
                    self._beginnings[each[:-1]] |= bit
                else:
                    self._parts[each] |= bit

    def _fill(self, word: str) -> int:
        if self._is_strange(word):
            return 0
        bits = self._words.get(word, 0) | self._stems.get(word[:STEM], 0)
        for part in word.split("'"):
            bits |= self._parts.get(part, 0)
            for length in self._lengths:
                bits |= self._beginnings.get(part[:length], 0)
        return bits

    def _is_strange(self, word: str) -> bool:
        """Tell by its first letters that nothing asks for a word: most names and numbers, heard only once."""
        return not (
            word[:_OPENING] in self._openings
            or "'" in word
            or word[:1] in self._openings_of_any
            or word[:2] in self._openings_of_any
        )

    def candidates(self, words: Sequence[str], *, ascii_only: bool) -> list[tuple[int, list[int]]]:
        """Return the patterns that a sentence of these words may hold, each with the places of its pieces."""
        bits = self._free if ascii_only else self._free | self._beyond
        filled = self._filled
        for word in words:
            some = filled[word]
            if some:
                bits |= some
        left = bits & self._full
        for shift in self._shifts:
            left &= bits >> shift
        held = []
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
            held.append((number, chosen))
        return held
