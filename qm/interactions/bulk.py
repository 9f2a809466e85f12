"""Bulk ingestion: each line is validated on its own, and the valid ones are stored together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from sqlalchemy.orm import Session

from qm import metrics
from qm.interactions import intake
from qm.interactions.decoding import load_interaction
from qm.interactions.importers.documents import read_documents
from qm.interactions.importers.imported import Deviation
from qm.interactions.ndjson import read_lines
from tenants.http.contract import BYTES_TYPE, JSON_TYPES
from tenants.http.faults import Fault, Invalid
from tenants.models import Client

LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", BYTES_TYPE)
NDJSON_TYPES = (*LINE_TYPES, *JSON_TYPES)
IMPORT_TYPES = (*NDJSON_TYPES, "application/vcon", "application/vcon+json")


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One line or document: a valid interaction, or its faults.

    `deviations` are those of an imported document from its format; None for QM's own format.
    """

    line: int
    external_id: str | None
    interaction: dict[str, Any] | None
    faults: Sequence[Fault] = ()
    deviations: Sequence[Deviation] | None = None


def store_lines(
    session: Session, redis: Redis, client: Client, *, body: bytes, media_type: str
) -> dict[str, Any]:
    """Store the valid lines of a bulk body and return a result for every line."""
    return _store(session, redis, client, [_item(line) for line in read_lines(body, media_type)])


def import_documents(
    session: Session, redis: Redis, client: Client, *, body: bytes, form: str
) -> dict[str, Any]:
    """Store the interactions of documents in another format; return a result with deviations for each."""
    items: list[BulkItem] = []
    for document in read_documents(form, body):
        if document.faults:
            items.append(BulkItem(document.number, None, None, document.faults, document.deviations))
        items += [
            BulkItem(document.number, interaction["external_id"], interaction, (), document.deviations)
            for interaction in document.interactions
        ]
    return _store(session, redis, client, items)


def _item(line: Any) -> BulkItem:
    if line.fault is not None:
        return BulkItem(line.number, None, None, [line.fault])
    return _validated(line.number, line.data)


def _validated(number: int, data: Any) -> BulkItem:
    external_id = data.get("external_id") if isinstance(data, dict) else None
    named = external_id if isinstance(external_id, str) else None
    try:
        return BulkItem(number, named, load_interaction(data))
    except Invalid as refused:
        return BulkItem(number, named, None, refused.faults)


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
