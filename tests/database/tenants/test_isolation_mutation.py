"""Mutation test of the isolation matrix: each weakened row-level security policy must be detected."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text

from infra import database_schema
from tests.database import row_level_security
from tests.database.scratch import scratch_database

WITH_CLIENT = [name for name, table in row_level_security.TABLES.items() if "client_id" in table.c]


@pytest.fixture(scope="module")
def mutable_database(data_dir, services):
    """Engines as application and owner on a database of this module's own, and its seeds."""
    with scratch_database(data_dir, services, "qm_mutated") as scratch:
        database_schema.upgrade(scratch.owner_url)
        with scratch.engines() as (app, owner):
            yield app, owner, row_level_security.seed(app)


@contextmanager
def mutated(owner, table, *statements):
    """Change the walls of a table, and put them back as they were."""
    with owner.begin() as connection:
        policies = connection.execute(
            text("select * from pg_policies where tablename = :table"), {"table": table}
        ).all()
        for statement in statements:
            connection.execute(text(statement))
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"alter table {table} enable row level security"))
            connection.execute(text(f"alter table {table} force row level security"))
            for policy in policies:
                connection.execute(text(f"drop policy if exists {policy.policyname} on {table}"))
                connection.execute(text(_creation(policy)))


def _creation(policy):
    check = f" with check ({policy.with_check})" if policy.with_check else ""
    return (
        f"create policy {policy.policyname} on {policy.tablename} as {policy.permissive} for {policy.cmd}"
        f" to {', '.join(policy.roles)} using ({policy.qual}){check}"
    )


def violations_under(mutable_database, table, *statements):
    """Return what the matrix finds while the walls of a table are changed."""
    app, owner, seeds = mutable_database
    with mutated(owner, table, *statements):
        return row_level_security.violations(app, owner, seeds, [table])


def test_isolation_matrix_finds_no_violation_with_intact_policies(mutable_database):
    assert row_level_security.violations(*mutable_database) == []


@pytest.mark.parametrize("table", row_level_security.TABLES)
@pytest.mark.parametrize(
    "change",
    [
        "drop policy tenant_wall on {table}",
        "alter policy tenant_wall on {table} using (true)",
        "alter policy tenant_wall on {table} with check (true)",
        "alter policy tenant_wall on {table} using (true) with check (true)",
        "alter table {table} disable row level security",
        "alter table {table} no force row level security",
    ],
)
def test_isolation_matrix_detects_weakened_tenant_policy(mutable_database, table, change):
    assert violations_under(mutable_database, table, change.format(table=table))


@pytest.mark.parametrize("table", WITH_CLIENT)
@pytest.mark.parametrize(
    "change",
    [
        "drop policy client_wall on {table}",
        "alter policy client_wall on {table} using (true)",
        "alter policy client_wall on {table} with check (true)",
    ],
)
def test_isolation_matrix_detects_weakened_client_policy(mutable_database, table, change):
    assert violations_under(mutable_database, table, change.format(table=table))


def test_isolation_matrix_detects_additional_permissive_policy(mutable_database):
    """The restrictive client policy covers the hole; without it the hole shows more than that lack."""
    open_clients = "alter policy client_wall on interactions using (true)"
    hole = "create policy hole on interactions for select to qm_app using (true)"
    without_hole = violations_under(mutable_database, "interactions", open_clients)
    assert set(violations_under(mutable_database, "interactions", open_clients, hole)) > set(without_hole)


def test_every_lookup_policy_is_required(mutable_database):
    app, owner, seeds = mutable_database
    with owner.connect() as connection:
        tables = connection.execute(
            text("select tablename from pg_policies where policyname = 'look_up' order by 1")
        ).scalars()
        needed = {table: f"drop policy look_up on {table}" for table in tables}
    unnoticed = []
    for table, drop in needed.items():
        with mutated(owner, table, drop):
            opened = [
                row_level_security.bound_clients(app, seeds, bound=bound, person=not bound)
                for bound in (True, False)
            ]
            if not row_level_security.blind_look_ups(app, seeds) and opened == [{seeds.here.client_id}] * 2:
                unnoticed.append(table)

    assert unnoticed == []
