"""Detects payment cards: numbers, and the dates and codes that come with them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from qm.interactions.redaction.announcing_words import CARD_CODE_WORDS, EXPIRY_WORDS
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import CARD_CODE

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
_MIN_DIGITS = 12
_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))
_SINGLE = dict(zip("0123456789", range(10), strict=True))

_EXPIRY = re.compile(r"(?<![\d/.-])(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:20)?[2-4]\d(?![\d/]|[.-]\d)")
_BEHIND_CARD = r"[\s,;|:/-]{1,3}"
# Exported, the parts come as "4111...|12|28|123".
_EXPIRY_BEHIND_CARD = re.compile(
    r"[\s,;|:/-]{0,3}((?:0[1-9]|1[0-2])\s?[/.\s|;:,-]?\s?(?:20)?[2-4]\d)(?!\d|[/.-]\d{1,2}(?!\d))"
)
# Dictated to a recogniser, it comes as "4 5 6".
_CODE = re.compile(
    r"(?<!\d[/.,:])(?<![\d$€£])(?:\d{3,4}|(?<!\d[ -])\d(?:[ -]\d){2,3}(?![ -]\d))(?![\d/%]|[.,:-]\d)"
)
_CODE_BEHIND = re.compile(rf"{_BEHIND_CARD}(\d{{3,4}})(?![\d/%]|[.,:-]\d)")
# American Express calls its code so, others a customer's id.
_CODE_OF_ISSUER = re.compile(r"\bcid\b[\s:=#]{0,3}(\d{3,4})(?!\w)", re.IGNORECASE)
# Behind a card also "exp 1228" is a date, and what is called a code and no more is its code.
_COMPACT_EXPIRY = re.compile(r"(?<![\d/.-])(?:0[1-9]|1[0-2])[2-4]\d(?![\d/%]|[.,:-]\d)")
_CALLED_CODE = re.compile(
    r"(?:code|kode?|kód|koodi|código|codigo|codice|cod|код|κωδικ\w*|קוד|كود|رمز|コード|코드|码|碼|รหัส|mã)"
    r"(?:'s| is| ist| est| es| é| è)?[\s:=#]{0,3}(\d{3,4})(?![\d/%]|[.,:-]\d)",
    re.IGNORECASE,
)
_NEAR_CARD = 80
# Between the words and the code stand few others: "CVV is", "3 digits on the back are".
_CODE_GAP, _GAP_BEFORE_WORDS = 30, 14
_PLACEHOLDER = "[CARD]"
_PART = re.compile(r"(?<![A-Za-z0-9])\d(?:[\s.\-/_*]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_DIGIT = re.compile(r"\d")


def find_card_numbers(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """
    Yield payment card numbers, by issuer range, length and Luhn check digit.

    A number may be followed by others ("4111 1111 1111 1111 12 28"), so every run of whole digit groups is
    tried.
    """
    for run in scanned.runs:
        if run.digits < _MIN_DIGITS:
            continue
        for part in _PART.finditer(scanned.text, run.start, run.end):
            yield from _cards_in(scanned.text, part.start(), part.end())


# Read aloud, a card comes in its groups: "4111 then 1111 then 1111 and 1111".
_SPOKEN = re.compile(
    r"(?<![\w.,/-])(?:\d{4}(?:[^\d\n]{1,14}\d{4}){3}|3\d{3}[^\d\n]{1,14}\d{6}[^\d\n]{1,14}\d{5})(?![\w%]|[.,/-]\d)"
)
_SPOKEN_SHAPE = re.compile(b"0000[^0]{0,14}0000(?:00)?[^0]{0,14}0000")


def find_spoken_cards(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield payment card numbers between whose groups other words stand."""
    if not may_hold_spoken_card(scanned.squeezed):
        return
    for found in _SPOKEN.finditer(scanned.text):
        number = "".join(filter(str.isdigit, found.group()))
        if len(number) in _issued_lengths(number[:4]) and _has_luhn_digit(number):
            yield PersonalDataSpan(found.start(), found.end(), "CARD")


def may_hold_spoken_card(squeezed: bytes) -> bool:
    """Whether a text of this shape may hold such a card; False is certain."""
    return b"0000" in squeezed and _SPOKEN_SHAPE.search(squeezed) is not None


def _cards_in(text: str, start: int, end: int) -> Iterator[PersonalDataSpan]:
    groups: list[tuple[int, int]] = []
    written = ""
    for found in _GROUP.finditer(text, start, end):
        groups.append((found.start(), len(written)))
        written += found.group()
    offsets = {offset for _, offset in groups} | {len(written)}
    first = 0
    while first < len(groups) and groups[first][1] + _MIN_DIGITS <= len(written):
        place, offset = groups[first]
        length = _card_length(written, offset, offsets)
        if not length:
            first += 1
            continue
        last = first
        while last + 1 < len(groups) and groups[last + 1][1] < offset + length:
            last += 1
        yield PersonalDataSpan(place, groups[last][0] + offset + length - groups[last][1], "CARD")
        first = last + 1


def _card_length(written: str, offset: int, group_starts: set[int]) -> int:
    for length in _issued_lengths(written[offset : offset + 4]):
        end = offset + length
        if end in group_starts and _has_luhn_digit(written[offset:end]):
            return length
    return 0


@lru_cache(maxsize=20_000)
def _issued_lengths(prefix: str) -> tuple[int, ...]:
    """Return the lengths of the numbers that start so, in the order in which they are tried."""
    return tuple(
        length for issuer, lengths in _ISSUERS if issuer.match(prefix) for length in reversed(lengths)
    )


def _has_luhn_digit(number: str) -> bool:
    # The last digit is not doubled, the one before it is.
    return (
        sum(map(_SINGLE.__getitem__, number[::-2])) + sum(map(_DOUBLED.__getitem__, number[-2::-2]))
    ) % 10 == 0


def find_card_details(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield the expiry dates and verification codes of cards, which must never be stored."""
    text = scanned.text
    if _DIGIT.search(text) is None:
        return
    codes = list(_codes(scanned)) if CARD_CODE in scanned.announced else []
    yield from codes
    place = text.find(_PLACEHOLDER)
    has_card = place >= 0
    while place >= 0:
        expiry = _EXPIRY_BEHIND_CARD.match(text, place + len(_PLACEHOLDER))
        if expiry:
            yield PersonalDataSpan(*expiry.span(1), "EXPIRY")
        yield from _code_behind(text, expiry.end() if expiry else place + len(_PLACEHOLDER))
        place = text.find(_PLACEHOLDER, place + 1)
    if not (has_card or codes or "[CVV]" in text):
        return
    for found in _EXPIRY.finditer(text):
        if scanned.last_end_before(EXPIRY_WORDS, found.start()) >= 0 or has_card:
            yield PersonalDataSpan(found.start(), found.end(), "EXPIRY")
            if has_card:
                yield from _code_behind(text, found.end())
    if has_card:
        for code in _CODE_OF_ISSUER.finditer(text):
            yield PersonalDataSpan(*code.span(1), "CVV")
        yield from _details_near_card(scanned)


def _details_near_card(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    text = scanned.text
    for expiry in _COMPACT_EXPIRY.finditer(text):
        if scanned.last_end_before(EXPIRY_WORDS, expiry.start()) >= 0:
            yield PersonalDataSpan(*expiry.span(), "EXPIRY")
            yield from _code_behind(text, expiry.end())
    for code in _CALLED_CODE.finditer(text):
        if text.rfind(_PLACEHOLDER, max(0, code.start() - _NEAR_CARD), code.start()) >= 0:
            yield PersonalDataSpan(*code.span(1), "CVV")


def _code_behind(text: str, end: int) -> Iterator[PersonalDataSpan]:
    """Yield the verification code that stands directly behind a card or its expiry date."""
    code = _CODE_BEHIND.match(text, end)
    if code:
        yield PersonalDataSpan(*code.span(1), "CVV")


def _codes(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    text = scanned.text
    places = scanned.places(CARD_CODE_WORDS)
    for start, end in zip(places.starts, places.ends, strict=True):
        code = _CODE.search(text, end, end + _CODE_GAP)
        if code is None:
            # "123 is the CVV"
            code = _last_code(text, max(0, start - _GAP_BEFORE_WORDS), start)
        if code:
            yield PersonalDataSpan(code.start(), code.end(), "CVV")


def _last_code(text: str, start: int, end: int) -> re.Match[str] | None:
    last = None
    for last in _CODE.finditer(text, start, end):  # noqa: B007 - the last one is wanted
        pass
    return last
