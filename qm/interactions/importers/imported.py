"""What every reader of a foreign format gives back: interactions, and how the document was off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.http.faults import Fault, Invalid


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing in a foreign document that was not as it should be, and what was made of it."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The interactions of one foreign document, as they would have been pushed, and its deviations."""

    interactions: tuple[Mapping[str, Any], ...]
    deviations: tuple[Deviation, ...] = ()


class NothingImported(Invalid):
    """A document that holds nothing to import, with how it was off: often that is the reason."""

    def __init__(self, faults: Iterable[Fault], deviations: Iterable[Deviation]) -> None:
        """Keep both."""
        super().__init__(faults)
        self.deviations = tuple(deviations)


@dataclass(slots=True)
class Notes:
    """Collects deviations while a document is read; says each only once."""

    deviations: dict[tuple[str, str], Deviation] = field(default_factory=dict)

    def say(self, pointer: str, code: str, detail: str) -> None:
        """Note a deviation."""
        self.deviations.setdefault((pointer, code), Deviation(pointer, code, detail))
