"""Bulk ingest over HTTP against the bare limit: a binary `unnest` INSERT under forced row-level security."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg
from benchmark_results import Row, Runs
from conversations import interactions, ndjson
from installation import Connection, Installation
from uuid_utils.compat import uuid7

REQUEST_SIZE = 500
CONNECTIONS = 4
SINGLE_PUSHES = 400
GOAL = 0.40
# Measured on another day on two cores with Label Studio's own defaults; see the README.
LABEL_STUDIO = Runs(2850, 2600, 3100, 1)
_RUN_PLACEHOLDER = b"RUNRUN"

_COLUMNS = (
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
)
_NAMES = ", ".join(name for name, _, _ in _COLUMNS)
_INSERT = f"""
    insert into interactions (tenant_id, client_id, {_NAMES})
    select %b, %b, {", ".join(f"x.{name}{cast}" for name, _, cast in _COLUMNS)}
    from unnest({", ".join(f"%b::{kind}" for _, kind, _ in _COLUMNS)}) as x ({_NAMES})
"""


def measure(installation: Installation, *, runs: int, count: int) -> list[Row]:
    """Measure both sides in turn, `runs` times each, `count` interactions at a time."""
    generated = interactions(count, seed=1, prefix=_RUN_PLACEHOLDER.decode())
    batches = [generated[start : start + REQUEST_SIZE] for start in range(0, count, REQUEST_SIZE)]
    bodies = [ndjson(batch) for batch in batches]
    arrays = [_arrays(batch) for batch in batches]
    http, raw, raw_two, single = [], [], [], []
    with installation.up(workers=0) as address:
        _push_all(installation, address, bodies, "warm")
        for number in range(runs):
            with _empty_tables(installation):
                http.append(count / _push_all(installation, address, bodies, f"run{number}"))
            with _empty_tables(installation):
                raw.append(count / _insert_all(installation, arrays, 1))
            with _empty_tables(installation):
                raw_two.append(count / _insert_all(installation, arrays, 2))
            single.append(_push_singly(installation, address, generated[:SINGLE_PUSHES], number))
    return [
        *_ingest_rows(Runs.of(http), Runs.of(raw), Runs.of(raw_two)),
        Row("one POST, one connection: rate", "1/s", Runs.of([each["rate"] for each in single])),
        Row("one POST, one connection: p50", "ms", Runs.of([each["p50"] for each in single])),
        Row("one POST, one connection: p99", "ms", Runs.of([each["p99"] for each in single])),
    ]


def _ingest_rows(http: Runs, raw: Runs, raw_two: Runs) -> list[Row]:
    published = "published figure of another day and machine, not measured here: no network for installing it"
    return [
        Row(
            f"bulk over HTTP, {CONNECTIONS} connections",
            "interactions/s",
            http,
            raw,
            "raw binary unnest INSERT, forced row-level security, 1 connection",
            GOAL,
        ),
        Row("the same against raw INSERT on 2 connections", "interactions/s", http, raw_two, "2 connections"),
        Row(
            "the same against Label Studio's import",
            "interactions/s",
            http,
            LABEL_STUDIO,
            published,
            note=published,
        ),
    ]


def _push_all(installation: Installation, address: str, bodies: Sequence[bytes], run: str) -> float:
    """Push all bodies over several connections; return the seconds, after checking every answer."""
    path = f"/v1/clients/{installation.slug}/interactions/bulk"
    named = [body.replace(_RUN_PLACEHOLDER, f"{run:>6}".replace(" ", "-").encode()) for body in bodies]
    connections = [Connection(address, installation.key) for _ in range(CONNECTIONS)]

    def push(number: int) -> list[bytes]:
        own = named[number::CONNECTIONS]
        return [connections[number].send("POST", path, body, "application/x-ndjson") for body in own]

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        answers = [answer for part in pool.map(push, range(CONNECTIONS)) for answer in part]
        seconds = time.perf_counter() - began
    created = sum(json.loads(answer)["created"] for answer in answers)
    expected = sum(body.count(b"\n") + 1 for body in named)
    if created != expected:
        raise RuntimeError(f"{created} of {expected} interactions were created")
    for connection in connections:
        connection.close()
    return seconds


def _insert_all(
    installation: Installation, batches: Sequence[Sequence[list[Any]]], connections: int
) -> float:
    """Insert all batches, a transaction each, over some connections; return the seconds."""
    owner = [UUID(installation.tenant_id), UUID(installation.client_id)]

    def insert(number: int) -> None:
        with installation.app() as connection, connection.cursor() as cursor:
            for arrays in batches[number::connections]:
                _scope(cursor, owner)
                cursor.execute(_INSERT, [*owner, *arrays])
                connection.commit()

    with ThreadPoolExecutor(connections) as pool:
        began = time.perf_counter()
        list(pool.map(insert, range(connections)))
        return time.perf_counter() - began


def _scope(cursor: psycopg.Cursor[Any], owner: Sequence[UUID]) -> None:
    cursor.execute(
        "select set_config('app.tenant_id', %s, true), set_config('app.client_ids', %s, true)",
        [str(owner[0]), str(owner[1])],
    )


def _push_singly(
    installation: Installation, address: str, generated: Sequence[dict[str, Any]], number: int
) -> dict[str, float]:
    """Push one at a time on one connection: rate and latencies in milliseconds."""
    path = f"/v1/clients/{installation.slug}/interactions"
    bodies = [
        json.dumps({**each, "external_id": f"s{number}-{each['external_id']}"}).encode() for each in generated
    ]
    connection = Connection(address, installation.key)
    milliseconds = []
    for body in bodies:
        began = time.perf_counter()
        connection.send("POST", path, body)
        milliseconds.append((time.perf_counter() - began) * 1000)
    connection.close()
    cuts = quantiles(milliseconds, n=100)
    return {"rate": 1000 * len(bodies) / sum(milliseconds), "p50": cuts[49], "p99": cuts[98]}


@contextmanager
def _empty_tables(installation: Installation) -> Iterator[None]:
    """Start both sides with the same empty table, and with a checkpoint after each."""
    installation.clear()
    yield
    with installation.admin() as connection:
        connection.execute("checkpoint")


def _arrays(generated: Sequence[dict[str, Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*map(_values, generated), strict=True)]


def _values(interaction: dict[str, Any]) -> tuple[Any, ...]:
    agent = {name: interaction["agent"][name] for name in ("name", "team")}
    details = {"handling": interaction["handling"], "tags": interaction["tags"], "custom": {}}
    return (
        uuid7(),
        interaction["external_id"],
        interaction["channel"],
        interaction["language"],
        interaction["program"],
        interaction["queue"],
        interaction["priority"],
        interaction["intent"],
        interaction["agent"]["external_id"],
        json.dumps(agent),
        interaction["customer"]["external_id"],
        interaction["customer"]["segment"],
        datetime.fromisoformat(interaction["started_at"]),
        datetime.fromisoformat(interaction["ended_at"]),
        json.dumps(interaction["turns"], ensure_ascii=False),
        json.dumps(interaction["status"]),
        json.dumps(interaction["outcome"]),
        json.dumps(details),
        sha256(interaction["external_id"].encode()).digest(),
    )
