"""Tells texts that hold no personal data from the rest, fast."""

import re

from qm.interactions.redaction.cards import may_hold_spoken_card
from qm.interactions.redaction.dictated_numbers import may_hold_dictated_number
from qm.interactions.redaction.emails import IN_AN_ADDRESS
from qm.interactions.redaction.internet_addresses import may_hold_ipv4, may_hold_ipv6
from qm.interactions.redaction.national_id_kinds import UK_NUMBER
from qm.interactions.redaction.scanned_text import UK_ID_SHAPE, squeeze
from qm.interactions.redaction.stems import SECRET, WRITTEN_EMAIL, announced_in

# Any card, IBAN or phone number and most national ids have them; an Italian and a Mexican one.
_SEVEN_DIGITS = b"0000000"
_ID_SHAPES = (b"AAAAAA00A00A000A", b"AAAA000000AAAAAA")
# UTF-8 of digits of other scripts, of full-width ASCII and in circles: the first bytes of whole blocks, and
# the first two bytes of blocks that share their first byte with emoji and others.
_FOREIGN_DIGIT_BYTES = frozenset({*range(0xD9, 0xE2), 0xEA})
_OTHER_BYTES = bytes(code for code in range(256) if code not in _FOREIGN_DIGIT_BYTES)
_FOREIGN_DIGIT_PAIRS = (b"\xef\xbc", b"\xf0\x9d", b"\xf0\x91", b"\xe2\x91", b"\xe2\x93", b"\xe2\x9e")

_DIGIT = re.compile(r"\d")
_AT_IN_AN_ADDRESS = IN_AN_ADDRESS.encode()


def may_hold_personal_data(text: str) -> bool:
    """
    Whether a text may hold personal data; False is certain.

    A fast prefilter by byte operations: it is False for text without @, without seven digits in a row once
    separators are removed, without the shape of a national id or an internet address, and without the words
    that announce what is shorter or spelled out.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if b"@" in raw or _AT_IN_AN_ADDRESS in raw or b"<<" in raw:
        return True
    squeezed = squeeze(raw)
    if (
        _SEVEN_DIGITS in squeezed  # by far the most frequent of all, so before what takes longer
        or any(sign in squeezed for sign in _ID_SHAPES)
        or _may_hold_words(text, raw)
        or may_hold_ipv4(text)
        or may_hold_ipv6(text)
        or may_hold_spoken_card(squeezed)
    ):
        return True
    if text.isascii():
        return UK_ID_SHAPE in squeezed and _has_uk_number(text, raw)
    return (
        UK_ID_SHAPE in squeezed
        or raw.translate(None, _OTHER_BYTES) != b""
        or any(pair in raw for pair in _FOREIGN_DIGIT_PAIRS)
    )


def holds_digits(text: str) -> bool:
    """Whether a text holds digits, in any script."""
    return _DIGIT.search(text) is not None


def is_number_dictated(text: str) -> bool:
    """Whether a text may hold a number in words; False is certain."""
    return may_hold_dictated_number(_lower_bytes(text))


def _lower_bytes(text: str) -> bytes:
    return text.lower().encode("utf-8", "surrogatepass")


def _may_hold_words(text: str, raw: bytes) -> bool:
    """Whether words say that a code of a card or a written-out address may be in a text."""
    lower = raw.lower() if text.isascii() else _lower_bytes(text)
    announced = announced_in(lower).kinds
    if SECRET in announced or WRITTEN_EMAIL in announced or may_hold_dictated_number(lower):
        return True
    return bool(announced) and _DIGIT.search(text) is not None


def _has_uk_number(text: str, raw: bytes) -> bool:
    """Whether a text has a UK national id, not just a six-digit order number between words."""
    return UK_ID_SHAPE in squeeze(raw, b" ") and UK_NUMBER.search(text) is not None
