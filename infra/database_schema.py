"""Upgrades the database's schema, returns its version, and compares it with the tables of the code."""

from dataclasses import dataclass
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.pool import NullPool

import qm.branding.models
import qm.calibration.models
import qm.coaching.models
import qm.corrective_actions.models
import qm.disputes.models
import qm.facts.models
import qm.friction.models
import qm.interactions.models
import qm.kudos.models
import qm.language_library.models
import qm.learning.models
import qm.recognition.models
import qm.reviews.models
import qm.reviews.quality_check_models
import qm.reviews.readings
import qm.sampling.models
import qm.saved_views.models
import qm.snapshots.models
import qm.webhooks.models
import scorecards.authoring.models
import tenants.models
import tenants.sso.models
from tenants.isolation import Base

# The key of an advisory lock, chosen freely: it keeps two processes from migrating at once.
_MIGRATION_LOCK = 7_236_001


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The version in the database and the newest one in the code."""

    present: str | None
    newest: str | None

    @property
    def current(self) -> bool:
        """Whether the database has the newest version."""
        return self.present == self.newest


# Importing them registers their tables; naming them here keeps the imports.
_MODELS = (
    qm.interactions.models,
    qm.learning.models,
    qm.facts.models,
    qm.reviews.models,
    qm.calibration.models,
    qm.corrective_actions.models,
    qm.snapshots.models,
    qm.branding.models,
    qm.disputes.models,
    qm.recognition.models,
    qm.reviews.quality_check_models,
    qm.coaching.models,
    qm.kudos.models,
    qm.language_library.models,
    qm.reviews.readings,
    qm.webhooks.models,
    scorecards.authoring.models,
    tenants.models,
)


def every_table() -> MetaData:
    """Return the tables of all models, which this module imports."""
    return Base.metadata


def upgrade(owner_url: str, revision: str = "head") -> SchemaStatus:
    """Upgrade the schema as the owner; waits while another process does the same."""
    engine = create_engine(sqlalchemy_url(owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
        command.upgrade(_config(connection), revision)
        connection.commit()
        connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _MIGRATION_LOCK})
        return _status(connection)


def status(url: str) -> SchemaStatus:
    """Return the schema's version and the newest one."""
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).connect() as connection:
        return _status(connection)


def differences(owner_url: str) -> list[str]:
    """Return the differences between the code's tables and the database's; empty when they agree."""
    with create_engine(sqlalchemy_url(owner_url), poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, every_table())]


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL address with the driver named."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"


def _status(connection: Connection) -> SchemaStatus:
    version_table = connection.execute(text("select to_regclass('alembic_version')")).scalar()
    present = None
    if version_table is not None:
        present = connection.execute(text("select version_num from alembic_version")).scalar()
    return SchemaStatus(present, ScriptDirectory.from_config(_config(connection)).get_current_head())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("infra").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
