"""The process that delivers events to webhooks: `python -m infra.deliverer`."""

from infra import gc_tuning, runtime
from qm import logs
from workers.processes import run_deliverer


def main() -> None:
    """Deliver until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    services = runtime.build(runtime.complete(settings))
    gc_tuning.tune()
    run_deliverer(services)


if __name__ == "__main__":
    main()
