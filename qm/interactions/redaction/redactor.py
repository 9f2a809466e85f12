"""Masks personal data with typed placeholders before anything is stored."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from qm.interactions.redaction.cards import may_hold_card_code
from qm.interactions.redaction.detectors import DETECTORS, find_tables
from qm.interactions.redaction.emails import may_hold_written_email
from qm.interactions.redaction.national_ids import UK_NUMBER
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText, lower_alike

# Deleting these from the UTF-8 bytes joins the digit groups of a number; bytes above ASCII are deleted too,
# because of zero-width characters.
_SEPARATORS = b" \t\n\r-./()_*+" + bytes(range(0x80, 0x100))
_CLASSES = bytes(
    ord("0") if 0x30 <= code <= 0x39 else ord("A") if chr(code).isalpha() and code < 0x80 else code
    for code in range(256)
)
# Seven digits (any card, IBAN or phone number and most national ids), an Italian and a UK national id.
_ID_SHAPES = (b"0000000", b"AAAAAA00A00A000A")
_UK_ID_SHAPE = b"AA000000A"
# UTF-8 of digits of other scripts and of full-width ASCII: the first bytes of whole blocks, and the first
# two bytes of blocks that share their first byte with emoji and others.
_FOREIGN_DIGIT_BYTES = frozenset({*range(0xD9, 0xE2), 0xEA})
_OTHER_BYTES = bytes(code for code in range(256) if code not in _FOREIGN_DIGIT_BYTES)
_FOREIGN_DIGIT_PAIRS = (b"\xef\xbc", b"\xf0\x9d", b"\xf0\x91")

_DIGIT = re.compile(r"\d")
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_HIDDEN = re.compile(rf"(?<=[\dA-Za-z@.+-])[{_INVISIBLE}]+(?=[\dA-Za-z@.+-])")
_MIN_MASKED_INTEGER = 10**6
_TURN_TEXTS = ("text", "quoted")
# Number of characters of what was said before that can tell what a number is.
_CONTEXT = 60
# Detection repeats until nothing is found; for long texts, which may be crafted to need many passes, the
# number of passes is limited by the total of characters read.
_MIN_PASSES, _MAX_CHARACTERS_READ = 2, 400_000
# Proving what a number is costs as much as reading a hundred characters. Where an interaction has more numbers of
# seven digits than these, and than one in so many characters, the rest is masked without a proof.
_PROVED_NUMBERS, _CHARACTERS_A_NUMBER = 30, 100


class Redactor:
    """
    Masks personal data and given names in texts.

    Parameters
    ----------
    names
        Names to mask. Each is masked as whole words, ignoring case, also before a possessive s. The single
        words of a longer name are masked too, but only when capitalized: "Philip Long" does not mask "how
        long". Accents may be missing in the text.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        """Compute the possible spellings of the names."""
        self._names = tuple(dict.fromkeys(_spellings(names)))
        self._proofs_left = _PROVED_NUMBERS

    def redact(self, text: str, before: str = "") -> tuple[str, Counter[str]]:
        """
        Return the masked text and the number of masked spans of each kind.

        `before` is what was said just before, such as the question "What is the security code?".
        """
        kinds: Counter[str] = Counter()
        before = before[-_CONTEXT:] if before and any(map(str.isdigit, text)) else ""
        if may_hold_personal_data(f"{before}\x00{text}" if before else text):
            text = _HIDDEN.sub("", text)
            text = _mask(text, self._find_tables(text), kinds)
            # Masking can bring numbers and the words that announce them closer together.
            for _ in range(max(_MIN_PASSES, _MAX_CHARACTERS_READ // max(1, len(text)))):
                found = _detect(_to_ascii(text), _to_ascii(before))
                if not found:
                    break
                text = _mask(text, found, kinds)
        if self._names:
            text = _mask(text, self._find_names(text), kinds)
        return text, kinds

    def _find_tables(self, text: str) -> list[PersonalDataSpan]:
        scanned = ScannedText(_to_ascii(text))
        usual = len(text) // _CHARACTERS_A_NUMBER
        found = list(find_tables(scanned, usual + self._proofs_left))
        self._proofs_left -= min(self._proofs_left, max(0, len(scanned.runs) - usual))
        return found

    def may_need_masking(self, text: str) -> bool:
        """Whether a text may need masking; False is certain."""
        return may_hold_personal_data(text) or (bool(self._names) and bool(self._find_names(text)))

    def _find_names(self, text: str) -> list[PersonalDataSpan]:
        found: list[PersonalDataSpan] = []
        lower = text.lower()
        # A few letters change their length in lower case, which would shift offsets.
        folded = lower if len(lower) == len(text) else "".join(map(lower_alike, text))
        for spelling, exact in self._names:
            found += _occurrences(text if exact else folded, spelling if exact else spelling.lower())
        return found


def _spellings(names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield every spelling of the names with whether it is case-sensitive, longest first."""
    written: list[tuple[str, bool]] = []
    for name in names:
        words = name.split()
        written.append((" ".join(words), False))
        if len(words) > 1:
            parts = [word for word in words if len(word) > 1 and word[0].isupper()]
            written += [(form, True) for part in parts for form in (part, part.upper())]
    for spelling, exact in sorted(written, key=lambda pair: -len(pair[0])):
        composed = unicodedata.normalize("NFC", spelling)
        decomposed = unicodedata.normalize("NFD", spelling)
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        for form in (spelling, composed, decomposed, bare):
            if form:
                yield form, exact


def _occurrences(text: str, spelling: str) -> Iterator[PersonalDataSpan]:
    start = text.find(spelling)
    while start >= 0:
        end = start + len(spelling)
        if _stands_alone(text, start, end):
            yield PersonalDataSpan(start, end, "NAME")
        start = text.find(spelling, end)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start] if start else ""
    after = text[end : end + 1]
    if before + after in {"##", "[]"}:  # a placeholder that happens to read like the name
        return False
    if _is_word(before):
        return False
    return not _is_word(after) or (after in "sS" and not _is_word(text[end + 1 : end + 2]))


def _is_word(character: str) -> bool:
    return (
        character.isalnum() or character == "_" or (character != "" and unicodedata.combining(character) > 0)
    )


def may_hold_personal_data(text: str) -> bool:
    """
    Whether a text may hold personal data; False is certain.

    A fast prefilter by byte operations: it is False for text without @, without seven digits in a row once
    separators are removed, and without the shape of a national id.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if b"@" in raw or _may_hold_words(text, raw):
        return True
    squeezed = raw.translate(_CLASSES, _SEPARATORS)
    if any(sign in squeezed for sign in _ID_SHAPES):
        return True
    if text.isascii():
        return _UK_ID_SHAPE in squeezed and _has_uk_number(text, raw)
    return (
        _UK_ID_SHAPE in squeezed
        or raw.translate(None, _OTHER_BYTES) != b""
        or any(pair in raw for pair in _FOREIGN_DIGIT_PAIRS)
    )


def _may_hold_words(text: str, raw: bytes) -> bool:
    """Whether words say that a code of a card or a written-out address may be in a text."""
    lower = raw.lower() if text.isascii() else text.lower().encode("utf-8", "surrogatepass")
    return may_hold_written_email(lower) or (_DIGIT.search(text) is not None and may_hold_card_code(lower))


def _has_uk_number(text: str, raw: bytes) -> bool:
    """Whether a text has a UK national id, not just a six-digit order number between words."""
    return _UK_ID_SHAPE in raw.translate(_CLASSES, b" ") and UK_NUMBER.search(text) is not None


def _to_ascii(text: str) -> str:
    """Return the text with full-width forms, digits of other scripts and dashes as ASCII, same length."""
    return text if text.isascii() else text.translate(_TO_ASCII)


class _ToAscii(dict[int, str]):
    """What stands for each character that texts have had, as far as there are not too many."""

    def __missing__(self, code: int) -> str:
        found = _character_to_ascii(chr(code))
        if len(self) < _MAX_CHARACTERS_KEPT:
            self[code] = found
        return found


_MAX_CHARACTERS_KEPT = 10_000
_TO_ASCII = _ToAscii()


def _character_to_ascii(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    if category in {"Zs", "Cf"}:
        return " "
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character


def _detect(text: str, before: str) -> list[PersonalDataSpan]:
    # No text holds NUL, and no number goes on behind it.
    shift = len(before) + 1 if before else 0
    scanned = ScannedText(f"{before}\x00{text}" if before else text)
    found = [span for detector in DETECTORS for span in detector(scanned)]
    if not shift:
        return found
    return [
        PersonalDataSpan(span.start - shift, span.end - shift, span.kind)
        for span in found
        if span.start >= shift
    ]


def _mask(text: str, detected: list[PersonalDataSpan], kinds: Counter[str]) -> str:
    """Replace spans by placeholders; of overlapping spans the first in the list is used."""
    spans = _without_overlaps(detected)
    if not spans:
        return text
    pieces, end = list[str](), 0
    for each in spans:
        pieces += (text[end : each.start], f"[{each.kind}]")
        end = each.end
    kinds.update([each.kind for each in spans])
    return "".join([*pieces, text[end:]])


def _without_overlaps(spans: list[PersonalDataSpan]) -> list[PersonalDataSpan]:
    taken = bytearray(max((each.end for each in spans), default=0))
    kept: list[PersonalDataSpan] = []
    for each in spans:
        if taken.find(1, each.start, each.end) < 0:
            taken[each.start : each.end] = b"\x01" * (each.end - each.start)
            kept.append(each)
    return sorted(kept, key=_start_of)


_start_of = attrgetter("start")


def redact_interaction(data: dict[str, Any]) -> dict[str, Any]:
    """
    Return a validated interaction with masked free text and without the list of names to mask.

    The text of turns, the tags, and every text or long number in the custom facts are masked; ids and the
    agent's name are not. The given dict is not changed.
    """
    redactor = Redactor(data.get("redact") or ())
    masked = {key: value for key, value in data.items() if key != "redact"}
    texts = [turn[name] for turn in data["turns"] for name in _TURN_TEXTS if name in turn]
    # All turns are checked at once: most interactions need no masking.
    if redactor.may_need_masking("\x00".join(texts)):
        masked["turns"] = [
            turn | {name: redactor.redact(turn[name], before)[0] for name in _TURN_TEXTS if name in turn}
            for turn, before in zip(data["turns"], _said_before(data["turns"]), strict=True)
        ]
    for key in ("tags", "custom"):
        if data.get(key):
            masked[key] = _masked(data[key], redactor)
    return masked


def _said_before(turns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return for each turn the text of the one before it."""
    return ["", *(turn["text"] for turn in turns[:-1])]


def _masked(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.redact(value)[0]
    if isinstance(value, dict):
        return {key: _masked(below, redactor) for key, below in value.items()}
    if isinstance(value, list):
        return [_masked(below, redactor) for below in value]
    if isinstance(value, int) and abs(value) >= _MIN_MASKED_INTEGER:
        masked, kinds = redactor.redact(str(value))
        return masked if kinds else value
    return value
