"""Detects national identity, tax and social security numbers, validated by check digits."""

import re
from collections.abc import Iterator

from qm.interactions.redaction.national_id_kinds import ANNOUNCED, LETTERS_FIRST, PLAIN, shape_of
from qm.interactions.redaction.scanned_text import CONTEXT_LENGTH, PersonalDataSpan, ScannedText
from qm.interactions.redaction.words import Words

_PLAIN_SHAPE = shape_of("|".join(f"(?P<_{place}>{each.pattern})" for place, each in enumerate(PLAIN)))
_ANNOUNCED_SHAPES = tuple((shape_of(each.pattern), each.is_valid) for each in ANNOUNCED)
_ANNOUNCING = Words(dict.fromkeys(word for each in ANNOUNCED for word in each.announced_by))
# By the number of a word: the kinds that it announces.
_ANNOUNCED_BY = tuple(
    tuple(number for number, each in enumerate(ANNOUNCED) if word in each.announced_by)
    for word in _ANNOUNCING.all
)
_LETTER_BEHIND = re.compile(r"-?[A-Za-z]")
_MIN_DIGITS_WITHOUT_LETTER = 9
# Of more numbers with letters in one text the rest is masked without a proof.
_MAX_PROVED = 100


def find_national_ids(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield national identity, tax and social security numbers of the formats above."""
    text = scanned.text
    for sign, length, shape, is_valid in LETTERS_FIRST:
        may_hold = sign in scanned.squeezed and length <= scanned.longest
        for number, found in enumerate(shape.finditer(text) if may_hold else ()):
            if number >= _MAX_PROVED or is_valid(found.group().replace(" ", "")):
                yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")
    is_announced = bool(scanned.runs) and bool(scanned.places(_ANNOUNCING).ends)
    for run in scanned.runs:
        start, end = max(0, run.start - 2), min(len(text), run.end + 3)
        may_be_plain = run.digits >= _MIN_DIGITS_WITHOUT_LETTER or _LETTER_BEHIND.match(text, run.end)
        if may_be_plain:
            for found in _PLAIN_SHAPE.finditer(text, start, end):
                if PLAIN[int((found.lastgroup or "_0")[1:])].is_valid(found.group().replace(" ", "")):
                    yield PersonalDataSpan(found.start(), found.end(), "NATIONAL_ID")
        if is_announced:
            yield from _announced(scanned, start, end)


def _announced(scanned: ScannedText, start: int, end: int) -> Iterator[PersonalDataSpan]:
    words = scanned.numbers_before(_ANNOUNCING, start, end)
    if not words:
        return
    last_of: dict[int, list[int]] = {}
    for word, last in words.items():
        for kind in _ANNOUNCED_BY[word]:
            last_of.setdefault(kind, []).append(last)
    covered = start
    for kind in sorted(last_of):
        shape, is_valid = _ANNOUNCED_SHAPES[kind]
        for found in shape.finditer(scanned.text, start, end):
            place = found.start()
            # What is proved to be one kind is masked, whatever else it may be.
            if found.end() <= covered or not any(
                place - CONTEXT_LENGTH <= last <= place for last in last_of[kind]
            ):
                continue
            if is_valid(found.group().replace(" ", "")):
                covered = found.end()
                yield PersonalDataSpan(place, covered, "NATIONAL_ID")
