"""The state of a worker process; jobs are plain functions and get it here."""

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
    """A job took longer than its lease; a BaseException, so that no `except Exception` catches it."""


@dataclass(slots=True)
class WorkerContext:
    """The services and caches of a worker process.

    Attributes
    ----------
    services : Services
    definitions : DefinitionsCache
        Compiled definitions.
    round_robin : RoundRobin
        The order in which clients are served.
    agents_since : dict of (UUID, str) to datetime
        The first day of each agent with a client.
    stop : threading.Event
        Set when the process is to end.
    training_program : sequence of str
        The command that runs one training.
    models : ModelCache
        Loaded models.
    """

    services: Services
    definitions: DefinitionsCache = field(default_factory=DefinitionsCache)
    round_robin: RoundRobin = field(default_factory=RoundRobin)
    agents_since: dict[tuple[uuid.UUID, str], datetime] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    training_program: Sequence[str] = ()
    models: ModelCache = field(init=False)

    def __post_init__(self) -> None:
        """Create the model cache, bounded by the settings."""
        self.models = ModelCache(self.services.settings.model_memory)


_current: list[WorkerContext] = []


def start(services: Services, *, training_program: Sequence[str] = ()) -> WorkerContext:
    """Make this process a worker, able to run jobs."""
    _current[:] = [WorkerContext(services, training_program=training_program)]
    return _current[0]


def current_context() -> WorkerContext:
    """Return this process's context.

    Raises
    ------
    RuntimeError
        In a process that is not a worker.
    """
    if not _current:
        raise RuntimeError("jobs run in worker processes only; see workers/processes.py")
    return _current[0]
