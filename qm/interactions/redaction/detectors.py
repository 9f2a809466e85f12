"""The detectors of personal data, in the order in which they count, and that of bank accounts."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from stdnum import iban, numdb

from qm.interactions.redaction.cards import find_card_details, find_card_numbers
from qm.interactions.redaction.emails import find_emails, find_written_emails
from qm.interactions.redaction.national_ids import find_national_ids
from qm.interactions.redaction.phone_numbers import find_phone_numbers
from qm.interactions.redaction.scanned_text import WORD, PersonalDataSpan, ScannedText

# Detectors get text normalized character by character (full-width forms, dashes, spaces, digits to ASCII),
# so that their offsets are those of the original text.
Detector = Callable[[ScannedText], Iterator[PersonalDataSpan]]

_LETTER = re.compile(f"[{WORD}]")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")


def find_ibans(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield IBANs of every country in the registry, with or without separators."""
    text = scanned.text
    for start in _IBAN_START.finditer(text):
        length = _iban_length(start.group()[:2].upper())
        end = start.start() + _grouped_length(text[start.start() : start.start() + 2 * length], length)
        number = text[start.start() : end]
        ends_here = end >= len(text) or _LETTER.match(text, end) is None
        if length and ends_here and iban.is_valid(number, check_country=False):
            yield PersonalDataSpan(start.start(), end, "IBAN")


@cache
def _iban_length(country: str) -> int:
    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    return 4 + sum(int(part) for part in re.findall(r"(\d+)!", structure)) if structure else 0


def _grouped_length(text: str, length: int) -> int:
    """Return how many characters hold `length` letters or digits with at most one separator between."""
    seen = gap = 0
    for index, character in enumerate(text):
        if character.isalnum():
            seen, gap = seen + 1, 0
            if seen == length:
                return index + 1
        elif character in " -" and not gap:
            gap = 1
        else:
            break
    return 0


_MAX_DIGITS = 1_000


def find_long_digit_runs(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield runs of more than a thousand digits: tables of numbers, which are not searched one by one."""
    for run in scanned.runs:
        if run.digits > _MAX_DIGITS:
            yield PersonalDataSpan(run.start, run.end, "NUMBERS")


DETECTORS: tuple[Detector, ...] = (
    find_emails,
    find_written_emails,
    find_ibans,
    find_card_numbers,
    find_card_details,
    find_national_ids,
    find_phone_numbers,
)
