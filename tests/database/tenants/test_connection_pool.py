"""Connection pool: many threads of several tenants on few connections leak no tenant setting and no row."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tenants.isolation import acting_as, make_engine, set_scope, transaction
from tests.database import row_level_security

THREADS = 16
CONNECTIONS = 4
TURNS = 40
SETTINGS = "select current_setting('app.tenant_id', true), current_setting('app.client_ids', true)"


class MidTransactionError(Exception):
    """Raised in the middle of a transaction."""


@pytest.fixture(scope="module")
def seeds(services):
    return row_level_security.seed(services.engine)


@pytest.fixture
def small_pool(services):
    engine = make_engine(services.settings.database_url, pool_size=CONNECTIONS)
    yield engine
    engine.dispose()


def seen(session):
    """Return whose rows a few queries without any condition bring."""
    rows = [
        row
        for table in ("interactions", "clients", "definitions")
        for row in session.execute(text(f"select tenant_id, client_id from {table}"))
    ]
    return {(row.tenant_id, row.client_id) for row in rows}


def turn(engine, place, chance):
    """Work in one transaction of a place, as luck has it, and return whose rows were seen."""
    kind = chance.choice(["plain", "stumble", "savepoint", "broken", "rolled back savepoint", "no scope"])
    if kind == "no scope":
        with transaction(engine) as session:
            return seen(session)
    with acting_as(engine, place.scope) as session:
        found = seen(session)
        if kind == "stumble":
            raise MidTransactionError(found)
        if kind == "broken":
            session.execute(text("select 1 / 0"))
        if kind == "savepoint":
            with session.begin_nested():
                found |= seen(session)
        if kind == "rolled back savepoint":
            inner = session.begin_nested()
            found |= seen(session)
            inner.rollback()
        return found | seen(session)


def foreign_rows_seen(engine, places, seed):
    """Take turns with alternating places; return what was seen of others."""
    chance, strangers = random.Random(seed), set()
    for number in range(TURNS):
        place = places[(seed + number) % len(places)]
        try:
            found = turn(engine, place, chance)
        except MidTransactionError as stumbled:
            found = stumbled.args[0]
        except DBAPIError:
            continue
        strangers |= found - {(place.tenant_id, place.client_id)}
    return strangers


def test_concurrent_threads_see_only_rows_of_own_scope(small_pool, seeds):
    places = [seeds.here, seeds.abroad, seeds.beside]
    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(lambda seed: foreign_rows_seen(small_pool, places, seed), range(THREADS)))

    assert results == [set()] * THREADS
    assert small_pool.pool.checkedout() == 0


def test_connection_returned_to_pool_has_no_tenant_setting(small_pool, seeds):
    left = []

    @event.listens_for(small_pool, "checkin")
    def look(connection, _record):
        if connection is not None:
            left.append(connection.execute(SETTINGS).fetchone())
            connection.rollback()

    places = [seeds.here, seeds.abroad]
    for seed in range(3):
        foreign_rows_seen(small_pool, places, seed)

    assert len(left) >= 3 * TURNS
    assert set(left) <= {(None, None), ("", "")}


def test_no_more_connections_are_opened_than_the_setting_says(small_pool):
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(small_pool.connect())
        small_pool.pool._timeout = 0.1
        with pytest.raises(PoolTimeout):
            small_pool.connect()


def test_a_savepoint_keeps_the_scope(small_pool, seeds):
    with acting_as(small_pool, seeds.here.scope) as session:
        with session.begin_nested():
            inside = seen(session)
        assert inside == seen(session) == {(seeds.here.tenant_id, seeds.here.client_id)}


def test_savepoint_rollback_restores_previous_scope(small_pool, seeds):
    with acting_as(small_pool, seeds.here.scope) as session:
        inner = session.begin_nested()
        set_scope(session, seeds.abroad.scope)
        assert seen(session) == {(seeds.abroad.tenant_id, seeds.abroad.client_id)}
        inner.rollback()

        assert seen(session) == {(seeds.here.tenant_id, seeds.here.client_id)}


def test_a_narrower_scope_replaces_the_wider_one(small_pool, seeds):
    wide = type(seeds.here.scope)(seeds.here.tenant_id, (seeds.here.client_id, seeds.beside.client_id))
    with acting_as(small_pool, wide) as session:
        assert len(seen(session)) == 2
        set_scope(session, wide.narrowed(seeds.beside.client_id))

        assert seen(session) == {(seeds.beside.tenant_id, seeds.beside.client_id)}


def test_a_killed_connection_is_replaced_without_losing_the_scope(small_pool, seeds, services):
    with acting_as(small_pool, seeds.here.scope) as session:
        pid = session.scalar(text("select pg_backend_pid()"))
    with transaction(services.engine) as session:
        # Waits until it has ended.
        assert session.scalar(text("select pg_terminate_backend(:pid, 60000)"), {"pid": pid})
    with acting_as(small_pool, seeds.here.scope) as session:
        assert seen(session) == {(seeds.here.tenant_id, seeds.here.client_id)}


def test_after_commit_callbacks_do_not_run_after_rollback(small_pool, seeds):
    ran = threading.Event()

    def fails():
        with acting_as(small_pool, seeds.here.scope) as session:
            session.info.setdefault("after_commit", []).append(ran.set)
            raise MidTransactionError

    with pytest.raises(MidTransactionError):
        fails()

    assert not ran.is_set()


def test_pool_discards_connections_closed_by_database(services, small_pool):
    with ExitStack() as held:
        opened = [held.enter_context(transaction(small_pool)) for _ in range(CONNECTIONS)]
        backends = [session.scalar(text("select pg_backend_pid()")) for session in opened]
    with transaction(services.engine) as session:
        # Waits until each has ended.
        ended = session.scalars(
            text("select pg_terminate_backend(backend, 60000) from unnest(:backends) as backend"),
            {"backends": backends},
        ).all()
    assert ended == [True] * CONNECTIONS

    with ExitStack() as held:
        opened = [held.enter_context(transaction(small_pool)) for _ in range(CONNECTIONS)]
        assert not set(backends) & {session.scalar(text("select pg_backend_pid()")) for session in opened}
