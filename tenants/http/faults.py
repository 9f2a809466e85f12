"""What can be wrong with a request, in words and places: raised anywhere, answered in one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with its place (JSON pointer), a code and a sentence."""

    pointer: str
    code: str
    detail: str

    def under(self, prefix: str) -> "Fault":
        """Return the same fault seen from a document that holds this one at `prefix`."""
        return Fault(prefix + self.pointer, self.code, self.detail)


class Invalid(Exception):
    """Input that is refused as a whole; carries every fault found, not just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order they were found."""
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


class NotFound(Exception):
    """No such thing in what the caller may see; another tenant's thing looks the same."""

    def __init__(self, what: str) -> None:
        """Name the kind of thing, never whether it exists elsewhere."""
        super().__init__(f"No such {what}.")


class Conflict(Exception):
    """The request is well formed but does not fit the present state of the thing it names."""

    def __init__(self, detail: str, code: str = "conflict") -> None:
        """Say what stands in the way."""
        self.code = code
        super().__init__(detail)
