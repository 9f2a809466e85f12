"""Stores pushed interactions: redacts them, upserts them by external id, and queues them for scoring.

One statement stores a whole request: binary arrays, unnested and upserted under row-level security. This is
several times faster than single rows, which is why this module uses SQL directly.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from redis import Redis
from sqlalchemy.orm import Session

from qm import jobs, metrics
from qm.interactions.masked_digests import MaskedDigests
from qm.interactions.pending import set_pending
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
    updated_at: datetime | None
    priority: str
    digest: bytes
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


def _stated(moment: str, priority: str) -> str:
    """Return the SQL of an entry of `priorities`: a text that sorts by time, empty without a moment."""
    shown = f"""to_char({moment} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"jsonb_build_object(coalesce({shown}, ''), {priority})"


_NEWEST = "coalesce(excluded.source_updated_at, interactions.source_updated_at)"
_UPSERT = f"""
    insert into interactions (tenant_id, client_id, {_NAMES}, priorities)
    select %b, %b, {", ".join(f"x.{name}{cast}" for name, _, cast in _COLUMNS)},
        {_stated("x.source_updated_at", "x.priority")}
    from unnest({", ".join(f"%b::{kind}" for _, kind, _ in _COLUMNS)}) as x ({_NAMES})
    order by x.external_id
    on conflict (tenant_id, client_id, external_id, part_agent) do update
    set {_CHANGED}, revision = interactions.revision + 1, state = 'pending',
        attempts = 0, claim_token = null, lease_until = null, error = null,
        source_updated_at = {_NEWEST},
        priorities = interactions.priorities || {_stated(_NEWEST, "excluded.priority")}
    where interactions.digest <> excluded.digest
      and (excluded.source_updated_at >= interactions.source_updated_at) is not false
    returning external_id, interaction_id, revision
"""  # noqa: S608 - built from the constants above
# An older push changes one thing: what is known of earlier priorities, of which the newest push says nothing.
_KEEP_EARLIER = f"""
    with earlier as (
        select i.interaction_id, i.external_id, i.priorities, {_stated("x.at", "x.priority")} as stated
        from unnest(%b::text[], %b::timestamptz[], %b::text[]) as x (external_id, at, priority)
        join interactions i on i.tenant_id = %b and i.client_id = %b and i.external_id = x.external_id
        where i.part_agent = '' and i.source_updated_at > x.at
        order by i.external_id
        for no key update of i
    )
    update interactions i set priorities = i.priorities || e.stated
    from earlier e
    where i.tenant_id = %b and i.client_id = %b and i.interaction_id = e.interaction_id
      and not e.priorities @> e.stated
    returning i.external_id, i.interaction_id,
        (select count(distinct value) > 1 from jsonb_each_text(i.priorities)) as differ
"""  # noqa: S608 - built from the constants above
_SELECT_DIGESTS = """
    select external_id, interaction_id, digest from interactions
    where tenant_id = %b and client_id = %b and external_id = any(%b::text[]) and part_agent = ''
"""
_SELECT_IDS = """
    select external_id, interaction_id from interactions
    where tenant_id = %b and client_id = %b and external_id = any(%b::text[]) and part_agent = ''
"""
_encode = msgspec.json.Encoder(order="deterministic").encode
_masked_digests = MaskedDigests()


def store_interactions(
    session: Session, redis: Redis, client: Client, interactions: Sequence[dict[str, Any]]
) -> list[Recorded]:
    """Store validated interactions of one client and wake a worker; return one result for each, in order.

    If an external id is repeated in one call, the later interaction updates the earlier one. An interaction
    with the stored digest is unchanged, and so is one whose `updated_at` is older than the stored one; unless
    its priority is news, and not the only one there ever was: clocks may have stood still under it.
    """
    keys = [_masked_digests.key_of(_encode(interaction)) for interaction in interactions]
    results = _unchanged(session, client, interactions, keys)
    rows: dict[int, _Row] = {}
    for place, interaction in enumerate(interactions):
        if place not in results:
            rows[place] = _row(client, interaction)
            _masked_digests.keep(keys[place], rows[place].digest)
    for batch in _batches(rows):
        results.update(_store(session, client, {place: rows[place] for place in batch}))
    recorded = [results[place] for place in range(len(interactions))]
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


def _unchanged(
    session: Session, client: Client, interactions: Sequence[dict[str, Any]], keys: Sequence[bytes]
) -> dict[int, Recorded]:
    """Return those, by place, that are known to be stored as they are: masking is dearest of all."""
    counts = Counter(each["external_id"] for each in interactions)
    known: dict[str, tuple[int, bytes]] = {}
    for place, (interaction, key) in enumerate(zip(interactions, keys, strict=True)):
        digest = _masked_digests.get(key)
        # Of several with one external id, the order decides.
        if digest is not None and counts[interaction["external_id"]] == 1:
            known[interaction["external_id"]] = place, digest
    if not known:
        return {}
    cursor = session.connection().connection.cursor()
    cursor.execute(_SELECT_DIGESTS, [client.tenant_id, client.client_id, list(known)])
    return {
        known[external_id][0]: Recorded(interaction_id, external_id, "unchanged")
        for external_id, interaction_id, digest in cursor.fetchall()
        if digest == known[external_id][1]
    }


def _row(client: Client, interaction: dict[str, Any]) -> _Row:
    clean = redact_interaction(interaction)
    updated_at = clean.pop("updated_at")
    stated = clean if updated_at is None else {**clean, "updated_at": updated_at}
    agent = clean["agent"] or {}
    customer = clean["customer"] or {}
    details = {"handling": clean["handling"], "tags": clean["tags"], "custom": clean["custom"]}
    interaction_id = id_for("interaction", client.client_id, clean["external_id"])
    languages = client.settings.get("languages") or DEFAULT_SETTINGS["languages"]
    digest = hashlib.sha256(_encode(stated)).digest()
    return _Row(
        interaction_id,
        clean["external_id"],
        updated_at,
        clean["priority"],
        digest,
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
            digest,
            updated_at,
        ),
    )


def _batches(rows: Mapping[int, _Row]) -> Iterable[list[int]]:
    """Split row indexes so that no external id is repeated in one statement, keeping their order."""
    counts: Counter[str] = Counter()
    batches: list[list[int]] = []
    for index, row in rows.items():
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
        stored |= _keep_earlier_priorities(session, client, rows.values(), missing)
    return {
        place: Recorded(stored[row.external_id][0], row.external_id, stored[row.external_id][1])
        for place, row in rows.items()
    }


def _keep_earlier_priorities(
    session: Session, client: Client, rows: Iterable[_Row], overtaken: Collection[str]
) -> dict[str, tuple[uuid.UUID, str]]:
    """Keep the priorities of overtaken pushes; return the interactions that are judged again for it."""
    dated = [row for row in rows if row.external_id in overtaken and row.updated_at is not None]
    if not dated:
        return {}
    stated = ([getattr(row, name) for row in dated] for name in ("external_id", "updated_at", "priority"))
    owner = [client.tenant_id, client.client_id]
    cursor = session.connection().connection.cursor()
    cursor.execute(_KEEP_EARLIER, [*stated, *owner, *owner])
    found = {external_id: (id_, "updated") for external_id, id_, differ in cursor.fetchall() if differ}
    if found:
        set_pending(session, client.client_id, [interaction_id for interaction_id, _ in found.values()])
    return found
