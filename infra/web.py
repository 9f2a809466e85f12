"""The web server: `python -m infra.web`, processes of gunicorn's in which waitress serves the application."""

import logging
import os
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from prometheus_client import multiprocess

from infra import gc_tuning, runtime
from infra.http_server import BufferingWorker
from infra.process_commands import METRICS_FOLDER_VARIABLE
from qm import logs
from qm.app import create_app
from qm.settings import Settings


class ForwardingLogger(Logger):
    """Gunicorn's own messages go to the common log; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002 - gunicorn's signature
        """Leave the handlers to `qm.logs`."""
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)
        self.access_log.disabled = True


class WebServer(BaseApplication):
    """Gunicorn's processes; each builds its own application and pools."""

    def __init__(self, settings: Settings) -> None:
        """Take completed settings."""
        self._settings = settings
        self.body_limit = settings.body_limit
        super().__init__()

    def load_config(self) -> None:
        """Translate the settings into gunicorn's."""
        for name, value in {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.web_processes,
            "threads": self._settings.web_threads,
            "worker_class": BufferingWorker,
            "timeout": 60,
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "logger_class": ForwardingLogger,
            "child_exit": _remove_gauges,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application inside the process that serves it."""
        app = create_app(runtime.build(self._settings))
        gc_tuning.tune()
        return app


def _remove_gauges(_server: Any, worker: Any) -> None:
    if METRICS_FOLDER_VARIABLE in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def main() -> None:
    """Serve until a stop signal."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    # A queue of tasks is what a busy server has, and what waitress says of a vanished sender helps nobody.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    WebServer(runtime.complete(settings)).run()


if __name__ == "__main__":
    main()
