"""Locks the kernel gives back: held by an open file, gone when its last holder dies, never stale."""

import fcntl
import os
import time
from pathlib import Path

_PAUSE = 0.02


def open_file(path: Path) -> int:
    """Open (and create) a lock file; the descriptor does not survive exec, but is shared by forks."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for ourselves alone if nobody else holds it in any way."""
    return _try(descriptor, fcntl.LOCK_EX)


def wait_exclusive(descriptor: int, seconds: float) -> bool:
    """Take the lock for ourselves alone within the time given."""
    return _wait(descriptor, fcntl.LOCK_EX, seconds)


def wait_shared(descriptor: int, seconds: float) -> bool:
    """Take a share of the lock, which any number of processes may hold, within the time given."""
    return _wait(descriptor, fcntl.LOCK_SH, seconds)


def release(descriptor: int) -> None:
    """Give the lock back but keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_taken(path: Path) -> bool:
    """Tell whether some process holds this lock for itself alone; askers do not disturb one another."""
    return not _can(path, fcntl.LOCK_SH)


def is_shared(path: Path) -> bool:
    """Tell whether some process holds this lock, be it only a share."""
    return not _can(path, fcntl.LOCK_EX)


def is_current(descriptor: int, path: Path) -> bool:
    """Tell whether the open file is still the one the path leads to."""
    try:
        there = path.stat()
    except OSError:
        return False
    ours = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _can(path: Path, kind: int) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return _try(descriptor, kind)
    finally:
        os.close(descriptor)


def _wait(descriptor: int, kind: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _try(descriptor, kind):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True
