"""Schema migrations: from empty, repeated, concurrent and failed upgrades; the result matches the models."""

import multiprocessing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from infra import database_schema
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


def test_the_application_role_cannot_migrate(empty):
    with pytest.raises(Exception, match="permission denied"):
        database_schema.upgrade(empty.app_url)


def test_application_role_can_read_schema_version(empty):
    upgraded = database_schema.upgrade(empty.owner_url)

    assert database_schema.status(empty.app_url) == upgraded
