"""A provider with work to do, and processes that do it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.jobs.training_fixture import each_model_fitted_once  # noqa: F401 - a fixture
from tests.jobs.worker_processes import Crew, Team


@pytest.fixture
def team(make_provider):
    return Team(make_provider("northwind"))


@pytest.fixture
def make_team(make_provider):
    return lambda *slugs, **options: Team(
        make_provider(*(slugs or ("northwind",))), slugs or ("northwind",), **options
    )


@pytest.fixture
def crew(services, data_dir, tmp_path):
    made = Crew(data_dir, tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def standing(services, data_dir, tmp_path_factory):
    """A worker and a schedule that serve all tests of a module."""
    made = Crew(data_dir, tmp_path_factory.mktemp("logs"))
    made.clock()
    yield made.worker(QM_SLICE=50, QM_MAX_ATTEMPTS=2)
    made.end()


@pytest.fixture
def at_the_rules(services):
    """Hold every worker where it reads the definitions, after its claim, for as long as the block lasts."""

    @contextmanager
    def holding() -> Iterator[None]:
        with psycopg.connect((services.settings.owner_url or "").replace("+psycopg", "")) as connection:
            connection.execute("lock table definitions in access exclusive mode")
            yield

    return holding
