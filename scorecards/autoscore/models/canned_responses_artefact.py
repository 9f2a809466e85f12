"""A memo of canned sentences as bytes and back."""

from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models.safetensors_container import UnreadableModel, pack, unpack

_KIND = "canned"


def dump(memo: CannedResponses) -> bytes:
    """Return the memo as bytes; the same memo gives the same bytes."""
    return pack({"kind": _KIND, "memo": memo.as_json()}, {})


def load(data: bytes) -> CannedResponses:
    """Return the memo in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or of another kind.
    """
    facts, _ = unpack(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        return CannedResponses.of(facts["memo"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableModel(f"The memo does not hold together: {error!r}.") from error
