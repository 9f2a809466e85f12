"""No command begins a second installation by itself, and nobody is given a second secret key."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from infra.embedded import servers
from infra.postgres import database_roles


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="qm-two-"))
    made.chmod(0o755)
    yield made
    for path in (made / "one", made / "two" / "qm-data"):
        servers.remove(path)
    shutil.rmtree(made)


@pytest.fixture
def qm(forked_programs):
    def run(*arguments, folder, status=0, **settings):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
        environment = {**kept, "QM_LOG_LEVEL": "error", "QM_PORT": "0", **settings}
        done = forked_programs.run(arguments, env=environment, cwd=folder)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("tenants", "create", "Acme"),
        ("tenants", "list"),
        ("clients", "create", "--tenant", "acme", "Northwind"),
        ("users", "create", "--tenant", "acme", "--role", "reviewer", "ada@example.com"),
        ("keys", "create", "--tenant", "acme"),
        ("retry", "northwind"),
        ("train", "northwind"),
        ("report", "northwind"),
        ("db", "upgrade"),
        ("db", "status"),
        ("export", "northwind"),
        ("serve",),
        ("worker",),
    ],
)
def test_no_command_but_up_init_and_demo_begins_an_installation(qm, folder, arguments):
    done = qm(*arguments, folder=folder, status=1)

    assert "There is no installation in " in done.stderr
    assert list(folder.iterdir()) == []


def test_the_doctor_of_nothing_makes_nothing(qm, folder):
    checks = json.loads(qm("doctor", "--json", folder=folder, QM_DATA_DIR=str(folder / "none")).stdout)

    assert any(check["name"] == "installation" and "none yet" in check["detail"] for check in checks)
    assert list(folder.iterdir()) == []


def test_another_installation_that_runs_is_named(qm, folder):
    one, two = folder / "one of two", folder / "two"
    two.mkdir()
    qm("init", folder=folder, QM_DATA_DIR=str(one))
    servers.ensure(one)
    try:
        refused = qm("tenants", "create", "Acme", folder=two, status=1)
        checks = json.loads(qm("doctor", "--json", folder=two, status=1).stdout)
        qm("init", folder=two)
        two_of_them = json.loads(qm("doctor", "--json", folder=two, status=1).stdout)
    finally:
        servers.release(one)

    assert f"export QM_DATA_DIR='{one}'" in refused.stderr
    for found in (checks, two_of_them):
        [told] = [check for check in found if check["name"] == "installation"]
        assert not told["ok"]
        assert f"one runs in {one}" in told["detail"]


@pytest.fixture(scope="module")
def empty_server():
    """The administrator's address of a server of its own, on which QM has never been."""
    made = Path(tempfile.mkdtemp(prefix="qm-init-"))
    made.chmod(0o755)
    admin_url = servers.ensure(made / "data").admin_url
    remove_databases(admin_url, "qm")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("drop role qm_owner, qm_app, qm_lookup")
    yield admin_url
    servers.release(made / "data")
    servers.remove(made / "data")
    shutil.rmtree(made)


@pytest.fixture
def own_database(empty_server):
    """The administrator's address, and the name of a database that is not there yet."""
    yield empty_server, "qm_installed"
    remove_databases(empty_server, "qm_installed")


def remove_databases(admin_url, *names):
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for name in names:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


def test_a_second_init_prints_no_secret_key(qm, own_database, folder):
    admin_url, name = own_database
    first = qm("init", "--admin-url", admin_url, "--database", name, folder=folder)
    second = qm("init", "--admin-url", admin_url, "--database", name, folder=folder)

    assert "QM_SECRET_KEY=" in first.stdout
    assert "QM_SECRET_KEY=" not in second.stdout
    assert "Keep the QM_SECRET_KEY that you have" in second.stderr
    assert "QM_DATABASE_URL=" in second.stdout


def test_an_init_with_a_secret_key_prints_no_other(qm, own_database, folder):
    admin_url, name = own_database
    done = qm("init", "--admin-url", admin_url, "--database", name, folder=folder, QM_SECRET_KEY="k" * 40)

    assert "QM_SECRET_KEY=" not in done.stdout


def test_an_init_that_fails_leaves_no_empty_database(own_database, monkeypatch):
    admin_url, name = own_database
    monkeypatch.setattr(database_roles, "script", lambda: "rubbish")
    with pytest.raises(psycopg.errors.SyntaxError):
        database_roles.create_roles(admin_url, owner_password="a", app_password="b", database=name)

    assert not database_roles.has_schema(admin_url, name)
    with psycopg.connect(admin_url) as connection:
        assert connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None


@pytest.mark.parametrize("name", ["other", "QM"])
def test_an_init_beside_another_installation_changes_nothing(qm, data_dir, services, folder, name):
    admin_url = servers.ensure(data_dir).admin_url
    done = qm("init", "--admin-url", admin_url, "--database", name, folder=folder, status=1)
    servers.release(data_dir)

    assert "holds an installation already, in the database qm" in done.stderr
    assert "Use another server" in done.stderr
    assert done.stdout == ""
    with psycopg.connect(admin_url) as connection:
        assert connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None
    for url in (services.settings.owner_url, services.settings.database_url):
        psycopg.connect(database_roles.plain_url(url)).close()


def test_an_init_beside_databases_of_others_is_made(qm, own_database, folder):
    admin_url, name = own_database
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("create database somebody_elses")

    done = qm("init", "--admin-url", admin_url, "--database", name, folder=folder)

    assert "QM_DATABASE_URL=" in done.stdout
    remove_databases(admin_url, "somebody_elses")
