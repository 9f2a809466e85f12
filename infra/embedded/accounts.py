"""The operating-system user that the embedded servers run as."""

import os
import pwd
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWN_USER = "qm-servers"
"""Whom the servers run as where root starts them: nobody else runs as this user, nor reads its files."""
# As the common tools of Linux call it: shadow's, and BusyBox's.
_WAYS_TO_MAKE_IT = (
    (
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        OWN_USER,
    ),
    ("adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", OWN_USER),
)


class EmbeddedError(Exception):
    """The embedded servers cannot run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system user the servers run as; None for both means as ourselves."""

    uid: int | None
    gid: int | None

    def can_enter(self, path: Path) -> bool:
        """Tell whether this user may pass through every folder down to `path`."""
        return self.uid is None or all(self._may_search(folder) for folder in (path, *path.parents))

    def _may_search(self, folder: Path) -> bool:
        info = folder.stat()
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)

    def start_options(self) -> dict[str, Any]:
        """Return what subprocess needs to start a program as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take_ownership(self, path: Path) -> None:
        """Make this user the owner of a file or folder."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def own_account() -> Account:
    """Return the servers' own user, made if there is none: who runs as `nobody` shares it with other daemons.

    Raises
    ------
    EmbeddedError
        When there is no such user and it cannot be made.
    """
    found = _named(OWN_USER)
    if found is not None:
        return found
    for command in _WAYS_TO_MAKE_IT:
        try:
            subprocess.run(command, check=False, capture_output=True)
        except FileNotFoundError:
            continue
        # Another process may have made it at the same moment, and ours have failed for that.
        if (found := _named(OWN_USER)) is not None:
            sys.stderr.write(f"Made the system user {OWN_USER}, whom the servers run as.\n")
            return found
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and the user {OWN_USER} for it does not exist "
        "and could not be made. Make it, run qm as another user, or set QM_DATABASE_URL and QM_REDIS_URL."
    )


def shared_uid() -> int | None:
    """Return the number of `nobody`, where there is one."""
    shared = _named("nobody")
    return None if shared is None else shared.uid


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)
