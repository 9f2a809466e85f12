"""Tells the new words of a mail from quoted history and signatures."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from qm.interactions.text_extraction.mail_words import (
    FORWARDED,
    LABELS,
    PERSON_WROTE,
    REPLY_ABOVE,
    SENT_FROM,
    SEPARATOR,
    WROTE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message; `aside` if it is known to be quoted or a signature."""

    text: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class SplitText:
    """The new words of a message, and what was set aside."""

    text: str
    quoted: str = ""


_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
_MARKS = frozenset(">\uff1e")
_ADDRESS = re.compile(r"[^\s<>()@]@[^\s<>()@]{2,}|\[EMAIL\]")
_BRACKETED = r"[<(\[]\s*(?:mailto:)?\s*(?:[^\s<>()@]+@[^\s<>()@]+|\[EMAIL\])\s*[>)\]]"
_BRACKETED_ADDRESS = re.compile(_BRACKETED)
_ENDS_WITH_ADDRESS = re.compile(rf"{_BRACKETED}+\W*$")
_NUMERIC_DATE = (
    r"(?<!\d)(?:\d{1,2}[./-] ?\d{1,2}[./-] ?(?:19|20)?\d\d|(?:19|20)\d\d[./-] ?\d{1,2}[./-] ?\d{1,2})(?!\d)"
)
_NUMERIC = re.compile(_NUMERIC_DATE)
# \d are the digits of any script.
_WHEN = re.compile(rf"{_NUMERIC_DATE}|(?<!\d)\d{{4}}(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)")
_LABEL = re.compile(r"[\s>*_]{0,8}([^\W\d_][^:\uff1a\n<>@*]{0,24}?)\s?[*_]{0,2}\s?[:\uff1a]")
_RULE = re.compile(r"\s*[-_=*]{3,}.{0,80}$")
_SIGNATURE = re.compile(r"\s{0,3}(?:--|—|__)\s?$")
_MAX_LINES_JOINED, _MAX_ATTRIBUTION, _MAX_GAP = 3, 500, 2
# A signature whose space after the two hyphens was lost is told from a dividing line by its length.
_MAX_SIGNATURE_LINES = 12
_MAX_HEADER_LINES = 20
# Lines with a date and a colon at the end that are looked at closely: no mail has so many.
_MAX_ATTEMPTS = 1_000
_NO_KINDS = frozenset[str]()


def split_history(lines: Sequence[Line]) -> SplitText:
    """
    Return the new words of a message and what was set aside.

    Marked lines (`>`) are set aside wherever they stand, so that answers between and below them stay. Below a
    line that a mail program writes above what it quotes, everything is set aside unless its lines are marked.
    The time taken is linear in the length of the message.
    """
    message = _Message(lines)
    message.set_history_aside()
    message.set_signature_aside()
    if not any(message.aside):
        return SplitText("\n".join(line.text for line in lines))
    return SplitText(message.joined(aside=False), message.joined(aside=True))


class _Message:
    """The lines of a message, and which of them are set aside."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.plain = [_plain(line.text) for line in lines]
        self.aside = [line.aside or text[:1] in _MARKS for line, text in zip(lines, self.plain, strict=True)]
        self.headers = [_label_kinds(text) for text in self.plain]
        self.no_headers_before = 0
        self.attempts = 0
        self.dates: list[bool | None] = [None] * len(lines)

    def joined(self, *, aside: bool) -> str:
        chosen = [line.text for line, each in zip(self.lines, self.aside, strict=True) if each is aside]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(chosen)).strip()

    def set_history_aside(self) -> None:
        number = 0
        while number < len(self.plain):
            found = None if self.aside[number] or not self.plain[number] else self._introduction(number)
            if found is None:
                number += 1
                continue
            start, end = found
            following = next((each for each in range(end, len(self.plain)) if self.plain[each]), None)
            # Quoted lines with marks end by themselves.
            last = end if following is None or self.aside[following] else len(self.plain)
            self.aside[start:last] = [True] * (last - start)
            number = end

    def _introduction(self, number: int) -> tuple[int, int] | None:
        """Return first line and end of what introduces quoted words at a line."""
        text = self.plain[number]
        if text[0] == "#" and REPLY_ABOVE.match(text):
            # At the top of an outgoing mail it is for the one who answers.
            return (number, number + 1) if any(self.plain[:number]) else None
        if text[0] in "-=_*>#" and SEPARATOR.match(text):
            return number, self._header_end(number + 1) or number + 1
        if text[-1] in ":\uff1a":
            start = self._attribution_start(number)
            if start is not None:
                return start, number + 1
        end = self._header_end(number) if self.headers[number] and number >= self.no_headers_before else None
        return (self._header_start(number), end) if end else None

    def _attribution_start(self, end: int) -> int | None:
        """Return the first line of an attribution such as "On ... wrote:" that ends with this line."""
        joined, is_marked = "", self._is_followed_by_mark(end)
        if not is_marked and not any(map(self._has_date, range(end, max(-1, end - _MAX_LINES_JOINED), -1))):
            return None
        self.attempts += 1
        if self.attempts > _MAX_ATTEMPTS:
            return None
        for start in range(end, max(-1, end - _MAX_LINES_JOINED), -1):
            if self.aside[start] or not self.plain[start]:
                return None
            joined = f"{self.plain[start]} {joined}" if joined else self.plain[start]
            if len(joined) > _MAX_ATTRIBUTION:
                return None
            if _is_attribution(joined, is_marked=is_marked):
                is_wrapped = end - start < _MAX_LINES_JOINED - 1 and self._may_begin_attribution(start - 1)
                return start - 1 if is_wrapped else start
        return None

    def _has_date(self, number: int) -> bool:
        found = self.dates[number]
        if found is None:
            found = self.dates[number] = _WHEN.search(self.plain[number]) is not None
        return found

    def _may_begin_attribution(self, number: int) -> bool:
        if number < 0 or self.aside[number] or not self.plain[number]:
            return False
        return self._has_date(number) and self.plain[number][-1] not in ".!?:"

    def _is_followed_by_mark(self, number: int) -> bool:
        following = range(number + 1, min(len(self.plain), number + 1 + _MAX_GAP))
        return next((self.aside[each] for each in following if self.plain[each]), False)

    def _header_end(self, first: int) -> int | None:
        """Return the line after a block of mail headers that starts here; None if there is none."""
        while first < len(self.plain) and not self.plain[first]:
            first += 1
        headers, without_label = list[int](), 0
        for number in range(first, min(len(self.plain), first + _MAX_HEADER_LINES)):
            if self.headers[number]:
                headers.append(number)
                without_label = 0
            else:
                # Long lists of addresses go over several lines.
                without_label += 1
            if without_label > _MAX_GAP or not headers:
                break
        if self._are_mail_headers(headers):
            return headers[-1] + 1
        # No block that starts in these lines and ends in them has more in it than they have.
        self.no_headers_before = min([*headers[-1:], first + _MAX_HEADER_LINES // 2]) + 1
        return None

    def _are_mail_headers(self, numbers: Sequence[int]) -> bool:
        known = frozenset[str]().union(*(self.headers[number] for number in numbers))
        if len(numbers) < 3 or "from" not in known:
            return False
        by_kind = {
            kind: [self.plain[number] for number in numbers if kind in self.headers[number]]
            for kind in ("from", "date")
        }
        if any(_ADDRESS.search(line) for line in by_kind["from"]):
            return "date" in known or ("subject" in known and "to" in known)
        # Without an address it could be a journey from one place to another.
        return "subject" in known and any(_TIME.search(line) for line in by_kind["date"])

    def _header_start(self, number: int) -> int:
        """Return the first line of what belongs to headers: rules and "Begin forwarded message:"."""
        start = number
        for before in range(number - 1, max(-1, number - 1 - _MAX_GAP), -1):
            text = self.plain[before]
            if self.aside[before]:
                break
            if _RULE.match(text) or (
                text.endswith((":", "\uff1a")) and len(text) <= 60 and FORWARDED.search(text)
            ):
                start = before
            elif text:
                break
        return start

    def set_signature_aside(self) -> None:
        written = [number for number, text in enumerate(self.plain) if text and not self.aside[number]]
        for place in range(len(written) - 1, 0, -1):
            number = written[place]
            if _SIGNATURE.match(self.plain[number]):
                if self.lines[number].text == "-- " or len(written) - place <= _MAX_SIGNATURE_LINES:
                    written = written[:place]
                break
        last = len(written)
        while last > 1 and SENT_FROM.match(self.plain[written[last - 1]]):
            last -= 1
        if last == 1 and any(self.aside) and SENT_FROM.match(self.plain[written[0]]):
            last = 0
        kept = set(written[:last])
        for number in range(written[last - 1] + 1 if last else 0, len(self.plain)):
            if self.plain[number] and number not in kept:
                self.aside[number] = True


def _plain(text: str) -> str:
    """Return a line without signs of direction, with ASCII digits and without spaces around it."""
    if text.isascii():
        return text.strip()
    return "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each for each in _BIDI.sub("", text)
    ).strip()


def _label_kinds(line: str) -> frozenset[str]:
    label = _LABEL.match(line) if ":" in line[:40] or "\uff1a" in line[:40] else None
    return LABELS.get(" ".join(label[1].casefold().split()), _NO_KINDS) if label else _NO_KINDS


def _is_attribution(text: str, *, is_marked: bool) -> bool:
    when = _WHEN.search(text) is not None
    if not when and not is_marked:
        return False
    has_verb = WROTE.search(text) is not None
    has_time = _TIME.search(text) is not None
    if _BRACKETED_ADDRESS.search(text) and when:
        return has_verb or (has_time and _ENDS_WITH_ADDRESS.search(text) is not None)
    if is_marked:
        # What follows is quoted by its marks; the line above goes with it.
        has_person = PERSON_WROTE.search(text) is not None
        return (has_verb and (when or not has_person)) or _ENDS_WITH_ADDRESS.search(text) is not None
    # Without an address only the numeric date and time of a program are proof enough.
    is_stamped = has_time and _NUMERIC.search(text) is not None
    return has_verb and is_stamped and len(text) <= 120 and PERSON_WROTE.search(text) is None
