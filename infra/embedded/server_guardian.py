"""The keeper: one small process per data directory that holds the servers and ends them when unused.

Started by `servers.ensure` as `python -m infra.embedded.server_guardian DATA_DIR`. The first process waits
for the outcome and reports it; its child detaches and stays. It ends when told (SIGTERM), when nobody has
held a share of the owners' lock for `LINGER` seconds, or when the data directory is gone. It starts a server
that died again. While it ends for want of use it keeps the owners' lock to itself, so that newcomers wait and
then start afresh. Killed with -9, it takes the servers along on Linux; elsewhere the next start ends them.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from infra.embedded import file_locks, programs, server_processes
from infra.embedded.data_directory import DataDirectory, EmbeddedError, Secrets
from infra.embedded.postgres import Postgres
from infra.embedded.redis import Redis
from infra.embedded.server_processes import Server

LINGER = 10.0
_LOOK_EVERY = 0.5
_RESTARTS = 5
_RESTART_WINDOW = 60.0
READY = "ready"


@dataclass
class Guardian:
    """Holds the servers of one data directory."""

    place: DataDirectory
    mine: int
    owners: int
    wake: int
    servers: dict[str, Server] = field(default_factory=dict)
    restarts: deque[float] = field(default_factory=deque)
    kinds: dict[str, Postgres | Redis] = field(default_factory=dict)
    told_to_stop: bool = False

    def start(self) -> None:
        """Start both servers and note that they are ready."""
        self._announce("starting")
        account = self.place.account()
        home = self.place.home(account)
        # A copied data directory may point to the same servers' data as the one it was copied from.
        in_use = file_locks.open_file(home / "in-use.lock")
        account.give(home / "in-use.lock")
        if not file_locks.wait_exclusive(in_use, 2.0):
            raise EmbeddedError(f"{home} is in use by another data directory's keeper. Stop that one first.")
        found = programs.reachable_by(account)
        secrets = self.place.secrets()
        self.kinds = {
            "postgres": Postgres(self.place, account, home, found),
            "redis": Redis(self.place, account, home, found),
        }
        for name in self.kinds:
            self._start_one(name, secrets)
        self._announce(READY)

    def watch(self) -> str:
        """Look after the servers until there is a reason to end, and return it."""
        last_use = time.monotonic()
        while True:
            self._sleep()
            if self.told_to_stop:
                return "told to"
            if not file_locks.is_current(self.owners, self.place.owners_lock):
                return "the data directory is gone"
            if not file_locks.try_exclusive(self.owners):
                last_use = time.monotonic()
            elif time.monotonic() - last_use > LINGER:
                return "nobody uses the servers any more"
            else:
                file_locks.release(self.owners)
            self._revive()

    def stop(self) -> None:
        """End the servers."""
        self._announce("ending")
        server_processes.end(list(self.servers.values()))

    def request_stop(self, _number: int, _frame: object) -> None:
        """Remember a signal; the loop acts on it."""
        self.told_to_stop = True

    def _announce(self, phase: str) -> None:
        """Say in our lock file who we are and whether the servers can be used."""
        content = f"{os.getpid()} {phase}\n".encode()
        os.pwrite(self.mine, content, 0)
        os.truncate(self.mine, len(content))

    def _start_one(self, name: str, secrets: Secrets) -> None:
        self.servers[name] = self.kinds[name].start(secrets)
        write_event(
            f"{name} is ready on port {self.servers[name].port}, process {self.servers[name].process.pid}"
        )

    def _revive(self) -> None:
        for name, server in self.servers.items():
            code = server.process.poll()
            if code is None:
                continue
            write_event(f"{name} ended by itself ({code}); starting it again")
            self._announce("starting")
            self.restarts.append(time.monotonic())
            while self.restarts[0] < time.monotonic() - _RESTART_WINDOW:
                self.restarts.popleft()
            if len(self.restarts) > _RESTARTS:
                raise EmbeddedError(f"{name} ended {_RESTARTS} times within a minute; see {self.place.logs}")
            self._start_one(name, self.place.secrets())
            self._announce(READY)

    def _sleep(self) -> None:
        ready, _, _ = select.select([self.wake], [], [], _LOOK_EVERY)
        if ready:
            os.read(self.wake, 4096)


def write_event(event: str) -> None:
    """Write one line to the keeper's log; a full disk is no reason to end the servers."""
    with contextlib.suppress(OSError):
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {event}", file=sys.stderr, flush=True)


def keep(place: DataDirectory, report: int) -> None:
    """Start the servers, report the outcome, and look after them to the end."""
    mine = file_locks.open_file(place.keeper_lock)
    # Somebody asking for the status holds the file for an instant.
    if not file_locks.wait_exclusive(mine, 2.0):
        raise EmbeddedError("Another keeper already holds this data directory.")
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    keeper = Guardian(place, mine, file_locks.open_file(place.owners_lock), wake)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.request_stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    try:
        keeper.start()
        report_status(report, READY)
        reason = keeper.watch()
        write_event(f"ending the servers: {reason}")
    finally:
        keeper.stop()


def report_status(report: int, message: str) -> None:
    """Send the outcome to the waiting first process."""
    os.write(report, message.encode())
    os.close(report)


def _detach(place: DataDirectory) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    server_processes.trim_log(place.log("keeper"))
    log = os.open(place.log("keeper"), os.O_WRONLY | os.O_APPEND)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.chdir("/")


def _report(outcome: int) -> NoReturn:
    with os.fdopen(outcome) as pipe:
        message = pipe.read()
    if message == READY:
        sys.exit(0)
    sys.exit(message or "The servers' keeper ended without a word.")


def main() -> None:
    """Run as the first process: fork the keeper and wait for its outcome."""
    place = DataDirectory.at(Path(sys.argv[1]))
    outcome, report = os.pipe()
    if os.fork():
        os.close(report)
        _report(outcome)
    os.close(outcome)
    try:
        _detach(place)
        keep(place, report)
    except (EmbeddedError, OSError) as error:
        write_event(f"failed: {error}")
        # The outcome may have been told long ago; then this failure stands in the log alone.
        with contextlib.suppress(OSError):
            report_status(report, str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
