"""A complete QM in processes of its own, started with `qm up` and with keys from `qm keys create`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.embedded import servers
from tenants.roles import ROLES
from tests.waiting import PATIENCE

SECRET_KEY = "the-real-data-are-drawn-with-this-key"
REVIEWERS: Mapping[str, str] = {"ana": "Ana Duarte", "ben": "Ben Okafor"}
_COMMAND = (sys.executable, "-P", "-m", "infra.cli")


class Api:
    """Speaks HTTP with one key."""

    def __init__(self, address: str, key: str) -> None:
        """Take the server's address and a key."""
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request and return its answer, which has to be a good one."""
        answer = self._http.request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the decoded answer; None when there is none."""
        answer = self.send(method, path, **options)
        return answer.json() if answer.content else None

    def every(self, path: str, **params: Any) -> Iterator[Mapping[str, Any]]:
        """Return every entry of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.json(
                "GET", path, params={**params, "limit": 200} | ({"cursor": cursor} if cursor else {})
            )
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


@dataclass(frozen=True, slots=True)
class Callers:
    """A manager, an integrator, and the people who review."""

    manager: Api
    integrator: Api
    reviewers: Mapping[str, Api]

    def close(self) -> None:
        """Close everybody's connections."""
        for caller in (self.manager, self.integrator, *self.reviewers.values()):
            caller.close()


@contextmanager
def running(folder: Path) -> Iterator[Callers]:
    """Run QM in a data directory of its own, with one provider, and end and remove it afterwards."""
    data_dir = folder / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
    environment |= {
        "QM_DATA_DIR": str(data_dir),
        "QM_SECRET_KEY": SECRET_KEY,
        "QM_LOG_LEVEL": "warning",
        "QM_RATE_LIMIT": "1000000/minute",
    }
    log = folder / "log"
    try:
        with _up(environment, log) as address:
            callers = _callers(address, environment)
            yield callers
            callers.close()
    finally:
        servers.remove(data_dir)


@contextmanager
def _up(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*_COMMAND, "up", "--port", "0"],
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            text=True,
        )
        try:
            yield _address(process, log)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    for line in process.stdout or ():
        if line.startswith("ready "):
            return line.split()[1]
    raise AssertionError(f"`qm up` ended while starting: {log.read_text()[-2000:]}")


def _callers(address: str, environment: Mapping[str, str]) -> Callers:
    tenant = _ask(environment, "tenants", "create", "Harvest Support")["slug"]
    manager = Api(address, _key(environment, tenant, "--scopes", " ".join(sorted(ROLES["admin"]))))
    integrator = Api(address, _key(environment, tenant, "--scopes", "interactions:read interactions:write"))
    reviewers = {}
    for name, full in REVIEWERS.items():
        email = f"{name}@harvest.example"
        manager.json("POST", "/v1/users", json={"email": email, "name": full, "role": "reviewer"})
        reviewers[name] = Api(address, _key(environment, tenant, "--user", email))
    return Callers(manager, integrator, reviewers)


def _key(environment: Mapping[str, str], tenant: str, *options: str) -> str:
    return str(_ask(environment, "keys", "create", "--tenant", tenant, *options)["key"])


def _ask(environment: Mapping[str, str], *words: str) -> Any:
    """Give a command of `qm`, and return the JSON it prints."""
    done = subprocess.run(
        [*_COMMAND, *words, "--json"], env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
