"""The guardian: one small process per data directory that runs the servers and stops them when unused.

Started by `servers.ensure` as `python -m infra.embedded.server_guardian DATA_DIR`. The first process waits
for the outcome and reports it; its child detaches and stays. It ends on SIGTERM, when nobody has held a
share of the owners' lock for `LINGER` seconds, or when the data directory is gone. It restarts a server that
died. While it stops unused servers it holds the owners' lock exclusively, so that new processes wait and then
start afresh. Killed with -9, it takes the servers along on Linux; elsewhere the next start ends them.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from infra.embedded import file_locks, programs
from infra.embedded.accounts import EmbeddedError
from infra.embedded.data_directory import DataDirectory
from infra.embedded.postgres import Postgres
from infra.embedded.redis import Redis
from infra.embedded.server_processes import (
    EmbeddedServer,
    RunningServer,
    rotate_log,
    start_server,
    stop_servers,
)

LINGER = 10.0
_POLL_SECONDS = 0.5
_MAX_RESTARTS = 5
_RESTART_WINDOW = 60.0
READY = "ready"


@dataclass
class Guardian:
    """Runs the servers of one data directory; the numbers are descriptors of open files."""

    directory: DataDirectory
    own_lock: int
    owners_lock: int
    wake_pipe: int
    running: dict[str, RunningServer] = field(default_factory=dict)
    restarts: deque[float] = field(default_factory=deque)
    stop_requested: bool = False

    def start(self) -> None:
        """Start both servers and announce that they are ready."""
        self._announce("starting")
        account = self.directory.account()
        home = self.directory.home(account)
        # A copied data directory may point to the same servers' data as the one it was copied from.
        in_use = file_locks.open_file(home / "in-use.lock")
        account.take_ownership(home / "in-use.lock")
        if not file_locks.wait_exclusive(in_use, 2.0):
            raise EmbeddedError(f"{home} is in use by another data directory's keeper. Stop that one first.")
        found = programs.reachable_by(account)
        secrets = self.directory.secrets()
        for kind in (Postgres, Redis):
            self._start_server(kind(self.directory, account, home, found, secrets))
        self._announce(READY)

    def watch(self) -> str:
        """Watch over the servers until there is a reason to stop, and return it."""
        last_use = time.monotonic()
        while True:
            self._sleep()
            if self.stop_requested:
                return "told to"
            if not file_locks.is_current(self.owners_lock, self.directory.owners_lock):
                return "the data directory is gone"
            if not file_locks.try_exclusive(self.owners_lock):
                last_use = time.monotonic()
            elif time.monotonic() - last_use > LINGER:
                return "nobody uses the servers any more"
            else:
                file_locks.release(self.owners_lock)
            self._restart_ended()

    def stop(self) -> None:
        """Stop the servers."""
        self._announce("ending")
        stop_servers(list(self.running.values()))

    def request_stop(self, _number: int, _frame: object) -> None:
        """Remember a signal; the loop acts on it."""
        self.stop_requested = True

    def _announce(self, phase: str) -> None:
        """Write our process id and the phase to our lock file."""
        content = f"{os.getpid()} {phase}\n".encode()
        os.pwrite(self.own_lock, content, 0)
        os.truncate(self.own_lock, len(content))

    def _start_server(self, server: EmbeddedServer) -> None:
        started = self.running[server.name] = start_server(server)
        write_event(f"{server.name} is ready on port {started.port}, process {started.process.pid}")

    def _restart_ended(self) -> None:
        for name, ended in self.running.items():
            code = ended.process.poll()
            if code is None:
                continue
            write_event(f"{name} ended by itself ({code}); starting it again")
            self._announce("starting")
            self.restarts.append(time.monotonic())
            while self.restarts[0] < time.monotonic() - _RESTART_WINDOW:
                self.restarts.popleft()
            if len(self.restarts) > _MAX_RESTARTS:
                raise EmbeddedError(
                    f"{name} ended {_MAX_RESTARTS} times within a minute; see {self.directory.logs}"
                )
            self._start_server(replace(ended.server, secrets=self.directory.secrets()))
            self._announce(READY)

    def _sleep(self) -> None:
        ready, _, _ = select.select([self.wake_pipe], [], [], _POLL_SECONDS)
        if ready:
            os.read(self.wake_pipe, 4096)


def write_event(event: str) -> None:
    """Write one line to the guardian's log; a full disk is no reason to stop the servers."""
    with contextlib.suppress(OSError):
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {event}", file=sys.stderr, flush=True)


def run_guardian(directory: DataDirectory, status_pipe: int) -> None:
    """Start the servers, report the outcome, and watch over them until they are stopped."""
    own_lock = file_locks.open_file(directory.guardian_lock)
    # `servers.status` holds the file for an instant when it tests the lock.
    if not file_locks.wait_exclusive(own_lock, 2.0):
        raise EmbeddedError("Another keeper already holds this data directory.")
    wake_pipe, signal_pipe = os.pipe()
    os.set_blocking(signal_pipe, False)
    signal.set_wakeup_fd(signal_pipe, warn_on_full_buffer=False)
    guardian = Guardian(directory, own_lock, file_locks.open_file(directory.owners_lock), wake_pipe)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, guardian.request_stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    try:
        guardian.start()
        report_status(status_pipe, READY)
        reason = guardian.watch()
        write_event(f"ending the servers: {reason}")
    finally:
        guardian.stop()


def report_status(status_pipe: int, message: str) -> None:
    """Send the outcome to the waiting first process."""
    os.write(status_pipe, message.encode())
    os.close(status_pipe)


def _detach(directory: DataDirectory) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    rotate_log(directory.guardian_log)
    log = os.open(directory.guardian_log, os.O_WRONLY | os.O_APPEND)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.chdir("/")


def _exit_with_status(status_pipe: int) -> NoReturn:
    with os.fdopen(status_pipe) as pipe:
        message = pipe.read()
    if message == READY:
        sys.exit(0)
    sys.exit(message or "The servers' keeper ended without a word.")


def main() -> None:
    """Run as the first process: fork the guardian and wait for its outcome."""
    directory = DataDirectory.at(Path(sys.argv[1]))
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        _exit_with_status(reading)
    os.close(reading)
    try:
        _detach(directory)
        run_guardian(directory, writing)
    except (EmbeddedError, OSError) as error:
        write_event(f"failed: {error}")
        # The outcome may have been reported long ago; then this failure stands in the log alone.
        with contextlib.suppress(OSError):
            report_status(writing, str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
