"""What interactions became when masked: one that is pushed again need not be masked to be seen unchanged.

Kept in memory, for this process only, and under a key of its own: a digest of unmasked text that is stored
would let whoever reads the database try telephone numbers until one fits.
"""

import hashlib
import os
import threading
from collections import OrderedDict

MAX_KEPT = 20_000


class MaskedDigests:
    """The digests of masked interactions by those of what was pushed; the longest unused are dropped."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        """Begin with none."""
        self._max_kept, self._key = max_kept, os.urandom(32)
        self._digests: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def key_of(self, pushed: bytes) -> bytes:
        """Return under what an interaction is kept, as it was pushed."""
        return hashlib.blake2b(pushed, digest_size=24, key=self._key).digest()

    def get(self, key: bytes) -> bytes | None:
        """Return the digest of the masked interaction, if it is known."""
        with self._lock:
            digest = self._digests.get(key)
            if digest is not None:
                self._digests.move_to_end(key)
            return digest

    def keep(self, key: bytes, digest: bytes) -> None:
        """Keep the digest of a masked interaction."""
        with self._lock:
            self._digests[key] = digest
            self._digests.move_to_end(key)
            if len(self._digests) > self._max_kept:
                self._digests.popitem(last=False)
