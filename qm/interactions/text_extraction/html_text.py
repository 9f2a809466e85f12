"""Reads the lines of an HTML document, with what its mail program marked as quoted or a signature."""

import html
import re
from collections.abc import Callable, Mapping

from lxml import etree

_ELEMENTS = (
    "a|b|i|u|p|em|br|hr|ul|ol|li|dl|dt|dd|td|th|tr|div|h[1-6]|pre|sup|sub|del|ins|img|span|font|code|head|body|html"
    "|meta|link|form|main|small|strong|table|tbody|thead|tfoot|style|title|script|center|header|footer|section"
    "|article|blockquote|button|input|label|svg|iframe|o:p|strike|s|q|wbr|mark|time|nav|aside|figure|details|summary"
)
# Attributes have values: "a <b and c> d" is no element.
_MARKUP = re.compile(
    rf"<(?=[/!a-zA-Z])(?:/?(?:{_ELEMENTS})(?:\s[^<>=]*=[^<>]*|\s*/?)>|!--|!doctype\s)", re.IGNORECASE
)
_BREAKS = re.compile(
    r"<(?:br|p|div|tr|td|li|ul|ol|dl|table|pre|hr|h[1-6]|html|body|head|blockquote|center|section|article|header"
    r"|footer|main|form)[\s/>]",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_TAG = re.compile(r"<[^<>]*>")
_GAPS = re.compile(" {2,}")
_SPACES = re.compile(r"[ \t\r\n\f]+")


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


_SKIPPED = _words(
    "head title style script noscript template svg math object embed applet iframe frame audio video "
    "canvas select datalist textarea map meta link base param xml"
)
_BLOCKS = _words(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre "
    "section summary table tbody thead tfoot tr ul"
)
_PARAGRAPHS = _words("p h1 h2 h3 h4 h5 h6 blockquote ul ol table pre")
_CELLS = _words("td th")
_MARKED = _words("class id style hidden")

_HIDDEN_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|font-size:0(?:px|pt|em|rem|%)?(?:;|$|!)"
    r"|opacity:0(?:\.0+)?(?:;|$|!)|max-height:0(?:px)?(?:;|$|!))"
)
_INDENTED_STYLE = re.compile(r"border(?:-left)?:(?:none|0|medium none)")
_QUOTED_CLASSES = _words(
    "gmail_attr yahoo_quoted moz-cite-prefix moz-forward-container protonmail_quote tutanota_quote "
    "zmail_extra outlookmessageheader ms-outlook-mobile-reference-message zendesk_quoted "
    "freshdesk_quote ymail-quote hubspot_quote front-blockquote gorgias_quote"
)
_QUOTING_CLASSES = frozenset(("gmail_quote", "gmail_quote_container"))
_QUOTED_IDS = _words(
    "mail-editor-reference-message-container olk_src_body_section isreplycontent isforwardcontent "
    "replywithquote orig-message yahoo_quoted"
)
_PASSED_ON = re.compile("^(?:x_)+")
_REST_IDS = frozenset(("appendonsend", "divrplyfwdmsg", "stopspelling", "replysplit"))
_SIGNATURES = _words(
    "gmail_signature gmail_signature_prefix moz-signature protonmail_signature_block ms-outlook- "
    "mobile-signature signature applemailsignature ymail_android_signature yahoo-signature x-apple- "
    "signature"
)

# Tables of single digits have one element in ten characters.
_MOST_ELEMENTS, _CHARACTERS_AN_ELEMENT = 1_000, 10
_QUOTED = _QUOTED_CLASSES | _QUOTED_IDS | _SIGNATURES


def is_html(text: str) -> bool:
    """Whether a text has elements of HTML."""
    return "<" in text and _MARKUP.search(text) is not None


def resolve_references(text: str) -> str:
    """Return a plain text whose characters some system has written as references of HTML (`&#39;`)."""
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


def html_lines(source: str) -> tuple[list[str], list[bool]]:
    """
    Return the lines that a reader of an HTML document sees, and which are marked as quoted or a signature.

    Of a document nested without end, or made of tags with hardly a word between, all texts are returned.
    """
    if source.count("<") - source.count("</") > _MOST_ELEMENTS + len(source) // _CHARACTERS_AN_ELEMENT:
        return _texts(source), []
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_pis=True, remove_comments=True
    )
    root = etree.fromstring(source.replace("\x00", "").encode("utf-8", "ignore"), parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        return _texts(source), []
    lines = _Lines()
    # Where nothing else parts its lines, a text with a few tags in it is parted by line breaks.
    lines.preformatted = int("\n" in source and _BREAKS.search(source) is None)
    if root is not None:
        _walk(root, lines)
    return lines.all()


def _texts(source: str) -> list[str]:
    return resolve_references(_TAG.sub("\n", source)).strip().split("\n")


class _Lines:
    """Collects lines; `depth` counts the quoting elements around a place."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self.are_aside: list[bool] = []
        self.pieces: list[str] = []
        self.depth = 0
        self.preformatted = 0

    def add(self, text: str | None) -> None:
        if not text:
            return
        if self.preformatted:
            first, *others = text.splitlines() or [""]
            self.pieces.append(first)
            for other in others:
                self.end_any_line()
                self.pieces.append(other)
            return
        # Of what is printable, spaces alone may have to go.
        self.pieces.append(text if text.isprintable() else _SPACES.sub(" ", text))

    def end_line(self) -> None:
        """Finish the line, if there is anything in it."""
        if not self.pieces:
            return
        text = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
        # Most lines have neither two spaces in a row nor spaces that count.
        text = self._taken() if self.preformatted or "  " in text else text.strip()
        self.pieces = []
        if text:
            self.finished.append(text)
            self.are_aside.append(self.depth > 0)

    def end_any_line(self) -> None:
        """Finish the line, even if it is empty, as after a br."""
        self._finish(self._taken())

    def end_cell(self) -> None:
        self.pieces.append(" ")

    def end_paragraph(self) -> None:
        if self.pieces:
            self.end_line()
        if self.finished and self.finished[-1]:
            self._finish("")

    def _taken(self) -> str:
        text, self.pieces = "".join(self.pieces), []
        if self.preformatted:
            return text.rstrip()
        return _GAPS.sub(" ", text).strip() if "  " in text else text.strip()

    def _finish(self, line: str) -> None:
        self.finished.append(line)
        self.are_aside.append(self.depth > 0)

    def all(self) -> tuple[list[str], list[bool]]:
        self.end_line()
        while self.finished and not self.finished[-1]:
            self.finished.pop()
        return self.finished, self.are_aside[: len(self.finished)]


_SEPARATORS_BEHIND: Mapping[str, Callable[[_Lines], None]] = {
    **dict.fromkeys(_CELLS, _Lines.end_cell),
    **dict.fromkeys(_BLOCKS, _Lines.end_line),
    **dict.fromkeys(_PARAGRAPHS, _Lines.end_paragraph),
}
"""What parts the words before the edge of an element from those behind it."""

_SEPARATORS = {"br": _Lines.end_any_line, **_SEPARATORS_BEHIND}


def _walk(root: etree._Element, lines: _Lines) -> None:
    """Read a tree in the order of the document; iteratively, however deep it is."""
    walk = etree.iterwalk(root, events=("start", "end"))
    opened: list[int] = []
    for event, element in walk:
        if event == "start":
            quotations = _start(element, lines)
            opened.append(quotations)
            if quotations < 0:
                walk.skip_subtree()
        else:
            quotations, tag = opened.pop(), element.tag
            if quotations >= 0 and (separate := _SEPARATORS_BEHIND.get(tag)):
                separate(lines)
                if tag == "pre":
                    lines.preformatted -= 1
            if quotations > 0:
                lines.end_line()
                lines.depth -= quotations
            if (tail := element.tail) and element is not root:
                lines.add(tail)


def _start(element: etree._Element, lines: _Lines) -> int:
    """Begin an element; return how many quotations it opens, -1 if it is not read."""
    tag = element.tag
    is_marked = not _MARKED.isdisjoint(element.keys())
    if tag in _SKIPPED or (is_marked and _is_hidden(element)):
        return -1
    if separate := _SEPARATORS.get(tag):
        separate(lines)
    quotations = _quotations(element, tag, lines) if is_marked or tag == "blockquote" else 0
    if tag == "li":
        lines.pieces.append("- ")
    elif tag == "pre":
        lines.preformatted += 1
    if text := element.text:
        if lines.preformatted or not text.isprintable():
            lines.add(text)
        else:
            lines.pieces.append(text)
    return quotations


def _quotations(element: etree._Element, tag: str, lines: _Lines) -> int:
    """Return how many quotations an element opens."""
    names = _names(element)
    if not _REST_IDS.isdisjoint(names):
        lines.depth += 1  # never ended: all that follows is quoted
    quotes = int(_is_quoted(element, tag, names))
    if quotes:
        lines.end_line()
        lines.depth += quotes
    return quotes


def _style(element: etree._Element) -> str:
    return "".join((element.get("style") or "").lower().split())


def _is_hidden(element: etree._Element) -> bool:
    style = _style(element)
    return element.get("hidden") is not None or (style != "" and _HIDDEN_STYLE.search(style) is not None)


def _names(element: etree._Element) -> frozenset[str]:
    """Return classes and id; Outlook puts x_ in front of those it passes on."""
    written = f"{element.get('class') or ''} {element.get('id') or ''}"
    return frozenset(_PASSED_ON.sub("", name) for name in written.lower().split())


def _is_quoted(element: etree._Element, tag: str, names: frozenset[str]) -> bool:
    if tag == "blockquote":
        # Gmail indents paragraphs of its writer with a quotation without border.
        return _INDENTED_STYLE.search(_style(element)) is None
    if not names.isdisjoint(_QUOTED):
        return True
    # Answers between Gmail's quotations stand beside them; what it forwards has none.
    return not names.isdisjoint(_QUOTING_CLASSES) and next(element.iter("blockquote"), None) is None
