"""Masks a text coarsely where an interaction has more personal data than can be searched piece by piece."""

import re
from collections.abc import Iterator

from qm.interactions.redaction.dictated_numbers import find_number_words
from qm.interactions.redaction.emails import AT_WRITTEN, WRITTEN_DOMAIN
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import SECRET, WRITTEN_EMAIL

# Whatever holds a digit, up to the spaces around it, with more of the same behind. Other words are read once.
_HOLDS_DIGIT = re.compile(r"(?:(?<![!-~])[!-/:-~]*+\d|\d)[!-~]*(?: [!-/:-~]*+\d[!-~]*)*+")
_HOLDS_AT = re.compile(r"(?<![^\s,;:()<>\x00])[^\s,;:()<>\x00@%]*(?:@|%40)[^\s,;:()<>\x00]*")
_WRITTEN_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}+(?:{AT_WRITTEN.pattern}){WRITTEN_DOMAIN.pattern}")
# What nobody would write as a word: a sign inside one, or a capital behind a small letter.
_SIGN = re.compile(r"(?<=\w)[!#$%^&*_+=~?]+(?=\w)|(?<=[a-zß-ÿ])[A-Z]")
_REST = re.compile(r"[^\s\x00]*")
_MAX_WORD = 64


def find_addresses(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield every word with an @, and every word before an @ and a domain that are written out."""
    for found in _HOLDS_AT.finditer(scanned.text):
        yield PersonalDataSpan(*found.span(), "EMAIL")
    if WRITTEN_EMAIL in scanned.announced:
        for found in _WRITTEN_EMAIL.finditer(scanned.lower):
            yield PersonalDataSpan(*found.span(), "EMAIL")


def find_words_with_signs(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield every word that reads like a password, where words announce one."""
    if SECRET not in scanned.announced:
        return
    text, end = scanned.text, 0
    for found in _SIGN.finditer(text):
        place = found.start()
        if place >= end:
            least = max(end, place - _MAX_WORD)
            start = max(least, *(text.rfind(space, least, place) + 1 for space in " \n\x00"))
            end = _REST.match(text, found.end()).end()  # type: ignore[union-attr]
            yield PersonalDataSpan(start, end, "PASSWORD")


def find_numbers(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield every word that holds a digit, those in a row as one, and numbers in words."""
    for found in _HOLDS_DIGIT.finditer(scanned.text):
        yield PersonalDataSpan(found.start(), found.end(), "NUMBERS")
    for start, end in find_number_words(scanned.lower):
        yield PersonalDataSpan(start, end, "NUMBERS")


CROWD_DETECTORS = (find_addresses, find_words_with_signs, find_numbers)
