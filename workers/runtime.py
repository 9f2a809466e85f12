"""What a worker process holds while it lives; jobs are plain functions and find it here."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from qm.services import Services
from workers.rulebook import Rulebook


@dataclass(slots=True)
class Runtime:
    """The services of this process, the definitions it has compiled, and the agents it has met."""

    services: Services
    rulebook: Rulebook = field(default_factory=Rulebook)
    agents_since: dict[tuple[uuid.UUID, str], datetime] = field(default_factory=dict)


_running: list[Runtime] = []


def start(services: Services) -> Runtime:
    """Make this process able to run jobs."""
    _running[:] = [Runtime(services)]
    return _running[0]


def running() -> Runtime:
    """Return this process's runtime.

    Raises
    ------
    RuntimeError
        In a process that is no worker.
    """
    if not _running:
        raise RuntimeError("jobs run in worker processes only; see workers/run.py")
    return _running[0]
