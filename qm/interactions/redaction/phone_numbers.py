"""Detects phone numbers in texts, by format or by preceding words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

# Number of characters before a number that are searched for words announcing it.
CONTEXT_LENGTH = 40


@dataclass(frozen=True, slots=True)
class PersonalDataSpan:
    """A span [start, end) of a text with personal data of one kind."""

    start: int
    end: int
    kind: str


# Countries whose national numbers with a leading 0 and a separator are recognized.
_REGIONS = (
    "GB",
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
)
_INTERNATIONAL = re.compile(r"(?<![\w+.])(?:\+|00) ?[1-9](?:[ .\-/()]{0,3}\d){6,16}(?![\d])")
_AMERICAN = re.compile(
    r"(?<![\w+.-])(?:1[ .-])?(?:\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4}"
    r"|[2-9]\d{2} [2-9]\d{2}[ -]\d{4})(?![\w-]|\.\d)"
)
_TRUNK = re.compile(
    r"(?<![\w+.,/-])\(?0\d{1,5}(?:\) ?| ?/ ?| - |[ .-])\d{2,}(?:[ .-]\d{2,}){0,5}(?![\w-]|[.,]\d)"
)
_ANNOUNCED = re.compile(r"(?<![\w.,-])\(?\d(?:[ .\-/()]{0,2}\d){6,14}(?![\w-]|[.,]\d)")
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\1(?:(?:19|20)\d{2}|\d{2})(?!\d|\1)"
    r"|(?:19|20)\d{2}([./-])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d|\2)"
)
_AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+$")
_CURRENCIES = ("$", "€", "£", "USD", "EUR", "GBP")
_CALL_WORDS = re.compile(
    r"(?<!\[)phone(?!\])|\btel\b|mobile|\bcell|\bcall(?: me| back|back|ing)?\b|\bring\b|text me|whats ?app"
    r"|\breach\b|\bfax\b|telefon|handy|mobil|rückruf|erreich|téléphone|portable|appel|teléfono|móvil|llam|telefone|celular",
    re.IGNORECASE,
)
_REFERENCE_WORDS = re.compile(
    r"order|track|parcel|shipment|invoice|ticket|case\b|refer|\bref\b|account|serial|sku|item|article|model|policy"
    r"|booking|confirmation|bestell|rechnung|sendung|auftrag|vertrag|kunde|commande|facture|pedido|factura|#",
    re.IGNORECASE,
)


def find_phone_numbers(text: str) -> Iterator[PersonalDataSpan]:
    """Yield phone numbers: international, in a national format, or announced by preceding words."""
    for found in _INTERNATIONAL.finditer(text):
        end = _international_end(found.group())
        if end:
            yield PersonalDataSpan(found.start(), found.start() + end, "PHONE")
    for found in _AMERICAN.finditer(text):
        yield PersonalDataSpan(found.start(), found.end(), "PHONE")
    for found in _TRUNK.finditer(text):
        if not _DATE.match(found.group()) and _valid_somewhere(found.group()):
            yield PersonalDataSpan(found.start(), found.end(), "PHONE")
    for found in _ANNOUNCED.finditer(text):
        before = text[max(0, found.start() - CONTEXT_LENGTH) : found.start()]
        if _is_announced(before) and not _is_date_or_amount(found.group(), before):
            yield PersonalDataSpan(found.start(), found.end(), "PHONE")


def _international_end(written: str) -> int:
    """Return the length of the phone number at the start of the text, 0 if there is none."""
    end = len(written)
    while end > 7:
        number = written[:end]
        plus = number.startswith("+")
        try:
            parsed = phonenumbers.parse(number if plus else "+" + number[2:], None)
        except NumberParseException:
            return 0
        # After a plus any possible number is a phone number; after 00 only a valid one.
        reason = phonenumbers.is_possible_number_with_reason(parsed)
        if reason == ValidationResult.IS_POSSIBLE and (plus or phonenumbers.is_valid_number(parsed)):
            return end
        end = max(number.rfind(separator) for separator in " .-/(")
    return 0


def _valid_somewhere(written: str) -> bool:
    digits = "".join(filter(str.isdigit, written))
    return any(
        pattern.fullmatch(digits if keeps_zero else digits[1:])
        for keeps_zero, pattern in _national_patterns()
    )


@cache
def _national_patterns() -> tuple[tuple[bool, re.Pattern[str]], ...]:
    """Return the numbering plans as patterns: parsing for each country is a hundred times slower."""
    patterns: list[tuple[bool, re.Pattern[str]]] = []
    for region in _REGIONS:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if plan is None:
            continue
        kinds = (plan.fixed_line, plan.mobile, plan.toll_free, plan.premium_rate, plan.shared_cost, plan.voip)
        written = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
        patterns.append((region == "IT", re.compile("|".join(written))))
    return tuple(patterns)


def _is_date_or_amount(written: str, before: str) -> bool:
    if before.rstrip().endswith(_CURRENCIES):
        return True
    return _DATE.match(written) is not None or _AMOUNT.match(written) is not None


def _is_announced(before: str) -> bool:
    call = max((found.end() for found in _CALL_WORDS.finditer(before)), default=-1)
    return call >= 0 and _REFERENCE_WORDS.search(before, call) is None
