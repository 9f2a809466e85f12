"""Masks personal data with typed placeholders before anything is stored."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from qm.interactions.redaction.ascii_forms import to_ascii
from qm.interactions.redaction.crowds import CROWD_DETECTORS
from qm.interactions.redaction.detectors import DETECTORS, Detector, find_tables
from qm.interactions.redaction.dictated_numbers import WrittenText
from qm.interactions.redaction.given_names import GivenNames
from qm.interactions.redaction.joined_texts import CONTEXT, END, JoinedTexts, Said, batches
from qm.interactions.redaction.prefilter import holds_digits, is_number_dictated, may_hold_personal_data
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import Announced

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_HIDDEN = re.compile(rf"(?<=[\dA-Za-z@.+-])[{_INVISIBLE}]+(?=[\dA-Za-z@.+-])")
# The code of a card has three digits.
_MIN_MASKED_NUMBER = 100
_MAX_EXACT = 10**19
_OTHER_FACTS = frozenset(
    (
        *(
            "at",
            "attempts",
            "changed",
            "count",
            "date",
            "duration",
            "id",
            "ids",
            "length",
            "minutes",
            "model",
        ),
        *("ms", "reason", "resets", "seconds", "time", "total", "type"),
    )
)
_NEXT_WORD = re.compile(r"[_.-]+|(?<=[a-z])(?=[A-Z])")
_TURN_TEXTS = ("text", "quoted")
# Detection repeats until nothing is found; for long texts, which may be crafted to need many passes, the
# number of passes is limited by the total of characters read.
_MIN_PASSES, _MAX_CHARACTERS_READ = 2, 400_000
# Proving what a number is costs as much as reading a hundred characters. Where an interaction has more such
# proofs to make than these beyond one in so many characters, its numbers are masked without one.
_PROOFS, _CHARACTERS_A_PROOF = 25, 100
# Where more pieces, or words that announce them, stand in an interaction, the rest of it is masked coarsely.
_PIECES, _CHARACTERS_A_PIECE, _WORDS_A_PIECE = 60, 200, 3


class Redactor:
    """
    Masks personal data and given names in the texts of one interaction.

    How many numbers are proved, and pieces searched one by one, is counted over all of them.

    Parameters
    ----------
    names
        Names to mask. Each is masked as whole words, ignoring case, also before a possessive s. The single
        words of a longer name are masked too, but only when capitalized: "Philip Long" does not mask "how
        long". Accents may be missing in the text.
    characters
        How long the texts are together.
    """

    def __init__(self, names: Sequence[str] = (), characters: int = 0) -> None:
        """Compute the possible spellings of the names."""
        self._names = GivenNames(names)
        self._proofs_left = _PROOFS
        self._pieces_left = _PIECES + characters // _CHARACTERS_A_PIECE

    def redact(self, text: str, before: str = "") -> tuple[str, Counter[str]]:
        """Return the masked text and the number of masked spans of each kind."""
        texts, kinds = self.redact_all([Said(text, before)])
        return texts[0], kinds

    def redact_all(self, said: Sequence[Said]) -> tuple[list[str], Counter[str]]:
        """Return the masked texts, and the number of masked spans of each kind."""
        kinds: Counter[str] = Counter()
        texts = [each.text for each in said]
        told = {place: each for place, each in enumerate(map(_suspected, said)) if each is not None}
        for batch in batches(told, list(map(len, texts))):
            masked = self._without_personal_data(JoinedTexts([told[place] for place in batch]), kinds)
            for place, text in zip(batch, masked.texts(), strict=True):
                texts[place] = text
        return [_mask(text, self._names.find(text), kinds) for text in texts], kinds

    def may_need_masking(self, text: str) -> bool:
        """Whether a text may need masking; False is certain."""
        return may_hold_personal_data(text) or bool(self._names.find(text))

    def _without_personal_data(self, joined: JoinedTexts, kinds: Counter[str]) -> JoinedTexts:
        most_words = _WORDS_A_PIECE * max(0, self._pieces_left)
        scan = _Scan(joined, most_words)
        tables = scan.find(lambda scanned: find_tables(scanned, is_crowded=self._is_crowded(scanned)))
        if tables:
            joined = joined.masked(_mask(joined.text, tables, kinds))
            scan = _Scan(joined, most_words)
        if scan.is_dictated_in_crowds or scan.signs > self._pieces_left:
            self._pieces_left = -1
        # Masking can bring numbers and the words that announce them closer together.
        for _ in range(max(_MIN_PASSES, _MAX_CHARACTERS_READ // max(1, len(joined.text)))):
            if self._pieces_left < 0:
                return joined.masked(_mask(joined.text, scan.find_coarsely(), kinds))
            found = scan.find(*DETECTORS)
            self._pieces_left -= len(found) + scan.words
            if not found:
                break
            joined = joined.masked(_mask(joined.text, found, kinds))
            scan = _Scan(joined, most_words, scan.announced_by)
        return joined

    def _is_crowded(self, scanned: ScannedText) -> bool:
        """Whether a text has more numbers than can be proved."""
        missing = max(0, scanned.proofs - len(scanned.text) // _CHARACTERS_A_PROOF)
        is_crowded = missing > self._proofs_left
        self._proofs_left -= min(self._proofs_left, missing)
        return is_crowded


class _Scan:
    """Texts prepared for detection."""

    def __init__(self, joined: JoinedTexts, most_words: int, announced_by: Announced | None = None) -> None:
        self._joined = joined
        self._written = WrittenText(to_ascii(joined.text), most_words)
        self._scanned = ScannedText(self._written.text, announced_by, self._written.lower)

    @property
    def announced_by(self) -> Announced:
        """Of which kinds the texts may hold what words announce; masked, they hold no more."""
        return self._scanned.announced_by

    @property
    def is_dictated_in_crowds(self) -> bool:
        """Whether more numbers in words stand in the texts than can be read."""
        return self._written.is_crowded

    @property
    def signs(self) -> int:
        """How many pieces the texts may hold."""
        return self._scanned.signs + len(self._written.pieces)

    @property
    def words(self) -> int:
        """How many words were found that announce something, where they were looked for."""
        return self._scanned.words_found

    def find(self, *detectors: Detector) -> list[PersonalDataSpan]:
        """Return what detectors find in the texts."""
        found = [span for detector in detectors for span in detector(self._scanned)]
        if self._written.pieces:
            found = [
                PersonalDataSpan(*self._written.span_before(start, end), kind) for start, end, kind in found
            ]
        return self._joined.own(found)

    def find_coarsely(self) -> list[PersonalDataSpan]:
        """Return whatever may be personal data in the texts, and all numbers in words."""
        scanned = self._scanned
        if self._written.pieces:
            scanned = ScannedText(to_ascii(self._joined.text), scanned.announced_by)
        return self._joined.own([span for detector in CROWD_DETECTORS for span in detector(scanned)])


def _suspected(said: Said) -> Said | None:
    """Return a text as it is searched, without what tells nothing; none if it holds no personal data."""
    text, before = said
    # A number in words is looked for once: with one, a text may hold personal data.
    has_digits = before != "" and holds_digits(text)
    is_dictated = before != "" and not has_digits and is_number_dictated(text)
    if not (has_digits or is_dictated):
        before = ""
    if not is_dictated and not may_hold_personal_data(f"{before[-CONTEXT:]}{END}{text}" if before else text):
        return None
    return Said(_without_hidden(text), before)


def _without_hidden(text: str) -> str:
    """Return the text without invisible characters between those of a number or an address."""
    return text if text.isascii() or text.isprintable() else _HIDDEN.sub("", text)


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
    if all(one.end <= other.start for one, other in pairwise(spans)):
        return spans
    taken = bytearray(max(each.end for each in spans))
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
    masked = {key: value for key, value in data.items() if key != "redact"}
    texts = [turn[name] for turn in data["turns"] for name in _TURN_TEXTS if name in turn]
    redactor = Redactor(data.get("redact") or (), sum(map(len, texts)))
    # All turns are checked at once: most interactions need no masking.
    if redactor.may_need_masking(END.join(texts)):
        masked["turns"] = _masked_turns(data["turns"], redactor)
    for key in ("tags", "custom"):
        if data.get(key):
            masked[key] = _masked(data[key], redactor)
    return masked


def _masked_turns(turns: Sequence[Mapping[str, Any]], redactor: Redactor) -> list[dict[str, Any]]:
    """Return turns with masked texts, each searched behind that of the turn before it."""
    before = ["", *(turn["text"] for turn in turns[:-1])]
    places = [(place, name) for name in _TURN_TEXTS for place, turn in enumerate(turns) if name in turn]
    texts, _ = redactor.redact_all([Said(turns[place][name], before[place]) for place, name in places])
    masked = [dict(turn) for turn in turns]
    for (place, name), text in zip(places, texts, strict=True):
        masked[place][name] = text
    return masked


def _masked(value: Any, redactor: Redactor, name: str = "") -> Any:
    """Return a value with masked texts and numbers; the name of a fact tells what it is, as in `cvv`."""
    if isinstance(value, str):
        return redactor.redact(value, _spoken(name))[0]
    if isinstance(value, dict):
        return {key: _masked(below, redactor, f"{name}_{key}") for key, below in value.items()}
    if isinstance(value, list):
        return [_masked(below, redactor, name) for below in value]
    if isinstance(value, int | float) and _MIN_MASKED_NUMBER <= abs(value) < _MAX_EXACT and value % 1 == 0:
        masked, kinds = redactor.redact(str(int(value)), _spoken(name))
        return masked if kinds else value
    return value


def _spoken(name: str) -> str:
    """
    Return the name of a fact as one would say it before its value; nothing for a count, a time or an id.

    Examples
    --------
    >>> _spoken("securityCode"), _spoken("card_cvv"), _spoken("contact_id")
    ('security code:', 'card cvv:', '')
    """
    words = _NEXT_WORD.sub(" ", name).lower().split()
    return f"{' '.join(words)}:" if words and words[-1] not in _OTHER_FACTS else ""
