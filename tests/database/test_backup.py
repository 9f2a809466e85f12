"""A backup as the how-to says: dumped as an administrator, restored into a new database, and whole there."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from infra import database_schema
from infra.embedded import programs, servers
from infra.postgres import catalogue
from tenants import audit, clients
from tenants.isolation import set_scope, transaction
from tests.database import row_level_security
from tests.database.scratch import scratch_database


@pytest.fixture(scope="module")
def admin_url(data_dir):
    """Return the administrator's address of a database on the embedded server."""
    address = servers.ensure(data_dir).admin_url
    servers.release(data_dir)
    return lambda name: address.rpartition("/")[0] + f"/{name}"


def run(program, *arguments):
    path = Path(programs.find().postgres).with_name(program)
    return subprocess.run([path, *arguments], capture_output=True, text=True, check=False)


def contents(url):
    """Return of every table how many rows it has, and a digest of all that stands in them."""
    ask = "select count(*), md5(string_agg(row::text, ' ' order by row::text)) from {} row"
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return {table: connection.execute(ask.format(table).encode()).fetchone() for (table,) in tables}


def test_a_backup_is_restored_with_its_walls_and_its_audit_logs(data_dir, services, admin_url, tmp_path):
    dump = str(tmp_path / "qm.dump")
    with (
        scratch_database(data_dir, services, "qm_saved") as saved,
        scratch_database(data_dir, services, "qm_new") as new,
    ):
        database_schema.upgrade(saved.owner_url)
        with saved.engines() as (app, _):
            row_level_security.seed(app)
            with transaction(app) as session:
                tenant = clients.create_tenant(session, name="Acme")
                clients.create_client(session, name="Northwind")

        as_owner = run("pg_dump", "--format=custom", f"--file={tmp_path}/half.dump", saved.owner_url)
        assert as_owner.returncode != 0
        assert "row-level security" in as_owner.stderr
        done = run("pg_dump", "--format=custom", f"--file={dump}", admin_url("qm_saved"))
        assert done.returncode == 0, done.stderr

        database_schema.upgrade(new.owner_url)
        done = run("pg_restore", "--clean", "--if-exists", f"--dbname={admin_url('qm_new')}", dump)
        assert (done.returncode, done.stderr) == (0, "")

        assert contents(admin_url("qm_new")) == contents(admin_url("qm_saved"))
        with psycopg.connect(admin_url("qm_new")) as connection:
            assert [str(each) for each in catalogue.differences(connection)] == []
        with new.engines() as (app, _), transaction(app) as session:
            set_scope(session, clients.tenant_scope(session, tenant.tenant_id))
            assert audit.verify(session) is None
            assert audit.newest(session).number == 2
