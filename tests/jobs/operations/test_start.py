"""`qm serve` and `qm up` bring an older schema forward before they are ready."""

import signal

import pytest
from alembic.script import ScriptDirectory

from infra import database_schema
from tests.database.scratch import scratch_database
from tests.jobs.worker_processes import ROOT, WorkerProcesses
from tests.waiting import wait_until

QM = "import sys; from infra.cli import main; sys.exit(main())"


@pytest.fixture
def processes(data_dir, tmp_path):
    made = WorkerProcesses(data_dir, tmp_path)
    yield made
    made.end()


@pytest.fixture
def older(data_dir, services):
    """A database whose schema is that of the release before, as far as migrations tell."""
    script = ScriptDirectory(str(ROOT / "infra" / "migrations"))
    previous = script.get_revision(script.get_current_head()).down_revision
    with scratch_database(data_dir, services, "qm_older") as scratch:
        database_schema.upgrade(scratch.owner_url, previous)
        assert not database_schema.status(scratch.owner_url).current
        yield scratch


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("up", "--port", "0", "--workers", "0")])
def test_an_older_schema_is_brought_forward_before_ready_is_said(processes, older, services, command):
    started = processes.run(
        "-c",
        QM,
        *command,
        QM_DATABASE_URL=older.app_url,
        QM_DATABASE_OWNER_URL=older.owner_url,
        QM_REDIS_URL=services.settings.redis_url,
        QM_SECRET_KEY=services.settings.secret_key,
        QM_WEB_PROCESSES=1,
    )
    wait_until(lambda: "ready http" in started.log.read_text() or not started.alive)

    assert database_schema.status(older.owner_url).current, started.log.read_text()
    assert started.alive
    assert started.kill(signal.SIGTERM) == 0
