"""Brings the embedded servers back while they are needed, should their keeper be killed."""

import threading
import time
from pathlib import Path

import structlog

from infra.embedded import servers
from infra.embedded.data_directory import EmbeddedError

log = structlog.get_logger(__name__)
_LOOK_EVERY = 2.0


def run_watchdog(data_dir: Path) -> None:
    """Look after the servers of a data directory from a thread, as long as this process lives."""
    threading.Thread(target=_watch, args=(data_dir,), name="vigil", daemon=True).start()


def _watch(data_dir: Path) -> None:
    while True:
        time.sleep(_LOOK_EVERY)
        try:
            restart_guardian(data_dir)
        except (EmbeddedError, OSError) as error:
            log.warning("servers_away", error=str(error))


def restart_guardian(data_dir: Path) -> bool:
    """Start the servers of a directory whose keeper is gone; one that was removed stays removed."""
    standing = servers.status(data_dir)
    if standing.keeper is not None or standing.home is None:
        return False
    servers.ensure(data_dir)
    log.warning("servers_revived")
    return True
