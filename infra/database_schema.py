"""The database's schema: brought forward, looked at, and checked against what the code expects."""

from dataclasses import dataclass
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.pool import NullPool

import qm.facts.models
import qm.interactions.models
import qm.learning.models
import qm.reviews.models
import scorecards.authoring.models
import tenants.models
from tenants.isolation import Base

# Any number will do; it keeps two processes from migrating at once.
_MIGRATION_LOCK = 7_236_001


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The version in the database and the newest one in the code."""

    present: str | None
    newest: str | None

    @property
    def current(self) -> bool:
        """Whether nothing is left to do."""
        return self.present == self.newest


# Naming them keeps their imports, which make their tables known.
_MODELS = (
    qm.interactions.models,
    qm.learning.models,
    qm.facts.models,
    qm.reviews.models,
    scorecards.authoring.models,
    tenants.models,
)


def every_table() -> MetaData:
    """Return the tables of all models; they are known once their modules are imported, as they are here."""
    return Base.metadata


def upgrade(owner_url: str, revision: str = "head") -> SchemaStatus:
    """Bring the schema forward as the owner; waits while another process does the same."""
    engine = create_engine(sqlalchemy_url(owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
        command.upgrade(_config(connection), revision)
        connection.commit()
        connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _MIGRATION_LOCK})
        return _status(connection)


def status(url: str) -> SchemaStatus:
    """Return how far the schema is."""
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).connect() as connection:
        return _status(connection)


def differences(owner_url: str) -> list[str]:
    """Return what the code's tables say that the database's do not; empty when they agree."""
    with create_engine(sqlalchemy_url(owner_url), poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, every_table())]


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL address with the driver named."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"


def _status(connection: Connection) -> SchemaStatus:
    known = connection.execute(text("select to_regclass('alembic_version')")).scalar()
    present = None
    if known is not None:
        present = connection.execute(text("select version_num from alembic_version")).scalar()
    return SchemaStatus(present, ScriptDirectory.from_config(_config(connection)).get_current_head())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("infra").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
