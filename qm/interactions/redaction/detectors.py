"""The detectors of personal data, in the order in which they count, and that of bank accounts."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from stdnum import numdb

from qm.interactions.redaction.bank_accounts import find_bank_accounts
from qm.interactions.redaction.cards import find_card_details, find_card_numbers, find_spoken_cards
from qm.interactions.redaction.emails import find_emails, find_written_emails
from qm.interactions.redaction.identity_documents import (
    find_identity_documents,
    find_machine_readable_lines,
)
from qm.interactions.redaction.internet_addresses import find_internet_addresses
from qm.interactions.redaction.national_ids import find_national_ids
from qm.interactions.redaction.phone_numbers import find_phone_numbers
from qm.interactions.redaction.scanned_text import WORD, PersonalDataSpan, ScannedText
from qm.interactions.redaction.secrets import find_secrets

# Detectors get text normalized character by character (full-width forms, dashes, spaces, digits to ASCII),
# so that their offsets are those of the original text.
Detector = Callable[[ScannedText], Iterator[PersonalDataSpan]]

_LETTER = re.compile(f"[{WORD}]")
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
_IBAN_SHAPE = b"AA00"

_IBAN_CHARACTERS = {"n": "[0-9]", "a": "[A-Za-z]", "c": "[A-Za-z0-9]"}
_IBAN_VALUES = {ord(letter): str(ord(letter) - ord("A") + 10) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_WITHOUT_SEPARATORS = {ord(" "): None, ord("-"): None}


def find_ibans(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield IBANs of every country in the registry, with or without separators."""
    if _IBAN_SHAPE not in scanned.squeezed:
        return
    text = scanned.text
    for start in _IBAN_START.finditer(text):
        structure = _iban_structure(start.group()[:2].upper())
        found = structure.match(text, start.start()) if structure else None
        if found and _LETTER.match(text, found.end()) is None and _check_digits_fit(found.group()):
            yield PersonalDataSpan(found.start(), found.end(), "IBAN")


@cache
def _iban_structure(country: str) -> re.Pattern[str] | None:
    """Return the pattern of a country's IBANs, with at most one separator before each character."""
    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    parts = re.findall(r"(\d+)!([nac])", structure)
    number = "".join(f"(?:[ -]?{_IBAN_CHARACTERS[kind]}){{{count}}}" for count, kind in parts)
    return re.compile(rf"[A-Za-z]{{2}}\d\d{number}") if parts else None


def _check_digits_fit(number: str) -> bool:
    """Compare by ISO 7064 MOD 97-10; the library's own way takes ten times as long on what is no IBAN."""
    plain = number.translate(_WITHOUT_SEPARATORS).upper()
    return int((plain[4:] + plain[:4]).translate(_IBAN_VALUES)) % 97 == 1


_MAX_DIGITS = 1_000


def find_tables(scanned: ScannedText, *, is_crowded: bool) -> Iterator[PersonalDataSpan]:
    """Yield runs of more than a thousand digits, or all where there are too many to search one by one."""
    for run in scanned.runs:
        if is_crowded or run.digits > _MAX_DIGITS:
            yield PersonalDataSpan(run.start, run.end, "NUMBERS")


DETECTORS: tuple[Detector, ...] = (
    find_emails,
    find_written_emails,
    find_ibans,
    find_card_numbers,
    find_spoken_cards,
    find_card_details,
    find_machine_readable_lines,
    find_bank_accounts,
    find_secrets,
    find_national_ids,
    find_identity_documents,
    find_internet_addresses,
    find_phone_numbers,
)
