"""The embedded PostgreSQL: made with passwords from the first moment, on loopback TCP only."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from infra.embedded import server_processes
from infra.embedded.data_directory import Account, DataDirectory, EmbeddedError, Secrets
from infra.embedded.programs import POSTGRES_MAJOR, Programs
from infra.embedded.server_processes import HOST, Server

ADMIN = "qm_admin"
_POLITE = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
_NEEDED_BYTES = 200 * 1024 * 1024
_READY_SECONDS = 120.0  # recovery after a crash replays the log first
_PORT_TRIES = 3

# Written to postgresql.conf once, when the data is made: the operator may change them there.
_TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "5s",
    # Statements in the log would carry personal data along with the values.
    "log_parameter_max_length": "0",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """PostgreSQL of one data directory."""

    place: DataDirectory
    account: Account
    home: Path
    programs: Programs

    @property
    def data(self) -> Path:
        """Return the cluster's directory."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.place.log("postgres")

    def start(self, secrets: Secrets) -> Server:
        """Make the data if there is none, clear what a crash left, start, and wait until it answers."""
        self._initialise(secrets)
        self._check_version()
        self.clear()
        server_processes.trim_log(self.log)
        port = self.place.state().get("postgres_port")
        for attempt in range(1, _PORT_TRIES + 1):
            port = server_processes.free_port(port)
            process = self._launch(port)
            is_ready = partial(self._says_ready, process.pid)
            if server_processes.becomes_ready(process, is_ready, seconds=_READY_SECONDS, otherwise=_POLITE):
                self.place.remember(postgres_port=port)
                return Server("postgres", process, port, _POLITE)
            if (
                "Address already in use" not in server_processes.last_words(self.log)
                or attempt == _PORT_TRIES
            ):
                break
        raise EmbeddedError(f"PostgreSQL did not start:\n{server_processes.last_words(self.log)}")

    def clear(self) -> None:
        """End servers a killed keeper left on this data, and remove a lock file that means nothing."""
        server_processes.end_orphans(self._is_ours, _POLITE)
        # PostgreSQL believes a lock file whose process id is in use again by anybody; we have looked closer.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        return process.name().startswith("postgres") and process.cwd() == str(self.data)

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        settings = {
            "port": str(port),
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "logging_collector": "off",
            "dynamic_shared_memory_type": _shared_memory(),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.programs.postgres), "-D", str(self.data), *options]
        return server_processes.start(
            command, account=self.account, log=self.log, polite=_POLITE, folder=self.home
        )

    def _says_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(POSTGRES_MAJOR):
            raise EmbeddedError(
                f"{self.data} holds data of PostgreSQL {found}; this release of qm brings {POSTGRES_MAJOR}. "
                "Take a dump with pg_dump under the release that wrote it; restore it into a new directory."
            )

    def _initialise(self, secrets: Secrets) -> None:
        """Make the cluster beside its final place, so that a half-made one is never taken for a whole one."""
        if self.data.is_dir():
            return
        free = shutil.disk_usage(self.home).free
        if free < _NEEDED_BYTES:
            raise EmbeddedError(
                f"Only {free // 2**20} MB are free for {self.home}; a new database needs "
                f"{_NEEDED_BYTES // 2**20} MB. Free some space or set QM_DATA_DIR to another disk."
            )
        part = self.home / "postgres.part"
        shutil.rmtree(part, ignore_errors=True)
        password = self.home / "password"
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.admin)
        try:
            self.account.give(password)
            self._initdb(part, password)
        finally:
            password.unlink()
        part.rename(self.data)
        self.place.roles_applied.unlink(missing_ok=True)
        self.place.remember(initialised=True)

    def _initdb(self, data: Path, password: Path) -> None:
        command = [
            str(self.programs.initdb),
            *("--pgdata", str(data), "--username", ADMIN, "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(word for name, value in _TUNING.items() for word in ("--set", f"{name}={value}")),
        ]
        log = self.place.log("initdb")
        process = server_processes.start(
            command, account=self.account, log=log, polite=signal.SIGTERM, folder=self.home
        )
        if process.wait() != 0:
            raise EmbeddedError(
                f"The database could not be made in {self.home}:\n{server_processes.last_words(log)}"
            )


def _shared_memory() -> str:
    """Choose files in the data directory where /dev/shm is as small as containers make it by default."""
    try:
        room = shutil.disk_usage("/dev/shm").total  # noqa: S108 - asked for its size only
    except OSError:
        return "mmap"
    return "posix" if room >= _NEEDED_BYTES else "mmap"
