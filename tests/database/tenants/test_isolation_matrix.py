"""Every table, every operation, from every wrong side of the walls, as the application role."""

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
def test_no_way_leads_through_the_walls_of(table, services, owner, seeds):
    assert row_level_security.violations(services.engine, owner, seeds, [table]) == []


def test_every_table_of_the_database_is_tried(owner):
    with owner.connect() as connection:
        present = set(
            connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars()
        )

    assert present - {"alembic_version"} == set(row_level_security.TABLES)


def test_the_look_ups_find_what_they_are_for(services, seeds):
    assert row_level_security.blind_look_ups(services.engine, seeds) == []


@pytest.mark.parametrize(("bound", "person"), [(True, False), (False, True), (True, True)])
def test_a_binding_opens_only_its_client(bound, person, services, seeds):
    opened = row_level_security.bound_clients(services.engine, seeds, bound=bound, person=person)

    assert opened == {seeds.here.client_id}


def test_without_any_binding_every_client_is_open(services, seeds):
    opened = row_level_security.bound_clients(services.engine, seeds, bound=False, person=False)

    assert opened == {seeds.here.client_id, seeds.beside.client_id}


def test_a_scope_without_clients_sees_no_client(services, seeds):
    with acting_as(services.engine, Scope(seeds.here.tenant_id)) as session:
        assert session.execute(text("select count(*) from interactions")).scalar() == 0


def test_another_tenants_client_in_the_scope_opens_nothing(services, seeds):
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
def test_the_application_role_may_not(statement, services, seeds):
    scope = seeds.here.scope

    with pytest.raises(DBAPIError) as refused, acting_as(services.engine, scope) as session:
        session.execute(text(statement))

    assert isinstance(refused.value.orig, InsufficientPrivilege | FeatureNotSupported)


def without_scope(services, *statements):
    with transaction(services.engine) as session:
        for statement in statements:
            session.execute(text(statement))


def test_switching_row_security_off_refuses_rather_than_shows(services, seeds):
    with pytest.raises(ProgrammingError, match="row-level security"):
        without_scope(services, "set local row_security = off", "select * from interactions")


def test_a_reference_cannot_cross_to_another_tenant(services, seeds):
    there = seeds.here.rows["interactions"]["interaction_id"]
    row = seeds.abroad.new_row(row_level_security.TABLES["interaction_events"]) | {"interaction_id": there}

    with (
        pytest.raises(IntegrityError, match="fk_interaction_events"),
        acting_as(services.engine, seeds.abroad.scope) as session,
    ):
        session.execute(row_level_security.TABLES["interaction_events"].insert().values(row))


def test_a_reference_cannot_cross_to_another_client(services, seeds):
    there = seeds.here.rows["interactions"]["interaction_id"]
    row = seeds.beside.new_row(row_level_security.TABLES["interaction_events"]) | {"interaction_id": there}

    with (
        pytest.raises(IntegrityError, match="fk_interaction_events"),
        acting_as(services.engine, seeds.beside.scope) as session,
    ):
        session.execute(row_level_security.TABLES["interaction_events"].insert().values(row))


def test_an_external_id_taken_elsewhere_does_not_show(services, seeds):
    table = row_level_security.TABLES["interactions"]
    taken = seeds.here.rows["interactions"]["external_id"]

    for place in (seeds.beside, seeds.abroad):
        row = place.new_row(table) | {"external_id": taken}
        with acting_as(services.engine, place.scope) as session:
            session.execute(table.insert().values(row))
            found = session.execute(select(table).where(table.c.external_id == taken)).all()
            assert len(found) == 1


def test_a_malformed_scope_is_an_error_and_no_open_door(services, seeds):
    with pytest.raises(DBAPIError, match="uuid"):
        without_scope(services, "set local app.tenant_id = 'x'", "select * from interactions")


def test_an_unknown_tenant_sees_nothing(services, seeds):
    with acting_as(services.engine, Scope(uuid.uuid4(), (seeds.here.client_id,))) as session:
        assert session.execute(text("select count(*) from clients")).scalar() == 0
