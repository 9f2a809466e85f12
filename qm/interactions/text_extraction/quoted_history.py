"""Tells the new words of a mail from quoted history and signatures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qm.interactions.text_extraction.attributions import (
    ADDRESS,
    TIME,
    WHEN,
    has_time,
    is_attribution,
    is_bare_attribution,
    is_marked_off,
    is_only_moment,
)
from qm.interactions.text_extraction.footers import set_footers_aside
from qm.interactions.text_extraction.mail_words import (
    FORWARDED,
    HONORIFIC_WROTE,
    LABELS,
    REPLY_ABOVE,
    SEPARATOR,
)
from qm.interactions.text_extraction.message_lines import COLONS, MAX_GAP, NO_KINDS, Message
from qm.interactions.text_extraction.own_lists import keep_own_lists
from qm.interactions.text_extraction.signatures import set_signature_aside


@dataclass(frozen=True, slots=True)
class SplitText:
    """The new words of a message, and what was set aside."""

    text: str
    quoted: str = ""


_SEPARATING = "-=_*#"
_RULE = re.compile(r"\s*[-_=*]{3,}.{0,80}$")
_BETWEEN_RULES = re.compile(r"-{2,} ([^\s-].{10,300}) -{2,}")
_MAX_LINES_JOINED, _MAX_ATTRIBUTION = 3, 500
_MAX_HEADER_LINES = 20
# How many lines are read closely, and one more in so many characters.
_LINES_READ_CLOSELY, _CHARACTERS_A_CLOSE_LINE = 40, 300
_ALONE = frozenset(("to", "subject"))
_MARKED_OFF, _MAX_MOMENT = ">>>", 30


def split_history(lines: Sequence[str], aside: Sequence[bool] = ()) -> SplitText:
    """
    Return the new words of a message and what was set aside.

    Marked lines (`>`) are set aside wherever they stand, so that answers between and below them stay. Below a
    line that a mail program writes above what it quotes, everything is set aside unless its lines are marked.
    The time taken is linear in the length of the message.

    Parameters
    ----------
    lines
        The lines of a message.
    aside
        Which of them are known to be quoted or a signature; none if it is empty.
    """
    message = Message(lines, aside)
    if any(message.aside):
        keep_own_lists(message)
    _History(message).set_aside()
    set_footers_aside(message)
    set_signature_aside(message)
    if not any(message.aside):
        return SplitText("\n".join(lines))
    return SplitText(message.joined(aside=False), message.joined(aside=True))


class _History:
    """What introduces quoted words in a message."""

    def __init__(self, message: Message) -> None:
        self.plain, self.aside, self.headers = message.plain, message.aside, message.headers
        self.read = message.read
        self.attempts_left = _LINES_READ_CLOSELY + message.length // _CHARACTERS_A_CLOSE_LINE
        self.has_marks = True in self.aside
        self.no_headers_before = 0
        self.dates: dict[int, bool] = {}

    def set_aside(self) -> None:
        following = 0
        for number in self._suspects():
            if number < following:
                continue
            if self.aside[number]:
                start = self._marked_headers_start(number)
                if start is not None:
                    self.aside[start:] = [True] * (len(self.aside) - start)
                    return
                continue
            found = self._introduction(number)
            if found is None:
                continue
            start, following = found
            first = next((each for each in range(following, len(self.plain)) if self.plain[each]), None)
            # Quoted lines with marks end by themselves.
            last = following if first is None or self.aside[first] else len(self.plain)
            self.aside[start:last] = [True] * (last - start)

    def _may_look(self) -> bool:
        """Whether one more line may be looked at closely."""
        self.attempts_left -= 1
        return self.attempts_left >= 0

    def _suspects(self) -> list[int]:
        """Return the lines that may introduce quoted words."""
        return [
            number
            for number, text in enumerate(self.read)
            if text
            and (
                text[0] in _SEPARATING
                or text[-1] in COLONS
                or number in self.headers
                or text[-3:] == _MARKED_OFF
                or (len(text) <= _MAX_MOMENT and text[0].isdecimal())
                or "---" in text
            )
        ]

    def _introduction(self, number: int) -> tuple[int, int] | None:
        """Return first line and end of what introduces quoted words at a line."""
        text = self.plain[number]
        if text[0] == "#" and REPLY_ABOVE.match(text):
            # At the top of an outgoing mail it is for the one who answers.
            return (number, number + 1) if any(self.plain[:number]) else None
        if text[0] in _SEPARATING and SEPARATOR.match(text):
            return number, self._header_end(number + 1) or number + 1
        if is_marked_off(text) or (text[0] == "-" and self._is_attribution_between_rules(text)):
            return number, number + 1
        if text[-1] in COLONS:
            start = self._attribution_start(number)
            if start is not None:
                return start, number + 1
        return self._introducing_headers(number)

    def _introducing_headers(self, number: int) -> tuple[int, int] | None:
        """Return first line and end of the headers of a quoted mail at a line."""
        if number and is_only_moment(self.plain[number]):
            end = self._end_of_labels(number + 1)
            return (number - 1, end) if end else None
        if number not in self.headers or number < self.no_headers_before or not self._may_look():
            return None
        end = self._header_end(number)
        return (self._header_start(number), end) if end else None

    def _is_attribution_between_rules(self, text: str) -> bool:
        """Whether a line is such as "---- On ... Jo <...> wrote ----"."""
        between = _BETWEEN_RULES.fullmatch(text)
        if between is None or not self._may_look():
            return False
        return is_attribution(between[1], is_marked=False) or is_bare_attribution(
            between[1], needs_address=False
        )

    def _marked_headers_start(self, number: int) -> int | None:
        """Return where marked headers begin whose mail below has no marks; None if there are none."""
        if self.plain[number][-3:] == _MARKED_OFF:
            return number if is_marked_off(self.plain[number]) else None
        first = number - 1 if number and self.aside[number - 1] else number
        if first and self.aside[first - 1]:
            return None
        last = first
        while last < min(len(self.plain), first + _MAX_HEADER_LINES) and self.aside[last]:
            last += 1
        headers = [each for each in range(first, last) if each in self.headers]
        written = sum(1 for each in range(first, last) if self.plain[each].strip("> "))
        if written > len(headers) + 1 or not self._are_mail_headers(headers):
            return None
        return self._header_start(first) if any(self.plain[last : last + MAX_GAP]) else None

    def _end_of_labels(self, first: int) -> int | None:
        """Return the line below labels that stand alone, each above what it labels, as Notes writes them."""
        found: set[str] = set()
        end = first
        for number in range(first, min(len(self.plain), first + _MAX_HEADER_LINES)):
            kinds = LABELS.get(self.plain[number].casefold(), NO_KINDS) & _ALONE
            if kinds:
                found |= kinds
                end = number + 1
        return end if found == _ALONE else None

    def _attribution_start(self, end: int) -> int | None:
        """Return the first line of an attribution such as "On ... wrote:" that ends with this line."""
        is_marked = self._is_followed_by_mark(end)
        if not is_marked and not self._has_date_near(end) and not _may_be_bare(self.plain[end]):
            return None
        if not self._may_look():
            return None
        joined = ""
        for start in range(end, max(-1, end - _MAX_LINES_JOINED), -1):
            if self.aside[start] or not self.plain[start]:
                return None
            joined = f"{self.plain[start]} {joined}" if joined else self.plain[start]
            if len(joined) > _MAX_ATTRIBUTION:
                return None
            if is_attribution(joined, is_marked=is_marked):
                is_wrapped = end - start < _MAX_LINES_JOINED - 1 and self._may_begin_attribution(start - 1)
                return start - 1 if is_wrapped else start
        return None

    def _has_date_near(self, end: int) -> bool:
        return any(self._has_date(number) for number in range(end, max(-1, end - _MAX_LINES_JOINED), -1))

    def _has_date(self, number: int) -> bool:
        found = self.dates.get(number)
        if found is None:
            text = self.plain[number]
            found = WHEN.search(text) is not None or (TIME.search(text) is not None and "@" in text)
            self.dates[number] = found
        return found

    def _may_begin_attribution(self, number: int) -> bool:
        if number < 0 or self.aside[number] or not self.plain[number]:
            return False
        return self._has_date(number) and self.plain[number][-1] not in ".!?:"

    def _is_followed_by_mark(self, number: int) -> bool:
        if not self.has_marks:
            return False
        following = range(number + 1, min(len(self.plain), number + 1 + MAX_GAP))
        return next((self.aside[each] for each in following if self.plain[each]), False)

    def _header_end(self, first: int) -> int | None:
        """Return the line after a block of mail headers that starts here; None if there is none."""
        while first < len(self.plain) and not self.plain[first]:
            first += 1
        headers, without_label = list[int](), 0
        for number in range(first, min(len(self.plain), first + _MAX_HEADER_LINES)):
            if number in self.headers:
                headers.append(number)
                without_label = 0
            else:
                # Long lists of addresses go over several lines.
                without_label += 1
            if without_label > MAX_GAP or not headers:
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
        if any(ADDRESS.search(line) for line in by_kind["from"]):
            has_moment = any(map(has_time, by_kind["date"]))
            # An invoice has an address and a date, but no time.
            return has_moment or ("subject" in known and ("to" in known or "date" in known))
        # Without an address it could be a journey from one place to another.
        return "subject" in known and any(TIME.search(line) for line in by_kind["date"])

    def _header_start(self, number: int) -> int:
        """Return the first line of what belongs to headers: rules and "Begin forwarded message:"."""
        start = number
        for before in range(number - 1, max(-1, number - 1 - MAX_GAP), -1):
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


def _may_be_bare(text: str) -> bool:
    """Whether a line without a date may introduce quoted words."""
    return ADDRESS.search(text) is not None or HONORIFIC_WROTE.match(text) is not None
