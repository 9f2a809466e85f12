"""The embedded Redis: password, loopback, every write kept on disk, nothing ever evicted."""

import os
import signal
import socket

import psutil

from infra.embedded.server_processes import HOST, EmbeddedServer

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


class Redis(EmbeddedServer):
    """Redis of one data directory."""

    __slots__ = ()
    name = "redis"
    title = "Redis"
    polite = firm = signal.SIGTERM
    on_timeout = signal.SIGKILL
    ready_seconds = 60.0

    def prepare(self) -> None:
        """Create the folder of the append-only file."""
        if not self.data.is_dir():
            self.data.mkdir(mode=0o700)
            self.account.take_ownership(self.data)

    def command(self, port: int) -> list[str]:
        """Write the configuration and return the command line."""
        # In a file, because a command line with the password could be read by every user.
        path = self.data / "redis.conf"
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(
                _CONFIGURATION.format(host=HOST, port=port, password=self.secrets.redis, folder=self.data)
            )
        self.account.take_ownership(path)
        return [str(self.programs.redis), str(path)]

    def is_ready(self, pid: int, port: int) -> bool:  # noqa: ARG002 - the port is enough
        """Tell whether it answers PING, which it does once the queue is loaded."""
        try:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.secrets.redis}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    chunk = connection.recv(256)
                    if not chunk:
                        return False
                    answer += chunk
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def is_ours(self, process: psutil.Process) -> bool:
        """Tell by the configuration file on the command line."""
        return (
            process.name().startswith("redis-server") and str(self.data / "redis.conf") in process.cmdline()
        )

    def recover(self, log_end: str) -> bool:
        """Rename a damaged append-only file: work waits in PostgreSQL, and the sweep queues it again."""
        damaged = self.data / "appendonly.aof"
        if "Bad file format" not in log_end or not damaged.exists():
            return False
        damaged.replace(damaged.with_suffix(".damaged"))
        return True
