"""The national identity, tax and social security numbers that are known, and how each is proved."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.ar import cuit
from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka, vat
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.il import idnr as teudat_zehut
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.my import nric
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.ru import inn
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.ua import rntrc
from stdnum.us import itin, ssn
from stdnum.za import idnr as za_idnr


@dataclass(frozen=True, slots=True)
class NationalId:
    """A kind of national id: its pattern, its validation, and the words that must precede it, if any."""

    pattern: str
    is_valid: Callable[[str], bool]
    announced_by: tuple[str, ...] = ()


def shape_of(pattern: str) -> re.Pattern[str]:
    """Return the pattern of a number that stands alone."""
    return re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE | re.ASCII)


UK_NUMBER = shape_of(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")


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


# Their first characters are letters, so they are searched in the whole text, where it has a sign of them and
# so many characters without a space.
LETTERS_FIRST: tuple[tuple[bytes, int, re.Pattern[str], Callable[[str], bool]], ...] = (
    (b"AA000000A", 1, UK_NUMBER, _is_nino),
    (
        b"AAAAAA",
        16,
        shape_of(r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"),
        codicefiscale.is_valid,
    ),
    (b"AAAA000000AAAAAA", 16, shape_of(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d"), curp.is_valid),
)
# Their layout is rare enough to need no words before.
PLAIN: tuple[NationalId, ...] = (
    NationalId(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", lambda n: ssn.is_valid(n) or itin.is_valid(n)),
    NationalId(r"\d{2} \d{3} \d{3} \d{3}", idnr.is_valid),
    NationalId(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", _is_nir),
    NationalId(r"\d{8}-?[A-Z]", dni.is_valid),
    NationalId(r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid),
    NationalId(r"\d{7}[A-W][A-IW]?", pps.is_valid),
    NationalId(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid),
    NationalId(r"(?:19|20)?\d{6}[-+]\d{4}", lambda n: personnummer.is_valid(n) or cpr.is_valid(n)),
    NationalId(r"(?<!\d )[2-9]\d{3} \d{4} \d{4}(?! \d)", aadhaar.is_valid),
    NationalId(r"\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", ric.is_valid),
    NationalId(r"\d{2}[01]\d[0-3]\d-\d{7}", rrn.is_valid),
    NationalId(r"[0-3]\d[01]\d{3}[-+]\d{3}[0-9A-Y]", hetu.is_valid),
    NationalId(r"\d{6}/\d{3,4}", rc.is_valid),
    NationalId(r"\d-\d{4}-\d{5}-\d{2}-\d", pin.is_valid),
    NationalId(r"756\.\d{4}\.\d{4}\.\d{2}", ahv.is_valid),
    NationalId(r"\d{2}\.[01]\d\.[0-3]\d-\d{3}\.\d{2}", nn.is_valid),
    NationalId(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", rut.is_valid),
    NationalId(r"[23][03478]-\d{8}-\d", cuit.is_valid),
    NationalId(r"\d{3}-\d{3}-\d{3} \d{2}", _is_snils),
    NationalId(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", cnpj.is_valid),
    NationalId(r"\d{6}-\d{2}-\d{4}", nric.is_valid),
)
# Plain digits are far more often order numbers than national ids, and a check digit accepts one in ten or
# eleven by chance: these formats count only after words that announce them.
ANNOUNCED: tuple[NationalId, ...] = (
    NationalId(
        r"\d{3}[-. ]?\d{2}[-. ]?\d{4}",
        _has_nonzero_digit,
        ("=ssn", "social security", "=itin", "social sec", r"=my social (?:is|number|no|#)"),
    ),
    NationalId(
        r"\d{2}[ /-]?\d{3}[ /-]?\d{3}[ /-]?\d{3}",
        idnr.is_valid,
        ("steuer", "=tax", "idnr", r"=tin\b"),
    ),
    NationalId(r"\d{11}", cpf.is_valid, (r"=cpf\b",)),
    NationalId(r"\d{3}[ -]?\d{3}[ -]?\d{3}", sin.is_valid, (r"=sin\b", "social insurance", "=nas ")),
    NationalId(r"\d{11}", pesel.is_valid, ("pesel",)),
    NationalId(r"\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}", _is_snils, ("снилс",)),
    NationalId(r"\d{12}", inn.is_valid, (r"=инн\b",)),
    NationalId(r"\d{4}\.?\d{2}\.?\d{3}", bsn.is_valid, (r"=bsn\b", "burgerservice", "sofi")),
    NationalId(
        r"\d{11}",
        tckimlik.is_valid,
        ("kimlik", "=tckn", r"=t\.?c\.? ?(?:no|nu|ki)", "vatandaş"),
    ),
    NationalId(
        r"\d{6} ?\d{5}",
        fodselsnummer.is_valid,
        ("fødselsn", "fodselsn", "personnummer", "=fnr", "d-nummer"),
    ),
    NationalId(r"\d{6}[- ]?\d{4}", cpr.is_valid, (r"=cpr\b", "personnummer")),
    NationalId(r"(?:19|20)?\d{6} ?\d{4}", personnummer.is_valid, ("personnummer", "=pnr", "personnr")),
    NationalId(r"\d{9}", teudat_zehut.is_valid, ('ת"ז', "ת.ז", "תעודת זהות", "teudat")),
    NationalId(r"\d{13}", za_idnr.is_valid, (r"=id\b", "identity")),
    NationalId(r"\d{13}", pin.is_valid, ("บัตรประชาชน", "thai id")),
    NationalId(r"\d{13}", rrn.is_valid, ("주민",)),
    NationalId(r"\d{12}", lambda _: True, ("マイナンバー", "個人番号", "my number card")),
    NationalId(r"\d{12}", aadhaar.is_valid, ("aadhaar", "aadhar", "आधार")),
    NationalId(r"\d{9,10}", rc.is_valid, ("rodné číslo", "rodne cislo", "=rč")),
    NationalId(r"\d{14}", cnpj.is_valid, (r"=cnpj\b",)),
    NationalId(r"\d{10}", egn.is_valid, (r"=егн\b", r"=egn\b", "единен граждански")),
    NationalId(r"\d{11}", oib.is_valid, (r"=oib\b", "osobni identifikacijski")),
    NationalId(
        r"\d{13}", emso.is_valid, ("=jmbg", "=јмбг", "матични број", "matični broj", "=emšo", "=емшо")
    ),
    NationalId(r"\d{13}", cnp.is_valid, (r"=cnp(?:-ul)?\b", "cod numeric personal")),
    NationalId(r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid, (r"=nhs\b",)),
    NationalId(r"\d{4}[ -]?\d{5}[ -]?\d(?:[ /-]?\d)?", _has_nonzero_digit, ("=medicare",)),
    NationalId(r"\d{3} ?\d{3} ?\d{3}", tfn.is_valid, (r"=tfn\b", "tax file")),
    NationalId(r"\d{3} ?\d{3} ?\d{3}", nif.is_valid, (r"=nif\b", "contribuinte")),
    NationalId(r"\d{9}", vat.is_valid, (r"=αφμ\b", r"α\.φ\.μ", "φορολογικ")),
    NationalId(r"\d{11}", amka.is_valid, (r"=αμκα\b", r"=amka\b")),
    NationalId(r"\d{10}", rntrc.is_valid, ("рнокпп", r"=іпн\b", "ідентифікаційн")),
    NationalId(r"\d{4} ?\d{6}", vnr.is_valid, (r"=sv-?nr\b", "sozialversicherung", "versicherungsnummer")),
    NationalId(r"\d{11}", ik.is_valid, ("isikukood", "asmens kod")),
    NationalId(r"\d{12}", nric.is_valid, (r"=nric\b", "mykad", "kad pengenalan")),
)
