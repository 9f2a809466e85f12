"""One training: `python -m infra.training TENANT TRAINING TOKEN`, started by the learner.

It alone loads scikit-learn, and its memory is freed when it ends. Its standard input is a pipe from the
learner that nothing is written to: when it closes, the learner is gone, and the training ends at once.
"""

import os
import sys
import threading
import uuid

from infra import (
    gc_tuning,  # noqa: F401 - before all that a training imports
    runtime,
)
from qm import logs
from workers.training.claims import ClaimedTraining
from workers.training.train import train


def main() -> None:
    """Run the claimed training that the arguments name."""
    threading.Thread(target=_end_with_learner, name="end-with-learner", daemon=True).start()
    tenant, training, token = map(uuid.UUID, sys.argv[1:4])
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    services = runtime.build(runtime.complete(settings))
    sys.exit(0 if train(services, ClaimedTraining(tenant, training, token)) else 1)


def _end_with_learner() -> None:
    # Not through `sys.stdin`: its lock, held here while Python ends, would abort a training that is done.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
