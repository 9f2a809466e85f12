"""What PostgreSQL's catalogue says of isolation, one fact a line, and what it must say.

`catalogue.txt` beside this file holds the facts of a freshly made database; `make catalogue` writes it, and
a test compares. `qm doctor` compares them with a running one: whatever is missing there, or is there in
addition, such as a policy, a grant or a function, may open a wall.
"""

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import psycopg

from infra import database_schema
from infra.embedded import servers
from infra.postgres import database_roles

_FOLDER = resources.files("infra").joinpath("postgres")


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that should be and is not, or the other way round."""

    missing: bool
    fact: str

    def __str__(self) -> str:
        return f"{'missing' if self.missing else 'not wanted'}: {self.fact}"


def facts(connection: psycopg.Connection) -> set[str]:
    """Return what the catalogue of this connection's database says."""
    with connection.transaction():
        # Names are then written with their schema unless it is public, whatever the role's own setting is.
        connection.execute("set local search_path to public, pg_catalog")
        found = [row[0] for question in _questions() for row in connection.execute(question).fetchall()]
    return {" ".join(line.split()) for line in found}


def _questions() -> list[bytes]:
    script = _FOLDER.joinpath("catalogue.sql").read_bytes()
    return [question for question in script.split(b";\n") if question.strip()]


def expected() -> set[str]:
    """Return what the catalogue of a freshly made database says."""
    return set(_FOLDER.joinpath("catalogue.txt").read_text().splitlines())


def differences(connection: psycopg.Connection) -> list[Difference]:
    """Return where the catalogue is not as it must be; empty when all walls stand."""
    found, wanted = facts(connection), expected()
    return [
        *(Difference(missing=True, fact=fact) for fact in sorted(wanted - found)),
        *(Difference(missing=False, fact=fact) for fact in sorted(found - wanted)),
    ]


def _of_a_new_database() -> Iterable[str]:
    with tempfile.TemporaryDirectory(prefix="qm-catalogue-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        addresses = servers.ensure(path)
        try:
            database_schema.upgrade(addresses.owner_url)
            with psycopg.connect(database_roles.plain_url(addresses.database_url)) as connection:
                return sorted(facts(connection))
        finally:
            servers.remove(path)


if __name__ == "__main__":
    sys.stdout.write("".join(f"{fact}\n" for fact in _of_a_new_database()))
