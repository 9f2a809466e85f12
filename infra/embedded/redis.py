"""The embedded Redis: password, loopback, every write kept on disk, nothing ever evicted."""

import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from infra.embedded import server_processes
from infra.embedded.data_directory import Account, DataDirectory, EmbeddedError, Secrets
from infra.embedded.programs import Programs
from infra.embedded.server_processes import HOST, Server

_POLITE = signal.SIGTERM
_READY_SECONDS = 60.0
_PORT_TRIES = 3

_CONFIGURATION = """\
bind {host}
port {port}
unixsocket ""
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
set-proc-title no
"""


@dataclass(frozen=True, slots=True)
class Redis:
    """Redis of one data directory."""

    place: DataDirectory
    account: Account
    home: Path
    programs: Programs

    @property
    def data(self) -> Path:
        """Return where the append-only file lives."""
        return self.home / "redis"

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.place.log("redis")

    def start(self, secrets: Secrets) -> Server:
        """Clear what a crash left, start, and wait until the queue is loaded."""
        if not self.data.is_dir():
            self.data.mkdir(mode=0o700)
            self.account.give(self.data)
        self.clear()
        server_processes.trim_log(self.log)
        port = self.place.state().get("redis_port")
        for _attempt in range(_PORT_TRIES):
            port = server_processes.free_port(port)
            process = self._launch(port, secrets)
            is_ready = partial(_pongs, port, secrets.redis)
            if server_processes.becomes_ready(
                process, is_ready, seconds=_READY_SECONDS, otherwise=signal.SIGKILL
            ):
                self.place.remember(redis_port=port)
                return Server("redis", process, port, _POLITE)
            if not self._may_mend():
                break
        raise EmbeddedError(f"Redis did not start:\n{server_processes.last_words(self.log)}")

    def clear(self) -> None:
        """End a server that a killed keeper left on this data."""
        server_processes.end_orphans(self._is_ours, _POLITE)

    def _is_ours(self, process: psutil.Process) -> bool:
        return process.name().startswith("redis-server") and str(self._file) in process.cmdline()

    @property
    def _file(self) -> Path:
        return self.data / "redis.conf"

    def _launch(self, port: int, secrets: Secrets) -> subprocess.Popen[bytes]:
        # In a file, because a command line with the password could be read by every user.
        self._file.unlink(missing_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(_CONFIGURATION.format(host=HOST, port=port, password=secrets.redis, folder=self.data))
        self.account.give(self._file)
        command = [str(self.programs.redis), str(self._file)]
        return server_processes.start(
            command, account=self.account, log=self.log, polite=_POLITE, folder=self.data
        )

    def _may_mend(self) -> bool:
        """Put a damaged append-only file aside: work waits in PostgreSQL, and the sweep wakes it again."""
        words = server_processes.last_words(self.log)
        damaged = self.data / "appendonly.aof"
        if "Bad file format" in words and damaged.exists():
            damaged.replace(damaged.with_suffix(".damaged"))
            return True
        return "Address already in use" in words


def _pongs(port: int, password: str) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                piece = link.recv(256)
                if not piece:
                    return False
                answer += piece
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
