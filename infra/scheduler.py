"""The scheduler process: `python -m infra.scheduler`."""

from infra import gc_tuning, runtime
from infra.embedded import watchdog
from qm import logs
from workers.processes import run_scheduler


def main() -> None:
    """Run periodic jobs until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    completed = runtime.complete(settings)
    if settings.database_url is None or settings.redis_url is None:
        watchdog.run_watchdog(settings.data_dir)
    services = runtime.build(completed)
    gc_tuning.tune()
    run_scheduler(services)


if __name__ == "__main__":
    main()
