"""Reads the text of MIME messages with the standard library's email package."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import InvalidBase64CharactersDefect, InvalidBase64LengthDefect
from email.message import Message

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:")
# "Content-Type: text/plain is what you need" is a sentence.
_CONTENT_TYPE = re.compile(
    r"^(?:content-type\s*:\s*[\w.+-]+/[\w.+-]+\s*(?:[;(]|$)|content-type\s*:\s*text\s*$|mime-version\s*:\s*\d[\d.]*\s*(?:\(|$))",
    re.IGNORECASE | re.MULTILINE,
)
_END_OF_HEADER = re.compile(r"\r?\n[ \t]*\r?\n")
_END_OF_HEADER_BYTES = re.compile(rb"\n[ \t]*\r?\n")
_DELIMITER = re.compile(r"\s*--([^\s-][^\r\n]{0,69}?)[ \t]*\r?\n(?=[^\r\n]*:)")
_MAX_HEADER = 20_000
# Of more lines of headers only those are parsed that tell how to read the message.
_MAX_HEADER_LINES = 200
_OTHER_HEADER = re.compile(
    rb"^(?!content-|mime-)[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*+", re.IGNORECASE | re.MULTILINE
)
# Text that is no message: invitations, cards, styles.
_DATA = frozenset(
    ("text/calendar", "text/css", "text/csv", "text/vcard", "text/x-vcard", "text/x-amp-html", "text/rtf")
)
_BROKEN = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect)


class Undecodable(ValueError):
    """A message whose text cannot be decoded."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of a message and its media type, text/plain or text/html."""

    text: str
    media_type: str


def is_mime(text: str) -> bool:
    """Whether a text is the source of a MIME message: it starts with its headers or with a part."""
    start = text.lstrip()[:_MAX_HEADER]
    if start.startswith("--"):
        delimiter = _DELIMITER.match(start)
        return delimiter is not None and _CONTENT_TYPE.match(start, delimiter.end()) is not None
    if _HEADER.match(start) is None:
        return False
    header = _END_OF_HEADER.split(start, maxsplit=1)[0]
    if header == start and "\n" not in start.rstrip():
        return False  # one line by itself is what somebody says of such a line
    return _CONTENT_TYPE.search(header) is not None


def message_text(source: str | bytes, content_type: str = "") -> MessageText:
    """
    Return the text of a message: its plain text, otherwise its HTML.

    Parameters
    ----------
    source
        The message, with or without its headers.
    content_type
        The media type with parameters that the source has no header for.

    Raises
    ------
    Undecodable
        When it has no text, or one whose encoding or character set is broken or unknown.
    """
    raw = source.encode("utf-8", "surrogateescape") if isinstance(source, str) else source
    try:
        message = email.message_from_bytes(_header_for(raw, content_type) + _few_headers(raw.lstrip()))
        texts = _texts(message)
    except (RecursionError, LookupError, ValueError) as error:
        raise Undecodable from error
    for media_type in ("text/plain", "text/html"):
        found = [text for kind, text in texts if kind == media_type and text.strip()]
        if found:
            # A message can spell out NUL and half surrogates, which JSON cannot hold.
            whole = "\n".join(found).replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
            return MessageText(whole.replace("\r\n", "\n"), media_type)
    if not texts:
        raise Undecodable
    return MessageText("", "text/plain")


def _kind(part: Message) -> str:
    """Return text/html, text/plain for whatever else holds words ("text/enriched"), or the type of data."""
    kind = part.get_content_type()
    return kind if kind == "text/html" or kind.split()[0] in _DATA else "text/plain"


def _header_for(raw: bytes, content_type: str) -> bytes:
    start = raw[:_MAX_HEADER].decode("latin-1")
    if is_mime(start) and not start.lstrip().startswith("--"):
        return b""
    kind = content_type.strip()
    delimiter = _DELIMITER.match(start)
    if delimiter and "boundary" not in kind.lower():
        kind = kind if kind.startswith("multipart/") else "multipart/mixed"
        kind = f'{kind.partition(";")[0]}; boundary="{delimiter[1]}"'
    return f"Content-Type: {kind or 'text/plain'}\r\n\r\n".encode("utf-8", "replace")


def _few_headers(raw: bytes) -> bytes:
    """Return a message without headers that nothing here reads, if it has more than any mail."""
    end = _END_OF_HEADER_BYTES.search(raw)
    header, body = (raw[: end.start() + 1], raw[end.start() + 1 :]) if end else (raw, b"")
    return _OTHER_HEADER.sub(b"", header) + body if header.count(b"\n") > _MAX_HEADER_LINES else raw


def _texts(message: Message) -> list[tuple[str, str]]:
    """Return media type and text of the parts that are no attachments; an attached mail is one."""
    found: list[tuple[str, str]] = []
    for part in _parts(message):
        if part.get_content_maintype() == "multipart":
            if not part.is_multipart():
                raise Undecodable
        elif part.get_content_maintype() == "message":
            found.append(("text/plain", ""))
        elif part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            found.append((_kind(part), _part_text(part)))
    return found


def _parts(message: Message) -> Iterator[Message]:
    """Yield a message and its parts, without those of attached messages, unless it is one and no more."""
    parts = _payload(message)
    if message.get_content_type() == "message/rfc822" and parts:
        message, parts = parts[0], _payload(parts[0])
    yield message
    if message.get_content_maintype() == "multipart":
        for part in parts:
            yield from (part,) if part.get_content_maintype() == "message" else _parts(part)


def _payload(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _part_text(part: Message) -> str:
    content = part.get_payload(decode=True)
    encoding = str(part.get("content-transfer-encoding") or "").strip().lower()
    if not isinstance(content, bytes) or any(isinstance(each, _BROKEN) for each in part.defects):
        raise Undecodable
    if encoding not in {"", "7bit", "8bit", "binary", "base64", "quoted-printable"}:
        raise Undecodable
    return decode_charset(content, part.get_content_charset())


def decode_charset(content: bytes, charset: str | None) -> str:
    """Return bytes as text; without a character set, UTF-8 or else Windows-1252, which old programs mean."""
    if charset is None or charset.lower() in {"us-ascii", "ascii", "unknown-8bit"}:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")
    try:
        text = content.decode(charset, "replace")
    except (LookupError, ValueError, AssertionError) as error:
        raise Undecodable from error
    if not isinstance(text, str):
        raise Undecodable
    return text.removeprefix("\ufeff")
