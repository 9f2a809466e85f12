"""One sentence, or part of one, that the API says in English, to be recognised in a text (pure)."""

import re
from dataclasses import dataclass
from functools import cached_property

NUMBERS = frozenset({"n", "m", "low", "high", "days", "points", "count", "of"})
"""Placeholders that stand for a number; all others stand for words."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_NUMBER = r"[+\-\N{MINUS SIGN}]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]\d+)?"
_WORDS = r"(?:(?![.;:]\s)[^\n])+?"
_TO_THE_END = r"[^\n]+?(?=\s*$|\s*[.;](?:\s|$))"


def N_(text: str) -> str:  # noqa: N802 - the name by which the collector of texts knows what to translate
    """Mark a text for translation, which happens where it is shown."""
    return text


@dataclass(frozen=True)
class Sentence:
    """A sentence with placeholders, as the catalogue of texts holds it.

    Examples
    --------
    >>> found = Sentence("up %(n)s points on the day before").at("It is up 3.2 points on the day before.", 6)
    >>> found and found.groupdict()
    {'n': '3.2'}
    """

    text: str

    @property
    def is_plain(self) -> bool:
        """Whether it has no placeholders, so that a percent sign is one."""
        return not _PLACEHOLDER.search(self.text)

    @cached_property
    def _start(self) -> str:
        return _PLACEHOLDER.split(self.text)[0].replace("%%", "%")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = _PLACEHOLDER.split(self.text)
        pattern = ""
        for place, piece in enumerate(pieces):
            if place % 2:
                last = place == len(pieces) - 2 and not pieces[-1]
                words = _TO_THE_END if last else _WORDS
                pattern += f"(?P<{piece}>{_NUMBER if piece in NUMBERS else words})"
            else:
                pattern += re.escape(piece if self.is_plain else piece.replace("%%", "%"))
        return re.compile(pattern + r"(?!\w)")

    def at(self, text: str, place: int) -> re.Match[str] | None:
        """Return where it stands in a text from a place on; None where it does not."""
        return self._pattern.match(text, place) if text.startswith(self._start, place) else None
