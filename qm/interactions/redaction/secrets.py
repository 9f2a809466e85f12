"""Detects passwords, PINs and one-time codes behind the words that announce them."""

import re
from collections.abc import Iterator

from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.secret_words import (
    BETWEEN,
    CODE_WORDS,
    COPULAS,
    PASSWORD_WORDS,
)
from qm.interactions.redaction.stems import SECRET

# An ending ("şifrem"), then few words that only join: "is", "code:", "we sent you?" and its answer.
_ENDING = r"\w{0,4}(?:'s)?"
_JOINED = rf"{_ENDING}(?:[\s:=\-,\"'(?\x00#\u2019\u201c\u00ab\u3010\uff1a]|\b(?:{BETWEEN})\b){{1,12}}"
_ANSWERED = rf"[^\d\x00]{{0,40}}\x00(?:[\s,.:!]|\b(?:{BETWEEN})\b){{0,8}}"
_UNSPACED = r"[\s:=\uff1a]{0,3}(?:は|が|を|是|为|為|는|은|이|가|를|을)?[\s:=\uff1a]{0,3}"
# Such as "the pin for the door is 2580".
_SAID_OF_IT = rf"[^\d\n.!?:=]{{1,30}}?(?:\b(?:{COPULAS})\b[\s:\"']{{1,3}}|[:=\uff1a]\s?)"
_JOIN = rf"(?:{_JOINED}|{_SAID_OF_IT}|{_ANSWERED}|{_UNSPACED})"
_DIGITS = r"(?:[A-Za-z]-)?\d(?:[ -]?\d){3,9}"
_CODE = re.compile(rf"{_JOIN}({_DIGITS})(?![\w%]|[.,:/-]\d)", re.IGNORECASE)
_PASSWORDS = tuple(
    re.compile(
        rf"{join}(?:(?<=[\"'\u201c\u00ab\u300c])([^\"'\u201d\u00bb\u300d\n]{{4,40}})(?=[\"'\u201d\u00bb\u300d])"
        r"|([!-~\u00a1-\u024f\u0400-\u04ff]{4,64}))",
        re.IGNORECASE,
    )
    for join in (_JOINED, _SAID_OF_IT, _ANSWERED, _UNSPACED)
)
# What nobody would write otherwise: a digit or a sign inside a word, or a capital behind a small letter.
_IS_SECRET = re.compile(
    r"[^\W\d_]\d|\d[^\W\d_]|[^\W\d_]{3,}-\d{2,}|^\d{4,}$|^(?:\d-?){9,}$|\w[!@#$%^&*_+=~?]+\w|[a-zß-ÿ][A-Z]"
)
# Behind more words than these what could be one is masked without a proof.
_MAX_PROVED = 20
_NEXT_DIGITS = re.compile(r"\D{0,20}(\d[\d -]{2,9}\d)")
_NEXT_TOKEN = re.compile(r"\W{0,3}(?:[A-Za-z]{1,8}\W{1,3})?(\S{4,64})")
_TRAILING = ".,;:)]}\"'"
_PLACEHOLDER = re.compile(r"[\[{(<]")


def find_secrets(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield passwords, PINs and one-time codes right behind the words for them."""
    if SECRET not in scanned.announced:
        return
    text = scanned.text
    for count, end in enumerate(scanned.places(CODE_WORDS).ends):
        code = (_CODE if count < _MAX_PROVED else _NEXT_DIGITS).match(text, end)
        if code:
            yield PersonalDataSpan(*code.span(1), "CODE")
    for count, end in enumerate(scanned.places(PASSWORD_WORDS).ends):
        if count < _MAX_PROVED:
            found = next(filter(None, (_password_at(pattern, text, end) for pattern in _PASSWORDS)), None)
        else:
            found = _next_password(text, end)
        if found:
            yield found


def _next_password(text: str, end: int) -> PersonalDataSpan | None:
    token = _NEXT_TOKEN.match(text, end)
    if token is None or _PLACEHOLDER.match(token[1]) or _IS_SECRET.search(token[1]) is None:
        return None
    return PersonalDataSpan(*token.span(1), "PASSWORD")


def _password_at(pattern: re.Pattern[str], text: str, end: int) -> PersonalDataSpan | None:
    """Return the password behind a word for it; one in quotation marks may be any word."""
    found = pattern.match(text, end)
    if found is None:
        return None
    group = 1 if found[1] else 2
    written = found[group].rstrip(_TRAILING)
    if group == 2 and (_PLACEHOLDER.match(written) or _IS_SECRET.search(written) is None):
        return None
    return PersonalDataSpan(found.start(group), found.start(group) + len(written), "PASSWORD")
