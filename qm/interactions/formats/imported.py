"""What every reader of a foreign format gives back: interactions, and how the document was off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


@dataclass(slots=True)
class Notes:
    """Collects deviations while a document is read; says each only once."""

    deviations: dict[tuple[str, str], Deviation] = field(default_factory=dict)

    def say(self, pointer: str, code: str, detail: str) -> None:
        """Note a deviation."""
        self.deviations.setdefault((pointer, code), Deviation(pointer, code, detail))
