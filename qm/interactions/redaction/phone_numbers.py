"""Detects phone numbers in texts, by format or by the words beside them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import phonenumbers

from qm.interactions.redaction.announcing_words import CALL_WORDS, REFERENCE_WORDS
from qm.interactions.redaction.scanned_text import WORD, DigitRun, PersonalDataSpan, ScannedText

# Countries whose national numbers with a leading 0 and a separator are recognized.
_REGIONS = (
    *(
        *("GB", "GG", "JE", "IM"),
        "DE",
        "FR",
        "IT",
        "NL",
        "BE",
        "AT",
        "CH",
        "IE",
        "SE",
        "AU",
        "NZ",
        "ZA",
        "IN",
        "BR",
        "JP",
        "TR",
        "PH",
    ),
    *("KR", "TW", "TH", "IL", "SA", "AE", "EG", "UA", "RO", "FI", "CN", "VN", "ID", "BG", "HR", "SK"),
)
_INTERNATIONAL = re.compile(rf"(?<![{WORD}+.])(?:\+|00) ?[1-9](?:[ .\-/()]{{0,3}}\d){{6,16}}(?!\d)")
_AMERICAN = re.compile(
    rf"(?<![{WORD}+.-])(?:1[ .-])?(?:\(\d{{3}}\) ?\d{{3}}[ .-]\d{{4}}|\d{{3}}-\d{{3}}-\d{{4}}"
    r"|\(\d{2}\) ?9?\d{4}-\d{4}"
    rf"|\d{{3}}\.\d{{3}}\.\d{{4}}|[2-9]\d{{2}} [2-9]\d{{2}}[ -]\d{{4}})(?![{WORD}-]|\.\d)"
)
_TRUNK = re.compile(
    rf"(?<![{WORD}+.,/-])(?<!\d )\(?0\d{{1,5}}(?:\) ?| ?/ ?| - |[ .-])\d{{2,}}(?:[ .-]\d{{2,}}){{0,5}}"
    rf"(?:-\d)?(?![{WORD}-]|[.,]\d)"
)
# Unspaced with a leading 0: a mobile number of its country, or none.
_MOBILE = re.compile(rf"(?<![{WORD}+.,/-])0\d{{9,10}}(?![{WORD}-]|[.,]\d)")
_ANNOUNCED = re.compile(rf"(?<![{WORD}.,-])\(?\d(?:[ .\-/()]{{0,2}}\d){{6,14}}(?![{WORD}-]|[.,]\d)")
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\1(?:(?:19|20)\d{2}|\d{2})(?!\d|\1)"
    r"|(?:19|20)\d{2}([./-])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d|\2)"
)
# Opening hours. Written otherwise than "0900 1700", words before can still say that it is a telephone.
_HOUR = r"(?:[01]\d|2[0-4])[ .]?[0-5][05]"
_HOURS = re.compile(rf"{_HOUR}(?:[ /.-]{{1,3}}{_HOUR})+")
_PAIRED_HOURS = re.compile(r"(?:[01]\d|2[0-4])[0-5][05](?:[ /-]{1,3}(?:[01]\d|2[0-4])[0-5][05])+")
_AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+$")
_DECIMAL = re.compile(r"\d+\.\d+$")
_CURRENCIES = ("$", "€", "£", "USD", "EUR", "GBP", "¥", "₹", "₩", "PLN", "CHF", "TL")
_WHOSE = (
    *(
        "my",
        "our",
        "her",
        "his",
        "their",
        "the best",
        "meine?",
        "unsere",
        "seine",
        "ihre",
        "mon",
        "ma",
        "notre",
    ),
    *("mi", "nuestro", "o meu", "meu", "a minha", "il mio", "mijn", "mój", "mitt", "min"),
)
_TELEPHONE = (
    *(
        "number",
        "mobile",
        "cell",
        "phone",
        "tele",
        "landline",
        "nummer",
        "handy",
        "festnetz",
        "portable",
        "fixe",
    ),
    *("num[eé]r", "m[óo]vil", "celular", "cellulare", "mobiel", "mobil"),
)
_BEHIND = re.compile(
    rf",? (?:is|ist|est|es|é|è|to|jest|är|er|on) (?:also )?(?:{'|'.join(_WHOSE)})"
    r" (?:new |own |private |direct |home |work |daytime |neue |nieuwe |nuevo |novo )?"
    rf"(?:{'|'.join(_TELEPHONE)})",
    re.IGNORECASE,
)
"""What is said behind a number of a telephone."""
# Between "order" and its number stand few words: "order number is".
_REFERENCE_GAP = 14


def find_phone_numbers(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield phone numbers: international, in a national format, or announced by words beside them."""
    for run in scanned.runs:
        yield from _in_run(scanned, run)
        yield from _announced(scanned, run)


def _in_run(scanned: ScannedText, run: DigitRun) -> Iterator[PersonalDataSpan]:
    text = scanned.text
    start, end = max(0, run.start - 2), min(len(text), run.end + 2)
    written = text[start : run.end]
    if "+" in written or "00" in written:
        for found in _INTERNATIONAL.finditer(text, start, end):
            length = _international_length(found.group())
            if length:
                yield PersonalDataSpan(found.start(), found.start() + length, "PHONE")
    if run.digits >= 10:
        for found in _AMERICAN.finditer(text, start, end):
            yield PersonalDataSpan(found.start(), found.end(), "PHONE")
    if "0" in written:
        yield from _national(scanned, start, end)


def _national(scanned: ScannedText, start: int, end: int) -> Iterator[PersonalDataSpan]:
    for shape, mobile_only in ((_TRUNK, False), (_MOBILE, True)):
        for found in shape.finditer(scanned.text, start, end):
            written = found.group()
            if _DATE.match(written) or _DECIMAL.match(written) or _HOURS.fullmatch(written):
                continue
            if _is_reference(scanned, found.start()):
                continue
            if _is_valid(written, mobile_only=mobile_only):
                yield PersonalDataSpan(found.start(), found.end(), "PHONE")


def _announced(scanned: ScannedText, run: DigitRun) -> Iterator[PersonalDataSpan]:
    text = scanned.text
    is_told_behind = _BEHIND.match(text, run.end) is not None
    if not is_told_behind and scanned.last_end_before(CALL_WORDS, run.end) < 0:
        return
    for found in _ANNOUNCED.finditer(text, max(0, run.start - 1), min(len(text), run.end + 2)):
        call = scanned.last_end_before(CALL_WORDS, found.start())
        is_told_before = call >= 0 and not scanned.is_near(REFERENCE_WORDS, call + 1, found.start())
        if not is_told_before and (not is_told_behind or found.end() < run.end):
            continue
        if not _is_date_or_amount(found.group(), text[max(0, found.start() - 4) : found.start()]):
            yield PersonalDataSpan(found.start(), found.end(), "PHONE")


def _is_reference(scanned: ScannedText, start: int) -> bool:
    """Whether the words right before a number say that it is one of an order or the like."""
    reference = scanned.last_end_before(REFERENCE_WORDS, start)
    if reference < 0 or start - reference > _REFERENCE_GAP:
        return False
    return scanned.last_end_before(CALL_WORDS, start) < reference


def _international_length(written: str) -> int:
    """Return the length of the phone number at the start of the text, 0 if there is none."""
    end = len(written)
    is_plus = written.startswith("+")
    while end > 7:
        number = written[:end].replace("(0)", "")
        digits = "".join(filter(str.isdigit, number))
        digits = digits if is_plus else digits[2:]
        # After a plus any possible number is a phone number; after 00 only a valid one.
        if any(
            len(digits) - size in plan.lengths
            and (is_plus or plan.national.fullmatch(digits[size:]) is not None)
            for size in (1, 2, 3)
            if (plan := _plans().get(digits[:size])) is not None
        ):
            return end
        end = max(written.rfind(separator, 0, end) for separator in " .-/(")
    return 0


class _Plan:
    """The numbering plan of a country code: lengths of its numbers, and a pattern of valid ones."""

    def __init__(self, code: int) -> None:
        regions = phonenumbers.region_codes_for_country_code(code)
        found = [
            phonenumbers.PhoneMetadata.metadata_for_region(region)
            if region != "001"
            else phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
            for region in regions
        ]
        plans = [plan.general_desc for plan in found if plan is not None and plan.general_desc is not None]
        self.lengths = frozenset(length for plan in plans for length in plan.possible_length if length > 0)
        patterns = [plan.national_number_pattern for plan in plans]
        self.national = re.compile("|".join(filter(None, patterns)) or r"(?!)")


@cache
def _plans() -> Mapping[str, _Plan]:
    return {str(code): _Plan(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}


def _is_valid(written: str, *, mobile_only: bool) -> bool:
    digits = "".join(filter(str.isdigit, written))
    without_zero, with_zero = _national_patterns(mobile_only=mobile_only)
    return without_zero.fullmatch(digits[1:]) is not None or with_zero.fullmatch(digits) is not None


@cache
def _national_patterns(*, mobile_only: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the numbering plans as patterns: parsing for each country is a hundred times slower."""
    patterns: dict[bool, list[str]] = {True: [], False: []}
    for region in _REGIONS:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if plan is None:
            continue
        others = (plan.fixed_line, plan.toll_free, plan.premium_rate, plan.shared_cost, plan.voip)
        kinds = (plan.mobile,) if mobile_only else (plan.mobile, *others)
        written = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
        patterns[region == "IT"] += written
    return re.compile("|".join(patterns[False])), re.compile("|".join(patterns[True]) or r"(?!)")


def _is_date_or_amount(written: str, before: str) -> bool:
    if before.rstrip().endswith(_CURRENCIES):
        return True
    found = _DATE.match(written) or _AMOUNT.match(written) or _PAIRED_HOURS.fullmatch(written)
    return found is not None
