"""Decodes the bodies of dialogs and analyses: their encoding, media type and character set."""

import base64
import binascii
import re
from email.message import Message
from typing import Any

import msgspec

from qm.interactions.importers.imported import DeviationLog
from qm.interactions.text_extraction.mime_text import Undecodable, decode_charset, is_mime, message_text
from tenants.http.duplicate_keys import DUPLICATE_KEY, duplicate_key_faults

_BASE64_NAMES = ("base64url", "base64")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_WORDLESS = ("image/", "audio/", "video/", "application/pdf", "application/octet-stream", "application/zip")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def decode_body(body: Any, encoding: Any, pointer: str, notes: DeviationLog, media_type: str = "") -> Any:
    """
    Return the content of a body: text or parsed JSON, even if its declared encoding is wrong.

    The text of a MIME message is its plain text or HTML. What cannot be decoded is None, with a deviation.
    """
    if not isinstance(body, str):
        if encoding != "json":
            notes.add(
                f"{pointer}/body", "body_not_text", "The body should be text; its JSON was read as it is."
            )
        return body
    try:
        text = _decoded_text(body, encoding, pointer, notes, media_type)
    except Undecodable:
        notes.add(f"{pointer}/body", "undecodable", "The body cannot be decoded; its text was left out.")
        return None
    if text.lstrip()[:1] in {"{", "["} or encoding == "json":
        try:
            document = msgspec.json.decode(text)
            duplicates = duplicate_key_faults(text, document)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            if encoding == "json":
                notes.add(f"{pointer}/body", "not_json", "The body is not JSON; it was read as text.")
        else:
            if duplicates:
                detail = (
                    f"{duplicates[0].detail} (in the body: {duplicates[0].pointer}); the last one was read."
                )
                notes.add(f"{pointer}/body", DUPLICATE_KEY, detail)
            return document
    return text


def _decoded_text(body: str, encoding: Any, pointer: str, notes: DeviationLog, media_type: str) -> str:
    kind = media_type.casefold()
    content: str | bytes = body
    if encoding in _BASE64_NAMES:
        decoded = _from_base64(body)
        if decoded is None:
            notes.add(f"{pointer}/body", "not_base64url", "The body is not base64url; it was read as it is.")
        else:
            content = decoded
    if kind.startswith(_WORDLESS):
        raise Undecodable
    start = content[:20_000].decode("latin-1") if isinstance(content, bytes) else content
    if kind.startswith(("multipart/", "message/")) or is_mime(start):
        return message_text(content, media_type).text
    if isinstance(content, bytes):
        content = decode_charset(content, _charset(media_type))
        if _CONTROLS.search(content):
            raise Undecodable
    return content


def is_mime_body(body: Any, encoding: Any) -> bool:
    """Whether a body is the source of a MIME message."""
    if not isinstance(body, str):
        return False
    decoded = _from_base64(body) if encoding in _BASE64_NAMES else None
    return is_mime(body if decoded is None else decoded[:20_000].decode("latin-1"))


def _from_base64(body: str) -> bytes | None:
    joined = "".join(body.split())
    if _BASE64.fullmatch(joined) is None:
        return None
    joined = joined.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        return base64.b64decode(joined + "=" * (-len(joined) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


def _charset(media_type: str) -> str | None:
    message = Message()
    message["Content-Type"] = media_type.replace("\n", " ").replace("\r", " ")
    return message.get_content_charset()
