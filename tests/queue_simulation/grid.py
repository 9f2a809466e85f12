"""The whole grid of simulated queues, on a database of its own; prints its summaries as JSON."""

import argparse
import json
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from infra import database_schema, runtime
from infra.embedded import servers
from tenants import clients
from tenants.isolation import transaction
from tenants.models import new_id
from tests.conftest import Provider
from tests.queue_simulation.coverage import PARTS, summary
from tests.queue_simulation.desk import Desk
from tests.queue_simulation.repeat import run_repeat
from tests.queue_simulation.settings import GRID


def simulated_provider(services, http=None):
    """Return a provider with one client."""
    with transaction(services.engine) as session:
        tenant = clients.create_tenant(session, name=f"Provider {new_id()}")
    made = Provider(services, http, tenant)
    made.add_client("northwind")
    return made


@contextmanager
def installation():
    """Yield the services of a new installation, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        settings = runtime.complete(runtime.read_settings({"QM_DATA_DIR": folder}))
        database_schema.upgrade(settings.owner_url or "")
        services = runtime.build(settings)
        try:
            yield services
        finally:
            services.engine.dispose()
            services.redis.close()
            servers.remove(Path(folder))


def run(desk, setting, repeats, seed):
    """Return the summary of one setting, with the CPU seconds for each claim."""
    began, claims, found = time.process_time(), 0, []
    for number in range(repeats):
        moments, made = run_repeat(desk, setting, seed + number)
        found.append(moments)
        claims += made
    return summary(setting, found) | {"claims": claims, "seconds": time.process_time() - began}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20, help="repeats of each setting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="which part of the settings, as 0/2 and 1/2")
    parser.add_argument("--only", default="", help="settings whose name contains this")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    found = []
    with installation() as services:
        desk = Desk(simulated_provider(services))
        for setting in [each for each in GRID if arguments.only in each.name][part::parts]:
            began = time.monotonic()
            found.append(run(desk, setting, arguments.repeats, arguments.seed))
            covered = {name: round(found[-1][name]["share"], 3) for name in PARTS if found[-1][name]}
            words = f"{setting.name}: {covered}, {time.monotonic() - began:.0f} s"
            print(words, file=sys.stderr, flush=True)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
