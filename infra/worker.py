"""One scoring worker process: `python -m infra.worker`."""

from infra import gc_tuning, runtime
from qm import logs
from workers.processes import run_worker


def main() -> None:
    """Score until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    services = runtime.build(runtime.complete(settings))
    gc_tuning.tune(gc_tuning.WORKER_THRESHOLD)
    run_worker(services)


if __name__ == "__main__":
    main()
