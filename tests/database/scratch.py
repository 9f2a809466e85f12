"""Scratch databases on the test run's embedded server, for tests that must not touch the shared database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import Engine, make_url

from infra import database_schema
from infra.embedded import servers
from infra.postgres import database_roles
from tenants.isolation import make_engine


@dataclass(frozen=True)
class Scratch:
    """Where a scratch database answers, as owner and as the application."""

    owner_url: str
    app_url: str

    @contextmanager
    def engines(self, pool_size=4) -> Iterator[tuple[Engine, Engine]]:
        """Open pools as the application and as the owner."""
        opened = [
            make_engine(database_schema.sqlalchemy_url(url), pool_size=pool_size)
            for url in (self.app_url, self.owner_url)
        ]
        try:
            yield opened[0], opened[1]
        finally:
            for engine in opened:
                engine.dispose()


@contextmanager
def scratch_database(data_dir, services, name) -> Iterator[Scratch]:
    """Make an empty database with QM's roles, and drop it afterwards."""
    admin_url = servers.ensure(data_dir).admin_url
    servers.release(data_dir)
    owner = make_url(services.settings.owner_url)
    app = make_url(services.settings.database_url)
    owner_url, app_url = database_roles.create_roles(
        admin_url, owner_password=owner.password, app_password=app.password, database=name
    )
    try:
        yield Scratch(owner_url, app_url)
    finally:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def owner_engine(services) -> Engine:
    """Open the shared database as its owner."""
    return make_engine(database_schema.sqlalchemy_url(services.settings.owner_url), pool_size=2)
