"""Faults of a request with JSON pointers, and the exceptions that carry them to the error handler."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its JSON pointer, a code and a sentence."""

    pointer: str
    code: str
    detail: str

    def under(self, prefix: str) -> "Fault":
        """Return the fault with `prefix` before its pointer, for a document nested in another."""
        return Fault(prefix + self.pointer, self.code, self.detail)


class Invalid(Exception):
    """Input is refused as a whole, with every fault and not just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Take the faults in the order they were found."""
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


class Malformed(Invalid):
    """The body cannot be read at all: it is cut, or not what its type or coding says."""


class NotFound(Exception):
    """The resource does not exist in the caller's scope; one of another tenant gives the same error."""

    def __init__(self, what: str) -> None:
        """Take the kind of resource."""
        super().__init__(f"No such {what}.")


class Conflict(Exception):
    """The request is valid but conflicts with the present state of the resource."""

    def __init__(self, detail: str, code: str = "conflict") -> None:
        """Take the message and its code."""
        self.code = code
        super().__init__(detail)
