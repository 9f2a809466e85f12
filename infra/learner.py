"""The learner process: `python -m infra.learner`; it runs each training in a program of its own."""

import os
import sys

from infra import runtime
from qm import logs
from workers.processes import run_learner

_PROGRAM = (sys.executable, "-P", "-m", "infra.training")
# Trainings yield to whoever scores and answers.
_NICENESS = 10


def main() -> None:
    """Have models trained until told to stop."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    os.nice(_NICENESS)
    run_learner(runtime.build(runtime.complete(settings)), training_program=_PROGRAM)


if __name__ == "__main__":
    main()
