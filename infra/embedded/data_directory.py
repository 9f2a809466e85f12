"""The files of one data directory's embedded servers, and the operating-system user they run as."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from infra.embedded.accounts import Account, EmbeddedError, own_account, shared_uid

LAYOUT = 1
# PostgreSQL refuses to run as root. Where root's data directory cannot be entered by anyone else
# (such as /root, mode 0700), the servers' files go to one of these and the state records where.
# The programs are copied there too where that user cannot enter the folder they were installed in.
SHARED_FOLDERS = (Path("/var/lib/qm"), Path("/usr/local/var/qm"))


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords generated on first start, in a file only its owner can read."""

    admin: str
    owner: str
    app: str
    redis: str

    @classmethod
    def generate(cls) -> Self:
        """Generate new passwords; their characters need no quoting anywhere."""
        return cls(*(secrets.token_urlsafe(24) for _ in range(4)))


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """One data directory, its folders and small files."""

    data_dir: Path

    @classmethod
    def at(cls, data_dir: Path) -> Self:
        """Create the folders of a data directory, or say why that is not possible."""
        directory = cls(data_dir.expanduser().resolve())
        try:
            directory.data_dir.mkdir(parents=True, exist_ok=True)
            for folder in (directory.folder, directory.logs, directory.data_dir / "secrets"):
                if not folder.is_dir():
                    folder.mkdir(mode=0o700, exist_ok=True)
                    directory.give_to_owner(folder)
            for path in (directory.owners_lock, directory.start_lock, directory.guardian_lock):
                path.touch(mode=0o600)
                directory.give_to_owner(path)
        except OSError as error:
            raise EmbeddedError(
                f"The data directory {directory.data_dir} cannot be written ({error.strerror}). "
                "Set QM_DATA_DIR to a directory of your own on a disk with free space."
            ) from error
        return directory

    @property
    def folder(self) -> Path:
        """Return where locks and state live; only the guardian writes the state."""
        return self.data_dir / "embedded"

    @property
    def logs(self) -> Path:
        """Return where the servers write their logs."""
        return self.data_dir / "logs"

    @property
    def owners_lock(self) -> Path:
        """Return the file every process that uses the servers holds a share of."""
        return self.folder / "owners.lock"

    @property
    def start_lock(self) -> Path:
        """Return the file that lets one process at a time start the servers."""
        return self.folder / "start.lock"

    @property
    def guardian_lock(self) -> Path:
        """Return the file the guardian holds while it runs; it contains its process id."""
        return self.folder / "keeper.lock"

    @property
    def guardian_log(self) -> Path:
        """Return the log of the guardian."""
        return self.log("keeper")

    @property
    def roles_applied(self) -> Path:
        """Return the file with the hash of the roles script that was applied to the database."""
        return self.folder / "roles.applied"

    def log(self, name: str) -> Path:
        """Return the log of one program, created if it is missing."""
        path = self.logs / f"{name}.log"
        if not path.exists():
            path.touch(mode=0o600)
            self.give_to_owner(path)
        return path

    def account(self) -> Account:
        """Choose the user to run as: ourselves, or as root the directory's owner, or a user of its own."""
        if os.geteuid() != 0:
            return Account(None, None)
        home = self.known_home()
        if self.data_dir.stat().st_uid != 0:
            return Account(self.data_dir.stat().st_uid, self.data_dir.stat().st_gid)
        if home is not None and home.exists() and home.stat().st_uid not in {0, shared_uid()}:
            return Account(home.stat().st_uid, home.stat().st_gid)
        return own_account()

    def home(self, account: Account) -> Path:
        """Return the folder of the servers' own data, created and recorded on first use."""
        known = self.known_home()
        if known is not None:
            return self._checked_home(known, account)
        # Recorded as a relative path, so that the data directory can be moved.
        chosen = Path("servers") if account.can_enter(self.data_dir) else _fallback_home()
        _make_folder(self.data_dir / chosen, account)
        self.remember(home=str(chosen))
        return self.data_dir / chosen

    def known_home(self) -> Path | None:
        """Return the folder of the servers' own data if it was chosen already."""
        found = self.state().get("home")
        return self.data_dir / found if found else None

    def _checked_home(self, home: Path, account: Account) -> Path:
        if not home.is_dir():
            raise EmbeddedError(
                f"The servers' data should be in {home} but is not there. Put it back, "
                f"or remove {self.data_dir} to start afresh."
            )
        if not account.can_enter(home.parent):
            raise EmbeddedError(
                f"The user the servers run as can no longer enter {home}: some folder above it was closed. "
                "Open it with chmod o+x, or run qm as the owner of the data directory."
            )
        if account.uid is not None and home.stat().st_uid != account.uid:
            _hand_over(home, account)
        if account.uid is None and home.stat().st_uid != os.geteuid():
            raise EmbeddedError(
                f"{home} belongs to user {home.stat().st_uid}: it was made by another user or by root. "
                "Run qm as that user, or give the directory to yourself with chown -R."
            )
        return home

    def state(self) -> dict[str, Any]:
        """Read the recorded state: home, ports, layout, and whether the database cluster exists."""
        found = _read(self.folder / "state.json")
        if found.get("layout", LAYOUT) > LAYOUT:
            raise EmbeddedError(
                f"{self.data_dir} was written by a newer release of qm. Install that release."
            )
        return found

    def remember(self, **facts: Any) -> None:
        """Add facts to the state in one atomic write."""
        self._write(self.folder / "state.json", {**self.state(), "layout": LAYOUT, **facts})

    def secrets(self) -> Secrets:
        """Read the passwords, or generate them when the servers have no data yet."""
        path = self.data_dir / "secrets" / "embedded.json"
        if not path.exists():
            if self.state().get("initialised"):
                raise EmbeddedError(
                    f"{path} is missing: it holds the passwords of the database in this data directory. "
                    f"Restore it from a backup, or remove {self.data_dir} to start afresh."
                )
            self._write(path, asdict(Secrets.generate()))
        return Secrets(**_read(path))

    def give_to_owner(self, path: Path) -> None:
        """As root, leave what we create to the data directory's owner, so that it works without root too."""
        info = self.data_dir.stat()
        if os.geteuid() == 0 and info.st_uid != 0:
            os.chown(path, info.st_uid, info.st_gid)

    def _write(self, path: Path, content: dict[str, Any]) -> None:
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        self.give_to_owner(temporary)
        temporary.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (ValueError, PermissionError) as error:
        raise EmbeddedError(f"{path} cannot be read ({error}). Run qm as its owner or restore it.") from error
    return dict(found)


def _make_folder(folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    account.take_ownership(folder)


def _hand_over(home: Path, account: Account) -> None:
    """Give the servers' files to the user they run as now: releases before 0.2 ran them as `nobody`."""
    if account.uid is None or account.gid is None:
        return
    for path in (home, *home.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _fallback_home() -> Path:
    for base in SHARED_FOLDERS:
        try:
            base.mkdir(mode=0o755, parents=True, exist_ok=True)
            # The umask may be tight; the servers' user has to pass through this folder of ours.
            base.chmod(0o755)
        except OSError:
            continue
        return base / f"servers-{secrets.token_hex(6)}"
    raise EmbeddedError(
        "As root the servers run as an unprivileged user, which cannot enter this data directory, and "
        f"{SHARED_FOLDERS[0]} cannot be created. Set QM_DATA_DIR to a directory that others may enter."
    )
