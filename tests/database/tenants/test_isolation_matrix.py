"""Isolation matrix: every table and operation, across tenants and clients, as the application role."""

import uuid

import pytest
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from tenants.isolation import Scope, acting_as, transaction
from tests.database import row_level_security
from tests.database.scratch import owner_engine


@pytest.fixture(scope="module")
def seeds(services):
    return row_level_security.seed(services.engine)


@pytest.fixture(scope="module")
def owner(services):
    engine = owner_engine(services)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("table", row_level_security.TABLES)
def test_rls_blocks_every_operation_across_tenants_and_clients(table, services, owner, seeds):
    assert row_level_security.violations(services.engine, owner, seeds, [table]) == []


def test_isolation_matrix_covers_every_table(owner):
    with owner.connect() as connection:
        present = set(
            connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars()
        )

    assert present - {"alembic_version"} == set(row_level_security.TABLES)


def test_lookup_functions_find_seeded_rows(services, seeds):
    assert row_level_security.blind_look_ups(services.engine, seeds) == []


@pytest.mark.parametrize(("bound", "person"), [(True, False), (False, True), (True, True)])
def test_bound_credential_or_user_opens_bound_client_only(bound, person, services, seeds):
    opened = row_level_security.bound_clients(services.engine, seeds, bound=bound, person=person)

    assert opened == {seeds.here.client_id}


def test_unbound_credential_opens_every_client(services, seeds):
    opened = row_level_security.bound_clients(services.engine, seeds, bound=False, person=False)

    assert opened == {seeds.here.client_id, seeds.beside.client_id}


def test_rls_returns_no_rows_for_scope_without_clients(services, seeds):
    with acting_as(services.engine, Scope(seeds.here.tenant_id)) as session:
        assert session.execute(text("select count(*) from interactions")).scalar() == 0


def test_rls_returns_no_rows_for_scope_with_client_of_other_tenant(services, seeds):
    stolen = Scope(seeds.abroad.tenant_id, (seeds.here.client_id,))

    with acting_as(services.engine, stolen) as session:
        assert session.execute(text("select count(*) from interactions")).scalar() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "alter table interactions disable row level security",
        "drop policy tenant_wall on interactions",
        "set role qm_owner",
        "set role qm_lookup",
        "set session authorization qm_owner",
        "truncate interactions",
        "create table escape (x int)",
        "create temporary table escape (x int)",
        "copy interactions from stdin",
        "select key_hash from credentials, pg_authid",
        "update audit_entries set action = 'x'",
        "delete from audit_entries",
        "delete from audit_heads",
        "update alembic_version set version_num = 'x'",
    ],
)
def test_application_role_is_denied_privileged_statements(statement, services, seeds):
    scope = seeds.here.scope

    with pytest.raises(DBAPIError) as refused, acting_as(services.engine, scope) as session:
        session.execute(text(statement))

    assert isinstance(refused.value.orig, InsufficientPrivilege | FeatureNotSupported)


def without_scope(services, *statements):
    with transaction(services.engine) as session:
        for statement in statements:
            session.execute(text(statement))


def test_disabling_row_security_raises_error_instead_of_returning_rows(services, seeds):
    with pytest.raises(ProgrammingError, match="row-level security"):
        without_scope(services, "set local row_security = off", "select * from interactions")


def test_foreign_key_cannot_reference_row_of_other_tenant(services, seeds):
    there = seeds.here.rows["interactions"]["interaction_id"]
    row = seeds.abroad.new_row(row_level_security.TABLES["interaction_events"]) | {"interaction_id": there}

    with (
        pytest.raises(IntegrityError, match="fk_interaction_events"),
        acting_as(services.engine, seeds.abroad.scope) as session,
    ):
        session.execute(row_level_security.TABLES["interaction_events"].insert().values(row))


def test_foreign_key_cannot_reference_row_of_other_client(services, seeds):
    there = seeds.here.rows["interactions"]["interaction_id"]
    row = seeds.beside.new_row(row_level_security.TABLES["interaction_events"]) | {"interaction_id": there}

    with (
        pytest.raises(IntegrityError, match="fk_interaction_events"),
        acting_as(services.engine, seeds.beside.scope) as session,
    ):
        session.execute(row_level_security.TABLES["interaction_events"].insert().values(row))


def test_external_id_used_by_other_client_or_tenant_is_available(services, seeds):
    table = row_level_security.TABLES["interactions"]
    taken = seeds.here.rows["interactions"]["external_id"]

    for place in (seeds.beside, seeds.abroad):
        row = place.new_row(table) | {"external_id": taken}
        with acting_as(services.engine, place.scope) as session:
            session.execute(table.insert().values(row))
            found = session.execute(select(table).where(table.c.external_id == taken)).all()
            assert len(found) == 1


def test_malformed_tenant_setting_raises_error(services, seeds):
    with pytest.raises(DBAPIError, match="uuid"):
        without_scope(services, "set local app.tenant_id = 'x'", "select * from interactions")


def test_rls_returns_no_rows_for_unknown_tenant(services, seeds):
    with acting_as(services.engine, Scope(uuid.uuid4(), (seeds.here.client_id,))) as session:
        assert session.execute(text("select count(*) from clients")).scalar() == 0
