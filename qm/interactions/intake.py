"""Stores pushed interactions: redacts them, upserts them by external id, and queues them for scoring.

One statement stores a whole request: binary arrays, unnested and upserted under row-level security. This is
several times faster than single rows, which is why this module uses SQL directly.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from redis import Redis
from sqlalchemy.orm import Session

from qm import jobs, metrics
from qm.interactions.redaction.redactor import redact_interaction
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS
from tenants.models import Client, id_for


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result of one pushed interaction: created, updated or unchanged."""

    interaction_id: uuid.UUID
    external_id: str
    status: str


@dataclass(frozen=True, slots=True)
class _Row:
    interaction_id: uuid.UUID
    external_id: str
    values: tuple[Any, ...]


# Column, array type, and cast of the array's elements.
_COLUMNS: Sequence[tuple[str, str, str]] = (
    ("interaction_id", "uuid[]", ""),
    ("external_id", "text[]", ""),
    ("channel", "text[]", ""),
    ("language", "text[]", ""),
    ("program", "text[]", ""),
    ("queue", "text[]", ""),
    ("priority", "text[]", ""),
    ("intent", "text[]", ""),
    ("agent", "text[]", ""),
    ("agent_details", "text[]", "::jsonb"),
    ("customer", "text[]", ""),
    ("segment", "text[]", ""),
    ("started_at", "timestamptz[]", ""),
    ("ended_at", "timestamptz[]", ""),
    ("turns", "text[]", "::jsonb"),
    ("status", "text[]", "::jsonb"),
    ("outcome", "text[]", "::jsonb"),
    ("details", "text[]", "::jsonb"),
    ("digest", "bytea[]", ""),
    ("source_updated_at", "timestamptz[]", ""),
)
_NAMES = ", ".join(name for name, _, _ in _COLUMNS)
_CHANGED = ", ".join(
    f"{name} = excluded.{name}"
    for name, _, _ in _COLUMNS
    if name not in {"interaction_id", "source_updated_at"}
)
_UPSERT = f"""
    insert into interactions (tenant_id, client_id, {_NAMES})
    select %b, %b, {", ".join(f"x.{name}{cast}" for name, _, cast in _COLUMNS)}
    from unnest({", ".join(f"%b::{kind}" for _, kind, _ in _COLUMNS)}) as x ({_NAMES})
    order by x.external_id
    on conflict (tenant_id, client_id, external_id) do update
    set {_CHANGED}, revision = interactions.revision + 1, state = 'pending',
        attempts = 0, claim_token = null, lease_until = null, error = null,
        source_updated_at = coalesce(excluded.source_updated_at, interactions.source_updated_at)
    where interactions.digest <> excluded.digest
      and (excluded.source_updated_at >= interactions.source_updated_at) is not false
    returning external_id, interaction_id, revision
"""  # noqa: S608 - built from the constants above
_SELECT_IDS = """
    select external_id, interaction_id from interactions
    where tenant_id = %b and client_id = %b and external_id = any(%b::text[])
"""
_encode = msgspec.json.Encoder(order="deterministic").encode


def store_interactions(
    session: Session, redis: Redis, client: Client, interactions: Sequence[dict[str, Any]]
) -> list[Recorded]:
    """Store validated interactions of one client and wake a worker; return one result for each, in order.

    If an external id is repeated in one call, the later interaction updates the earlier one. An interaction
    with the stored digest is unchanged, and so is one whose `updated_at` is older than the stored one.
    """
    rows = [_row(client, interaction) for interaction in interactions]
    results: dict[int, Recorded] = {}
    for batch in _batches(rows):
        results.update(_store(session, client, {place: rows[place] for place in batch}))
    recorded = [results[place] for place in range(len(rows))]
    counts = Counter(result.status for result in recorded)
    for status, count in counts.items():
        metrics.RECEIVED.labels(status).inc(count)
    if counts["created"] or counts["updated"]:
        audit.record(
            session,
            "interactions.received",
            f"client:{client.client_id}",
            client_id=client.client_id,
            **counts,
        )
        jobs.wake_after_commit(session, redis)
    return recorded


def _row(client: Client, interaction: dict[str, Any]) -> _Row:
    clean = redact_interaction(interaction)
    updated_at = clean.pop("updated_at")
    stated = clean if updated_at is None else {**clean, "updated_at": updated_at}
    agent = clean["agent"] or {}
    customer = clean["customer"] or {}
    details = {"handling": clean["handling"], "tags": clean["tags"], "custom": clean["custom"]}
    interaction_id = id_for("interaction", client.client_id, clean["external_id"])
    languages = client.settings.get("languages") or DEFAULT_SETTINGS["languages"]
    return _Row(
        interaction_id,
        clean["external_id"],
        (
            interaction_id,
            clean["external_id"],
            clean["channel"],
            clean["language"] or languages[0],
            clean["program"],
            clean["queue"],
            clean["priority"],
            clean["intent"],
            agent.get("external_id"),
            _encode({name: value for name, value in agent.items() if name != "external_id"}).decode(),
            customer.get("external_id"),
            customer.get("segment"),
            clean["started_at"],
            clean["ended_at"],
            _encode(clean["turns"]).decode(),
            _encode(clean["status"]).decode(),
            _encode(clean["outcome"]).decode(),
            _encode(details).decode(),
            hashlib.sha256(_encode(stated)).digest(),
            updated_at,
        ),
    )


def _batches(rows: Sequence[_Row]) -> Iterable[list[int]]:
    """Split row indexes so that no external id is repeated in one statement, keeping their order."""
    counts: Counter[str] = Counter()
    batches: list[list[int]] = []
    for index, row in enumerate(rows):
        number = counts[row.external_id]
        counts[row.external_id] += 1
        if number == len(batches):
            batches.append([])
        batches[number].append(index)
    return batches


def _store(session: Session, client: Client, rows: Mapping[int, _Row]) -> dict[int, Recorded]:
    cursor = session.connection().connection.cursor()
    arrays = [list(column) for column in zip(*(row.values for row in rows.values()), strict=True)]
    cursor.execute(_UPSERT, [client.tenant_id, client.client_id, *arrays])
    stored = {
        external_id: (interaction_id, "created" if revision == 1 else "updated")
        for external_id, interaction_id, revision in cursor.fetchall()
    }
    missing = [row.external_id for row in rows.values() if row.external_id not in stored]
    if missing:
        cursor.execute(_SELECT_IDS, [client.tenant_id, client.client_id, missing])
        stored |= {external_id: (found, "unchanged") for external_id, found in cursor.fetchall()}
    return {
        place: Recorded(stored[row.external_id][0], row.external_id, stored[row.external_id][1])
        for place, row in rows.items()
    }
