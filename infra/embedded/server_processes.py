"""Starting, recognising and stopping the processes of embedded servers."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil

from infra.embedded.accounts import Account, EmbeddedError
from infra.embedded.data_directory import DataDirectory, Secrets
from infra.embedded.programs import Programs

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_MAX_LOG_BYTES = 10 * 1024 * 1024
_MAX_START_ATTEMPTS = 3
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class EmbeddedServer(ABC):
    """What `start_server` has to know about a server; `Postgres` and `Redis` each describe themselves."""

    name: ClassVar[str]
    """Of its log, its folder in `home`, and its port in the state of the data directory."""
    title: ClassVar[str]
    polite: ClassVar[signal.Signals]
    firm: ClassVar[signal.Signals]
    on_timeout: ClassVar[signal.Signals]
    """Sent to a server that is not ready after `ready_seconds`."""
    ready_seconds: ClassVar[float]

    directory: DataDirectory
    account: Account
    home: Path
    programs: Programs
    secrets: Secrets

    @property
    def data(self) -> Path:
        """Return the folder of the server's own data."""
        return self.home / self.name

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.directory.log(self.name)

    @abstractmethod
    def prepare(self) -> None:
        """Create the data folder on first use and clean up after a crash; no server runs on it now."""

    @abstractmethod
    def command(self, port: int) -> Sequence[str]:
        """Return the command line for this port, with the configuration file written if there is one."""

    @abstractmethod
    def is_ready(self, pid: int, port: int) -> bool:
        """Tell whether the started process accepts work."""

    @abstractmethod
    def is_ours(self, process: psutil.Process) -> bool:
        """Tell whether a process is this server running on this data folder."""

    def recover(self, log_end: str) -> bool:  # noqa: ARG002 - for servers that can
        """Repair what the log complains about; return whether another start is worth trying."""
        return False


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A started server: its description, its process and its port."""

    server: EmbeddedServer
    process: subprocess.Popen[bytes]
    port: int


def start_server(server: EmbeddedServer) -> RunningServer:
    """End what a crash left, start the server, wait until it is ready, and remember its port."""
    end_orphans(server.is_ours, server.polite)
    server.prepare()
    rotate_log(server.log)
    port_key = f"{server.name}_port"
    port = server.directory.state().get(port_key)
    for _attempt in range(_MAX_START_ATTEMPTS):
        port = free_port(port)
        process = launch(
            server.command(port),
            account=server.account,
            log=server.log,
            on_parent_death=server.polite,
            folder=server.home,
        )
        if _becomes_ready(server, process, port):
            server.directory.remember(**{port_key: port})
            return RunningServer(server, process, port)
        log_end = log_tail(server.log)
        if not (server.recover(log_end) or "Address already in use" in log_end):
            break
    raise EmbeddedError(f"{server.title} did not start:\n{log_tail(server.log)}")


def stop_servers(running: Sequence[RunningServer], *, polite_seconds: float = 20.0) -> None:
    """Stop servers side by side: politely, then firmly, then with SIGKILL."""
    for choose_signal, seconds in (
        (lambda server: server.polite, polite_seconds),
        (lambda server: server.firm, 5.0),
        (lambda _server: signal.SIGKILL, 5.0),
    ):
        for each in running:
            each.process.send_signal(choose_signal(each.server))
        deadline = time.monotonic() + seconds
        while any(each.process.poll() is None for each in running) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def launch(
    command: Sequence[str], *, account: Account, log: Path, on_parent_death: signal.Signals, folder: Path
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, which Ctrl-C in a terminal does not reach."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Nothing of ours (QM_SECRET_KEY) or of the caller's (PGPORT, PGDATA) reaches the servers.
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            preexec_fn=_end_with_parent(on_parent_death),  # noqa: PLW1509 - the guardian has a single thread
            **account.start_options(),
        )


def _becomes_ready(server: EmbeddedServer, process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until a server is ready; one that is not in time is ended."""
    deadline = time.monotonic() + server.ready_seconds
    while process.poll() is None and time.monotonic() < deadline:
        if server.is_ready(process.pid, port):
            return True
        time.sleep(_POLL_SECONDS)
    if process.poll() is None:
        process.send_signal(server.on_timeout)
        process.wait()
    return False


def end_orphans(is_ours: Callable[[psutil.Process], bool], polite: signal.Signals) -> None:
    """End processes a killed guardian left behind, as far as they really are ours."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, is_ours)]
    for number, seconds in ((polite, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        for process in orphans:
            _signal(process, number)
        orphans = still_alive(orphans, seconds)
    if orphans:
        raise EmbeddedError(f"Process {orphans[0].pid} from an earlier run does not end. End it by hand.")


def still_alive(others: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes that are not our children; one that nobody has reaped yet counts as ended."""
    deadline = time.monotonic() + seconds
    alive = [process for process in others if _is_alive(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        alive = [process for process in alive if _is_alive(process)]
    return alive


def free_port(wanted: int | None) -> int:
    """Return the wanted port if nobody else has it, else any free one."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedError(f"No free port on {HOST}.")


def answers(port: int) -> bool:
    """Tell whether something accepts connections on this port."""
    try:
        with socket.create_connection((HOST, port), timeout=2):
            return True
    except OSError:
        return False


def rotate_log(log: Path) -> None:
    """Rename a log that has grown large, keeping one older one."""
    if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))


def log_tail(log: Path, lines: int = 6) -> str:
    """Return the end of a log, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Let Linux signal the server when the guardian is killed; elsewhere the next start ends it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    guardian = os.getpid()

    def request_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != guardian:
            os.kill(os.getpid(), signal.SIGKILL)

    return request_signal


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_orphan(process: psutil.Process, is_ours: Callable[[psutil.Process], bool]) -> bool:
    try:
        return process.pid != os.getpid() and is_ours(process)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise EmbeddedError(
            f"Process {process.pid} from an earlier run belongs to another user. Run qm as that user."
        ) from error
