"""Detects national identity, tax and social security numbers, validated by check digits."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.ar import cuit
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.ie import pps
from stdnum.il import idnr as teudat_zehut
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.ru import inn
from stdnum.se import personnummer
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.us import itin, ssn
from stdnum.za import idnr as za_idnr

from qm.interactions.redaction.scanned_text import CONTEXT_LENGTH, PersonalDataSpan, ScannedText
from qm.interactions.redaction.words import Words


@dataclass(frozen=True, slots=True)
class _NationalId:
    """A kind of national id: its pattern, its validation, and the words that must precede it, if any."""

    pattern: str
    is_valid: Callable[[str], bool]
    announced_by: tuple[str, ...] = ()


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE | re.ASCII)


UK_NUMBER = _shape(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")


def _is_nino(number: str) -> bool:
    prefix = number[:2].upper()
    return prefix not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


def _is_nir(number: str) -> bool:
    # The library's own way takes ten times as long on what is none.
    plain = number.upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(plain[:13]) % 97 == int(plain[13:]) and nir.is_valid(number)


def _has_nonzero_digit(number: str) -> bool:
    return any(character != "0" for character in number if character.isdigit())


def _is_snils(number: str) -> bool:
    digits = [int(each) for each in number if each.isdigit()]
    total = sum(digit * (9 - place) for place, digit in enumerate(digits[:9]))
    return (total % 101) % 100 == digits[9] * 10 + digits[10]


# Their first characters are letters, so they are searched in the whole text.
_LETTERS_FIRST: tuple[tuple[bytes, re.Pattern[str], Callable[[str], bool]], ...] = (
    (b"AA000000A", UK_NUMBER, _is_nino),
    (
        b"AAAAAA",
        _shape(r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"),
        codicefiscale.is_valid,
    ),
)
# Their layout is rare enough to need no words before.
_PLAIN: tuple[_NationalId, ...] = (
    _NationalId(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", lambda n: ssn.is_valid(n) or itin.is_valid(n)),
    _NationalId(r"\d{2} \d{3} \d{3} \d{3}", idnr.is_valid),
    _NationalId(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", _is_nir),
    _NationalId(r"\d{8}-?[A-Z]", dni.is_valid),
    _NationalId(r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid),
    _NationalId(r"\d{7}[A-W][A-IW]?", pps.is_valid),
    _NationalId(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid),
    _NationalId(r"(?:19|20)?\d{6}[-+]\d{4}", lambda n: personnummer.is_valid(n) or cpr.is_valid(n)),
    _NationalId(r"(?<!\d )[2-9]\d{3} \d{4} \d{4}(?! \d)", aadhaar.is_valid),
    _NationalId(r"\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", ric.is_valid),
    _NationalId(r"\d{2}[01]\d[0-3]\d-\d{7}", rrn.is_valid),
    _NationalId(r"[0-3]\d[01]\d{3}[-+]\d{3}[0-9A-Y]", hetu.is_valid),
    _NationalId(r"\d{6}/\d{3,4}", rc.is_valid),
    _NationalId(r"\d-\d{4}-\d{5}-\d{2}-\d", pin.is_valid),
    _NationalId(r"756\.\d{4}\.\d{4}\.\d{2}", ahv.is_valid),
    _NationalId(r"\d{2}\.[01]\d\.[0-3]\d-\d{3}\.\d{2}", nn.is_valid),
    _NationalId(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", rut.is_valid),
    _NationalId(r"[23][03478]-\d{8}-\d", cuit.is_valid),
    _NationalId(r"\d{3}-\d{3}-\d{3} \d{2}", _is_snils),
)
# Plain digits are far more often order numbers than national ids, and a check digit accepts one in ten or
# eleven by chance: these formats count only after words that announce them.
_ANNOUNCED: tuple[_NationalId, ...] = (
    _NationalId(
        r"\d{3}[-. ]?\d{2}[-. ]?\d{4}",
        _has_nonzero_digit,
        ("=ssn", "social security", "=itin", "social sec", r"=my social (?:is|number|no|#)"),
    ),
    _NationalId(
        r"\d{2}[ /-]?\d{3}[ /-]?\d{3}[ /-]?\d{3}",
        idnr.is_valid,
        ("steuer", "=tax", "idnr", r"=tin\b"),
    ),
    _NationalId(r"\d{11}", cpf.is_valid, (r"=cpf\b",)),
    _NationalId(r"\d{3}[ -]?\d{3}[ -]?\d{3}", sin.is_valid, (r"=sin\b", "social insurance", "=nas ")),
    _NationalId(r"\d{11}", pesel.is_valid, ("pesel",)),
    _NationalId(r"\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}", _is_snils, ("снилс",)),
    _NationalId(r"\d{12}", inn.is_valid, (r"=инн\b",)),
    _NationalId(r"\d{4}\.?\d{2}\.?\d{3}", bsn.is_valid, (r"=bsn\b", "burgerservice", "sofi")),
    _NationalId(
        r"\d{11}",
        tckimlik.is_valid,
        ("kimlik", "=tckn", r"=t\.?c\.? ?(?:no|nu|ki)", "vatandaş"),
    ),
    _NationalId(
        r"\d{6} ?\d{5}",
        fodselsnummer.is_valid,
        ("fødselsn", "fodselsn", "personnummer", "=fnr", "d-nummer"),
    ),
    _NationalId(r"\d{6}[- ]?\d{4}", cpr.is_valid, (r"=cpr\b", "personnummer")),
    _NationalId(r"(?:19|20)?\d{6} ?\d{4}", personnummer.is_valid, ("personnummer", "=pnr", "personnr")),
    _NationalId(r"\d{9}", teudat_zehut.is_valid, ('ת"ז', "ת.ז", "תעודת זהות", "teudat")),
    _NationalId(r"\d{13}", za_idnr.is_valid, (r"=id\b", "identity")),
    _NationalId(r"\d{13}", pin.is_valid, ("บัตรประชาชน", "thai id")),
    _NationalId(r"\d{13}", rrn.is_valid, ("주민",)),
    _NationalId(r"\d{12}", lambda _: True, ("マイナンバー", "個人番号", "my number card")),
    _NationalId(r"\d{12}", aadhaar.is_valid, ("aadhaar", "aadhar", "आधार")),
    _NationalId(r"\d{9,10}", rc.is_valid, ("rodné číslo", "rodne cislo", "=rč")),
)
_PLAIN_SHAPE = _shape("|".join(f"(?P<_{place}>{each.pattern})" for place, each in enumerate(_PLAIN)))
_ANNOUNCED_SHAPES = tuple((_shape(each.pattern), each.is_valid) for each in _ANNOUNCED)
_ANNOUNCING = Words(dict.fromkeys(word for each in _ANNOUNCED for word in each.announced_by))
# By the number of a word: the kinds that it announces.
_ANNOUNCED_BY = tuple(
    tuple(number for number, each in enumerate(_ANNOUNCED) if word in each.announced_by)
    for word in _ANNOUNCING.all
)
_LETTER_BEHIND = re.compile(r"-?[A-Za-z]")
_MIN_DIGITS_WITHOUT_LETTER = 9
# Of more numbers with letters in one text the rest is masked without a proof.
_MAX_PROVED = 100


def find_national_ids(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield national identity, tax and social security numbers of the formats above."""
    text = scanned.text
    for sign, shape, is_valid in _LETTERS_FIRST:
        for number, found in enumerate(shape.finditer(text) if sign in scanned.squeezed else ()):
            if number >= _MAX_PROVED or is_valid(found.group().replace(" ", "")):
                yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")
    for run in scanned.runs:
        start, end = max(0, run.start - 2), min(len(text), run.end + 3)
        if run.digits >= _MIN_DIGITS_WITHOUT_LETTER or _LETTER_BEHIND.match(text, run.end):
            for found in _PLAIN_SHAPE.finditer(text, start, end):
                if _PLAIN[int((found.lastgroup or "_0")[1:])].is_valid(found.group().replace(" ", "")):
                    yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")
        yield from _announced(scanned, start, end)


def _announced(scanned: ScannedText, start: int, end: int) -> Iterator[PersonalDataSpan]:
    words = scanned.numbers_before(_ANNOUNCING, start, end)
    if not words:
        return
    for number in sorted({number for word in words for number in _ANNOUNCED_BY[word]}):
        shape, is_valid = _ANNOUNCED_SHAPES[number]
        for found in shape.finditer(scanned.text, start, end):
            place = found.start()
            is_announced = any(
                number in _ANNOUNCED_BY[word] and place - CONTEXT_LENGTH <= last <= place
                for word, last in words.items()
            )
            if is_announced and is_valid(found.group().replace(" ", "")):
                yield PersonalDataSpan(place, found.end(), "NATIONAL_ID")
