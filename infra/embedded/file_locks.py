"""File locks (flock) that the kernel releases with the last process that holds the open file; never stale."""

import fcntl
import os
import time
from pathlib import Path

_POLL_SECONDS = 0.02


def open_file(path: Path) -> int:
    """Open (and create) a lock file; the descriptor does not survive exec, but is shared by forks."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock exclusively if nobody else holds it in any way; tell whether it was taken."""
    return _try(descriptor, fcntl.LOCK_EX)


def wait_exclusive(descriptor: int, seconds: float) -> bool:
    """Take the lock exclusively within the time given; tell whether it was taken."""
    return _wait(descriptor, fcntl.LOCK_EX, seconds)


def wait_shared(descriptor: int, seconds: float) -> bool:
    """Take a share of the lock, which any number of processes may hold, within the time given."""
    return _wait(descriptor, fcntl.LOCK_SH, seconds)


def release(descriptor: int) -> None:
    """Release the lock but keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held_exclusively(path: Path) -> bool:
    """Tell whether some process holds this lock exclusively; callers do not disturb one another."""
    return not _is_available(path, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Tell whether some process holds this lock, exclusively or shared."""
    return not _is_available(path, fcntl.LOCK_EX)


def is_current(descriptor: int, path: Path) -> bool:
    """Tell whether the path still leads to the open file."""
    try:
        at_path = path.stat()
    except OSError:
        return False
    ours = os.fstat(descriptor)
    return (at_path.st_dev, at_path.st_ino) == (ours.st_dev, ours.st_ino)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_available(path: Path, kind: int) -> bool:
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
        time.sleep(_POLL_SECONDS)
    return True
