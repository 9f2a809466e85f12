"""Which labelled interactions teach a model and which prove it, decided once for each and for ever (pure)."""

import hashlib
import hmac
from uuid import UUID

from scorecards.sampling.inclusion import draw_number

HOLDOUT_SHARE = 1 / 3
"""Share of the interactions that no model ever learns from: they tell how good it is."""


def holdout_key(sampling_key: bytes) -> bytes:
    """Return the key of the split: from the secret, and of no use for guessing who is drawn for review."""
    return hmac.digest(sampling_key, b"proving", hashlib.sha256)


def in_holdout(key: bytes, interaction_id: UUID) -> bool:
    """Tell whether an interaction belongs to the third that proves.

    A keyed hash of the id decides, so that the answer never changes, no one can choose it, and it has
    nothing to do with what was said.

    Examples
    --------
    >>> key = proving_key(b"sixteen bytes at least")
    >>> sum(proves(key, UUID(int=number)) for number in range(3000))
    982
    """
    return draw_number(key, "proving", interaction_id) < HOLDOUT_SHARE
