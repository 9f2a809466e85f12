"""The doctor compares the whole catalogue with that of a new database: each breach of a wall shows."""

from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from infra import database_schema, doctor
from infra.doctor_roles import other_roles
from infra.embedded import servers
from infra.postgres import catalogue, database_roles
from tests.database.scratch import scratch_database

EXTRA_POLICY = "create policy hole on interactions for select to qm_app using (true)"
LOOK_ROUND = (
    "create function qm_peek() returns setof interactions language sql stable security definer"
    " as 'select * from public.interactions'"
)

# What is done, and a part of the fact that must be told.
BREACHES = [
    ("drop policy client_wall on interactions", "missing: policy client_wall on interactions"),
    ("drop policy tenant_wall on users", "missing: policy tenant_wall on users"),
    ("alter policy tenant_wall on reviews using (true)", "not wanted: policy tenant_wall on reviews"),
    ("alter policy tenant_wall on reviews with check (true)", "not wanted: policy tenant_wall on reviews"),
    (
        "alter policy client_wall on clients using (client_id is not null)",
        "missing: policy client_wall on clients",
    ),
    ("alter policy client_wall on clients to qm_owner", "missing: policy client_wall on clients"),
    (EXTRA_POLICY, "not wanted: policy hole on interactions"),
    ("alter table users disable row level security", "missing: relation users"),
    ("alter table users no force row level security", "missing: relation users"),
    ("alter table users owner to qm_app", "not wanted: relation users of qm_app"),
    ("grant qm_lookup to qm_app", "not wanted: member qm_app of qm_lookup"),
    ("grant pg_read_all_data to qm_app", "not wanted: member qm_app of pg_read_all_data"),
    ("create role qm_spy login in role qm_owner", "not wanted: member qm_spy of qm_owner"),
    ("grant qm_lookup to qm_owner with inherit true", "not wanted: qm_owner has the rights of qm_lookup"),
    ("alter role qm_app bypassrls", "not wanted: role qm_app login bypassrls"),
    ("alter role qm_lookup login", "not wanted: role qm_lookup login"),
    ("alter role qm_app superuser", "not wanted: role qm_app login superuser"),
    ("alter role qm_app set row_security = off", "not wanted: setting of qm_app"),
    ("grant delete on audit_entries to qm_app", "not wanted: grant audit_entries: DELETE to qm_app"),
    ("grant truncate on interactions to qm_app", "not wanted: grant interactions: TRUNCATE to qm_app"),
    ("grant update (at) on audit_entries to qm_app", "not wanted: grant audit_entries.at: UPDATE to qm_app"),
    ("grant select on interactions to public", "not wanted: grant interactions: SELECT to everybody"),
    ("grant select on users to qm_lookup", "not wanted: grant users: SELECT to qm_lookup"),
    ("grant create on schema public to qm_app", "not wanted: grant schema public: CREATE to qm_app"),
    ("grant select on users to qm_app with grant option", "with grant option"),
    ("grant execute on function qm_backlog() to public", "grant function qm_backlog(): EXECUTE to everybody"),
    ("alter function qm_backlog() owner to qm_owner", "missing: function qm_backlog() of qm_lookup"),
    ("alter function qm_backlog() security invoker", "missing: function qm_backlog() of qm_lookup"),
    ("alter function qm_backlog() reset all", "missing: function qm_backlog() of qm_lookup"),
    ("alter function qm_keep_published() security definer", "not wanted: function qm_keep_published()"),
    (LOOK_ROUND, "not wanted: function qm_peek()"),
    ("drop trigger keep_published on definitions", "missing: trigger keep_published on definitions"),
    (
        "alter table definitions disable trigger keep_published",
        "missing: trigger keep_published on definitions: O",
    ),
    ("alter table reviews disable trigger all", "not wanted: switched-off constraint trigger on reviews"),
    ("create view peek as select * from interactions", "not wanted: relation peek"),
    ("create materialized view peek as select * from interactions", "not wanted: relation peek"),
    ("create table loose (note text)", "not wanted: relation loose"),
    ("create schema aside", "not wanted: schema aside"),
    ("create rule quiet as on delete to audit_entries do instead nothing", "not wanted: rule quiet"),
    (
        "alter table interactions drop constraint pk_interactions cascade",
        "missing: constraint pk_interactions",
    ),
    (
        "alter default privileges for role qm_owner grant select on tables to public",
        "not wanted: default rights",
    ),
    ("create publication everything for all tables", "not wanted: publication everything"),
    ("drop function qm_tenants() cascade", "missing: function qm_tenants()"),
]


@pytest.fixture(scope="module")
def scratch(data_dir, services):
    with scratch_database(data_dir, services, "qm_catalogue") as made:
        database_schema.upgrade(made.owner_url)
        yield made


@pytest.fixture(scope="module")
def admin_url(data_dir):
    address = servers.ensure(data_dir).admin_url
    yield address.rpartition("/")[0] + "/qm_catalogue"
    servers.release(data_dir)


@contextmanager
def undone(admin_url, *statements):
    """Do something as an administrator, look, and undo it."""
    with psycopg.connect(admin_url) as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection
        connection.rollback()


def test_a_new_database_is_what_the_file_says(scratch):
    with psycopg.connect(scratch.app_url) as connection:
        found = [str(difference) for difference in catalogue.differences(connection)]

    assert found == [], "run `make catalogue` if the schema was changed on purpose"


def test_owner_application_and_administrator_read_the_same_facts(scratch, admin_url):
    seen = []
    for url in (scratch.app_url, scratch.owner_url, admin_url):
        with psycopg.connect(url) as connection:
            seen.append(catalogue.facts(connection))

    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(("breach", "told"), BREACHES)
def test_each_breach_shows(scratch, admin_url, breach, told):
    with undone(admin_url, breach) as connection:
        found = [str(difference) for difference in catalogue.differences(connection)]

    assert [line for line in found if told in line], found


def test_a_weakened_wall_on_any_table_shows(scratch, admin_url):
    with undone(admin_url) as connection:
        policies = connection.execute("select tablename, policyname from pg_policies").fetchall()
        for table, policy in policies:
            connection.execute(f"drop policy {policy} on {table}".encode())
        missing = [each.fact for each in catalogue.differences(connection) if each.missing]

    assert len(policies) > 30
    assert len([fact for fact in missing if fact.startswith("policy ")]) == len(policies)


def test_the_doctor_tells_of_a_breach_and_of_none(scratch, services, admin_url):
    settings = replace(
        services.settings,
        port=0,
        owner_url=None,
        database_url=database_schema.sqlalchemy_url(scratch.app_url),
    )

    def walls():
        return next(check for check in doctor.examine(settings) if check.name == "walls")

    assert walls().ok
    with psycopg.connect(database_roles.plain_url(admin_url), autocommit=True) as connection:
        connection.execute(EXTRA_POLICY)
        broken = walls()
        connection.execute("drop policy hole on interactions")

    assert not broken.ok
    assert broken.detail.startswith("not wanted: policy hole on interactions, permissive for r to qm_app")
    assert walls().ok


PASSING = [
    ("create role qm_backup login bypassrls", "qm_backup (bypasses row-level security)"),
    ("create role qm_second login superuser", "qm_second (superuser)"),
    (
        "create role qm_back bypassrls; create role qm_door login in role qm_back",
        "qm_door (member of qm_back)",
    ),
    (
        "create role qm_far superuser; create role qm_mid login in role qm_far",
        "qm_mid (member of qm_far)",
    ),
    ("create role qm_files login in role pg_read_server_files", "qm_files (member of pg_read_server_files)"),
    (
        "create role qm_maker login createrole in role qm_owner",
        "qm_maker (member of qm_lookup, member of qm_owner)",
    ),
]
REACHED = [
    ("create role qm_back bypassrls; grant qm_back to qm_app", "qm_app (member of qm_back)"),
    (
        "create role qm_far superuser; create role qm_mid in role qm_far; grant qm_mid to qm_owner",
        "qm_owner (member of qm_far)",
    ),
    ("alter role qm_app bypassrls", "qm_app (bypasses row-level security)"),
    ("grant pg_execute_server_program to qm_lookup", "qm_lookup (member of pg_execute_server_program)"),
]


@pytest.mark.parametrize(("statement", "told"), PASSING)
def test_another_role_that_passes_the_walls_is_bad_on_a_server_of_ours(scratch, admin_url, statement, told):
    with undone(admin_url, statement) as connection:
        ours, theirs = (other_roles(connection, embedded=each) for each in (True, False))

    assert not ours.ok
    assert told in ours.detail
    # On somebody's own server it is the administrator's business, but is told.
    assert theirs.ok
    assert told in theirs.detail


@pytest.mark.parametrize(("statement", "told"), REACHED)
def test_a_role_that_ours_reach_is_bad_everywhere(scratch, admin_url, statement, told):
    with undone(admin_url, statement) as connection:
        checks = [other_roles(connection, embedded=each) for each in (True, False)]

    assert [check.ok for check in checks] == [False, False]
    assert all(told in check.detail for check in checks)


@pytest.mark.parametrize("statement", ["create role qm_plain login", "create role qm_idle superuser nologin"])
def test_roles_that_pass_nothing_are_not_told(scratch, admin_url, statement):
    with undone(admin_url, statement) as connection:
        check = other_roles(connection, embedded=True)

    assert (check.ok, check.detail) == (True, "the walls do not hold for: qm_admin (superuser)")
