"""Serializes counts of canned responses."""

from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models.safetensors_container import UnreadableModel, pack, unpack

_KIND = "canned"


def dump(canned_responses: CannedResponses) -> bytes:
    """Return the counts as bytes; equal counts give equal bytes."""
    return pack({"kind": _KIND, "memo": canned_responses.as_json()}, {})


def load(data: bytes) -> CannedResponses:
    """Return the counts in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or of another kind.
    """
    metadata, _ = unpack(data)
    try:
        if metadata["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {metadata['kind']}, not of {_KIND}.")
        return CannedResponses.of(metadata["memo"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableModel(f"The memo does not hold together: {error!r}.") from error
