"""Finds the given names of a customer in a text."""

import unicodedata
from collections.abc import Iterator, Sequence

from qm.interactions.redaction.scanned_text import PersonalDataSpan
from qm.interactions.redaction.words import lower_alike


class GivenNames:
    """Names with their possible spellings."""

    def __init__(self, names: Sequence[str]) -> None:
        """Compute the spellings."""
        self._spellings = tuple(dict.fromkeys(_spellings(names)))

    def find(self, text: str) -> list[PersonalDataSpan]:
        """Return where the names stand in a text."""
        found: list[PersonalDataSpan] = []
        lower = lower_alike(text) if self._spellings else ""
        for spelling, is_exact in self._spellings:
            found += _occurrences(text if is_exact else lower, spelling if is_exact else spelling.lower())
        return found


def _spellings(names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield every spelling of the names with whether it is case-sensitive, longest first."""
    written: list[tuple[str, bool]] = []
    for name in names:
        words = name.split()
        written.append((" ".join(words), False))
        if len(words) > 1:
            parts = [word for word in words if len(word) > 1 and word[0].isupper()]
            written += [(form, True) for part in parts for form in (part, part.upper())]
    for spelling, exact in sorted(written, key=lambda pair: -len(pair[0])):
        composed = unicodedata.normalize("NFC", spelling)
        decomposed = unicodedata.normalize("NFD", spelling)
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        for form in (spelling, composed, decomposed, bare):
            if form:
                yield form, exact


def _occurrences(text: str, spelling: str) -> Iterator[PersonalDataSpan]:
    start = text.find(spelling)
    while start >= 0:
        end = start + len(spelling)
        if _stands_alone(text, start, end):
            yield PersonalDataSpan(start, end, "NAME")
        start = text.find(spelling, end)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start] if start else ""
    after = text[end : end + 1]
    if before + after in {"##", "[]"}:  # a placeholder that happens to read like the name
        return False
    if _is_word(before):
        return False
    return not _is_word(after) or (after in "sS" and not _is_word(text[end + 1 : end + 2]))


def _is_word(character: str) -> bool:
    return (
        character.isalnum() or character == "_" or (character != "" and unicodedata.combining(character) > 0)
    )
