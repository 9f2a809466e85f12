"""Schema migrations: from empty, repeated, concurrent and failed upgrades; the result matches the models."""

import multiprocessing
import uuid

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from infra import database_schema
from infra.embedded import servers
from tests.database.scratch import scratch_database


@pytest.fixture
def empty(data_dir, services):
    with scratch_database(data_dir, services, "qm_migrated") as scratch:
        yield scratch


def one(url, question):
    engine = create_engine(database_schema.sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(text(question))


def test_upgrade_of_empty_database_matches_models(empty):
    before = database_schema.status(empty.owner_url)
    after = database_schema.upgrade(empty.owner_url)

    assert (before.present, before.current) == (None, False)
    assert after.current
    assert database_schema.differences(empty.owner_url) == []


def test_upgrading_twice_changes_nothing(empty):
    first = database_schema.upgrade(empty.owner_url)
    table = one(empty.owner_url, "select 'interactions'::regclass::oid")
    second = database_schema.upgrade(empty.owner_url)

    assert second == first
    assert one(empty.owner_url, "select 'interactions'::regclass::oid") == table


def test_two_processes_at_once_end_with_one_schema(empty):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as processes:
        both = processes.map(database_schema.upgrade, [empty.owner_url] * 2)

    assert [status.current for status in both] == [True, True]
    assert one(empty.owner_url, "select count(*) from alembic_version") == 1
    assert database_schema.differences(empty.owner_url) == []


def test_a_failed_upgrade_leaves_nothing_behind(empty):
    engine = create_engine(database_schema.sqlalchemy_url(empty.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("create table reviews (in_the_way int)"))

    with pytest.raises(Exception, match="reviews"):
        database_schema.upgrade(empty.owner_url)

    assert one(empty.owner_url, "select to_regclass('interactions')") is None
    assert one(empty.owner_url, "select pg_try_advisory_lock(7236001)") is True


def test_later_facts_that_were_kept_several_times_are_kept_once_and_judged_again(empty, data_dir):
    database_schema.upgrade(empty.owner_url, "0002")
    admin_url = servers.ensure(data_dir).admin_url
    servers.release(data_dir)
    kept = [("first", "csat", "4"), ("first", "csat", "4"), ("first", "csat", "5"), ("second", "csat", "4")]
    kept += [("first", "discretion_used", value) for value in ('{"amount": 20}', '{"amount": 20.0}')]
    with psycopg.connect(admin_url, dbname="qm_migrated") as connection:
        connection.execute(
            "insert into tenants (tenant_id, slug, name, created_at) values (%(none)s, 'a', 'A', now())",
            {"none": "0" * 32},
        )
        connection.execute(
            "insert into clients (tenant_id, client_id, slug, name, settings, revision, created_at,"
            " updated_at) values (%(none)s, %(none)s, 'b', 'B', '{}', 1, now(), now())",
            {"none": "0" * 32},
        )
        for name in ("first", "second"):
            connection.execute(
                "insert into interactions (tenant_id, client_id, interaction_id, external_id, channel,"
                " language, priority, agent_details, started_at, turns, status, outcome, details, digest,"
                " state) values (%(none)s, %(none)s, md5(%(name)s)::uuid, %(name)s, 'chat', 'en', 'normal',"
                " '{}', now(), '[]', '[]', '{}', '{}', '', 'scored')",
                {"name": name, "none": "0" * 32},
            )
        for name, kind, value in kept:
            connection.execute(
                "insert into interaction_events values"
                " (%(none)s, %(none)s, md5(%(name)s)::uuid, gen_random_uuid(), '2026-01-01',"
                " %(kind)s, %(value)s, now())",
                {"none": "0" * 32, "name": name, "kind": kind, "value": value},
            )

    database_schema.upgrade(empty.owner_url)

    with psycopg.connect(admin_url, dbname="qm_migrated") as connection:
        found = connection.execute(
            "select external_id, kind, value::text from interaction_events"
            " join interactions using (interaction_id)"
        ).fetchall()
        states = connection.execute("select external_id, state, revision from interactions").fetchall()
        forced = connection.execute(
            "select bool_and(relforcerowsecurity) from pg_class"
            " where relname in ('interactions', 'interaction_events')"
        ).fetchone()
    # Which of the two equal ones stays does not matter.
    alike = {(name, kind, value.replace("20.0", "20")) for name, kind, value in kept}
    assert sorted((name, kind, value.replace("20.0", "20")) for name, kind, value in found) == sorted(alike)
    assert sorted(states) == [("first", "pending", 2), ("second", "scored", 1)]
    assert forced == (True,)


def test_the_application_role_cannot_migrate(empty):
    with pytest.raises(Exception, match="permission denied"):
        database_schema.upgrade(empty.app_url)


def test_application_role_can_read_schema_version(empty):
    upgraded = database_schema.upgrade(empty.owner_url)

    assert database_schema.status(empty.app_url) == upgraded


SLA_CLOCKS = """
    insert into tenants (tenant_id, slug, name, created_at) values (:tenant, 'a', 'A', now());
    insert into clients (tenant_id, client_id, slug, name, settings, revision, created_at, updated_at)
    values (:tenant, :client, 'b', 'B', '{}', 1, now(), now());
    insert into interactions (tenant_id, client_id, interaction_id, external_id, channel, language, priority,
        agent_details, started_at, turns, status, outcome, details, digest, state)
    values (:tenant, :client, :interaction, 'x', 'chat', 'en', 'normal', '{}', now(), '[]', '[]', '{}', '{}',
        '', 'scored');
    insert into interaction_facts (tenant_id, client_id, interaction_id, day, channel, program, queue,
        priority, agent, started_at, peak_distress, scored, passed, charged, sampled, started_negative,
        recovered, first_response_met, first_response_breached, next_response_met, next_response_breached,
        resolution_met, resolution_breached, sla_rule, clocks)
    values (:tenant, :client, :interaction, '2026-07-01', 'chat', '', '', 'normal', 'a-1', now(), 0, 1, 0, 0,
        0, 0, 0, 1, 0, 0, 0, 0, 0, 'chat', '[{"target": "first_response"}]');
"""


def test_facts_of_an_older_version_are_kept_and_scored_again_for_their_promises(empty):
    database_schema.upgrade(empty.owner_url, "0002")
    engine = create_engine(database_schema.sqlalchemy_url(empty.owner_url), poolclass=NullPool)
    names = {name: uuid.uuid4() for name in ("tenant", "client", "interaction")}
    scope = "select set_config('app.tenant_id', :tenant, false), set_config('app.client_ids', :client, false)"
    with engine.begin() as connection:
        connection.execute(text(scope), {name: str(value) for name, value in names.items()})
        for statement in filter(str.strip, SLA_CLOCKS.split(";")):
            connection.execute(text(statement), names)

    database_schema.upgrade(empty.owner_url)

    with engine.begin() as connection:
        connection.execute(text(scope), {name: str(value) for name, value in names.items()})
        facts = connection.execute(
            text("select sla_rule, sla_version, first_response_met, resolution_paused from interaction_facts")
        ).one()
        assert tuple(facts) == ("", 0, 1, 0)
        waiting = connection.execute(text("select state, revision, priorities from interactions")).one()
        assert tuple(waiting) == ("pending", 2, {"": "normal"})
