"""Bulk ingestion: each line is validated on its own, and the valid ones are stored together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from sqlalchemy.orm import Session

from qm import metrics
from qm.interactions import intake
from qm.interactions.decoding import load_interaction
from qm.interactions.fields import MAX_NAME_LENGTH
from qm.interactions.importers.documents import Numbered, read_documents
from qm.interactions.ndjson import read_lines
from qm.interactions.versions import under_stored_originals
from tenants.http.contract import BYTES_TYPE, JSON_TYPES
from tenants.http.faults import Fault, Invalid, Told, told
from tenants.models import Client

LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", BYTES_TYPE)
NDJSON_TYPES = (*LINE_TYPES, *JSON_TYPES)
IMPORT_TYPES = (*NDJSON_TYPES, "application/vcon", "application/vcon+json")


MAX_TOLD_A_LINE = 10
MAX_TOLD_IN_ALL = 2_000
"""Faults, and deviations, that one answer tells; each line tells its first in any case."""


class Teller:
    """Bounds what one answer tells of many lines, as soon as it is found."""

    def __init__(self) -> None:
        """Begin an answer."""
        self._left = MAX_TOLD_IN_ALL

    def tell(self, found: Sequence[Told]) -> list[Fault]:
        """Return what is told of one line."""
        listed = told(found, max(1, min(MAX_TOLD_A_LINE, self._left)))
        self._left -= len(listed)
        return listed


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One line or document: a valid interaction, or its faults.

    `deviations` are those of an imported document from its format; None for QM's own format.
    """

    line: int
    external_id: str | None
    interaction: dict[str, Any] | None
    faults: Sequence[Fault] = ()
    deviations: Sequence[Fault] | None = None


def store_lines(
    session: Session, redis: Redis, client: Client, *, body: bytes, media_type: str
) -> dict[str, Any]:
    """Store the valid lines of a bulk body and return a result for every line."""
    teller = Teller()
    return _store(session, redis, client, [_item(line, teller) for line in read_lines(body, media_type)])


def import_documents(
    session: Session, redis: Redis, client: Client, documents: Iterable[Numbered], *, form: str
) -> dict[str, Any]:
    """Store the interactions of documents in another format; return a result with deviations for each."""
    items: list[BulkItem] = []
    faults, deviations = Teller(), Teller()
    for document in under_stored_originals(session, client, read_documents(form, documents)):
        strays = deviations.tell(document.deviations)
        if document.faults:
            items.append(BulkItem(document.number, None, None, faults.tell(document.faults), strays))
        items += [
            BulkItem(document.number, interaction["external_id"], interaction, (), strays)
            for interaction in document.interactions
        ]
    return _store(session, redis, client, items)


def _item(line: Any, teller: Teller) -> BulkItem:
    if line.faults:
        return BulkItem(line.number, None, None, teller.tell(line.faults))
    external_id = line.data.get("external_id")
    named = external_id[:MAX_NAME_LENGTH] if isinstance(external_id, str) else None
    try:
        return BulkItem(line.number, named, load_interaction(line.data))
    except Invalid as refused:
        return BulkItem(line.number, named, None, teller.tell(refused.faults))


def _store(session: Session, redis: Redis, client: Client, items: Sequence[BulkItem]) -> dict[str, Any]:
    valid = [item.interaction for item in items if item.interaction is not None]
    recorded = iter(intake.store_interactions(session, redis, client, valid))
    results = [_result(item, recorded) for item in items]
    counts = Counter(result["status"] for result in results)
    metrics.RECEIVED.labels("rejected").inc(counts["rejected"])
    return {
        "data": results,
        **{status: counts[status] for status in ("created", "updated", "unchanged", "rejected")},
    }


def _result(item: BulkItem, recorded: Iterator[intake.Recorded]) -> dict[str, Any]:
    stored = None if item.interaction is None else next(recorded)
    result: dict[str, Any] = {
        "line": item.line,
        "external_id": item.external_id,
        "id": stored.interaction_id if stored else None,
        "status": stored.status if stored else "rejected",
        "errors": item.faults,
    }
    return result if item.deviations is None else {**result, "deviations": item.deviations}
