"""Tells the lines that mail programs write above what they quote: "On ... Jo wrote:"."""

import re

from qm.interactions.text_extraction.mail_words import (
    DEFINITE,
    HONORIFIC_WROTE,
    PERSON_WROTE,
    PROGRAM_WORDS,
    QUOTING,
    WROTE,
)

ADDRESS = re.compile(r"[^\s<>()@]@[^\s<>()@]{2,}|\[EMAIL\]")
_BRACKETED = r"[<(\[]\s*(?:mailto:)?\s*(?:[^\s<>()@]+@[^\s<>()@]+|\[EMAIL\])\s*[>)\]]"
_BRACKETED_ADDRESS = re.compile(_BRACKETED)
# T-Online, Tuta and web pages write it without brackets.
_BARE_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_ENDS_WITH_BARE_ADDRESS = re.compile(rf"{_BARE_ADDRESS.pattern}\W*$")
_ENDS_WITH_ADDRESS = re.compile(rf"{_BRACKETED}+\W*$")
_NUMERIC_DATE = (
    r"(?<!\d)(?:\d{1,2}[./-] ?\d{1,2}[./-] ?(?:19|20)?\d\d|(?:19|20)\d\d[./-] ?\d{1,2}[./-] ?\d{1,2})(?!\d)"
)
_NUMERIC = re.compile(_NUMERIC_DATE)
# \d are the digits of any script.
WHEN = re.compile(rf"{_NUMERIC_DATE}|(?<!\d)\d{{4}}(?!\d)")
_YEAR = r"(?:19|20)\d\d"
# "3rd November 2026" and "November 3, 2026", and that with the words before it: "Tuesday, November".
_DAY = r"(?<!\d)\d{1,2}(?:\.|st|nd|rd|th|er|º)?,?\s"
_DAY_TO_YEAR = re.compile(rf"{_DAY}\s*(?:(?:de\s+)?[^\W\d_]+\.?,?\s+(?:de\s+)?)?{_YEAR}(?!\d)")
_LONG_DATE = re.compile(rf"(?:\b[^\W\d_]+(?:-[^\W\d_]+)?\.?,?\s+){{0,2}}{_DAY_TO_YEAR.pattern}")
_WORD, _LONG_WORD = re.compile(r"[^\W\d_]{2,}"), 4
TIME = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)")
# Nobody tells the time to the second.
_SECONDS = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d[:.]\d\d(?!\d)")
# What is no name though its letter is great: "On 3/11/2026".
_PREPOSITION = re.compile(r"^\W*[^\W\d_]{1,4}\s+(?=\d)")
# Notes puts one behind another: "Jo Moss---11/03/2026 01:00:00 AM---Hello".
_NOTES = re.compile(rf"\S.{{0,80}}?---{_NUMERIC_DATE} \d{{1,2}}[:.]\d\d.{{0,10}}---")
_MARKED_OFF = ">>>"
_MAX_PLAIN_WORDS, _MAX_UNCASED, _MAX_WITHOUT_ADDRESS, _MAX_NAMES, _MAX_MOMENT = 1, 6, 120, 7, 30
_HALVES = frozenset(("am", "pm", "uhr", "gmt", "utc", "cet", "cest", "est", "edt", "pst", "ce"))


def is_attribution(text: str, *, is_marked: bool) -> bool:
    """Whether a text introduces quoted words, which have marks if `is_marked`."""
    when = WHEN.search(text) is not None
    if when and _BRACKETED_ADDRESS.search(text):
        return _is_attribution_with_address(text)
    if _has_moment_and_address(text) and PERSON_WROTE.search(text) is None:
        most = _MAX_PLAIN_WORDS if WROTE.search(text) else 0
        if _is_written_by_a_program(text, most):
            return True
    if is_bare_attribution(text) or HONORIFIC_WROTE.match(text) or (when and _is_stamped(text)):
        return True
    if is_marked:
        # What follows is quoted by its marks; the line above goes with it.
        has_person = PERSON_WROTE.search(text) is not None
        has_verb = WROTE.search(text) is not None
        return (has_verb and (when or not has_person)) or _ENDS_WITH_ADDRESS.search(text) is not None
    return when and _is_attribution_without_address(text)


def is_bare_attribution(text: str, *, needs_address: bool = True) -> bool:
    """Whether a text has a name, an address and a verb and nothing else, as webmail writes it."""
    if needs_address and ADDRESS.search(text) is None:
        return False
    if (WROTE.search(text) is None and QUOTING.search(text) is None) or PERSON_WROTE.search(text):
        return False
    for known in (_BRACKETED_ADDRESS, _BARE_ADDRESS, QUOTING, WROTE):
        text = known.sub(" ", text)
    words = [word for word in _WORD.findall(text) if word.casefold() not in PROGRAM_WORDS]
    return not any(map(str.islower, words)) and len(words) <= _MAX_NAMES and (needs_address or bool(words))


def _is_stamped(text: str) -> bool:
    """Whether a text has a time to the second and a verb, and hardly a word beside: "..., you wrote:"."""
    if _SECONDS.search(text) is None or WROTE.search(text) is None:
        return False
    for known in (_LONG_DATE, WROTE):
        text = known.sub(" ", text)
    words = [word for word in _WORD.findall(text) if word.casefold() not in PROGRAM_WORDS]
    return not any(len(word) >= _LONG_WORD and word.islower() for word in words) and len(words) <= _MAX_NAMES


def is_marked_off(text: str) -> bool:
    """Whether a line is one of programs that mark no lines below it.

    Such as `Jo Moss 3/11/2026 1:00 AM` between three angle brackets, and
    `Jo Moss---11/03/2026 01:00:00 AM---Hello`.
    """
    if text.endswith(_MARKED_OFF):
        return WHEN.search(text) is not None and TIME.search(text) is not None
    return "---" in text and _NOTES.match(text) is not None


def has_time(text: str) -> bool:
    """Whether a text has a time of day, not only a date such as 3.11.2026."""
    return TIME.search(_NUMERIC.sub(" ", text)) is not None


def is_only_moment(text: str) -> bool:
    """Whether a line is a date with a time, as Notes puts it above its headers."""
    if len(text) > _MAX_MOMENT or _NUMERIC.search(text) is None or not has_time(text):
        return False
    return all(word.casefold() in _HALVES for word in _WORD.findall(text))


def _has_moment_and_address(text: str) -> bool:
    """Whether a text has a time of day and an address; that may lack brackets, or the day its year."""
    if TIME.search(text) is None:
        return False
    if _BRACKETED_ADDRESS.search(text):
        return WROTE.search(text) is not None
    # What is dear comes last.
    if _BARE_ADDRESS.search(text) is None or WHEN.search(text) is None:
        return False
    return _ENDS_WITH_BARE_ADDRESS.search(text) is not None or WROTE.search(text) is not None


def _is_attribution_with_address(text: str) -> bool:
    if WROTE.search(text):
        return True
    if TIME.search(text) is None:
        return False
    return _ENDS_WITH_ADDRESS.search(text) is not None or _is_written_by_a_program(text, _MAX_PLAIN_WORDS)


def _is_attribution_without_address(text: str) -> bool:
    if len(text) > _MAX_WITHOUT_ADDRESS:
        return False
    # Only the date of a program, and names beside it, are proof enough.
    is_stamped = TIME.search(text) is not None and _NUMERIC.search(text) is not None
    if not is_stamped and _DAY_TO_YEAR.search(text) is None:
        return False
    most = _MAX_PLAIN_WORDS if is_stamped else 0
    if not _is_written_by_a_program(_PREPOSITION.sub("", text), most):
        return False
    if WROTE.search(text) is None or PERSON_WROTE.search(text):
        return False
    return DEFINITE.search(WROTE.sub(" ", _LONG_DATE.sub(" ", text))) is None


def _is_written_by_a_program(text: str, most: int) -> bool:
    """Whether beside address, date and verb a line has names, and no more than so many other words."""
    has_address = ADDRESS.search(text) is not None
    for known in (_BRACKETED_ADDRESS, _BARE_ADDRESS, _LONG_DATE, WROTE):
        text = known.sub(" ", text)
    words = [word for word in _WORD.findall(text) if word.casefold() not in PROGRAM_WORDS]
    long = [word for word in words if len(word) >= _LONG_WORD]
    uncased = sum(not word[0].isupper() and not word.islower() for word in long)
    has_name = has_address or any(not word.islower() for word in words)
    return has_name and sum(map(str.islower, long)) <= most and uncased <= _MAX_UNCASED
