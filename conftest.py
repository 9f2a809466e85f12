"""What holds for every test: one thread for arithmetic, patience, and an order for several processes."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from workers.thread_limits import ONE_THREAD

# Before anything loads numpy: as in every process that QM starts.
os.environ.update(ONE_THREAD)

# How long an example takes depends on what else the machine does. Continuous integration tries the same
# examples each time, as Hypothesis advises: what it finds is there again; everybody else tries new ones.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    database=None if "CI" in os.environ else settings.default.database,
)
settings.load_profile("patient")

# The examples in the product's docstrings are tests too; its migrations are for alembic alone to load.
collect_ignore_glob = ["infra/migrations/*"]

_SLOWEST_FIRST = ("jobs", "realdata", "contract", "console", "database", "api")
"""Folders of tests that take long. What is short comes last, and fills up whichever process is free."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests that several processes share."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(item.path.relative_to(config.rootpath)))


def _place(path: Path) -> int:
    folder = path.parts[1] if path.parts[0] == "tests" else ""
    return _SLOWEST_FIRST.index(folder) if folder in _SLOWEST_FIRST else len(_SLOWEST_FIRST)
