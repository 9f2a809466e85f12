"""Serializes JSON metadata and arrays to bytes and back, verified by a digest before anything is read."""

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
"""Format version; incremented whenever an older release could not read what a newer one writes."""

_MAGIC = b"QMLM"
_HEADER_BYTES = len(_MAGIC) + 2 + 32
_MAX_BYTES = 1 << 28

Arrays = Mapping[str, NDArray[Any]]


class UnreadableModel(Exception):
    """An artefact that is no model this release can use; the message says why."""

    @property
    def reason(self) -> str:
        """Why it cannot be used."""
        return str(self.args[0])


def pack(metadata: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return metadata and arrays as bytes: magic number, format, SHA-256, then compressed safetensors."""
    encoded = json.dumps(metadata, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    stored = {"facts": np.frombuffer(encoded.encode(), dtype=np.uint8), **arrays}
    contiguous = {name: np.ascontiguousarray(stored[name]) for name in sorted(stored)}
    body = zlib.compress(save_arrays(contiguous), 6)
    head = _MAGIC + FORMAT.to_bytes(2, "big")
    return head + hashlib.sha256(head + body).digest() + body


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the metadata and arrays of packed bytes.

    Raises
    ------
    UnreadableModel
        When they are of another kind, of a newer format, cut short or changed.
    """
    head, digest, body = data[:6], data[6:_HEADER_BYTES], data[_HEADER_BYTES:]
    if head[:4] != _MAGIC:
        raise UnreadableModel("This is not a learned model.")
    found = int.from_bytes(head[4:], "big")
    if found != FORMAT:
        raise UnreadableModel(f"The model has format {found}; this release reads format {FORMAT}.")
    if hashlib.sha256(head + body).digest() != digest:
        raise UnreadableModel("The model is damaged: its content does not fit its digest.")
    decompressor = zlib.decompressobj()
    try:
        arrays = load_arrays(decompressor.decompress(body, _MAX_BYTES))
        metadata = json.loads(arrays.pop("facts").tobytes())
    except (zlib.error, SafetensorError, KeyError, ValueError) as error:
        raise UnreadableModel(f"The model cannot be taken apart: {error}.") from error
    return metadata, arrays
