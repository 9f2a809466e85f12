"""What a worker process holds while it lives; jobs are plain functions and find it here."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qm.learning.model_cache import ModelCache
from qm.services import Services
from workers.definitions_cache import DefinitionsCache
from workers.round_robin import RoundRobin


class OutOfTime(BaseException):
    """A job took longer than its lease; no `except Exception` on the way may take it for a lesser fault."""


@dataclass(slots=True)
class WorkerContext:
    """The services of this process, what it has compiled and loaded, and whom it has met and served.

    `stop` says that the process is to end; `training_program` is the command that runs one training.
    """

    services: Services
    definitions: DefinitionsCache = field(default_factory=DefinitionsCache)
    round_robin: RoundRobin = field(default_factory=RoundRobin)
    agents_since: dict[tuple[uuid.UUID, str], datetime] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    training_program: Sequence[str] = ()
    models: ModelCache = field(init=False)

    def __post_init__(self) -> None:
        """Make room for learned models."""
        self.models = ModelCache(self.services.settings.model_memory)


_running: list[WorkerContext] = []


def start(services: Services, *, training_program: Sequence[str] = ()) -> WorkerContext:
    """Make this process able to run jobs."""
    _running[:] = [WorkerContext(services, training_program=training_program)]
    return _running[0]


def running() -> WorkerContext:
    """Return this process's runtime.

    Raises
    ------
    RuntimeError
        In a process that is no worker.
    """
    if not _running:
        raise RuntimeError("jobs run in worker processes only; see workers/processes.py")
    return _running[0]
