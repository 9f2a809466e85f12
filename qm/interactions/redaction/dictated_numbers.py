"""Reads numbers that are spelled out, as voice transcripts have them: "oh seven seven double nine"."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import repeat

from qm.interactions.redaction.number_words import (
    AMBIGUOUS,
    FILLERS,
    HUNDRED,
    NEVER_FIRST,
    NUMBERS,
    PLUS,
    TIMES,
    UNSPACED,
)
from qm.interactions.redaction.words import lower_alike

_MIN_WORDS, _MAX_GAP = 3, 4
# One word in so many has to mean a number and nothing else.
_MAX_UNSURE = 4
# Of more digits than the longest telephone number has, the groups are kept: a card, then its date and code.
_MAX_JOINED_DIGITS, _MAX_SEARCHED_DIGITS, _MAX_WRITTEN_DIGITS = 15, 1_000, 4
_SEPARATORS = '.,;:!?()[]{}<>/\\+*_|~#"-\t\r\n\v\f\x00'
_TO_SPACES = bytes.maketrans(_SEPARATORS.encode(), b" " * len(_SEPARATORS))
_OTHER_SEPARATORS = "\u2026\u2013\u0964"
_ALL_TO_SPACES = str.maketrans(dict.fromkeys(_SEPARATORS + _OTHER_SEPARATORS, " "))
_TOKEN = re.compile(rf"[^\s{re.escape(_SEPARATORS)}{_OTHER_SEPARATORS}]+")
_SPOKEN, _BETWEEN = 1, 2
# Those that stand between numbers rather are not counted.
_KINDS = {
    **dict.fromkeys((*NUMBERS, *TIMES, *HUNDRED), _SPOKEN),
    **dict.fromkeys((*FILLERS, *NEVER_FIRST), _BETWEEN),
}
_COUNTED = frozenset((*_KINDS, *PLUS))
# A word before one of these makes no greater number with it.
_SURE_DIGITS = frozenset(
    word
    for word, digits in NUMBERS.items()
    if len(digits) == 1 and word not in AMBIGUOUS | FILLERS | NEVER_FIRST
)
_ENCODED_KINDS = {word.encode(): kind for word, kind in _KINDS.items()}
_ENOUGH, _UNCOUNTED = bytes((_SPOKEN,) * _MIN_WORDS), bytes((_BETWEEN,))
# A set of characters is found many times faster than one of words.
_CHARACTERS = "".join(word for word in UNSPACED if len(word) == 1)
_LONG = "|".join(word for word in UNSPACED if len(word) > 1)
_BETWEEN_UNSPACED = "[ \u30fb,\u3001-]?"
_FIRST = re.compile("[" + "".join(sorted({word[0] for word in UNSPACED})) + "]")
_FIRST_OF_LONG = re.compile("[" + "".join(sorted({word[0] for word in UNSPACED if len(word) > 1})) + "]")
_UNSPACED_CHARACTERS = re.compile(
    rf"[{_CHARACTERS}]{_BETWEEN_UNSPACED}(?:[{_CHARACTERS}]{_BETWEEN_UNSPACED}){{2,}}"
)
_UNSPACED_WORDS = re.compile(rf"(?:(?:{_LONG}){_BETWEEN_UNSPACED}){{3,}}")
_UNSPACED_WORD = re.compile(rf"[{_CHARACTERS}]|{_LONG}")


# A text of a hundred characters may hold thirty of these: plain tuples are made twice as fast as named ones.
Piece = tuple[int, int, int, int]
"""Start and end of digits of a rewritten text, and of the words that they stand for."""
_Token = tuple[str, int, int]
"""A word in lower case, with its place."""
_Digits = tuple[str, int, int]
"""Digits, with the place of the words for them."""


class WrittenText:
    """
    A text in which numbers in words are written as digits, and where each place was before.

    Where there are none, it has the text in lower case too.

    Parameters
    ----------
    text
        The text.
    most_words
        Of more words that mean numbers none is read: `is_crowded`.
    """

    def __init__(self, text: str, most_words: int) -> None:
        """Rewrite the text, if it holds such numbers."""
        self.pieces: list[Piece] = []
        self.text = text
        self.lower: str | None = lower_alike(text)
        words = _count_words(self.lower.encode("utf-8", "surrogatepass"))
        self.is_crowded = words > most_words
        groups: list[list[_Digits]] = []
        if not self.is_crowded:
            unspaced = [] if text.isascii() else [*_unspaced(text)]
            groups = [*(_dictated(self.lower) if words or unspaced else ()), *unspaced]
        if groups:
            self.lower = None
            self._write(text, sorted(groups, key=lambda group: group[0][1]))
        self._starts = [start for start, _, _, _ in self.pieces]

    def _write(self, text: str, groups: Sequence[Sequence[_Digits]]) -> None:
        written, length, end = list[str](), 0, 0
        for group in groups:
            if group[0][1] < end:
                continue
            before = text[end : group[0][1]]
            for digits, spoken_start, spoken_end in group:
                start = length + len(before)
                length, end = start + len(digits), spoken_end
                self.pieces.append((start, length, spoken_start, spoken_end))
                written += (before, digits)
                before = " "
        self.text = "".join([*written, text[end:]])

    def span_before(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the given text that a span of the rewritten one stands for."""
        if not self.pieces:
            return start, end
        first, last = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end) - 1
        return self._before(first, start, is_end=False), self._before(last, end, is_end=True)

    def _before(self, number: int, place: int, *, is_end: bool) -> int:
        if number < 0:
            return place
        _, end, spoken_start, spoken_end = self.pieces[number]
        is_inside = place <= end if is_end else place < end
        if is_inside:
            return spoken_end if is_end else spoken_start
        return spoken_end + place - end


def may_hold_dictated_number(lower: bytes) -> bool:
    """Whether a text in lower case may hold a number in words; False is certain."""
    if _count_words(lower):
        return True
    return not lower.isascii() and next(_unspaced(lower.decode("utf-8", "replace")), None) is not None


def _count_words(lower: bytes) -> int:
    """Return how many words mean numbers, if anywhere enough of them stand in a row."""
    words = lower.translate(_TO_SPACES).split()
    kinds = bytes(map(_ENCODED_KINDS.get, words, repeat(0)))
    return kinds.count(_SPOKEN) if _ENOUGH in kinds.translate(None, _UNCOUNTED) else 0


def find_number_words(lower: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of all words in a row that may be of a number, without reading it."""
    end, start, spoken, place = 0, 0, 0, 0
    for word in lower.translate(_ALL_TO_SPACES).split(" "):
        kind = _KINDS.get(word)
        if kind is not None:
            start = start if spoken or end else place
            spoken += kind == _SPOKEN
            end = place + len(word)
        elif word and end:
            if spoken >= _MIN_WORDS:
                yield start, end
            spoken, end = 0, 0
        place += len(word) + 1
    if spoken >= _MIN_WORDS:
        yield start, end
    if not lower.isascii():
        yield from ((start, end) for [(_, start, end)] in _unspaced(lower))


def _unspaced(text: str) -> Iterator[list[_Digits]]:
    if _FIRST.search(text) is None:
        return
    patterns = [_UNSPACED_CHARACTERS, *([_UNSPACED_WORDS] if _FIRST_OF_LONG.search(text) else [])]
    for found in (found for pattern in patterns for found in pattern.finditer(text)):
        digits = "".join(map(UNSPACED.__getitem__, _UNSPACED_WORD.findall(text, *found.span())))
        yield [(digits, *found.span())]


def _dictated(lower: str) -> Iterator[list[_Digits]]:
    run: list[_Token] = []
    last = 0
    for found in _TOKEN.finditer(lower):
        word = found[0]
        is_one = word in _COUNTED or (len(word) <= _MAX_WRITTEN_DIGITS and word.isdigit())
        if not is_one and not run:
            continue
        start, end = found.span()
        if run and (not is_one or start - last > _MAX_GAP):
            if len(run) >= _MIN_WORDS and (digits := _read(run)):
                yield digits
            run = []
        if is_one:
            run.append((word, start, end))
            last = end
    if digits := _read(run):
        yield digits


def _read(run: Sequence[_Token]) -> list[_Digits]:
    """Return the digits of consecutive words, if enough of them are numbers and nothing else."""
    words = [word for word, _, _ in run]
    if len(words) >= _MIN_WORDS and _SURE_DIGITS.issuperset(words):
        return _joined([(NUMBERS[word], start, end) for word, start, end in run])
    kinds = [_KINDS.get(word) for word in words]
    counted = kinds.count(_SPOKEN)
    unsure = sum([kind == _SPOKEN and word in AMBIGUOUS for word, kind in zip(words, kinds, strict=True)])
    if counted < _MIN_WORDS or _MAX_UNSURE * (counted - unsure) < counted:
        return []
    first, last = 0, len(run) - 1
    while kinds[first] == _BETWEEN:
        first += 1
    while kinds[last] == _BETWEEN:
        last -= 1
    found = list(_digits([token for token in run[first : last + 1] if token[0] not in FILLERS]))
    return _joined(found) if found else []


def _joined(found: list[_Digits]) -> list[_Digits]:
    """Return these digits as one number, if they are not of several, or too many to tell."""
    digits = "".join([written for written, _, _ in found])
    if len(digits) <= _MAX_JOINED_DIGITS or len(digits) > _MAX_SEARCHED_DIGITS:
        return [(digits, found[0][1], found[-1][2])]
    return found


def _digits(tokens: Sequence[_Token]) -> Iterator[_Digits]:
    words = [*(word for word, _, _ in tokens), "", ""]
    numbers = [NUMBERS.get(word, "") for word in words]
    place = 0
    while place < len(tokens):
        if words[place] in _SURE_DIGITS and words[place + 1] in _SURE_DIGITS:
            taken, digits = 1, numbers[place]
        else:
            taken, digits = _next_digits(words[place], words[place + 1], numbers[place : place + 3])
        if digits:
            yield digits, tokens[place][1], tokens[place + taken - 1][2]
        place += taken


def _next_digits(word: str, following: str, numbers: Sequence[str]) -> tuple[int, str]:
    """Return how many of the words make the next number, and its digits."""
    first, second, third = numbers
    found = 1, first or (word if word.isdigit() else "+" if word in PLUS else "00" if word in HUNDRED else "")
    if word in TIMES:
        found = (2, second * TIMES[word]) if len(second) == 1 else (1, "")
    elif following in HUNDRED and len(first) == 1:
        found = 2, f"{first}00"
    elif word == "quatre" and second == "20":
        found = (3, str(80 + int(third))) if third and 0 < int(third) < 20 else (2, "80")
    elif word == "soixante" and len(second) == 2 and second[0] == "1":
        found = 2, str(60 + int(second))
    elif _adds(first, second):
        found = 2, first[: -len(second)] + second
        if len(second) == 2 and _adds(second, third):
            found = 3, first[0] + second[0] + third
    return found


def _adds(number: str, following: str) -> bool:
    """Whether a number is said before a smaller one that belongs to it: twenty one, сто двадцать."""
    if not following or following == "0" or len(following) >= len(number):
        return False
    return (
        number.endswith("00")
        if len(number) == 3 and len(following) == 2
        else number[1:] == "0" and number != "10"
    )
