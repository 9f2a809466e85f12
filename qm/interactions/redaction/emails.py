"""Detects e-mail addresses, also where people write them out: jo[at]example.com, jo at example dot com."""

import re
from collections.abc import Iterator
from string import ascii_letters, digits

from qm.interactions.redaction.announcing_words import MAIL_WORDS
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import WRITTEN_EMAIL

IN_AN_ADDRESS = "%40"
"""How @ is written in the address of a page."""

_LOCAL_PART = "!#$%&'*+/=?^_`{|}~.-" + ascii_letters + digits
_MAX_LOCAL, _FIRST_WITHOUT_SPACES = 64, "\u0590"
_ASCII_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}(?:xn--[a-zA-Z0-9-]{2,59}|[A-Za-z]{2,63})"
)
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-zA-Z0-9-]{2,59}|[^\W\d_]{2,63})")

_AT_WORDS = r"at|ät|arroba|arobase|chiocciola|małpa|zavináč|kukac|klammeraffe|собака|собачка"
_DOT_WORDS = r"dot|punkt|punto|point|ponto|pont|kropka|tečka|точка|nokta"
AT_WRITTEN = re.compile(rf"\s?[\[({{<]\s?(?:{_AT_WORDS}|@)\s?[\])}}>]\s?|\s(?:{_AT_WORDS})\s|\s@\s?|@\s")
_DOT = rf"(?:\.|\s?[\[({{<]\s?(?:{_DOT_WORDS}|\.)\s?[\])}}>]\s?|\s(?:{_DOT_WORDS})\s)"
_JOINING_WORDS = frozenset((*_DOT_WORDS.split("|"), "underscore", "dash", "minus"))
# Written-out words are an address only before the end of a domain that exists.
_ENDINGS = (
    "com|net|org|info|biz|edu|gov|int|io|ai|co|app|dev|me|tv|eu|uk|us|ca|au|nz|ie|de|at|ch|fr|be|nl|lu|es|pt|it|gr"
    "|se|no|dk|fi|is|pl|cz|sk|hu|ro|bg|hr|si|rs|ua|ru|by|kz|tr|il|ae|sa|eg|ma|za|ng|ke|in|pk|bd|lk|th|vn|my|sg|id"
    "|ph|cn|hk|tw|jp|kr|br|ar|cl|pe|mx|uy|ve|online|shop|email|mail|cloud|gmbh|ltd|pro|xyz|site|store"
)
WRITTEN_DOMAIN = re.compile(
    rf"\s?[A-Za-z0-9](?:[A-Za-z0-9-]{{0,40}})(?:{_DOT}[A-Za-z0-9-]{{1,40}}){{0,3}}{_DOT}(?:{_ENDINGS})\b"
)
_SPELLED = re.compile(rf"[\[({{<]|\s(?:{_DOT_WORDS})\s")
_BEFORE, _AFTER, _MAX_JOINED, _MAX_WORD = 60, 140, 3, 40
# Of so many addresses in one text also the words are read that dots in words join to them.
_MAX_READ_CLOSELY = 50
# The last letters of the words between, and the space behind them.
_JOINT_ENDS = tuple(f"{letter} " for letter in "tToOaAeEhHsS\u0430\u0410")


def find_emails(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield e-mail addresses; scanning outwards from each @ takes linear time for any text."""
    for sign in ("@", IN_AN_ADDRESS):
        yield from _emails_around(scanned.text, sign)


def _emails_around(text: str, sign: str) -> Iterator[PersonalDataSpan]:
    at = text.find(sign)
    while at >= 0:
        behind = at + len(sign)
        start = _local_start(text, at) if text[behind : behind + 1].isalnum() else at
        domain = None
        if start < at:
            domain = _ASCII_DOMAIN.match(text, behind, behind + 255) or _DOMAIN.match(
                text, behind, behind + 255
            )
        if domain:
            yield PersonalDataSpan(start, domain.end(), "EMAIL")
        at = text.find(sign, behind)


def _local_start(text: str, at: int) -> int:
    start, least = at, max(0, at - _MAX_LOCAL)
    is_ascii = at > 0 and text[at - 1].isascii()
    while start > least:
        start = least + len(text[least:start].rstrip(_LOCAL_PART))
        character = text[start - 1]
        # Beside an ASCII name, letters of a script without spaces between words are words.
        if start == least or not character.isalnum() or (is_ascii and character >= _FIRST_WITHOUT_SPACES):
            break
        start -= 1
    while start < at and text[start] in ".'/#*":
        start += 1
    return start


def find_written_emails(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield e-mail addresses whose @ or dots are written out."""
    lower = scanned.lower
    if "@" not in lower and WRITTEN_EMAIL not in scanned.announced:
        return
    for number, at in enumerate(AT_WRITTEN.finditer(lower)):
        domain = WRITTEN_DOMAIN.match(lower, at.end(), at.end() + _AFTER)
        if domain is None:
            continue
        joined = _MAX_JOINED if number < _MAX_READ_CLOSELY else 0
        start = _written_start(lower, at.start(), joined)
        if start == at.start():
            continue
        written = at.group() + domain.group()
        is_spelled = "@" in written or _SPELLED.search(written) is not None
        if is_spelled or scanned.last_end_before(MAIL_WORDS, start) >= 0:
            yield PersonalDataSpan(start, domain.end(), "EMAIL")


def _written_start(text: str, at: int, joined: int) -> int:
    """Return where the name before a written-out @ begins: its words are joined by dots, also in words."""
    start = _local_start(text, at)
    for _ in range(joined):
        if not text.startswith(_JOINT_ENDS, max(0, start - 2)) or start < 2:
            break
        place = _joined_start(text, start)
        if place is None:
            break
        start = place
    return start


def _joined_start(text: str, start: int) -> int | None:
    """Return where the word begins that a word such as "dot" joins to what starts there."""
    space = text.rfind(" ", max(0, start - _BEFORE), start - 1)
    if space < 0 or text[space + 1 : start - 1] not in _JOINING_WORDS:
        return None
    first = space
    while first > max(0, space - _MAX_WORD) and (text[first - 1].isalnum() or text[first - 1] in "_+-"):
        first -= 1
    return first if first < space else None
