"""Masks personal data before anything is stored: typed placeholders take the place of what was said."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from qm.interactions.privacy.detectors import DETECTORS, UK_NUMBER
from qm.interactions.privacy.phone_numbers import Found

# Deleting these from the UTF-8 bytes brings together the digits of one number; bytes above ASCII go too,
# so that a zero-width character hides nothing.
_GAPS = b" \t\n\r-./()_*+" + bytes(range(0x80, 0x100))
_CLASSES = bytes(
    ord("0") if 0x30 <= code <= 0x39 else ord("A") if chr(code).isalpha() and code < 0x80 else code
    for code in range(256)
)
# Seven digits (any card, IBAN, phone and most identities), an Italian and a UK identity number.
_SIGNS = (b"0000000", b"AAAAAA00A00A000A")
_UK_SIGN = b"AA000000A"
# UTF-8 of digits of other scripts and of the wide forms of ASCII: the first bytes of whole blocks, and
# the first two of those blocks that share their first byte with emoji and the like.
_EXOTIC = frozenset({*range(0xD9, 0xE2), 0xEA})
_NOT_EXOTIC = bytes(code for code in range(256) if code not in _EXOTIC)
_EXOTIC_PAIRS = (b"\xef\xbc", b"\xf0\x9d", b"\xf0\x91")

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_HIDDEN = re.compile(rf"(?<=[\dA-Za-z@.+-])[{_INVISIBLE}]+(?=[\dA-Za-z@.+-])")
_SHORTEST_INTEGER = 10**6
# A text is looked at again while masking brings to light more; a long one, which may be made for that, not
# more often than it takes to read so many characters in all.
_FEWEST_LOOKS, _MOST_READ = 4, 400_000


class Redactor:
    """
    Masks personal data and marked names in texts.

    Parameters
    ----------
    names
        Names the integrator marks. Each is masked wherever it stands as words of its own, in upper or lower
        case, also before a possessive s. The single words of a longer name are masked too, but only when
        capitalised: of "Philip Long" the words "how long" survive. Accents may be missing in the text.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        """Prepare the ways in which the names may be written."""
        self._names = tuple(dict.fromkeys(_spellings(names)))

    def redact(self, text: str) -> tuple[str, Counter[str]]:
        """Return the masked text and how many pieces of each kind were masked."""
        kinds: Counter[str] = Counter()
        if suspicious(text):
            text = _HIDDEN.sub("", text)
            # Masking brings words and numbers closer together, so look again.
            for _ in range(max(_FEWEST_LOOKS, _MOST_READ // max(1, len(text)))):
                found = _detected(_plain(text))
                if not found:
                    break
                text = _mask(text, found, kinds)
        if self._names:
            text = _mask(text, self._named(text), kinds)
        return text, kinds

    def finds_in(self, text: str) -> bool:
        """Return whether a text may need masking; False is certain."""
        return suspicious(text) or (bool(self._names) and bool(self._named(text)))

    def _named(self, text: str) -> list[Found]:
        found: list[Found] = []
        lower = text.lower()
        # A few letters change their length in lower case; offsets would then be wrong.
        folded = lower if len(lower) == len(text) else "".join(map(_lower_alike, text))
        for spelling, exact in self._names:
            found += _occurrences(text if exact else folded, spelling if exact else spelling.lower())
        return found


def _lower_alike(letter: str) -> str:
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


def _spellings(names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield every way a name may be written, with whether its case matters; the longest come first."""
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


def _occurrences(text: str, spelling: str) -> Iterator[Found]:
    start = text.find(spelling)
    while start >= 0:
        end = start + len(spelling)
        if _stands_alone(text, start, end):
            yield Found(start, end, "NAME")
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


def suspicious(text: str) -> bool:
    """
    Return whether a text could hold personal data at all.

    Cheap enough for every text: it says no to all that has no @ and nowhere seven digits in a row once
    separators are left out, without looking at a single character in Python.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if b"@" in raw:
        return True
    squeezed = raw.translate(_CLASSES, _GAPS)
    if any(sign in squeezed for sign in _SIGNS):
        return True
    if text.isascii():
        return _UK_SIGN in squeezed and _holds_uk_number(text, raw)
    return (
        _UK_SIGN in squeezed
        or raw.translate(None, _NOT_EXOTIC) != b""
        or any(pair in raw for pair in _EXOTIC_PAIRS)
    )


def _holds_uk_number(text: str, raw: bytes) -> bool:
    """Tell an identity number from an order number of six digits between words, which is far more common."""
    return _UK_SIGN in raw.translate(_CLASSES, b" ") and UK_NUMBER.search(text) is not None


def _plain(text: str) -> str:
    """Return the text with wide characters narrowed, foreign digits and dashes made ASCII, same length."""
    return text if text.isascii() else "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
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


def _detected(text: str) -> list[Found]:
    return [found for detector in DETECTORS for found in detector(text)]


def _mask(text: str, found: list[Found], kinds: Counter[str]) -> str:
    """Put placeholders in place of what was found; of overlapping finds the earlier in the list wins."""
    kept = _without_overlaps(found)
    if not kept:
        return text
    pieces = [text[: kept[0].start]]
    for this, following in pairwise([*kept, Found(len(text), len(text), "")]):
        pieces += (f"[{this.kind}]", text[this.end : following.start])
        kinds[this.kind] += 1
    return "".join(pieces)


def _without_overlaps(found: list[Found]) -> list[Found]:
    taken = bytearray(max((each.end for each in found), default=0))
    kept: list[Found] = []
    for each in found:
        if not any(taken[each.start : each.end]):
            taken[each.start : each.end] = b"\x01" * (each.end - each.start)
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)


def redact_interaction(data: dict[str, Any]) -> dict[str, Any]:
    """
    Return a loaded interaction with the free text masked and the list of names to mask gone.

    Masked are the turns' text, the tags and every text or long number in the custom facts; ids, the
    agent's own name and the given document stay as they are.
    """
    redactor = Redactor(data.get("redact") or ())
    masked = {key: value for key, value in data.items() if key != "redact"}
    texts = [turn["text"] for turn in data["turns"]]
    # One look at all turns together: most interactions end here.
    if redactor.finds_in("\x00".join(texts)):
        masked["turns"] = [
            turn | {"text": redactor.redact(text)[0]} for turn, text in zip(data["turns"], texts, strict=True)
        ]
    for key in ("tags", "custom"):
        if data.get(key):
            masked[key] = _masked(data[key], redactor)
    return masked


def _masked(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.redact(value)[0]
    if isinstance(value, dict):
        return {key: _masked(below, redactor) for key, below in value.items()}
    if isinstance(value, list):
        return [_masked(below, redactor) for below in value]
    if isinstance(value, int) and abs(value) >= _SHORTEST_INTEGER:
        masked, kinds = redactor.redact(str(value))
        return masked if kinds else value
    return value
