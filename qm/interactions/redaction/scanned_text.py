"""A text prepared for detection: its runs of digits, and where words stand that say what a number is."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

# Number of characters before a number that are searched for words announcing it.
CONTEXT_LENGTH = 40
# Letters of scripts that put spaces between words. Beside all others a number stands alone.
WORD = r"0-9A-Za-z_\u00aa\u00b5\u00ba\u00c0-\u052f"
# Digits with what may stand between those of one number; shorter runs are no number of a person.
_RUN = re.compile(r"\d(?:[\s.\-/_*()+]{0,3}\d){6,}")
_NO_DIGITS = str.maketrans("", "", " \t\n\r\f\v.-/_*()+")


class PersonalDataSpan(NamedTuple):
    """A span [start, end) of a text with personal data of one kind."""

    start: int
    end: int
    kind: str


class DigitRun(NamedTuple):
    """Digits of a text with nothing but separators between, and how many they are."""

    start: int
    end: int
    digits: int


class ScannedText:
    """A normalized text; what detectors share is computed once."""

    def __init__(self, text: str) -> None:
        """Set the text."""
        self.text = text
        self._ends: dict[int, list[int]] = {}

    @cached_property
    def lower(self) -> str:
        """The text in lower case, of the same length."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(map(lower_alike, self.text))

    @cached_property
    def runs(self) -> list[DigitRun]:
        """All runs of at least seven digits."""
        return [
            DigitRun(found.start(), found.end(), _count_digits(found.group()))
            for found in _RUN.finditer(self.text)
        ]

    def last_end_before(self, words: re.Pattern[str], position: int) -> int:
        """Return where the last of some words ends that stands near before a position; -1 if none does."""
        ends = self._all_ends(words)
        place = bisect_right(ends, position) - 1
        return ends[place] if place >= 0 and ends[place] >= position - CONTEXT_LENGTH else -1

    def is_near(self, words: re.Pattern[str], start: int, end: int) -> bool:
        """Whether some words end between two positions."""
        ends = self._all_ends(words)
        place = bisect_left(ends, start)
        return place < len(ends) and ends[place] <= end

    def _all_ends(self, words: re.Pattern[str]) -> list[int]:
        # Hashing a pattern takes longer than searching a short text with it.
        ends = self._ends.get(id(words))
        if ends is None:
            ends = self._ends[id(words)] = [found.end() for found in words.finditer(self.lower)]
        return ends


def lower_alike(letter: str) -> str:
    """Return a letter in lower case, unless that is longer."""
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


def _count_digits(text: str) -> int:
    return len(text.translate(_NO_DIGITS))


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """
    Return a pattern of words in lower case; = in front of a word means: only at the start of one.

    The words are grouped by their first characters, which have to be literal: so the search skips all places
    where no word can start.
    """
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        bounded, plain = word.startswith("="), word.removeprefix("=")
        first = re.escape(plain[0])
        groups.setdefault(first, []).append((rf"(?<=\b{first})" if bounded else "") + plain[1:])
    return re.compile("|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in groups.items()))
