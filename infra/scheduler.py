"""The scheduler process: `python -m infra.scheduler`."""

from dataclasses import replace

from infra import gc_tuning, runtime
from infra.embedded import watchdog
from qm import logs
from workers import schedule
from workers.processes import run_scheduler


def main() -> None:
    """Run periodic jobs until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    completed = runtime.complete(settings)
    if settings.database_url is None or settings.redis_url is None:
        watchdog.run_watchdog(settings.data_dir)
    pool_size = max(completed.pool_size, schedule.CONNECTIONS)
    services = runtime.build(replace(completed, pool_size=pool_size))
    gc_tuning.tune()
    run_scheduler(services)


if __name__ == "__main__":
    main()
