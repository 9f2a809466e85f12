"""Request bodies: read whole or refused, whatever their transfer encoding, and decompressed within bounds."""

import io
import zlib
from typing import IO

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property

from tenants.http.faults import Fault, Malformed

# zlib's window sizes: gzip's header, zlib's, and none.
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
CODINGS = ("gzip", "deflate")


class UnknownCoding(Exception):
    """The `Content-Encoding` of the body is none that is read here."""

    def __init__(self) -> None:
        """Set the message, and the header field that names what is read (RFC 7694)."""
        self.headers = {"Accept-Encoding": ", ".join(CODINGS)}
        super().__init__(f"Send the body plain, or with one of these codings: {', '.join(CODINGS)}.")


class BoundedRequest(Request):
    """A request whose body is complete, plain and within the limit, or refused before anything is done.

    Werkzeug alone cuts a chunked body at the limit without a word. Here one byte more than the limit is read.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body as a stream, decompressed.

        Raises
        ------
        RequestEntityTooLarge
            When the body, as it was sent or decompressed, is larger than the limit.
        UnknownCoding
            For a content coding other than gzip and deflate.
        Malformed
            When the body is not what its coding says.
        """
        limit = self.max_content_length
        length = self.content_length
        if limit is None:
            return super().stream
        if length is not None and length > limit:
            raise RequestEntityTooLarge
        coding = self.headers.get("Content-Encoding", "").strip().lower()
        return io.BytesIO(decompressed(self._read(length, limit), coding, limit))

    def _read(self, length: int | None, limit: int) -> bytes:
        if length is None and "wsgi.input_terminated" not in self.environ:
            return b""
        source = self.environ["wsgi.input"]
        wanted = limit + 1 if length is None else length
        parts: list[bytes] = []
        while wanted > 0 and (part := source.read(min(wanted, 2**20))):
            parts.append(part)
            wanted -= len(part)
        if length is None and wanted == 0:
            raise RequestEntityTooLarge
        if length is not None and wanted:
            detail = f"The body ends {wanted} bytes before the length it declares."
            raise Malformed([Fault("", "cut", detail)])
        return b"".join(parts)


def decompressed(body: bytes, coding: str, limit: int) -> bytes:
    """Return the body without its content coding.

    Raises
    ------
    RequestEntityTooLarge
        When it is larger than the limit; not more than that is decompressed.
    UnknownCoding
        For a coding other than gzip and deflate.
    Malformed
        When the body is not what the coding says.
    """
    if coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise UnknownCoding
    if not body:
        return body
    window = _GZIP if coding != "deflate" else _deflate_window(body)
    parts: list[bytes] = []
    room, rest = limit, body
    # A gzip body may have several members, one after another.
    while rest:
        reader = zlib.decompressobj(window)
        try:
            part = reader.decompress(rest, room + 1)
        except zlib.error as error:
            raise Malformed([Fault("", "bad_coding", f"The body is not {coding}: {error}.")]) from error
        if len(part) > room:
            raise RequestEntityTooLarge
        if not reader.eof:
            raise Malformed([Fault("", "cut", f"The body ends before its {coding} coding does.")])
        parts.append(part)
        room, rest = room - len(part), reader.unused_data
    return b"".join(parts)


def _deflate_window(body: bytes) -> int:
    """Tell zlib's format, which HTTP calls deflate, from raw deflate, which some send under that name."""
    has_header = len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _ZLIB if has_header else _RAW
