"""The schema is brought forward by whoever starts the web server and knows the owner's address."""

import signal

from infra import database_schema
from tests.database.scratch import scratch_database
from tests.jobs.worker_processes import WorkerProcesses
from tests.waiting import PATIENCE, wait_until


def test_the_web_server_brings_the_schema_forward_if_it_knows_the_owner(data_dir, services, tmp_path):
    processes = WorkerProcesses(data_dir, tmp_path)
    try:
        with scratch_database(data_dir, services, "qm_served") as scratch:
            database_schema.upgrade(scratch.owner_url, "0006")
            addresses = {
                "QM_DATABASE_URL": database_schema.sqlalchemy_url(scratch.app_url),
                "QM_REDIS_URL": services.settings.redis_url,
                "QM_SECRET_KEY": "k" * 40,
                "QM_WEB_PROCESSES": 1,
            }
            for owner, current in (({}, False), ({"QM_DATABASE_OWNER_URL": scratch.owner_url}, True)):
                serving = processes.run("-m", "infra.cli", "serve", "--port", "0", **addresses, **owner)
                wait_until(lambda: "ready http" in serving.log.read_text())  # noqa: B023
                assert database_schema.status(scratch.owner_url).current is current
                serving.process.send_signal(signal.SIGTERM)
                serving.process.wait(timeout=PATIENCE)
    finally:
        processes.end()
