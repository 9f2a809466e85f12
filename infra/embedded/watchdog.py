"""Restarts the guardian of the embedded servers if it is killed while they are needed."""

import threading
import time
from pathlib import Path

import structlog

from infra.embedded import servers
from infra.embedded.accounts import EmbeddedError

log = structlog.get_logger(__name__)
_POLL_SECONDS = 2.0


def run_watchdog(data_dir: Path) -> None:
    """Watch the guardian of a data directory from a thread, as long as this process lives."""
    threading.Thread(target=_watch, args=(data_dir,), name="watchdog", daemon=True).start()


def _watch(data_dir: Path) -> None:
    while True:
        time.sleep(_POLL_SECONDS)
        try:
            restart_guardian(data_dir)
        except (EmbeddedError, OSError) as error:
            log.warning("servers_away", error=str(error))


def restart_guardian(data_dir: Path) -> bool:
    """Start the servers again if their guardian is gone and they were not removed; tell whether it did."""
    status = servers.status(data_dir)
    if status.guardian is not None or status.home is None:
        return False
    servers.ensure(data_dir)
    log.warning("servers_revived")
    return True
