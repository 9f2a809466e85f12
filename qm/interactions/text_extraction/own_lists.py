"""Takes back marked lines that are no quotation: ways through menus, steps and comparisons."""

import re

from qm.interactions.text_extraction.mail_words import WROTE
from qm.interactions.text_extraction.message_lines import COLONS, MARKS, MAX_GAP, Message

_PATH = re.compile(r"[>\uff1e]\s*\w[^>\uff1e]{0,40}(?:[>\uff1e]\s*\w[^>\uff1e]{0,40})+$")
_SENTENCE_ENDS = tuple(".!?,;\u2026\u3002\uff01\uff1f")
_COMPARED = re.compile(
    r"[>\uff1e]\s?(?:[$€£¥]\s?\d|\d[\d.,]*\s?(?:[%€$£¥°]|[A-Z]{3}\b|(?:k?g|[ckm]?m|m?l|kwh|mb|gb|tb|min|h|s)\b))"
)
_MAX_STEP, _MIN_STEPS = 80, 2


def keep_own_lists(message: Message) -> None:
    """Take back what is no quotation: menus, steps and comparisons, not below "Jo wrote:"."""
    number = 0
    while number < len(message.plain):
        first = number
        while number < len(message.plain) and message.plain[number][:1] in MARKS:
            number += 1
        if number > first:
            before = next(
                (text for text in reversed(message.plain[max(0, first - MAX_GAP) : first]) if text), ""
            )
            is_introduced = before[-1:] in COLONS and before != ""
            is_quoted = is_introduced and WROTE.search(before) is not None
            if not is_quoted and _is_own_list(message, first, number, is_introduced=is_introduced):
                message.aside[first:number] = [False] * (number - first)
        number += 1


def _is_own_list(message: Message, first: int, end: int, *, is_introduced: bool) -> bool:
    """Whether marked lines are the writer's: ways through menus, "> 50 EUR", or steps below a colon."""
    lines = message.plain[first:end]
    if all(map(_PATH.match, lines)) or all(map(_COMPARED.match, lines)):
        return True
    if not is_introduced or len(lines) < _MIN_STEPS:
        return False
    # Who quotes, quotes sentences; and what is quoted twice is no list.
    steps = [line[1:].strip() for line in lines]
    return all(
        0 < len(step) <= _MAX_STEP
        and (step[0].isupper() or step[0].isdecimal())
        and not step.endswith(_SENTENCE_ENDS)
        for step in steps
    ) and not any(number in message.headers for number in range(first, end))
