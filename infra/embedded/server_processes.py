"""Starting, recognising and ending server processes."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.embedded.data_directory import Account, EmbeddedError

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, its port, and the signal that ends it in good order."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    polite: signal.Signals


def start(
    command: Sequence[str], *, account: Account, log: Path, polite: signal.Signals, folder: Path
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, which Ctrl-C in a terminal does not reach."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_environment(),
            start_new_session=True,
            preexec_fn=_end_with_parent(polite),  # noqa: PLW1509 - the keeper has a single thread
            **account.start_options(),
        )


def becomes_ready(
    process: subprocess.Popen[bytes],
    is_ready: Callable[[], bool],
    *,
    seconds: float,
    otherwise: signal.Signals,
) -> bool:
    """Wait until a server is ready; one that is not in time is ended by the signal."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(otherwise)
        process.wait()
    return False


def end(servers: Sequence[Server], *, patience: float = 20.0) -> None:
    """End servers side by side: politely, then firmly, then with SIGKILL."""
    firm = {"postgres": signal.SIGQUIT, "redis": signal.SIGTERM}
    for choose, seconds in (
        (lambda server: server.polite, patience),
        (lambda server: firm[server.name], 5.0),
        (lambda _server: signal.SIGKILL, 5.0),
    ):
        for server in servers:
            server.process.send_signal(choose(server))
        deadline = time.monotonic() + seconds
        while any(server.process.poll() is None for server in servers) and time.monotonic() < deadline:
            time.sleep(0.02)


def end_orphans(is_ours: Callable[[psutil.Process], bool], polite: signal.Signals) -> None:
    """End processes a killed keeper left behind, as far as they really are ours."""
    orphans = [process for process in psutil.process_iter() if _holds(is_ours, process)]
    for number, seconds in ((polite, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        for process in orphans:
            _signal(process, number)
        orphans = still_alive(orphans, seconds)
    if orphans:
        raise EmbeddedError(f"Process {orphans[0].pid} from an earlier run does not end. End it by hand.")


def still_alive(others: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes that are not our children; one that nobody has reaped yet counts as ended."""
    deadline = time.monotonic() + seconds
    alive = [process for process in others if _lives(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [process for process in alive if _lives(process)]
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


def trim_log(log: Path) -> None:
    """Put a log that has grown large aside, keeping one older one."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))


def last_words(log: Path, lines: int = 6) -> str:
    """Return the end of a log, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _environment() -> dict[str, str]:
    # Nothing of ours (QM_SECRET_KEY) or of the caller's (PGPORT, PGDATA) reaches the servers.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent(polite: signal.Signals) -> Callable[[], None] | None:
    """Let Linux end the server when the keeper is killed; elsewhere the next start does it."""
    if sys.platform != "linux":
        return None
    control = ctypes.CDLL(None, use_errno=True).prctl
    keeper = os.getpid()

    def ask_the_kernel() -> None:
        control(_PR_SET_PDEATHSIG, int(polite), 0, 0, 0)
        if os.getppid() != keeper:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_the_kernel


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _holds(is_ours: Callable[[psutil.Process], bool], process: psutil.Process) -> bool:
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
