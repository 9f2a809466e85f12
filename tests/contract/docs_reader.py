"""Reads the documentation as its readers do: pages, sections, fenced blocks, tables, links."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES = sorted([*(ROOT / name for name in _TOP), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line it starts on."""

    page: Path
    language: str
    text: str
    line: int

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def page(name):
    return ROOT / name


def blocks(path, *languages, section=None):
    text = path.read_text(encoding="utf-8")
    first, last = _span(text, section) if section else (0, len(text))
    return [
        Block(path, found[1], found[2], text.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(text)
        if found[1] in languages and first <= found.start() < last
    ]


def prose(path):
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def section(path, heading):
    """Return what stands under a heading, down to the next one of the same or a higher rank."""
    text = path.read_text(encoding="utf-8")
    first, last = _span(text, heading)
    return text[first:last]


def _span(text, heading):
    outside = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = list(_HEADING.finditer(outside))
    place = next(number for number, each in enumerate(found) if each[2] == heading)
    rank = len(found[place][1])
    following = (each.start() for each in found[place + 1 :] if len(each[1]) <= rank)
    return found[place].end(), next(following, len(text))


def headings(path, rank=None):
    return [each[2] for each in _HEADING.finditer(prose(path)) if rank is None or len(each[1]) == rank]


def rows(text):
    """Return the cells of every table row of a text, without heads and rules."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for number, line in enumerate(lines)
        if line.startswith("|")
        and not re.fullmatch(r"[|: -]+", line)
        and not (number + 1 < len(lines) and re.fullmatch(r"\|[|: -]+\|", lines[number + 1]))
    ]


def names(text):
    """Return the code names in the first column of every table of a text."""
    return [name for row in rows(text) for name in _CODE.findall(row[0])]


def codes(text):
    return _CODE.findall(text)


def links(path):
    return [target for target in _LINK.findall(prose(path)) if "://" not in target]


def anchors(path):
    """Return the anchors that a heading gets where the page is shown."""
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in headings(path)
    }
