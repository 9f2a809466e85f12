"""System-catalogue checks: row-level security, keys and privileges cover every present and future table."""

import pytest
from psycopg import sql
from sqlalchemy import text

from tests.contract.docs_reader import page, rows, section
from tests.database import row_level_security
from tests.database.scratch import owner_engine

# What may be outside the rules, and why.
NOT_A_TENANTS = {"alembic_version": "Holds the version of the schema only; the application may only read it."}
UNIQUE_ACROSS_TENANTS = {
    "uq_tenants_slug": "Only operators make tenants, on the command line: no tenant can probe for another.",
}
ACROSS_TENANTS = {
    "qm_locate_credential": "Finds whose key or token a digest is, before there is a scope.",
    "qm_locate_oauth_client": "Finds whose OAuth client an id is, before there is a scope.",
    "qm_locate_tenant": "Finds the tenant an operator names.",
    "qm_tenants": "Lets the schedule go over the tenants.",
    "qm_client_ids": "Lists a tenant's clients for staff, who carry them all in their scope.",
    "qm_present_client_ids": "The same without those that were removed.",
    "qm_credential_client_ids": "Lists the clients that a credential opens.",
    "qm_backlog": "Counts what waits to be scored, for the sweep and the metrics.",
    "qm_training_backlog": "Lists whose trainings wait, for the sweep and the metrics.",
    "qm_models_at_fault": "Lists whose model in force cannot be read, for the metrics.",
    "qm_webhooks_due": "Lists whose events wait to be delivered, for the sweep.",
    "qm_webhook_totals": "Counts attempts to deliver and what waits, for the metrics.",
    "qm_webhooks_watching": "Lists who wants to know what comes by the clock, for the schedule.",
}
# Functions across tenants may return nothing else: no name, text, hash or content of anybody.
HARMLESS_RESULTS = {
    ("tenant_id", "uuid"),
    ("client_id", "uuid"),
    ("credential_id", "uuid"),
    ("by_token", "boolean"),
    ("state", "text"),
    ("interactions", "bigint"),
    ("deliveries", "bigint"),
    ("oldest", "timestamp with time zone"),
}


@pytest.fixture(scope="module")
def ask(services):
    engine = owner_engine(services)

    def rows(question, **values):
        with engine.connect() as connection:
            return connection.execute(text(question), values).all()

    yield rows
    engine.dispose()


@pytest.fixture(scope="module")
def tables(ask):
    found = ask(
        "select c.oid, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,"
        " pg_get_userbyid(c.relowner) as owner,"
        " exists (select from pg_attribute where attrelid = c.oid and attname = 'client_id') as by_client"
        " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    )
    return [table for table in found if table.name not in NOT_A_TENANTS]


def test_row_level_security_is_enabled_and_forced_on_every_table(tables):
    assert [table.name for table in tables if not (table.enabled and table.forced)] == []


def test_every_table_belongs_to_the_owner_role(tables):
    assert {table.owner for table in tables} == {"qm_owner"}


def test_every_table_has_exactly_the_expected_policies(tables, ask):
    present = ask("select tablename, policyname, permissive, roles, cmd from pg_policies")
    readable = {row.tablename for row in present if row.policyname == "look_up"}
    bound = "{qm_app,qm_owner}"
    expected = set()
    for table in tables:
        expected.add((table.name, "tenant_wall", "PERMISSIVE", bound, "ALL"))
        if table.by_client:
            expected.add((table.name, "client_wall", "RESTRICTIVE", bound, "ALL"))
    expected |= {(name, "look_up", "PERMISSIVE", "{qm_lookup}", "SELECT") for name in readable}

    found = {
        (row.tablename, row.policyname, row.permissive, "{" + ",".join(row.roles) + "}", row.cmd)
        for row in present
    }
    assert found == expected


def test_tenant_policies_check_tenant_setting_on_read_and_write(ask):
    walls = ask("select tablename, qual, with_check from pg_policies where policyname = 'tenant_wall'")

    assert len({(wall.qual, wall.with_check) for wall in walls}) == 1
    assert walls[0].qual == walls[0].with_check
    assert "current_setting('app.tenant_id'::text, true)" in walls[0].qual


def test_client_policy_admits_null_client_only_for_provider_owned_tables(ask):
    walls = ask("select tablename, qual, with_check from pg_policies where policyname = 'client_wall'")

    assert all("current_setting('app.client_ids'::text, true)" in wall.qual for wall in walls)
    assert all(wall.qual == wall.with_check for wall in walls)
    assert sorted(wall.tablename for wall in walls if "IS NULL" in wall.qual) == [
        "audit_entries",
        "models",
        "saved_views",
        "trainings",
        "webhook_deliveries",
    ]


def test_every_table_has_non_null_tenant_id(tables, ask):
    held = ask(
        "select attrelid from pg_attribute"
        " where attname = 'tenant_id' and attnotnull and atttypid = 'uuid'::regtype"
    )

    assert {table.oid for table in tables} - {row.attrelid for row in held} == set()


def test_every_primary_and_unique_key_starts_with_tenant_id(tables, ask):
    keys = ask(
        "select i.indrelid, c.relname as name, i.indisprimary as main, a.attname as first"
        " from pg_index i join pg_class c on c.oid = i.indexrelid"
        " left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where i.indisunique and c.relnamespace = 'public'::regnamespace"
    )
    known = {table.oid for table in tables}
    astray = {key.name for key in keys if key.indrelid in known and key.first != "tenant_id"}

    assert astray == set(UNIQUE_ACROSS_TENANTS)
    assert known - {key.indrelid for key in keys if key.main} == set()


def test_no_exclusion_constraint_looks_across_tenants(ask):
    assert ask("select conname from pg_constraint where contype = 'x'") == []


def test_every_foreign_key_starts_with_tenant_id(tables, ask):
    references = ask(
        "select k.conname, a.attname as here, b.attname as there from pg_constraint k"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]"
        " where k.contype = 'f'"
    )

    assert len(references) > len(tables)
    assert {(row.here, row.there) for row in references} == {("tenant_id", "tenant_id")}


def test_foreign_keys_between_client_tables_include_client_id(ask):
    loose = ask(
        "select k.conname from pg_constraint k where k.contype = 'f'"
        " and exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'client_id')"
        " and exists (select from pg_attribute b where b.attrelid = k.confrelid and b.attname = 'client_id')"
        " and not exists (select from pg_attribute a"
        "   where a.attrelid = k.conrelid and a.attname = 'client_id' and a.attnum = any (k.conkey))"
    )

    # Each of these evaluations is of the row's own interaction, and that reference fixes the client.
    assert {row.conname for row in loose} == {
        f"fk_{table}_tenant_id_interaction_id_evaluation_id"
        for table in ("acknowledgements", "disputes", "reviews")
    }


def test_no_sequence_counts_across_tenants(ask):
    assert ask("select relname from pg_class where relkind = 'S'") == []


def test_every_view_is_security_invoker(ask):
    views = ask(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and (relkind in ('m', 'f')"
        " or relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false))"
    )

    assert views == []


def test_no_rule_rewrites_queries(ask):
    assert ask("select rulename from pg_rules where schemaname = 'public'") == []


def test_public_is_the_only_schema(ask):
    schemas = ask("select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$)'")

    assert [row.nspname for row in schemas] == ["public"]


@pytest.fixture(scope="module")
def security_definer_functions(ask):
    return ask(
        "select p.oid, p.proname as name, pg_get_userbyid(p.proowner) as owner, p.proconfig as config,"
        " p.provolatile as volatility, pg_get_function_result(p.oid) as result, p.prolang = 14 as plain_sql,"
        " coalesce(p.proacl::text, 'everybody') as rights"
        " from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace"
    )


def test_only_reviewed_functions_are_security_definer(security_definer_functions):
    assert {function.name for function in security_definer_functions} == set(ACROSS_TENANTS)
    assert len(security_definer_functions) == len(ACROSS_TENANTS)


def test_every_look_up_is_documented_and_no_other():
    table = section(page("docs/explanation/isolation.md"), "The look-ups")

    assert {row[0].strip("`") for row in rows(table)} == set(ACROSS_TENANTS)


def test_the_owner_of_the_tables_is_bound_by_the_walls_too(services, ask):
    seeds = row_level_security.seed(services.engine)

    for table in ("interactions", "clients", "users", "evaluations"):
        assert ask(f"select count(*) as n from {table}")[0].n == 0
        assert seeds.here.rows[table]


def test_security_definer_functions_belong_to_lookup_role(security_definer_functions):
    assert {function.owner for function in security_definer_functions} == {"qm_lookup"}


def test_security_definer_functions_pin_search_path_with_pg_temp_last(security_definer_functions):
    assert {tuple(function.config) for function in security_definer_functions} == {
        ("search_path=pg_catalog, public, pg_temp",)
    }


def test_security_definer_functions_are_stable_sql(security_definer_functions):
    assert {(function.volatility, function.plain_sql) for function in security_definer_functions} == {
        ("s", True)
    }


def test_security_definer_functions_return_only_ids_counts_and_states(security_definer_functions):
    results = {
        tuple(part.split(" ", 1))
        for function in security_definer_functions
        for part in function.result.removeprefix("TABLE(").removesuffix(")").split(", ")
    }

    assert results <= HARMLESS_RESULTS


def test_no_function_is_executable_by_public(ask):
    open_ones = ask(
        "select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and exists ("
        " select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) r where r.grantee = 0)"
    )

    assert open_ones == []


def test_no_role_can_bypass_row_level_security(ask):
    roles = ask(
        "select rolname, rolsuper or rolbypassrls or rolcreaterole or rolreplication or rolcreatedb as strong"
        " from pg_roles where rolname in ('qm_app', 'qm_owner', 'qm_lookup')"
    )

    assert {(row.rolname, row.strong) for row in roles} == {
        ("qm_app", False),
        ("qm_owner", False),
        ("qm_lookup", False),
    }


def test_lookup_role_cannot_log_in(ask):
    assert ask("select rolcanlogin from pg_roles where rolname = 'qm_lookup'")[0][0] is False


def test_the_application_role_owns_nothing(ask):
    owned = ask(
        "select classid::regclass, objid from pg_shdepend"
        " where refobjid = 'qm_app'::regrole and deptype = 'o'"
    )

    assert owned == []


def test_the_application_role_is_a_member_of_nothing(ask):
    assert ask("select roleid::regrole from pg_auth_members where member = 'qm_app'::regrole") == []


def test_application_role_has_only_privileges_subject_to_row_level_security(ask):
    rights = ask(
        "select table_name, privilege_type from information_schema.role_table_grants where grantee = 'qm_app'"
    )

    assert {row.privilege_type for row in rights} == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_audit_log_and_gate_transitions_are_append_only(ask):
    rights = ask(
        "select table_name, privilege_type from information_schema.role_table_grants"
        " where grantee = 'qm_app'"
        " and table_name in ('audit_entries', 'audit_heads', 'alembic_version', 'gate_moves')"
    )

    assert sorted(tuple(row) for row in rights) == [
        ("alembic_version", "SELECT"),
        ("audit_entries", "INSERT"),
        ("audit_entries", "SELECT"),
        ("audit_heads", "INSERT"),
        ("audit_heads", "SELECT"),
        ("audit_heads", "UPDATE"),
        ("gate_moves", "INSERT"),
        ("gate_moves", "SELECT"),
    ]


def test_lookup_role_has_column_select_privileges_only(ask):
    whole = ask("select table_name from information_schema.role_table_grants where grantee = 'qm_lookup'")
    columns = ask(
        "select table_name || '.' || column_name as name from information_schema.role_column_grants"
        " where grantee = 'qm_lookup' and privilege_type <> 'SELECT'"
    )

    assert (whole, columns) == ([], [])


def test_public_has_no_privileges(ask):
    assert (
        ask(
            "select table_name from information_schema.role_table_grants where grantee = 'PUBLIC'"
            " and table_schema = 'public'"
        )
        == []
    )
    assert ask("select has_schema_privilege('public', 'public', 'usage')")[0][0] is False


def test_the_application_role_may_not_create_anything(ask):
    rights = ask(
        "select has_schema_privilege('qm_app', 'public', 'create'),"
        " has_database_privilege('qm_app', current_database(), 'create'),"
        " has_database_privilege('qm_app', current_database(), 'temporary')"
    )

    assert tuple(rights[0]) == (False, False, False)


@pytest.mark.parametrize(
    ("breach", "column"),
    [("create view {} as select * from interactions", "v"), ("create materialized view {} as select 1", "m")],
)
def test_catalogue_check_detects_a_view(breach, column, services):
    engine = owner_engine(services)
    with engine.connect() as connection:
        name = sql.Identifier("hole").as_string(None)
        connection.execute(text(breach.format(name)))
        found = (
            connection.execute(
                text(
                    "select relname from pg_class where relnamespace = 'public'::regnamespace"
                    " and (relkind in ('m', 'f') or relkind = 'v'"
                    " and not coalesce(reloptions @> array['security_invoker=true'], false))"
                )
            )
            .scalars()
            .all()
        )
        connection.rollback()
    engine.dispose()

    assert found == ["hole"]
