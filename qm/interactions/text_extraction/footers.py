"""Sets aside what stands below mails by habit: legal notices, pleas for paper, signatures without hyphens."""

import re
from collections.abc import Iterator

from qm.interactions.text_extraction.footer_words import (
    ASTRAY,
    CLOSING,
    CONTACT,
    ENTRUSTED,
    FIRST_PERSON,
    MEANT_FOR,
    NOTICE,
    PAPER,
)
from qm.interactions.text_extraction.mail_words import REPLY_ABOVE
from qm.interactions.text_extraction.message_lines import Message

_MAX_NOTICE_LINES, _MAX_NOTICE_CHARACTERS, _MAX_NOTICES_READ, _MIN_SIGNS = 40, 4_000, 8, 2
_MAX_CLOSING, _MAX_SIGNATURE_LINE, _MAX_SIGNATURE_LINES, _MAX_WORDS = 45, 70, 8, 9
# A company's name ends with a full stop, a sentence with one behind a longer word.
_SENTENCE_END = re.compile(r"(?:[?!\u061f\uff1f]|\w{4,}\.)$")


def set_footers_aside(message: Message) -> None:
    """Set legal notices aside wherever they stand, and the signature below a closing at the end."""
    is_below_notice = False
    attempts = _MAX_NOTICES_READ
    number = 0
    while number < len(message.read):
        text = message.plain[number]
        if not text or message.aside[number]:
            number += 1
            continue
        if PAPER.match(text) or (text[0] == "#" and REPLY_ABOVE.match(text)):
            message.aside[number] = True
        elif attempts > 0 and NOTICE.match(text):
            attempts -= 1
            end = _paragraph_end(message, number)
            if _is_notice(" ".join(message.plain[number:end]), _MIN_SIGNS - is_below_notice):
                message.aside[number:end] = [True] * (end - number)
                is_below_notice = True
                number = end
                continue
        else:
            is_below_notice = False
        number += 1
    _set_contacts_aside(message)


def _paragraph_end(message: Message, first: int) -> int:
    length = 0
    for number in range(first, min(len(message.plain), first + _MAX_NOTICE_LINES)):
        length += len(message.plain[number])
        if not message.plain[number] or message.aside[number] or length > _MAX_NOTICE_CHARACTERS:
            return number
    return min(len(message.plain), first + _MAX_NOTICE_LINES)


def _is_notice(text: str, signs: int) -> bool:
    """Whether a paragraph says for whom a mail is meant or what if it went astray, in nobody's name."""
    found = sum(1 for sign in (ENTRUSTED, MEANT_FOR, ASTRAY) if sign.search(text))
    return found >= signs and "?" not in text and FIRST_PERSON.search(text) is None


def _set_contacts_aside(message: Message) -> None:
    """Set the lines aside that stand at the end below a closing and a name, if one of them is a contact."""
    written = [number for number, text in enumerate(message.plain) if text and not message.aside[number]]
    below = list(_signature_lines(message, written[-_MAX_SIGNATURE_LINES - 2 :]))
    if any(CONTACT.search(message.plain[number]) for number in below):
        for number in below:
            message.aside[number] = True


def _signature_lines(message: Message, last: list[int]) -> Iterator[int]:
    """Yield the lines below the closing and the name among the last lines; none where one is a sentence."""
    closings = [
        place
        for place, number in enumerate(last)
        if len(message.plain[number]) <= _MAX_CLOSING and CLOSING.fullmatch(message.plain[number])
    ]
    if not closings:
        return
    below = last[closings[-1] + 1 :]
    if all(_may_be_of_signature(message.plain[number]) for number in below):
        is_name = bool(below) and CONTACT.search(message.plain[below[0]]) is None
        yield from below[is_name:]


def _may_be_of_signature(text: str) -> bool:
    return (
        len(text) <= _MAX_SIGNATURE_LINE
        and len(text.split()) <= _MAX_WORDS
        and _SENTENCE_END.search(text) is None
    )
