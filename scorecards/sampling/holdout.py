"""Train/holdout split of labelled interactions by a keyed hash, the same for every model (pure)."""

import hashlib
import hmac
from uuid import UUID

from scorecards.sampling.inclusion import draw_number

HOLDOUT_SHARE = 1 / 3
"""Share of the interactions that are used for evaluation only, never for training."""


def holdout_key(sampling_key: bytes) -> bytes:
    """Derive the key of the split from the sampling key, so that it reveals nothing about the sampling.

    Parameters
    ----------
    sampling_key : bytes
        The server's secret.

    Returns
    -------
    bytes
        HMAC-SHA256, 32 bytes.
    """
    return hmac.digest(sampling_key, b"proving", hashlib.sha256)


def in_holdout(key: bytes, interaction_id: UUID) -> bool:
    """Tell whether an interaction belongs to the holdout set.

    A keyed hash of the id decides: the split is stable, cannot be influenced by users, and is independent of
    the content.

    Parameters
    ----------
    key
        As of `holdout_key`, at least 16 bytes.
    interaction_id
        Id of the interaction.

    Raises
    ------
    ValueError
        When the key has fewer than 16 bytes.

    Examples
    --------
    >>> key = holdout_key(b"sixteen bytes at least")
    >>> sum(in_holdout(key, UUID(int=number)) for number in range(3000))
    982
    """
    return draw_number(key, "proving", interaction_id) < HOLDOUT_SHARE
