"""Faults of a request with JSON pointers, and the exceptions that carry them to the error handler."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its JSON pointer, a code and a sentence."""

    pointer: str
    code: str
    detail: str

    def under(self, prefix: str) -> "Fault":
        """Return the fault with `prefix` before its pointer, for a document nested in another."""
        return Fault(prefix + self.pointer, self.code, self.detail)


MAX_TOLD = 100
"""How many faults one answer tells; the others are counted."""
_MAX_POINTER = 300
_MAX_DETAIL = 500


class Told(Protocol):
    """What is told of a place in the input: a fault, or a deviation from a format."""

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place."""

    @property
    def code(self) -> str:
        """The code."""

    @property
    def detail(self) -> str:
        """A sentence."""


def told(found: Sequence[Told], most: int = MAX_TOLD) -> list[Fault]:
    """Return what an answer tells of what was found: the first, each of bounded length, and how many more.

    What is sent decides how many faults there are and how long the names in them; it must not decide how
    large the answer is.
    """
    listed = [
        Fault(_cut(each.pointer, _MAX_POINTER), each.code, _cut(each.detail, _MAX_DETAIL))
        for each in found[:most]
    ]
    if len(found) > most:
        listed.append(Fault("", "more", f"And {len(found) - most} more."))
    return listed


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


class Invalid(Exception):
    """Input is refused as a whole, with every fault and not just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Take the faults in the order they were found."""
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in told(self.faults)))


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
