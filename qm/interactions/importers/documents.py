"""Reads documents of other formats; each has its own result, so a bad one does not fail the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import structlog

from qm.interactions.decoding import load_interaction
from qm.interactions.importers.imported import Deviation, ImportedDocument, NothingImported
from qm.interactions.importers.transcript import read_transcript
from qm.interactions.importers.vcon import reader as vcon
from qm.interactions.ndjson import read_lines
from tenants.http.contract import BYTE_ORDER_MARK
from tenants.http.duplicate_keys import DUPLICATE_KEY, duplicate_key_faults
from tenants.http.faults import Fault, Invalid, Malformed

_log = structlog.get_logger(__name__)

FORMATS: dict[str, Callable[[Mapping[str, Any]], ImportedDocument]] = {
    "transcript": read_transcript,
    "vcon": vcon.read_vcon,
}

Document = Mapping[str, Any] | Sequence[Fault]
"""A document, or the faults for which it cannot be read."""
Numbered = tuple[int, Document]


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One document of an import: its validated interactions and deviations, or its faults."""

    number: int
    interactions: tuple[dict[str, Any], ...] = ()
    deviations: tuple[Deviation, ...] = ()
    faults: tuple[Fault, ...] = ()
    own_key: str = ""


def read_documents(format_name: str, documents: Iterable[Numbered]) -> list[ImportedFile]:
    """
    Read documents of this format.

    Raises
    ------
    Invalid
        When the format is unknown.
    """
    reader = FORMATS.get(format_name)
    if reader is None:
        known = ", ".join(sorted(FORMATS))
        raise Invalid(
            [Fault("/query/format", "not_allowed", f"The formats that can be imported are: {known}.")]
        )
    return _under_their_originals([_read_one(reader, number, document) for number, document in documents])


def _under_their_originals(files: list[ImportedFile]) -> list[ImportedFile]:
    """Give versions of versions the external id of the first one, as far as it is in the same body."""
    keys = {file.own_key: each["external_id"] for file in files for each in file.interactions if file.own_key}
    return [
        replace(
            file,
            interactions=tuple(
                each | {"external_id": _original(each["external_id"], keys)} for each in file.interactions
            ),
        )
        for file in files
    ]


def _original(key: str, keys: Mapping[str, str]) -> str:
    seen = {key}
    while key in keys and keys[key] not in seen:
        key = keys[key]
        seen.add(key)
    return key


def numbered_documents(body: bytes) -> Iterator[Numbered]:
    """
    Return the documents of a body: one JSON document, a JSON array of them, or one per line.

    Raises
    ------
    Invalid
        When the body as a whole cannot be read.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        document = msgspec.json.decode(body)
        duplicates = duplicate_key_faults(body, document) if isinstance(document, dict) else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = None
    if isinstance(document, dict):
        return iter([(1, duplicates or document)])
    content_type = "application/json" if isinstance(document, list) else "application/x-ndjson"
    lines = list(read_lines(body, content_type))
    faults = [fault for line in lines for fault in line.faults]
    if not any(line.data for line in lines) and all(fault.code != DUPLICATE_KEY for fault in faults):
        raise Malformed(faults[:1] or [Fault("", "empty", "There is nothing in it.")])
    return ((line.number, line.faults or line.data or {}) for line in lines)


def _read_one(
    reader: Callable[[Mapping[str, Any]], ImportedDocument], number: int, document: Document
) -> ImportedFile:
    if not isinstance(document, Mapping):
        return ImportedFile(number, faults=tuple(document))
    try:
        imported = reader(document)
    except NothingImported as refused:
        return ImportedFile(number, deviations=refused.deviations, faults=tuple(refused.faults))
    except Invalid as refused:
        return ImportedFile(number, faults=tuple(refused.faults))
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        # Whatever a library trips over in one document harms no other document.
        _log.exception("document_unreadable", number=number)
        return ImportedFile(number, faults=(Fault("", "unreadable", "This document cannot be read."),))
    try:
        interactions = tuple(
            load_interaction(each, texts_extracted=imported.texts_extracted) for each in imported.interactions
        )
    except Invalid as refused:
        return ImportedFile(number, deviations=imported.deviations, faults=tuple(refused.faults))
    return ImportedFile(number, interactions, imported.deviations, own_key=imported.own_key)
