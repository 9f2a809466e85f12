"""Plain facts and arrays as bytes and back, checked before anything is believed."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

FORMAT = 1
"""Raised whenever an older release could not read what a newer one writes."""

_MAGIC = b"QMLM"
_HEAD = len(_MAGIC) + 2 + 32
_LARGEST = 1 << 28

Arrays = Mapping[str, NDArray[Any]]


class UnreadableModel(Exception):
    """An artefact that is no model this release can use; the message says why."""

    @property
    def reason(self) -> str:
        """Why it cannot be used."""
        return str(self.args[0])


def pack(facts: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return facts and arrays as bytes: name, format, digest, then the rest compressed."""
    written = json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    plain = {"facts": np.frombuffer(written.encode(), dtype=np.uint8), **arrays}
    body = zlib.compress(save_arrays({name: np.ascontiguousarray(plain[name]) for name in sorted(plain)}), 6)
    head = _MAGIC + FORMAT.to_bytes(2, "big")
    return head + hashlib.sha256(head + body).digest() + body


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the facts and arrays of sealed bytes.

    Raises
    ------
    UnreadableModel
        When they are of another kind, of a newer format, cut short or changed.
    """
    head, digest, body = data[:6], data[6:_HEAD], data[_HEAD:]
    if head[:4] != _MAGIC:
        raise UnreadableModel("This is not a learned model.")
    written = int.from_bytes(head[4:], "big")
    if written != FORMAT:
        raise UnreadableModel(f"The model has format {written}; this release reads format {FORMAT}.")
    if hashlib.sha256(head + body).digest() != digest:
        raise UnreadableModel("The model is damaged: its content does not fit its digest.")
    unpacker = zlib.decompressobj()
    try:
        arrays = load_arrays(unpacker.decompress(body, _LARGEST))
        facts = json.loads(arrays.pop("facts").tobytes())
    except (zlib.error, SafetensorError, KeyError, ValueError) as error:
        raise UnreadableModel(f"The model cannot be taken apart: {error}.") from error
    return facts, arrays
