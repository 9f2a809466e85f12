"""Many interactions at once: each line is judged on its own, and the good ones are stored together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from sqlalchemy.orm import Session

from qm import metrics
from qm.interactions import intake
from qm.interactions.decoding import load_interaction
from qm.interactions.importers.documents import read
from qm.interactions.importers.imported import Deviation
from qm.interactions.ndjson import read_lines
from tenants.http.faults import Fault, Invalid
from tenants.models import Client

NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json")
IMPORT_TYPES = (*NDJSON_TYPES, "application/vcon", "application/vcon+json", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Item:
    """One line or document: an interaction that can be stored, or what is wrong with it.

    `deviations` tells where a document strays from its foreign format; None for our own.
    """

    line: int
    external_id: str | None
    interaction: dict[str, Any] | None
    faults: Sequence[Fault] = ()
    deviations: Sequence[Deviation] | None = None


def push(session: Session, redis: Redis, client: Client, *, body: bytes, media_type: str) -> dict[str, Any]:
    """Store the good lines of a bulk body and say what became of every line."""
    return _stored(session, redis, client, [_item(line) for line in read_lines(body, media_type)])


def bring_in(session: Session, redis: Redis, client: Client, *, body: bytes, form: str) -> dict[str, Any]:
    """Store the interactions of a foreign document and say what became of each, deviations included."""
    items: list[Item] = []
    for found in read(form, body):
        if found.faults:
            items.append(Item(found.number, None, None, found.faults, found.deviations))
        items += [
            Item(found.number, interaction["external_id"], interaction, (), found.deviations)
            for interaction in found.interactions
        ]
    return _stored(session, redis, client, items)


def _item(line: Any) -> Item:
    if line.fault is not None:
        return Item(line.number, None, None, [line.fault])
    return _checked(line.number, line.data)


def _checked(number: int, data: Any) -> Item:
    external_id = data.get("external_id") if isinstance(data, dict) else None
    named = external_id if isinstance(external_id, str) else None
    try:
        return Item(number, named, load_interaction(data))
    except Invalid as refused:
        return Item(number, named, None, refused.faults)


def _stored(session: Session, redis: Redis, client: Client, items: Sequence[Item]) -> dict[str, Any]:
    good = [item.interaction for item in items if item.interaction is not None]
    recorded = iter(intake.record(session, redis, client, good))
    results = [_result(item, recorded) for item in items]
    counts = Counter(result["status"] for result in results)
    metrics.RECEIVED.labels("rejected").inc(counts["rejected"])
    return {
        "data": results,
        **{status: counts[status] for status in ("created", "updated", "unchanged", "rejected")},
    }


def _result(item: Item, recorded: Iterator[intake.Recorded]) -> dict[str, Any]:
    stored = None if item.interaction is None else next(recorded)
    result: dict[str, Any] = {
        "line": item.line,
        "external_id": item.external_id,
        "id": stored.interaction_id if stored else None,
        "status": stored.status if stored else "rejected",
        "errors": item.faults,
    }
    return result if item.deviations is None else {**result, "deviations": item.deviations}
