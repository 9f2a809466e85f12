"""The embedded PostgreSQL: created with passwords from the start, on loopback TCP only."""

import os
import shutil
import signal
from pathlib import Path

import psutil

from infra.embedded.accounts import EmbeddedError
from infra.embedded.programs import POSTGRES_MAJOR
from infra.embedded.server_processes import HOST, EmbeddedServer, launch, log_tail

ADMIN = "qm_admin"
_MIN_FREE_BYTES = 200 * 1024 * 1024

# Written to postgresql.conf once, when the cluster is created: the operator may change them there.
_TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_connections": "100",
    # Until freshly loaded tables are analysed, PostgreSQL takes any index for any question.
    "autovacuum_naptime": "5s",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "5s",
    # Statements in the log would carry personal data along with the values.
    "log_parameter_max_length": "0",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}


class Postgres(EmbeddedServer):
    """PostgreSQL of one data directory."""

    __slots__ = ()
    name = "postgres"
    title = "PostgreSQL"
    polite = on_timeout = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    firm = signal.SIGQUIT
    ready_seconds = 120.0  # recovery after a crash replays the log first

    def prepare(self) -> None:
        """Create the cluster on first use, check its version, and remove a stale lock file."""
        if not self.data.is_dir():
            self._create_cluster()
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(POSTGRES_MAJOR):
            raise EmbeddedError(
                f"{self.data} holds data of PostgreSQL {found}; this release of qm brings {POSTGRES_MAJOR}. "
                "Take a dump with pg_dump under the release that wrote it; restore it into a new directory."
            )
        # PostgreSQL takes any process that has the id in it now for a server; `is_ours` has looked closer.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def command(self, port: int) -> list[str]:
        """Return the command line for this port."""
        settings = {
            "port": str(port),
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "logging_collector": "off",
            "dynamic_shared_memory_type": _shared_memory(),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs.postgres), "-D", str(self.data), *options]

    def is_ready(self, pid: int, port: int) -> bool:  # noqa: ARG002 - its lock file says enough
        """Tell whether the lock file of this process says so."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def is_ours(self, process: psutil.Process) -> bool:
        """Tell by the working directory, which PostgreSQL sets to its data."""
        return process.name().startswith("postgres") and process.cwd() == str(self.data)

    def _create_cluster(self) -> None:
        """Create it under another name first, so that an incomplete one is never taken for complete."""
        free = shutil.disk_usage(self.home).free
        if free < _MIN_FREE_BYTES:
            raise EmbeddedError(
                f"Only {free // 2**20} MB are free for {self.home}; a new database needs "
                f"{_MIN_FREE_BYTES // 2**20} MB. Free some space or set QM_DATA_DIR to another disk."
            )
        part = self.home / "postgres.part"
        shutil.rmtree(part, ignore_errors=True)
        password = self.home / "password"
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.secrets.admin)
        try:
            self.account.take_ownership(password)
            self._initdb(part, password)
        finally:
            password.unlink()
        part.rename(self.data)
        self.directory.roles_applied.unlink(missing_ok=True)
        self.directory.remember(initialised=True)

    def _initdb(self, data: Path, password: Path) -> None:
        command = [
            str(self.programs.initdb),
            *("--pgdata", str(data), "--username", ADMIN, "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(word for name, value in _TUNING.items() for word in ("--set", f"{name}={value}")),
        ]
        log = self.directory.log("initdb")
        process = launch(
            command, account=self.account, log=log, on_parent_death=signal.SIGTERM, folder=self.home
        )
        if process.wait() != 0:
            raise EmbeddedError(f"The database could not be made in {self.home}:\n{log_tail(log)}")


def _shared_memory() -> str:
    """Choose files in the data directory where /dev/shm is as small as containers make it by default."""
    try:
        size = shutil.disk_usage("/dev/shm").total  # noqa: S108 - asked for its size only
    except OSError:
        return "mmap"
    return "posix" if size >= _MIN_FREE_BYTES else "mmap"
