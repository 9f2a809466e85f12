"""PostgreSQL and Redis on first need: shared by all qm processes of a data directory, ended with the last.

A process that uses the servers holds a share of a file lock; the kernel takes it back however the process
ends, so there is nothing stale to clear. The keeper (see `keeper.py`) ends the servers when no share is held.
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
from infra.embedded.data_directory import DataDirectory, EmbeddedError, Secrets
from infra.embedded.postgres import ADMIN
from infra.embedded.server_guardian import READY
from infra.embedded.server_processes import HOST
from infra.postgres import roles

_DATABASE = "qm"
_GUARDIAN = "infra.embedded.server_guardian"
# The second name is the one of version 0.1: servers that it started stay known while they run.
_GUARDIANS = frozenset({_GUARDIAN, "infra.embedded.keeper"})
_START_SECONDS = 180.0
_STOP_SECONDS = 45.0
_held: dict[Path, "_Share"] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers answer, with the passwords in place."""

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str


@dataclass(slots=True)
class _Share:
    """Our share of a data directory's lock, and how many uses within this process it stands for."""

    descriptor: int
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the servers of a data directory run, and which processes they are."""

    running: bool
    in_use: bool
    keeper: int | None
    database_port: int | None
    redis_port: int | None
    home: Path | None


def ensure(data_dir: Path) -> Addresses:
    """Start the servers unless they run already; they stay until `release` or the end of this process."""
    place = DataDirectory.at(data_dir)
    with _guard:
        held = _held.get(place.data_dir)
        if held is None or not file_locks.is_current(held.descriptor, place.owners_lock):
            held = _held[place.data_dir] = _Share(_take_share(place))
        held.uses += 1
        start = file_locks.open_file(place.start_lock)
        try:
            if not file_locks.wait_exclusive(start, _START_SECONDS):
                raise EmbeddedError("Another qm process has been starting the servers for minutes. End it.")
            _bring_up(place)
            return _prepared(place)
        finally:
            os.close(start)


def release(data_dir: Path) -> None:
    """Undo one `ensure`; the last use in the last process ends the servers at once."""
    if not data_dir.expanduser().is_dir():
        return
    place = DataDirectory.at(data_dir)
    with _guard:
        held = _held.get(place.data_dir)
        if held is not None:
            held.uses -= 1
    if held is not None and held.uses > 0:
        return
    _drop_share(place)
    alone = file_locks.open_file(place.owners_lock)
    try:
        if file_locks.try_exclusive(alone):
            _end_keeper(place)
    finally:
        os.close(alone)


def stop(data_dir: Path) -> None:
    """End the servers, whoever still uses them."""
    if not data_dir.expanduser().is_dir():
        return
    place = DataDirectory.at(data_dir)
    _drop_share(place)
    start = file_locks.open_file(place.start_lock)
    try:
        file_locks.wait_exclusive(start, _STOP_SECONDS)
        _end_keeper(place)
    finally:
        os.close(start)


def remove(data_dir: Path) -> None:
    """End the servers and delete their data, passwords and logs, but nothing else in the directory."""
    if not data_dir.expanduser().is_dir():
        return
    stop(data_dir)
    place = DataDirectory.at(data_dir)
    for folder in (place.known_home(), place.data_dir / "secrets", place.logs, place.folder):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def status(data_dir: Path) -> Status:
    """Look without starting or creating anything."""
    place = DataDirectory(data_dir.expanduser().resolve())
    state = place.state()
    pid, phase = _keeper(place)
    return Status(
        running=phase == READY,
        in_use=file_locks.is_shared(place.owners_lock),
        keeper=pid,
        database_port=state.get("postgres_port"),
        redis_port=state.get("redis_port"),
        home=place.known_home(),
    )


def _take_share(place: DataDirectory) -> int:
    """Take a share of the owners' lock; a keeper that is just ending the servers is waited for."""
    descriptor = file_locks.open_file(place.owners_lock)
    if file_locks.wait_shared(descriptor, _STOP_SECONDS):
        return descriptor
    os.close(descriptor)
    raise EmbeddedError(f"The servers of {place.data_dir} do not finish ending. See {place.log('keeper')}.")


def _drop_share(place: DataDirectory) -> None:
    """Close our share rather than unlock it: forks of this process may still hold theirs."""
    with _guard:
        held = _held.pop(place.data_dir, None)
        if held is not None:
            os.close(held.descriptor)


def _bring_up(place: DataDirectory) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        pid, phase = _keeper(place)
        if pid is None and not file_locks.is_taken(place.keeper_lock):
            _launch(place)
            continue
        state = place.state()
        if phase == READY and all(
            server_processes.answers(state.get(name, 0)) for name in ("postgres_port", "redis_port")
        ):
            return
        time.sleep(0.1)
    raise EmbeddedError(
        f"The servers of {place.data_dir} run but do not answer here. Is the directory used by another "
        f"container? Otherwise see {place.log('keeper')}."
    )


def _launch(place: DataDirectory) -> None:
    # -P keeps the working directory out of the module path; the new session keeps Ctrl-C away.
    outcome = subprocess.run(
        [sys.executable, "-P", "-m", _GUARDIAN, str(place.data_dir)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        check=False,
        text=True,
    )
    if outcome.returncode != 0:
        raise EmbeddedError(outcome.stderr.strip())


def _prepared(place: DataDirectory) -> Addresses:
    """Create the roles unless this very script was applied already, and return the addresses."""
    secrets = place.secrets()
    addresses = _addresses(place, secrets)
    applied = sha256(roles.script().encode()).hexdigest()
    known = place.roles_applied.read_text() if place.roles_applied.exists() else ""
    if known != applied:
        home = place.known_home()
        if not known and home is not None and not home.is_relative_to(place.data_dir):
            sys.stderr.write(
                f"The servers run as an unprivileged user, which cannot enter {place.data_dir}; "
                f"their data lives in {home}.\n"
            )
        try:
            roles.create_roles(
                addresses.admin_url,
                owner_password=secrets.owner,
                app_password=secrets.app,
                database=_DATABASE,
            )
        except psycopg.Error as error:
            raise EmbeddedError(f"The roles could not be made: {error}. See {place.logs}.") from error
        place.roles_applied.write_text(applied)
        place.give_to_owner(place.roles_applied)
    return addresses


def _addresses(place: DataDirectory, secrets: Secrets) -> Addresses:
    state = place.state()
    server = f"{HOST}:{state['postgres_port']}"
    return Addresses(
        database_url=f"postgresql://{roles.APP}:{quote(secrets.app)}@{server}/{_DATABASE}",
        owner_url=f"postgresql://{roles.OWNER}:{quote(secrets.owner)}@{server}/{_DATABASE}",
        admin_url=f"postgresql://{ADMIN}:{quote(secrets.admin)}@{server}/postgres",
        redis_url=f"redis://:{quote(secrets.redis)}@{HOST}:{state['redis_port']}/0",
    )


def _end_keeper(place: DataDirectory) -> None:
    if not file_locks.is_taken(place.keeper_lock):
        return
    pid, _phase = _keeper(place)
    try:
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise EmbeddedError(
            "The servers belong to another user; only that user or root can end them."
        ) from error
    waiting = file_locks.open_file(place.keeper_lock)
    try:
        if not file_locks.wait_exclusive(waiting, _STOP_SECONDS):
            raise EmbeddedError(f"The servers do not end. See {place.log('keeper')}.")
    finally:
        os.close(waiting)


def _keeper(place: DataDirectory) -> tuple[int | None, str]:
    """Return the keeper's process id and phase, after making sure that the process is the keeper."""
    if not file_locks.is_taken(place.keeper_lock):
        return None, "absent"
    try:
        pid, phase = place.keeper_lock.read_text().split()
        command = psutil.Process(int(pid)).cmdline()
    except (ValueError, psutil.NoSuchProcess):
        return None, "starting"
    if not _GUARDIANS.isdisjoint(command) and str(place.data_dir) in command:
        return int(pid), phase
    return None, "elsewhere"
