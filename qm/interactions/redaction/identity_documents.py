"""Detects numbers of identity documents that have letters, behind the words that announce them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import IDENTITY_DOCUMENT
from qm.interactions.redaction.words import Words

_GAP = 30


@dataclass(frozen=True, slots=True)
class _Document:
    """A kind of document: the words that announce it, and the form of its number in normalized text."""

    words: tuple[str, ...]
    pattern: str


_MIN_PASSPORT_DIGITS = r"(?=(?:[A-Z]*\d){5})"
_DOCUMENTS = (
    # United Kingdom, in any spacing: "A B 1 2 3 4 5 6 C".
    _Document(
        ("national insurance", "=ni number", "=ni no", "=ni:", "=nino", r"=n\.i\.", "=ni is", "=ni num"),
        r"[A-Z][ .\-/]{0,2}[A-Z](?:[ .\-/]{0,3}\d){6}(?:[ .\-/]{0,3}[A-D])?",
    ),
    # India's permanent account number.
    _Document((r"=pan\b", "permanent account", "पैन"), r"[A-Z]{5}[ -]?\d{4}[ -]?[A-Z]"),
    _Document(
        (
            *(
                "passport",
                "reisepass",
                "passnummer",
                "passeport",
                "pasaporte",
                "passaport",
                "paspoort",
                "paszport",
            ),
            *(
                "pasaport",
                "paşaport",
                "passinumero",
                "útlevél",
                "pašaport",
                "pasošk",
                "паспорт",
                "διαβατ",
                "דרכון",
            ),
            *(
                "جواز",
                "گذرنامه",
                "पासपोर्ट",
                "หนังสือเดินทาง",
                "hộ chiếu",
                "パスポート",
                "旅券",
                "护照",
                "護照",
                "여권",
            ),
            *("ausweisnummer", "personalausweis", "carte d'identité", "carta d'identità", "dowód osobisty"),
            *(
                "dowodu osobistego",
                "identity card",
                "id card",
                "=dl number",
                "driving licen",
                "driver's licen",
            ),
            *(
                "driver licen",
                "drivers licen",
                "führerschein",
                "permis de conduire",
                "carnet de conducir",
                "rijbewijs",
            ),
        ),
        # Russian ones are written "45 09 123456".
        rf"\d{{2}} \d{{2}} \d{{6}}|{_MIN_PASSPORT_DIGITS}[A-Z0-9]{{6,18}}|[A-Z]{{1,3}}[ -]?\d{{6,8}}",
    ),
)
_WORDS = Words(word for each in _DOCUMENTS for word in each.words)
_KINDS = tuple(number for number, each in enumerate(_DOCUMENTS) for _ in each.words)
_SHAPES = tuple(
    re.compile(rf"(?<![\w.-])(?:{each.pattern})(?![\w-])", re.IGNORECASE | re.ASCII) for each in _DOCUMENTS
)


def find_identity_documents(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield numbers of identity documents right behind the words for them."""
    if IDENTITY_DOCUMENT not in scanned.announced:
        return
    ends, _, numbers = scanned.places(_WORDS)
    for end, number in zip(ends, numbers, strict=True):
        found = _SHAPES[_KINDS[number]].search(scanned.text, end, end + _GAP)
        if found:
            yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")


# The lines that machines read at the foot of passports and cards (ICAO 9303) have fillers between their parts.
_READABLE_LINE = re.compile(r"(?<![A-Z0-9<])(?=[A-Z0-9]*<)[A-Z0-9<]{26,46}(?![A-Z0-9<])")
_MIN_CHARACTERS_OF_LINE = 5


def find_machine_readable_lines(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield the lines for machines of passports, visas and identity cards: number, birth, sex and name."""
    if "<<" not in scanned.text:
        return
    for found in _READABLE_LINE.finditer(scanned.text):
        if len(found.group().replace("<", "")) >= _MIN_CHARACTERS_OF_LINE:
            yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")
