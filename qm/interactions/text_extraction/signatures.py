"""Sets signatures aside, and what programs write below a message."""

import re
from collections.abc import Sequence

from qm.interactions.text_extraction.mail_words import POSTSCRIPT, SENT_FROM
from qm.interactions.text_extraction.message_lines import Message

_QUESTIONS = ("?", "\uff1f", "\u061f")
_SIGNATURE = re.compile(r"\s{0,3}(?:--|—|__)\s?$")
# A signature whose space after the two hyphens was lost is told from a dividing line by its length.
_MAX_SIGNATURE_LINES, _MAX_SENT_FROM, _MIN_TOLD = 12, 120, 5


def set_signature_aside(message: Message) -> None:
    """Set the signature of a message aside, and lines such as "Sent from my phone"."""
    written = [number for number, text in enumerate(message.plain) if text and not message.aside[number]]
    written = written[: _signature_place(message, written)]
    last = len(written)
    while last > 1 and _is_sent_from(message.plain[written[last - 1]]):
        last -= 1
    if last == 1 and any(message.aside) and _is_sent_from(message.plain[written[0]]):
        last = 0
    kept = set(written[:last])
    is_added = False
    for number in range(written[last - 1] + 1 if last else 0, len(message.plain)):
        text = message.plain[number]
        is_added = text != "" and (is_added or POSTSCRIPT.match(text) is not None)
        if text and number not in kept and not is_added:
            message.aside[number] = True


def _signature_place(message: Message, written: Sequence[int]) -> int:
    """Return the place of the line above a signature; the number of lines where there is none."""
    delimiters = [
        place for place in range(1, len(written)) if _SIGNATURE.match(message.plain[written[place]])
    ]
    exact = [place for place in delimiters if message.lines[written[place]] == "-- "]
    if exact:
        # Below a short signature, lists and programs put another.
        near = [place for place in exact if exact[-1] - place <= _MAX_SIGNATURE_LINES]
        return near[0]
    # Several are dividing lines, and below one of them nobody is asked anything.
    if len(delimiters) != 1 or len(written) - delimiters[0] > _MAX_SIGNATURE_LINES:
        return len(written)
    below = [message.plain[number] for number in written[delimiters[0] + 1 :]]
    is_asked = any(text.endswith(_QUESTIONS) for text in below)
    # A signature begins with a name, and what is told goes on with a sentence.
    is_told = bool(below) and len(below[0].split()) >= _MIN_TOLD and below[0][-1] in ".!\u3002:"
    return len(written) if is_asked or is_told else delimiters[0]


def _is_sent_from(line: str) -> bool:
    return len(line) <= _MAX_SENT_FROM and SENT_FROM.match(line) is not None
