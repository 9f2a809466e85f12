"""An installation of QM in a temporary folder, used through its programs and its API."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle.yaml"
QM = Path(sys.executable).parent / "qm"
SCOPES = (
    "clients:read clients:write interactions:read interactions:write reviews:read reviews:write"
    " reports:read definitions:read definitions:write"
)
# Otherwise the benchmarks would measure the rate limit.
SETTINGS = {"QM_RATE_LIMIT": "100000000/minute", "QM_LOG_LEVEL": "warning", "QM_WEB_PROCESSES": "2"}
_STOP_SECONDS = 30


@dataclass(slots=True)
class Installation:
    """The folder, its servers' addresses, and the provider, client and key that benchmarks use."""

    environment: dict[str, str]
    app_url: str
    admin_url: str
    tenant_id: str
    client_id: str
    slug: str
    key: str

    def admin(self) -> psycopg.Connection[Any]:
        """Open a connection that bypasses row-level security: to look, and to clean up between runs."""
        return psycopg.connect(self.admin_database_url, autocommit=True)

    @property
    def admin_database_url(self) -> str:
        """The URL of QM's database for an administrator."""
        return make_conninfo(self.admin_url, dbname="qm")

    def app(self) -> psycopg.Connection[Any]:
        """Open a connection as the application's own role, behind forced row-level security."""
        return psycopg.connect(self.app_url)

    def driver(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run one of the drivers to its end and return what it prints."""
        finished = subprocess.run(
            [sys.executable, str(HERE / "drivers" / f"{name}.py"), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        printed: dict[str, Any] = json.loads(finished.stdout)
        return printed

    @contextmanager
    def up(self, *, workers: int, **settings: str) -> Iterator[str]:
        """Run `qm up` and yield its address."""
        process = subprocess.Popen(
            [QM, "up", "--port", "0", "--workers", str(workers)],
            env={**self.environment, **settings},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _first_line(process).split()[1]
        finally:
            stop(process)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[Any]]:
        """Run one scoring worker process."""
        process = subprocess.Popen([sys.executable, "-P", "-m", "infra.worker"], env=self.environment)
        try:
            yield process
        finally:
            stop(process)

    def clear(self) -> None:
        """Delete all interactions and everything derived from them."""
        with self.admin() as connection:
            connection.execute("truncate interactions, daily_rollups, evaluations, reviews cascade")


@contextmanager
def temporary_installation() -> Iterator[Installation]:
    """Create an installation with one provider and client, and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="qm-bench-") as folder:
        environment = {**os.environ, **SETTINGS, "QM_DATA_DIR": folder}
        for name in ("QM_DATABASE_URL", "QM_DATABASE_OWNER_URL", "QM_REDIS_URL", "QM_SECRET_KEY"):
            environment.pop(name, None)
        server_process = subprocess.Popen(
            [sys.executable, str(HERE / "drivers" / "servers.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _with_provider_and_client(environment, json.loads(_first_line(server_process)))
        finally:
            if server_process.stdin is not None:
                server_process.stdin.close()
            server_process.wait(_STOP_SECONDS)


def _with_provider_and_client(environment: dict[str, str], addresses: dict[str, str]) -> Installation:
    tenant = qm_command(environment, "tenants", "create", "Bench")
    client = qm_command(environment, "clients", "create", "--tenant", tenant["slug"], "Northwind")
    key = qm_command(environment, "keys", "create", "--tenant", tenant["slug"], "--scopes", SCOPES)
    subprocess.run(
        [QM, "load", "--tenant", tenant["slug"], client["slug"], str(BUNDLE)],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return Installation(
        environment,
        addresses["app"],
        addresses["admin"],
        tenant["id"],
        client["id"],
        client["slug"],
        key["key"],
    )


def qm_command(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    finished = subprocess.run([QM, *arguments, "--json"], env=environment, stdout=subprocess.PIPE, check=True)
    printed: dict[str, Any] = json.loads(finished.stdout)
    return printed


def _first_line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended before it was ready")
    return line


def stop(process: subprocess.Popen[Any]) -> None:
    """Stop a program as Ctrl-C would, and wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Connection:
    """One kept-alive HTTP connection with the key of an installation."""

    def __init__(self, address: str, key: str) -> None:
        """Connect with the first request."""
        self._http = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}"}

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> bytes:
        """Send one request and return the answer's body; raises for any status that is not a success."""
        headers = self._headers if body is None else {**self._headers, "Content-Type": kind}
        self._http.request(method, path, body, headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return content

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
