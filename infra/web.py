"""The web server process: `python -m infra.web`, gunicorn over the application."""

import json
import logging
import os
import socket
from collections.abc import Mapping
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client import multiprocess
from uuid_utils.compat import uuid7

from infra import gc_tuning, runtime
from infra.process_commands import METRICS_FOLDER_VARIABLE
from qm import errors, logs
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


log = structlog.get_logger(__name__)
# Requests that cannot be parsed never reach the application: status, title and detail of the answer.
_BAD_REQUEST = (400, "Bad Request", "This is not HTTP that can be read.")
_PARSE_ERRORS: Mapping[type[ParseException], tuple[int, str, str]] = {
    LimitRequestLine: (414, "URI Too Long", "The address is too long; send long values in the body."),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "The header fields are too large."),
    UnsupportedTransferCoding: (501, "Not Implemented", "This transfer coding is not understood."),
    ExpectationFailed: (417, "Expectation Failed", "This expectation is not understood."),
}


class ProblemWorker(ThreadWorker):
    """A web process that answers with a problem document even where it could not parse the request."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be parsed; leave all other errors to gunicorn."""
        if isinstance(exc, ParseException):
            answer_unread(client, exc)
        else:
            super().handle_error(req, client, addr, exc)


def answer_unread(client: socket.socket, error: ParseException) -> None:
    """Send the problem document for a request that could not be parsed; its content is not logged."""
    status, title, detail = _PARSE_ERRORS.get(type(error), _BAD_REQUEST)
    request_id = str(uuid7())
    log.warning("unreadable_request", error=type(error).__name__, status=status, request=request_id)
    body = json.dumps(
        errors.problem_document(errors.problem_of_status(status, title), detail, request_id=request_id)
    )
    head = (
        f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: {errors.MEDIA_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\nX-Request-Id: {request_id}\r\n\r\n"
    )
    try:
        client.sendall((head + body).encode("ascii"))
    except OSError:
        log.debug("sender_gone")


class WebServer(BaseApplication):
    """Gunicorn with threads; each of its processes builds its own application and pools."""

    def __init__(self, settings: Settings) -> None:
        """Take completed settings."""
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Translate the settings into gunicorn's."""
        for name, value in {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.web_processes,
            "threads": self._settings.web_threads,
            "worker_class": ProblemWorker,
            "keepalive": 30,
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
    WebServer(runtime.complete(settings)).run()


if __name__ == "__main__":
    main()
