"""A memo of canned sentences as bytes and back."""

from scorecards.autoscore.annotation.canned_responses import CannedMemo
from scorecards.autoscore.models.safetensors_container import UnreadableModel, opened, sealed

_KIND = "canned"


def dump(memo: CannedMemo) -> bytes:
    """Return the memo as bytes; the same memo gives the same bytes."""
    return sealed({"kind": _KIND, "memo": memo.as_json()}, {})


def load(data: bytes) -> CannedMemo:
    """Return the memo in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or of another kind.
    """
    facts, _ = opened(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        return CannedMemo.of(facts["memo"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableModel(f"The memo does not hold together: {error!r}.") from error
