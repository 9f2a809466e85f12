"""The learner process: `python -m infra.learner`; it runs each training in a process of its own."""

import os
import sys

from infra import gc_tuning, runtime
from qm import logs
from workers.processes import run_learner

_TRAINING_COMMAND = (sys.executable, "-P", "-m", "infra.training")
# Trainings yield the processor to scoring workers and web processes.
_NICENESS = 10


def main() -> None:
    """Run requested trainings until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    os.nice(_NICENESS)
    services = runtime.build(runtime.complete(settings))
    gc_tuning.tune()
    run_learner(services, training_program=_TRAINING_COMMAND)


if __name__ == "__main__":
    main()
