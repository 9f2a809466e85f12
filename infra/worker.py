"""One scoring worker process: `python -m infra.worker`."""

from infra import memory, runtime
from qm import logs
from workers.run import work

# More than a slice holds at once: a worker looks for cycles after each job, when there is little to look at.
_OF_A_SLICE = 500_000


def main() -> None:
    """Work until told to stop."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    services = runtime.build(runtime.complete(settings))
    memory.settle(_OF_A_SLICE)
    work(services)


if __name__ == "__main__":
    main()
