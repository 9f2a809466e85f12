"""What a file of an image is, told by its own bytes: PNG or JPEG, and how large (pure)."""

import struct
from typing import NamedTuple

PNG, JPEG = "image/png", "image/jpeg"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class Image(NamedTuple):
    """The media type of an image, and its size in pixels."""

    media_type: str
    width: int
    height: int


def image_of(data: bytes) -> Image | None:
    r"""Return what image some bytes are; None for anything else, such as SVG, which could hold programs.

    >>> image_of(b"<svg onload='alert(1)'/>")
    >>> image_of(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 120, 40) + bytes(9))
    Image(media_type='image/png', width=120, height=40)
    """
    if data.startswith(_PNG_START):
        return _png(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8\xff") else None


def _png(data: bytes) -> Image | None:
    if len(data) < 33 or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return Image(PNG, width, height)


def _jpeg(data: bytes) -> Image | None:
    """Walk over the segments up to the one that begins the frame."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _WITHOUT_LENGTH:
            place += 2
            continue
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return Image(JPEG, width, height)
        place += 2 + int(struct.unpack(">H", data[place + 2 : place + 4])[0])
    return None
