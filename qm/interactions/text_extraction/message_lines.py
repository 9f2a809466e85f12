"""The lines of a message, which of them are labelled as headers, and which are set aside."""

import re
import unicodedata
from collections.abc import Sequence

from qm.interactions.text_extraction.mail_words import LABELS

MARKS = frozenset(">\uff1e")
COLONS = ":\uff1a"
MAX_GAP = 2
NO_KINDS = frozenset[str]()
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_LABEL_END = re.compile(r"[:\uff1a]| \|")
_MAX_LABEL = 40
# How many lines are read for what may begin quoted words, and one more in so many characters; ordinary lines
# are longer.
_LINES_READ, _CHARACTERS_A_LINE = 300, 40


class Message:
    """
    The lines of a message.

    `plain` are they without signs of direction and spaces around them, with ASCII digits; `read` those that
    are read for what may begin quoted words, `headers` which of these are labelled, with what the label may
    mean.
    """

    def __init__(self, lines: Sequence[str], aside: Sequence[bool]) -> None:
        """Set aside what is known to be, and what is marked."""
        whole = "\n".join(lines)
        self.lines = lines
        self.length = len(whole)
        self.plain = list(map(str.strip if whole.isascii() else _plain, lines))
        self.aside = list(aside) or [False] * len(lines)
        if any(map(whole.__contains__, MARKS)):
            self.aside = [
                known or text[:1] in MARKS for known, text in zip(self.aside, self.plain, strict=True)
            ]
        self.read = self.plain[: _LINES_READ + len(whole) // _CHARACTERS_A_LINE]
        self.headers = {
            number: kinds
            for number, text in enumerate(self.read)
            if (":" in text or "\uff1a" in text or text[:1] == "|") and (kinds := _label_kinds(text))
        }

    def joined(self, *, aside: bool) -> str:
        """Return the lines that are set aside, or the others."""
        chosen = [line for line, each in zip(self.lines, self.aside, strict=True) if each is aside]
        return _EMPTY_LINES.sub("\n\n", "\n".join(chosen)).strip()


def _plain(text: str) -> str:
    """Return a line without signs of direction, with ASCII digits and without spaces around it."""
    if text.isascii():
        return text.strip()
    text = _BIDI.sub("", text)
    return _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found.group())), text).strip()


def _label_kinds(line: str) -> frozenset[str]:
    # In a table that Netease writes, bars stand around the label: "| From | Jo |".
    colon = _LABEL_END.search(line, 1, _MAX_LABEL)
    label = line[: colon.start() if colon else 0].strip(" \t\xa0>*_|").replace("\u3000", "").casefold()
    return LABELS.get(label if label in LABELS else " ".join(label.split()), NO_KINDS)
