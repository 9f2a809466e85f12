"""Results of importers: interactions, and the document's deviations from its format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.http.faults import Fault, Invalid

VERSION_FACT = "version_uuid"
"""The custom fact with the key of the newest document of a conversation that is a version of another."""

BAD_CUE = "The times of a cue cannot be right; its words were kept, without a time where none can be read."


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where a document deviates from its format, and how it was interpreted."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """The interactions of one document, as in a push request, and the document's deviations.

    `own_key` is the external id the document would have if it were no version of another one, and
    `texts_extracted` says that the texts of turns need not be read out of HTML, MIME and mail any more.
    """

    interactions: tuple[Mapping[str, Any], ...]
    deviations: tuple[Deviation, ...] = ()
    own_key: str = ""
    texts_extracted: bool = False


class NothingImported(Invalid):
    """A document without a conversation to import, with its deviations, which are often the reason."""

    def __init__(self, faults: Iterable[Fault], deviations: Iterable[Deviation]) -> None:
        """Set the faults and the deviations."""
        super().__init__(faults)
        self.deviations = tuple(deviations)


@dataclass(slots=True)
class DeviationLog:
    """Collects the deviations of a document while it is read; each code once per place."""

    deviations: dict[tuple[str, str], Deviation] = field(default_factory=dict)

    def add(self, pointer: str, code: str, detail: str) -> None:
        """Add a deviation."""
        self.deviations.setdefault((pointer, code), Deviation(pointer, code, detail))
