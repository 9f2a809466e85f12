"""Which installations with embedded servers there are: here, and running elsewhere on this machine."""

import os
import shlex
from pathlib import Path

import psutil

from infra.embedded.accounts import EmbeddedError
from infra.embedded.data_directory import DataDirectory
from infra.embedded.servers import GUARDIAN_MODULES


def is_made(data_dir: Path) -> bool:
    """Tell whether this data directory has servers, or had them started once; creates nothing."""
    return DataDirectory(data_dir.expanduser().resolve()).known_home() is not None


def running_elsewhere(data_dir: Path) -> list[Path]:
    """Return the data directories of this user's other installations that run now."""
    here = data_dir.expanduser().resolve()
    found: set[Path] = set()
    for process in psutil.process_iter(["cmdline", "uids"]):
        command, users = process.info["cmdline"] or [], process.info["uids"]
        if users is None or users.effective != os.geteuid() or GUARDIAN_MODULES.isdisjoint(command):
            continue
        found.add(Path(command[-1]))
    return sorted(path for path in found - {here} if path.is_dir())


def must_be_made(data_dir: Path) -> None:
    """Refuse to begin a new installation where a command wants to use one.

    Raises
    ------
    EmbeddedError
        When there is none in this data directory; it names those that run elsewhere.
    """
    if is_made(data_dir):
        return
    others = running_elsewhere(data_dir)
    known = "".join(f"\nOne runs in {path}: export QM_DATA_DIR={shlex.quote(str(path))}" for path in others)
    raise EmbeddedError(
        f"There is no installation in {data_dir.expanduser().resolve()}. Go to where it is, say where with "
        f"QM_DATA_DIR, or begin one with `qm up` or `qm init`.{known}"
    )
