"""PostgreSQL and Redis on demand: shared by all qm processes of a data directory, stopped with the last.

A process that uses the servers holds a share of a file lock; the kernel releases it however the process ends,
so it is never stale. The guardian (see `server_guardian.py`) stops the servers when nobody holds a share.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from infra.embedded import file_locks, server_processes
from infra.embedded.accounts import EmbeddedError
from infra.embedded.data_directory import DataDirectory, Secrets
from infra.embedded.postgres import ADMIN
from infra.embedded.server_guardian import READY
from infra.embedded.server_processes import HOST
from infra.postgres import database_roles

_DATABASE = "qm"
_GUARDIAN_MODULE = "infra.embedded.server_guardian"
# The second is the name in version 0.1: servers that its guardian runs are still recognised.
GUARDIAN_MODULES = frozenset({_GUARDIAN_MODULE, "infra.embedded.keeper"})
_START_SECONDS = 180.0
_STOP_SECONDS = 45.0
_shares: dict[Path, "_Share"] = {}
_shares_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs of the servers, with passwords."""

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str


@dataclass(slots=True)
class _Share:
    """Our share of a data directory's owners' lock, and how many uses in this process it serves."""

    descriptor: int
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the servers of a data directory run; the process id of their guardian, and their ports."""

    running: bool
    in_use: bool
    guardian: int | None
    database_port: int | None
    redis_port: int | None
    home: Path | None


def ensure(data_dir: Path) -> Addresses:
    """Start the servers unless they run already; they stay until `release` or the end of this process."""
    directory = DataDirectory.at(data_dir)
    with _shares_lock:
        share = _shares.get(directory.data_dir)
        if share is None or not file_locks.is_current(share.descriptor, directory.owners_lock):
            share = _shares[directory.data_dir] = _Share(_take_share(directory))
        share.uses += 1
        start_lock = file_locks.open_file(directory.start_lock)
        try:
            if not file_locks.wait_exclusive(start_lock, _START_SECONDS):
                raise EmbeddedError("Another qm process has been starting the servers for minutes. End it.")
            _wait_until_ready(directory)
            return _addresses_with_roles(directory)
        finally:
            os.close(start_lock)


def release(data_dir: Path) -> None:
    """Undo one `ensure`; the last use in the last process stops the servers at once."""
    if not data_dir.expanduser().is_dir():
        return
    directory = DataDirectory.at(data_dir)
    with _shares_lock:
        share = _shares.get(directory.data_dir)
        if share is not None:
            share.uses -= 1
    if share is not None and share.uses > 0:
        return
    _drop_share(directory)
    owners_lock = file_locks.open_file(directory.owners_lock)
    try:
        if file_locks.try_exclusive(owners_lock):
            _stop_guardian(directory)
    finally:
        os.close(owners_lock)


def stop(data_dir: Path) -> None:
    """Stop the servers, whoever still uses them."""
    if not data_dir.expanduser().is_dir():
        return
    directory = DataDirectory.at(data_dir)
    _drop_share(directory)
    start_lock = file_locks.open_file(directory.start_lock)
    try:
        file_locks.wait_exclusive(start_lock, _STOP_SECONDS)
        _stop_guardian(directory)
    finally:
        os.close(start_lock)


def remove(data_dir: Path) -> None:
    """Stop the servers and delete their data, passwords and logs, but nothing else in the directory."""
    if not data_dir.expanduser().is_dir():
        return
    stop(data_dir)
    directory = DataDirectory.at(data_dir)
    for folder in (directory.known_home(), directory.data_dir / "secrets", directory.logs, directory.folder):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def status(data_dir: Path) -> Status:
    """Return the status without starting or creating anything."""
    directory = DataDirectory(data_dir.expanduser().resolve())
    state = directory.state()
    pid, phase = _guardian_process(directory)
    return Status(
        running=phase == READY,
        in_use=file_locks.is_held(directory.owners_lock),
        guardian=pid,
        database_port=state.get("postgres_port"),
        redis_port=state.get("redis_port"),
        home=directory.known_home(),
    )


def _take_share(directory: DataDirectory) -> int:
    """Take a share of the owners' lock; waits for a guardian that is just stopping the servers."""
    descriptor = file_locks.open_file(directory.owners_lock)
    if file_locks.wait_shared(descriptor, _STOP_SECONDS):
        return descriptor
    os.close(descriptor)
    raise EmbeddedError(
        f"The servers of {directory.data_dir} do not finish ending. See {directory.guardian_log}."
    )


def _drop_share(directory: DataDirectory) -> None:
    """Close our share rather than unlock it: forks of this process may still hold theirs."""
    with _shares_lock:
        share = _shares.pop(directory.data_dir, None)
        if share is not None:
            os.close(share.descriptor)


def _wait_until_ready(directory: DataDirectory) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        pid, phase = _guardian_process(directory)
        if pid is None and not file_locks.is_held_exclusively(directory.guardian_lock):
            _start_guardian(directory)
            continue
        state = directory.state()
        if phase == READY and all(
            server_processes.answers(state.get(name, 0)) for name in ("postgres_port", "redis_port")
        ):
            return
        time.sleep(0.1)
    raise EmbeddedError(
        f"The servers of {directory.data_dir} run but do not answer here. Is the directory used by another "
        f"container? Otherwise see {directory.guardian_log}."
    )


def _start_guardian(directory: DataDirectory) -> None:
    # -P keeps the working directory out of the module path; the new session keeps Ctrl-C away.
    outcome = subprocess.run(
        [sys.executable, "-P", "-m", _GUARDIAN_MODULE, str(directory.data_dir)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        check=False,
        text=True,
    )
    if outcome.returncode != 0:
        raise EmbeddedError(outcome.stderr.strip())


def _addresses_with_roles(directory: DataDirectory) -> Addresses:
    """Create the roles unless this version of the script was applied already; return the addresses."""
    secrets = directory.secrets()
    addresses = _addresses(directory, secrets)
    applied = sha256(database_roles.script().encode()).hexdigest()
    known = directory.roles_applied.read_text() if directory.roles_applied.exists() else ""
    if known != applied:
        home = directory.known_home()
        if not known and home is not None and not home.is_relative_to(directory.data_dir):
            sys.stderr.write(
                f"The servers run as an unprivileged user, which cannot enter {directory.data_dir}; "
                f"their data lives in {home}.\n"
            )
        try:
            database_roles.create_roles(
                addresses.admin_url,
                owner_password=secrets.owner,
                app_password=secrets.app,
                database=_DATABASE,
            )
        except psycopg.Error as error:
            raise EmbeddedError(f"The roles could not be made: {error}. See {directory.logs}.") from error
        directory.roles_applied.write_text(applied)
        directory.give_to_owner(directory.roles_applied)
    return addresses


def _addresses(directory: DataDirectory, secrets: Secrets) -> Addresses:
    state = directory.state()
    server = f"{HOST}:{state['postgres_port']}"
    return Addresses(
        database_url=f"postgresql://{database_roles.APP}:{quote(secrets.app)}@{server}/{_DATABASE}",
        owner_url=f"postgresql://{database_roles.OWNER}:{quote(secrets.owner)}@{server}/{_DATABASE}",
        admin_url=f"postgresql://{ADMIN}:{quote(secrets.admin)}@{server}/postgres",
        redis_url=f"redis://:{quote(secrets.redis)}@{HOST}:{state['redis_port']}/0",
    )


def _stop_guardian(directory: DataDirectory) -> None:
    if not file_locks.is_held_exclusively(directory.guardian_lock):
        return
    pid, _phase = _guardian_process(directory)
    try:
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise EmbeddedError(
            "The servers belong to another user; only that user or root can end them."
        ) from error
    guardian_lock = file_locks.open_file(directory.guardian_lock)
    try:
        if not file_locks.wait_exclusive(guardian_lock, _STOP_SECONDS):
            raise EmbeddedError(f"The servers do not end. See {directory.guardian_log}.")
    finally:
        os.close(guardian_lock)


def _guardian_process(directory: DataDirectory) -> tuple[int | None, str]:
    """Return the guardian's process id and phase, after making sure that the process is the guardian."""
    if not file_locks.is_held_exclusively(directory.guardian_lock):
        return None, "absent"
    try:
        pid, phase = directory.guardian_lock.read_text().split()
        command = psutil.Process(int(pid)).cmdline()
    except (ValueError, psutil.NoSuchProcess):
        return None, "starting"
    if not GUARDIAN_MODULES.isdisjoint(command) and str(directory.data_dir) in command:
        return int(pid), phase
    return None, "elsewhere"
