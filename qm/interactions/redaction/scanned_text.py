"""A text prepared for detection: its runs of digits, and where words stand that say what a number is."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from qm.interactions.redaction.stems import Announced, announced_in
from qm.interactions.redaction.words import Words, lower_alike

# Number of characters before a number that are searched for words announcing it.
CONTEXT_LENGTH = 40
# Letters of scripts that put spaces between words. Beside all others a number stands alone.
WORD = r"0-9A-Za-z_\u00aa\u00b5\u00ba\u00c0-\u052f"
# Digits with what may stand between those of one number; shorter runs are no number of a person.
_RUN = re.compile(r"\d(?:[\s.\-/_*()+]{0,3}+\d){6,}+")
_DIGITS_A_PROOF = 12
# Of a national insurance number, as `squeeze` returns it.
UK_ID_SHAPE = b"AA000000A"
_NO_DIGITS = bytes(code for code in range(256) if code not in b"0123456789")


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


_ITEMS = (itemgetter(0), itemgetter(1), itemgetter(2))
_make = tuple.__new__


class WordPlaces(NamedTuple):
    """Where words stand in a text, in the order of their ends, and which of the list each is."""

    ends: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()


_NO_PLACES = WordPlaces()


class ScannedText:
    """
    A normalized text; what detectors share is computed once.

    Parameters
    ----------
    text
        The text, or several with NUL between.
    announced
        Of which kinds it may hold what words announce, if that is known.
    lower
        The text in lower case, if that is known.
    """

    def __init__(
        self,
        text: str,
        announced: Announced | None = None,
        lower: str | None = None,
    ) -> None:
        """Set the text; nothing is searched yet."""
        self.text = text
        self.runs = _runs(text)
        self._announced = announced
        self._lower = lower
        self._places: dict[Words, WordPlaces] = {}

    @cached_property
    def lower(self) -> str:
        """The text in lower case, of the same length."""
        return lower_alike(self.text) if self._lower is None else self._lower

    @cached_property
    def announced_by(self) -> Announced:
        """Of which kinds the text may hold what words announce, and how many announce it."""
        if self._announced is not None:
            return self._announced
        return announced_in(self.lower.encode("utf-8", "surrogatepass"))

    @property
    def announced(self) -> frozenset[int]:
        """Of which kinds the text may hold what words announce."""
        return self.announced_by.kinds

    @property
    def signs(self) -> int:
        """How many pieces the text may hold beside runs of digits: words for them, @, shapes of ids."""
        return self.announced_by.stems + self.text.count("@") + self.squeezed.count(UK_ID_SHAPE)

    @property
    def proofs(self) -> int:
        """How many proofs the runs take: one that is long may hold several numbers."""
        return sum([1 + run.digits // _DIGITS_A_PROOF for run in self.runs])

    @property
    def words_found(self) -> int:
        """How many words were found of those that were looked for."""
        return sum(len(places.ends) for places in self._places.values())

    @cached_property
    def squeezed(self) -> bytes:
        """The shape of the text, as `squeeze` returns it."""
        return squeeze(self.text.encode("utf-8", "surrogatepass"))

    @property
    def longest(self) -> int:
        """How many characters stand together at most without a space."""
        return max(map(len, self.text.split()), default=0)

    def last_end_before(self, words: Words, position: int) -> int:
        """Return where the last of some words ends that stands near before a position; -1 if none does."""
        ends = self.places(words).ends
        place = bisect_right(ends, position) - 1
        return ends[place] if place >= 0 and ends[place] >= position - CONTEXT_LENGTH else -1

    def numbers_before(self, words: Words, start: int, end: int) -> dict[int, int]:
        """Return the numbers of the words that end near before a span or in it, each with its last end."""
        ends, _, numbers = self.places(words)
        first, last = bisect_left(ends, start - CONTEXT_LENGTH), bisect_right(ends, end)
        return dict(zip(numbers[first:last], ends[first:last], strict=True))

    def is_near(self, words: Words, start: int, end: int) -> bool:
        """Whether some words end between two positions."""
        ends = self.places(words).ends
        place = bisect_left(ends, start)
        return place < len(ends) and ends[place] <= end

    def places(self, words: Words) -> WordPlaces:
        """Return where some words stand."""
        found = self._places.get(words)
        if found is None:
            listed = words.places(self.lower)
            # Unpacked by a zip, many places would take longer than finding them.
            found = WordPlaces(*(tuple(map(item, listed)) for item in _ITEMS)) if listed else _NO_PLACES
            self._places[words] = found
        return found


def _runs(text: str) -> list[DigitRun]:
    """Return all runs of at least seven digits."""
    spans = [found.span() for found in _RUN.finditer(text)]
    # One byte for each character, so that places stay.
    raw = text.encode("ascii", "replace") if spans else b""
    # A named tuple made by its own name takes twice as long.
    return [
        _make(DigitRun, (start, end, len(raw[start:end].translate(None, _NO_DIGITS)))) for start, end in spans
    ]


# Deleting these from the UTF-8 bytes joins the digit groups of a number; bytes above ASCII are deleted too,
# because of zero-width characters.
_SEPARATORS = b" \t\n\r-./()_*+" + bytes(range(0x80, 0x100))
_CLASSES = bytes(
    ord("0") if 0x30 <= code <= 0x39 else ord("A") if chr(code).isalpha() and code < 0x80 else code
    for code in range(256)
)


def squeeze(raw: bytes, separators: bytes = _SEPARATORS) -> bytes:
    """Return 0 for each digit and A for each letter of ASCII, without what may stand between them."""
    return raw.translate(_CLASSES, separators)
