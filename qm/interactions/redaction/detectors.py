"""Detects personal data in texts by patterns, validated by check digits."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from stdnum import iban, numdb
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.ie import pps
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import itin, ssn

from qm.interactions.redaction.phone_numbers import CONTEXT_LENGTH, PersonalDataSpan, find_phone_numbers

# Detectors get text normalized character by character (full-width forms, dashes, spaces, digits to ASCII),
# so that their offsets are those of the original text.
Detector = Callable[[str], Iterator[PersonalDataSpan]]

_LOCAL_PART = frozenset("!#$%&'*+/=?^_`{|}~.-")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-zA-Z0-9-]{2,59}|[^\W\d_]{2,63})")


def find_emails(text: str) -> Iterator[PersonalDataSpan]:
    """Yield e-mail addresses; scanning outwards from each @ takes linear time for any text."""
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < 64 and _is_local(text[start - 1]):
            start -= 1
        while start < at and text[start] in ".'/#*":
            start += 1
        domain = _DOMAIN.match(text, at + 1, at + 256)
        if domain and start < at:
            yield PersonalDataSpan(start, domain.end(), "EMAIL")
        at = text.find("@", at + 1)


def _is_local(character: str) -> bool:
    return character.isalnum() or character in _LOCAL_PART


_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")


def find_ibans(text: str) -> Iterator[PersonalDataSpan]:
    """Yield IBANs of every country in the registry, with or without separators."""
    for start in _IBAN_START.finditer(text):
        length = _iban_length(start.group()[:2].upper())
        end = start.start() + _grouped_length(text[start.start() : start.start() + 2 * length], length)
        number = text[start.start() : end]
        ends_here = end >= len(text) or not text[end].isalnum()
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


# Issuer identification ranges (ISO/IEC 7812, as published by the card schemes) and their number lengths.
_ISSUERS: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3(?:0[0-5]|095|6|[89])"), (14, 16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),
    (re.compile(r"6(?:011|4[4-9]|5|2)"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-9]|6[037]"), (12, 13, 14, 15, 16, 17, 18, 19)),
)
_DIGIT_RUN = re.compile(r"(?<![A-Za-z0-9])\d(?:[\s.\-/_*]{0,3}\d)*")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def find_card_numbers(text: str) -> Iterator[PersonalDataSpan]:
    """
    Yield payment card numbers, by issuer range, length and Luhn check digit.

    A number may be followed by others ("4111 1111 1111 1111 12 28"), so every run of whole digit groups is
    tried. With cumulative Luhn sums each try is one subtraction.
    """
    for run in _DIGIT_RUN.finditer(text):
        positions = [index for index in range(run.start(), run.end()) if text[index].isdigit()]
        if len(positions) < 12:
            continue
        yield from _cards_in([int(text[place]) for place in positions], positions)


def _cards_in(digits: list[int], positions: list[int]) -> Iterator[PersonalDataSpan]:
    starts_group = [i == 0 or positions[i] != positions[i - 1] + 1 for i in range(len(digits))]
    ends_group = [*starts_group[1:], True]
    luhn = [
        list(accumulate((_DOUBLED[d] if i % 2 == odd else d for i, d in enumerate(digits)), initial=0))
        for odd in (0, 1)
    ]
    written = "".join(map(str, digits))
    first = 0
    while first < len(digits):
        length = _card_length(written, first, luhn, ends_group) if starts_group[first] else 0
        if length:
            yield PersonalDataSpan(positions[first], positions[first + length - 1] + 1, "CARD")
        first += length or 1


def _card_length(written: str, first: int, luhn: list[list[int]], ends_group: list[bool]) -> int:
    for issuer, lengths in _ISSUERS:
        if issuer.match(written, first) is None:
            continue
        for length in reversed(lengths):
            end = first + length
            if end > len(written) or not ends_group[end - 1]:
                continue
            # The last digit is not doubled, the one before it is.
            sums = luhn[end % 2]
            if (sums[end] - sums[first]) % 10 == 0:
                return length
    return 0


@dataclass(frozen=True, slots=True)
class _NationalId:
    """A kind of national id: its pattern, its validation, and the words that must precede it, if any."""

    shape: re.Pattern[str]
    is_valid: Callable[[str], bool]
    announced_by: re.Pattern[str] | None = None


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE | re.ASCII)


UK_NUMBER = _shape(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")


def _is_nino(number: str) -> bool:
    prefix = number[:2].upper()
    return prefix not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


def _has_nonzero_digit(number: str) -> bool:
    return any(character != "0" for character in number if character.isdigit())


# Plain digits are far more often order numbers than national ids, and a check digit accepts one in ten or
# eleven by chance: these formats count only after words that announce them.
_TAX = re.compile(r"steuer|tax|idnr|tin\b", re.IGNORECASE)
_SOCIAL = re.compile(r"ssn|social security|itin", re.IGNORECASE)
_NATIONAL_IDS: tuple[_NationalId, ...] = (
    _NationalId(
        _shape(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}"), lambda n: ssn.is_valid(n) or itin.is_valid(n)
    ),
    _NationalId(_shape(r"\d{3}[-. ]?\d{2}[-. ]?\d{4}"), _has_nonzero_digit, _SOCIAL),
    _NationalId(UK_NUMBER, _is_nino),
    _NationalId(_shape(r"\d{2} \d{3} \d{3} \d{3}"), idnr.is_valid),
    _NationalId(_shape(r"\d{2}[ /-]?\d{3}[ /-]?\d{3}[ /-]?\d{3}"), idnr.is_valid, _TAX),
    _NationalId(
        _shape(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"), nir.is_valid
    ),
    _NationalId(_shape(r"\d{8}-?[A-Z]"), dni.is_valid),
    _NationalId(_shape(r"[XYZ]-?\d{7}-?[A-Z]"), nie.is_valid),
    _NationalId(_shape(r"\d{7}[A-W][A-IW]?"), pps.is_valid),
    _NationalId(
        _shape(r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"),
        codicefiscale.is_valid,
    ),
    _NationalId(_shape(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), cpf.is_valid),
    _NationalId(_shape(r"\d{11}"), cpf.is_valid, re.compile(r"\bcpf\b", re.IGNORECASE)),
    _NationalId(_shape(r"(?:19|20)?\d{6}[-+]\d{4}"), personnummer.is_valid),
    _NationalId(
        _shape(r"\d{3}[ -]\d{3}[ -]\d{3}"),
        sin.is_valid,
        re.compile(r"\bsin\b|social insurance", re.IGNORECASE),
    ),
    _NationalId(_shape(r"[2-9]\d{3} \d{4} \d{4}"), aadhaar.is_valid),
    _NationalId(_shape(r"\d{11}"), pesel.is_valid, re.compile(r"pesel", re.IGNORECASE)),
    _NationalId(
        _shape(r"\d{4}\.?\d{2}\.?\d{3}"),
        bsn.is_valid,
        re.compile(r"\bbsn\b|burgerservice|sofi", re.IGNORECASE),
    ),
)


def find_national_ids(text: str) -> Iterator[PersonalDataSpan]:
    """Yield national identity, tax and social security numbers of the formats above."""
    for identity in _NATIONAL_IDS:
        for found in identity.shape.finditer(text):
            before = text[max(0, found.start() - CONTEXT_LENGTH) : found.start()]
            if identity.announced_by and not identity.announced_by.search(before):
                continue
            if identity.is_valid(found.group().replace(" ", "")):
                yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")


DETECTORS: tuple[Detector, ...] = (
    find_emails,
    find_ibans,
    find_card_numbers,
    find_national_ids,
    find_phone_numbers,
)
