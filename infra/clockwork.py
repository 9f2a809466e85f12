"""The schedule process: `python -m infra.clockwork`."""

from infra import runtime
from qm import logs
from workers.run import keep_time


def main() -> None:
    """Keep time until told to stop."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    keep_time(runtime.build(runtime.complete(settings)))


if __name__ == "__main__":
    main()
