"""QM works on the oldest PostgreSQL that the README names, as on the embedded one, which is the newest."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from infra import database_schema
from infra.embedded.server_processes import free_port
from infra.postgres import catalogue, database_roles
from tests.database import row_level_security
from tests.database.scratch import Scratch
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path("/usr/lib/postgresql")  # where Debian's packages are
NAMED = int(re.search(r"PostgreSQL (\d+) or newer", (ROOT / "README.md").read_text())[1])
USER = "postgres"


def installed():
    return sorted(int(path.name) for path in BINARIES.glob("[0-9]*") if (path / "bin/initdb").exists())


@pytest.fixture(scope="module", params=sorted({NAMED, *installed()}))
def admin_url(request, tmp_path_factory):
    """A server of one version, run by Debian's binaries."""
    programs = BINARIES / str(request.param) / "bin"
    if not (programs / "initdb").exists():
        pytest.skip(
            f"PostgreSQL {request.param} is not installed here: apt-get install postgresql-{request.param}"
        )
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/qm-pg-XXXXXX"], text=True).strip())
    as_other = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if as_other:
        subprocess.run(["chown", USER, folder], check=True)
    port = free_port(None)
    common = {"stdout": subprocess.DEVNULL, "cwd": "/", **as_other}
    making = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
    subprocess.run(making, check=True, **common)
    options = ["-c", f"port={port}", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *options], stderr=subprocess.DEVNULL, **common
    )
    url = f"postgresql://postgres:x@127.0.0.1:{port}/postgres"
    try:
        wait_until(lambda: answers(url))
        yield url
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)
        subprocess.run(["rm", "-rf", folder], check=True)


def answers(url):
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def qm(*arguments, **settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
    command = [sys.executable, "-P", "-m", "infra.cli", *arguments]
    done = subprocess.run(command, env={**kept, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def settings(admin_url):
    """What `qm init` prints."""
    lines = qm("init", "--admin-url", admin_url).splitlines()
    return dict(line.split("=", 1) for line in lines if line.startswith("QM_"))


def test_init_makes_a_database_whose_walls_stand(settings):
    with psycopg.connect(database_roles.plain_url(settings["QM_DATABASE_URL"])) as connection:
        assert [str(difference) for difference in catalogue.differences(connection)] == []
    assert database_schema.differences(settings["QM_DATABASE_OWNER_URL"]) == []


def test_init_again_changes_only_the_passwords(settings, admin_url):
    again = dict(
        line.split("=", 1) for line in qm("init", "--admin-url", admin_url).splitlines() if "=" in line
    )
    settings.update(again)

    assert answers(database_roles.plain_url(again["QM_DATABASE_URL"]))


def test_no_way_leads_round_the_walls(settings):
    scratch = Scratch(settings["QM_DATABASE_OWNER_URL"], settings["QM_DATABASE_URL"])
    with scratch.engines() as (app, owner):
        assert row_level_security.violations(app, owner, row_level_security.seed(app)) == []
        with owner.connect() as connection:
            assert connection.execute(text("select count(*) from tenants")).scalar() == 0


def test_the_road_from_push_to_report(settings, data_dir, services, tmp_path):
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("qm_bundle: 1\nscorecards: [{key: care, name: Care, template: empathy}]\n")
    pushed = {
        "external_id": "A-1",
        "channel": "chat",
        "started_at": "2026-11-02T09:00:00Z",
        "turns": [
            {"speaker": "customer", "text": "I am so upset."},
            {"speaker": "agent", "text": "I am sorry."},
        ],
    }
    lines = tmp_path / "pushed.ndjson"
    lines.write_text(json.dumps(pushed))
    known = {
        **settings,
        "QM_REDIS_URL": services.settings.redis_url.removesuffix("0") + "7",
        "QM_SECRET_KEY": "k" * 40,
    }
    qm("tenants", "create", "Acme", **known)
    qm("clients", "create", "--tenant", "acme", "Northwind", **known)
    qm("load", "northwind", str(bundle), "--tenant", "acme", **known)
    qm("import", "northwind", str(lines), "--tenant", "acme", **known)
    burst = "from infra import runtime; from workers import processes;"
    burst += (
        "s = runtime.build(runtime.complete(runtime.read_settings())); processes.run_worker(s, burst=True)"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
    subprocess.run([sys.executable, "-P", "-c", burst], env={**kept, **known}, check=True, cwd=ROOT)

    told = qm(
        "report", "northwind", "--tenant", "acme", "--from", "2026-11-01", "--to", "2026-11-30", **known
    )
    assert told.startswith("northwind, 2026-11-01 to 2026-11-30")
    assert qm("db", "check", "--tenant", "acme", "northwind", **known).strip() == "equal"
    assert qm("tenants", "verify-audit", "--tenant", "acme", **known).strip() == "whole"
