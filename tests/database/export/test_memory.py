"""An export takes the same memory however many rows it has."""

import tracemalloc

import psycopg
import pytest
from sqlalchemy import text

from qm.export import formats, records
from qm.export.selection import make_selection
from qm.facts.models import COUNTED

MEBIBYTE = 2**20
_OWNER = "select :tenant, :client, ('00000000-0000-7000-8000-' || lpad(x::text, 12, '0'))::uuid"
_INTERACTIONS = f"""
    insert into interactions (tenant_id, client_id, interaction_id, external_id, channel, language, priority,
        agent_details, started_at, turns, status, outcome, details, digest, state)
    {_OWNER}, 'T-' || x, 'chat', 'en', 'normal', '{{}}', timestamptz '2026-07-01' + x * interval '1 minute',
        '[]', '[]', '{{"csat": 4}}', '{{"tags": ["one", "two"]}}', '', 'scored' from generate_series(1, :n) x
"""
_FACTS = f"""
    insert into interaction_facts (tenant_id, client_id, interaction_id, day, channel, program, queue,
        priority, agent, started_at, drawable_since, peak_distress, clocks, sla_rule, sla_version, rate,
        threshold, settled, inclusion_probability, draw, {", ".join(COUNTED)})
    {_OWNER}, date '2026-07-01', 'chat', '', '', 'normal', 'a-7', timestamptz '2026-07-01',
        timestamptz '2026-07-01', 0.25,
        '[{{"target": "first_response", "state": "met", "open_seconds": 12.5}}]', 'all', 1,
        0.25, 1, true, 0.25, 0.5,
        {", ".join("0" for _ in COUNTED)} from generate_series(1, :n) x
"""


def fill(provider, number):
    client = provider.clients["northwind"]
    owner = {"tenant": client.tenant_id, "client": client.client_id, "n": number}
    with provider.session() as session:
        session.execute(text(_INTERACTIONS), owner)
        session.execute(text(_FACTS), owner)
    with psycopg.connect((provider.services.settings.owner_url or "").replace("+psycopg", "")) as owning:
        owning.execute("analyze interactions, interaction_facts")


def exported(provider, form, kinds=(), limit=None):
    """Return rows, bytes and peak memory of an export."""
    selection = make_selection(provider.clients["northwind"], kinds=kinds, form=form, limit=limit)
    with provider.session() as session:
        heading = records.heading(session, selection)
    rows = size = 0
    tracemalloc.start()
    batches = records.batches(provider.session, selection)
    for part in formats.written(selection, heading, batches, bom=False):
        rows, size = rows + part.count(b"\n"), size + len(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return rows, size, peak


@pytest.mark.parametrize("number", [4_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_memory_stays_flat_however_many_rows_are_exported(provider, number):
    fill(provider, number)
    exported(provider, "ndjson", limit=1_000)  # compiles statements, fills caches

    for form, kinds in (("ndjson", ()), ("csv", ("facts",))):
        _, _, first = exported(provider, form, kinds, limit=1_000)
        rows, size, peak = exported(provider, form, kinds)
        print(f"{form}: {rows} lines, {size / MEBIBYTE:.1f} MiB, at most {peak / MEBIBYTE:.1f} MiB")
        assert rows >= number
        assert peak < 1.5 * first + MEBIBYTE
