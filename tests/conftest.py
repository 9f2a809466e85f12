"""Real servers for a whole run, and a fresh provider for every test that asks for one."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from infra import database_schema, runtime
from infra.embedded import servers
from qm.app import create_app
from qm.services import Services
from tenants import clients, credentials, users
from tenants.isolation import acting_as, transaction
from tenants.models import Client, Tenant, User, new_id
from tenants.roles import SCOPES
from tests.conforming import Contract
from tests.waiting import PATIENCE

LONGEST_FIRST = (
    "test_training.py",
    "test_any_input.py",
    "test_command_line.py",
    "test_generated_clients.py",
    "test_definitions_in_browser.py",
    "test_living_queue.py",
    "test_known_reviewers.py",
    "test_walks_of_lists.py",
    "test_docs.py",
    "test_concurrent_facts.py",
    "test_hostile_requests.py",
    "test_embedded_servers.py",
    "test_models_command.py",
    "test_loadtests.py",
)
"""Files of a minute or about it: begun last, one would keep one process busy while the other has ended."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that both processes end at about the same time."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("qm-data")
    # Draws are keyed by it: what they decide must not differ from run to run.
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "secret-key").write_text("the same key in every run of the tests")
    yield folder
    servers.remove(folder)


@pytest.fixture(scope="session")
def services(data_dir: Path) -> Iterator[Services]:
    environment = {"QM_DATA_DIR": str(data_dir), "QM_RATE_LIMIT": "1000000/minute", "QM_POOL_SIZE": "20"}
    settings = runtime.complete(runtime.read_settings(environment))
    _spare_the_disk(data_dir)
    database_schema.upgrade(settings.owner_url or "")
    built = runtime.build(settings)
    # A server that has no processor just now is not away.
    with Redis.from_url(settings.redis_url or "", socket_timeout=PATIENCE) as patient:
        yield replace(built, redis=patient)
    built.engine.dispose()
    built.redis.close()


def _spare_the_disk(data_dir: Path) -> None:
    """Let no commit wait for the disk: it survives that a server is killed, and no power cut."""
    admin_url = servers.ensure(data_dir).admin_url
    servers.release(data_dir)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("alter system set full_page_writes = off")
        connection.execute("select pg_reload_conf()")


@pytest.fixture(scope="session")
def address(data_dir: Path, services: object) -> Iterator[str]:
    """The address of `qm serve` over the servers of this test run."""
    environment = {**os.environ, "QM_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-P", "-m", "infra.cli", "serve", "--port", "0"]
    log = data_dir / "serve.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("ready "), log.read_text()
    yield line.split()[1]
    server.terminate()
    server.wait(timeout=PATIENCE)
    server.stdout.close()


@pytest.fixture(scope="session")
def app(services: Services) -> Flask:
    application = create_app(services)
    application.config["PROPAGATE_EXCEPTIONS"] = False
    return application


@cache
def _contract(app: Flask) -> Contract:
    return Contract(app.extensions["qm.openapi"])


class Caller:
    """Speaks HTTP with one credential."""

    def __init__(self, http: FlaskClient, key: str | None) -> None:
        self.http, self.key = http, key

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def send(path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
            carried = {"Authorization": f"Bearer {self.key}"} if self.key else {}
            answer = getattr(self.http, method)(path, headers={**carried, **(headers or {})}, **options)
            faults = _contract(self.http.application).faults(method, path.partition("?")[0], answer)
            assert faults == [], f"{method} {path} does not keep to the contract"
            return answer

        return send


@dataclass
class Provider:
    """A provider of its own, with clients, people and credentials as a test needs them."""

    services: Services
    http: FlaskClient
    tenant: Tenant
    clients: dict[str, Client] = field(default_factory=dict)

    def session(self) -> Any:
        """Open a transaction as staff of this provider (use with `with`)."""
        scope = clients.tenant_scope
        with transaction(self.services.engine) as opened:
            found = scope(opened, self.tenant.tenant_id)
        return acting_as(self.services.engine, found)

    def add_client(self, slug: str) -> Client:
        with self.session() as session:
            self.clients[slug] = clients.create_client(session, name=slug.title(), slug=slug)
        return self.clients[slug]

    def add_user(self, role: str, *slugs: str, email: str | None = None) -> User:
        with self.session() as session:
            bound = [self.clients[slug] for slug in slugs]
            address = email or f"{role}-{len(slugs)}-{id(slugs)}@example.com"
            return users.create_user(session, email=address, name=role.title(), role=role, clients=bound)

    def key(
        self, *scopes: str, bound_to: tuple[str, ...] = (), user: User | None = None
    ) -> credentials.IssuedKey:
        with self.session() as session:
            bound = [self.clients[slug] for slug in bound_to]
            return credentials.issue_key(
                session, name="test", scopes=scopes or sorted(SCOPES), clients=bound, user=user
            )

    def caller(self, *scopes: str, bound_to: tuple[str, ...] = (), user: User | None = None) -> Caller:
        return Caller(self.http, self.key(*scopes, bound_to=bound_to, user=user).key)


@pytest.fixture
def anonymous_caller(app: Flask) -> Caller:
    return Caller(app.test_client(), None)


@pytest.fixture
def make_provider(services: Services, app: Flask) -> Callable[..., Provider]:
    def make(*slugs: str) -> Provider:
        with transaction(services.engine) as session:
            name = f"Provider {new_id()}"
            tenant = clients.create_tenant(session, name=name)
        provider = Provider(services, app.test_client(), tenant)
        for slug in slugs:
            provider.add_client(slug)
        return provider

    return make


@pytest.fixture
def provider(make_provider: Callable[..., Provider]) -> Provider:
    return make_provider("northwind", "contoso")
