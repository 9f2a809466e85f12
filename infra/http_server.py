"""A web server process that slow senders and slow readers cost a socket, not a thread.

Waitress reads requests, and sends responses, in one loop over all sockets; only a complete request gets a
thread. Gunicorn starts, watches and ends the processes. What both leave open is closed here: a request that
takes too long, a body that is too large while it is still being sent, and a reader that stopped reading.
"""

import json
import os
import re
import resource
import socket
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.workers.base import Worker
from uuid_utils.compat import uuid7
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from qm import errors

log = structlog.get_logger(__name__)

MAX_HEADER_BYTES = 64 * 1024
MAX_CONTROL_LINE = 1024
"""Longest line of a chunk's size, and its share of the trailer."""
REQUEST_SECONDS = 60.0
"""How long the head of a request may take; its body may take longer, at `MIN_BYTES_A_SECOND`."""
MIN_BYTES_A_SECOND = 16 * 1024
IDLE_SECONDS = 60
MAX_CONNECTIONS = 4096
_MIN_CONNECTIONS = 64
_FILES_FOR_OTHERS = 256
_LOOP_SECONDS = 0.5
# How much of a body that is refused is still read, so that its sender finds the answer.
_DRAINED_BYTES = 64 * 1024 * 1024
_DETAILS: Mapping[int, str] = {
    400: "This is not HTTP that can be read.",
    408: "The request took too long to arrive.",
    413: "The body is larger than this server takes.",
    431: "The address and the header fields are too large; send long values in the body.",
    501: "This transfer coding is not understood.",
}


class TooSlow(Error):  # type: ignore[misc]  # waitress is untyped
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


_CODINGS = re.compile(rb"^transfer-encoding:(.*)$", re.IGNORECASE | re.MULTILINE)


class _Nowhere:
    """A buffer for what is read only to be dropped."""

    def append(self, data: bytes) -> None:
        """Drop the data."""

    def close(self) -> None:
        """Do nothing."""

    def __len__(self) -> int:
        return 0


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads one request; a body that is too large is read to its end, so that its sender finds the answer."""

    expect_continue: bool
    error: Any

    def __init__(self, adjustments: Any) -> None:
        """Take waitress's settings."""
        super().__init__(adjustments)
        self.began = time.monotonic()
        self.bytes_received = 0
        self._drained: int | None = None

    @property
    def is_overdue(self) -> bool:
        """Whether it has taken longer than a slow but honest sender needs."""
        allowed = REQUEST_SECONDS + self.bytes_received / MIN_BYTES_A_SECOND
        return not self.completed and time.monotonic() - self.began > allowed

    def parse_header(self, header_plus: bytes) -> None:
        """
        Read the head, and refuse one whose body could end in two places.

        A proxy that believes the other one would take the rest for somebody's next request.
        """
        super().parse_header(header_plus)
        codings = [coding for line in _CODINGS.findall(header_plus) for coding in line.split(b",")]
        if len(codings) > 1 or (codings and ("CONTENT_LENGTH" in self.headers or not self.chunked)):
            raise ParsingError("the length of the body is told twice")

    def received(self, data: bytes) -> int:
        """Take data of this request; returns how much of it belonged to it."""
        if self._drained is not None:
            return self._drain(data)
        consumed: int = super().received(data)
        self.bytes_received += consumed
        if isinstance(self.error, RequestEntityTooLarge):
            self._begin_draining()
        elif self._is_control_too_long():
            self.error = BadRequest("chunk sizes and trailers must be short")
            self.completed = True
        return consumed

    def _is_control_too_long(self) -> bool:
        receiver = self.body_rcv
        return (
            len(getattr(receiver, "control_line", b"")) > MAX_CONTROL_LINE
            or len(getattr(receiver, "trailer", b"")) > MAX_HEADER_BYTES
        )

    def _begin_draining(self) -> None:
        if self.expect_continue or self.body_rcv is None:
            self.expect_continue = False  # it waits for our word before it sends anything
            return
        self.body_rcv.buf.close()
        self.body_rcv.buf = _Nowhere()
        self._drained = 0
        self.completed = bool(self.body_rcv.completed)

    def _drain(self, data: bytes) -> int:
        consumed: int = self.body_rcv.received(data)
        self._drained = (self._drained or 0) + consumed
        is_over = self.body_rcv.completed or self.body_rcv.error or self._drained > _DRAINED_BYTES
        self.completed = bool(is_over or self._is_control_too_long())
        return consumed


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers a request that never reached the application with a problem document."""

    def execute(self) -> None:
        """Write the response; what was sent is not repeated in it."""
        status = int(self.request.error.code)
        self.status, headers, body = unread_answer(status)
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def unread_answer(status: int) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status line, header fields and problem document for a request that could not be read."""
    title = HTTPStatus(status).phrase
    request_id = str(uuid7())
    log.warning("unreadable_request", status=status, request=request_id)
    problem = errors.problem_of_status(status, title)
    detail = _DETAILS.get(status, "The error is logged under the request_id.")
    body = json.dumps(errors.problem_document(problem, detail, request_id=request_id)).encode("ascii")
    return f"{status} {title}", [("Content-Type", errors.MEDIA_TYPE), ("X-Request-Id", request_id)], body


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    parser_class = RequestParser
    request: RequestParser | None
    error_task_class = ProblemTask

    def close_if_overdue(self, now: float) -> None:
        """Close the connection when its request does not come, or its response is not taken."""
        if self.total_outbufs_len and now - self.last_activity > IDLE_SECONDS:
            self.will_close = True
            return
        with self.requests_lock:
            request = self.request
            if request is None or not request.is_overdue:
                return
            request.error, request.completed = TooSlow("too slow"), True
            self.request = None
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress's server with our connections."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        """Close connections that are idle or overdue; where there are too many, those that wait longest."""
        super().maintenance(now)
        channels = list(self.active_channels.values())
        for channel in channels:
            channel.close_if_overdue(now)
        if self.in_connection_overflow:
            waiting = [each for each in channels if not each.requests and not each.total_outbufs_len]
            waiting.sort(key=lambda each: each.creation_time)
            for channel in waiting[: 1 + len(waiting) // 4]:
                channel.will_close = True


class BufferingWorker(Worker):
    """A process of gunicorn's in which waitress serves."""

    def run(self) -> None:
        """Serve until told to stop, then finish what has begun."""
        sockets: dict[int, Any] = {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        listeners: list[Any] = self.sockets
        servers = [self._server(listener.sock, sockets, dispatcher) for listener in listeners]
        while self.alive and self.ppid == os.getppid():
            self._turn(sockets)
        for server in servers:
            server.del_channel(sockets)  # accepts no more
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < deadline and any(map(_is_busy, servers)):
            self._turn(sockets)
        dispatcher.shutdown(timeout=1)

    def _turn(self, sockets: dict[int, Any]) -> None:
        self.notify()
        wasyncore.loop(timeout=_LOOP_SECONDS, use_poll=True, map=sockets, count=1)

    def _server(self, listener: socket.socket, sockets: dict[int, Any], dispatcher: Any) -> Server:
        app: Any = self.app
        adjustments = Adjustments(
            sockets=[listener],
            ident=None,
            # Chunks are counted with their sizes, so the application, which counts the body alone, decides.
            max_request_body_size=2 * app.body_limit + MAX_HEADER_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
            connection_limit=_connection_limit(),
            cleanup_interval=1,
            channel_timeout=IDLE_SECONDS,
            clear_untrusted_proxy_headers=False,  # the application reads them if QM_PROXIES says so
            recv_bytes=32 * 1024,
            log_socket_errors=False,
        )
        sockinfo = (listener.family, listener.type, listener.proto, listener.getsockname())
        return Server(
            self.wsgi,
            sockets,
            _sock=listener,
            dispatcher=dispatcher,
            adj=adjustments,
            bind_socket=False,
            sockinfo=sockinfo,
        )


def _is_busy(server: Server) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in server.active_channels.values())


def _connection_limit() -> int:
    """Return how many connections this process takes, after asking for as many open files as it needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A large body, or a large response, needs a file as well.
    wanted = 2 * MAX_CONNECTIONS + _FILES_FOR_OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(_MIN_CONNECTIONS, (soft - _FILES_FOR_OTHERS) // 2))
