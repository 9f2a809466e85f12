"""A provider with work to do, and processes that do it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.jobs.forked_programs import ForkedPrograms
from tests.jobs.training_fixture import each_model_fitted_once  # noqa: F401 - a fixture
from tests.jobs.worker_processes import ScoringFixture, WorkerProcesses


@pytest.fixture(scope="session")
def forked_programs():
    made = ForkedPrograms()
    yield made
    made.end()


@pytest.fixture
def scoring_fixture(make_provider):
    return ScoringFixture(make_provider("northwind"))


@pytest.fixture
def make_scoring_fixture(make_provider):
    return lambda *slugs, **options: ScoringFixture(
        make_provider(*(slugs or ("northwind",))), slugs or ("northwind",), **options
    )


@pytest.fixture
def worker_processes(services, data_dir, tmp_path, forked_programs):
    made = WorkerProcesses(data_dir, tmp_path, forked_programs)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shared_worker(services, data_dir, tmp_path_factory, forked_programs):
    """A worker and a schedule that serve all tests of a module."""
    made = WorkerProcesses(data_dir, tmp_path_factory.mktemp("logs"), forked_programs)
    made.clock()
    yield made.worker(QM_SLICE=50, QM_MAX_ATTEMPTS=2)
    made.end()


@pytest.fixture
def hold_definitions_lock(services):
    """Hold every worker where it reads the definitions, after its claim, for as long as the block lasts."""

    @contextmanager
    def holding() -> Iterator[None]:
        with psycopg.connect((services.settings.owner_url or "").replace("+psycopg", "")) as connection:
            connection.execute("lock table definitions in access exclusive mode")
            yield

    return holding
