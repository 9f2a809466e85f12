"""The web server as a process: who sends or reads slowly, or too much, harms nobody else."""

import gzip
import json
import signal
import socket
import time
from contextlib import ExitStack, closing

import httpx
import pytest
from sqlalchemy import text

from infra.embedded import server_processes
from infra.process_commands import is_healthy
from tests.jobs.worker_processes import WorkerProcesses, interaction
from tests.waiting import PATIENCE, wait_until

MANY = 60
BODY_LIMIT = 1_000_000
HURRIED = "from infra import http_server, web; http_server.REQUEST_SECONDS = 1.0; web.main()"
PUSH = "/v1/clients/northwind/interactions"


class Web:
    """A running web server with one process of two threads, and a credential."""

    def __init__(self, processes, program, key, **settings):
        self.port = server_processes.free_port(None)
        self.key = key
        self.process = processes.run(
            *program,
            **{
                "QM_PORT": self.port,
                "QM_WEB_PROCESSES": 1,
                "QM_WEB_THREADS": 2,
                "QM_POOL_SIZE": 2,
                **settings,
            },
        )
        wait_until(self.is_up)

    def is_up(self):
        return is_healthy(f"http://127.0.0.1:{self.port}/healthz")

    def connect(self):
        return closing(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE))

    def head(self, *fields, path=PUSH, method="POST"):
        known = (f"Authorization: Bearer {self.key}", "Content-Type: application/json", "Host: qm")
        return "\r\n".join((f"{method} {path} HTTP/1.1", *known, *fields, "", "")).encode()

    def send(self, *parts):
        """Send the parts, and return the status and the problem or answer."""
        with self.connect() as sender:
            for part in parts:
                sender.sendall(part)
            return answer_of(sender)

    def seconds_to_answer(self):
        began = time.monotonic()
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}{PUSH}",
            headers={"Authorization": f"Bearer {self.key}"},
            json=interaction(f"T-{began}"),
            timeout=PATIENCE,
        )
        assert answer.status_code == 201, answer.text
        wait_until(self.is_up)
        return time.monotonic() - began


def answer_of(sender, *, expects_body=True):
    """Read one answer, whose end is told by its length or by the end of the connection."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += some_of(sender)
    head, body = received[:end].decode(), received[end + 4 :]
    lengths = [int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-l")]
    status = int(head.split()[1])
    if status in {204, 304} or not expects_body:
        return status, b""
    while len(body) < lengths[0] if lengths else not body.endswith(b"\r\n0\r\n\r\n"):
        body += some_of(sender)
    return status, json.loads(body) if lengths and body[:1] == b"{" else body


def some_of(sender):
    data = sender.recv(65536)
    assert data, "the connection ended before the answer"
    return data


def chunked(body, size=50_000):
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.fixture(scope="module")
def processes(services, data_dir, tmp_path_factory):
    made = WorkerProcesses(data_dir, tmp_path_factory.mktemp("logs"))
    yield made
    made.end()


@pytest.fixture
def key(provider):
    return provider.key().key


@pytest.fixture(scope="module")
def shared_port():
    return {}


@pytest.fixture
def web(processes, shared_port, key):
    """One server for all tests of this module."""
    if "web" not in shared_port:
        shared_port["web"] = Web(processes, ("-m", "infra.web"), key, QM_BODY_LIMIT=BODY_LIMIT)
    shared_port["web"].key = key
    return shared_port["web"]


def half_header(web):
    return web.head()[:-40]


def half_body(web):
    return web.head("Content-Length: 500") + b'{"external_id": "T-1"'


def half_chunk(web):
    return web.head("Transfer-Encoding: chunked") + b"ff\r\n{"


def nothing(web):
    return b""


@pytest.mark.parametrize("beginning", [half_header, half_body, half_chunk, nothing])
def test_slow_senders_cost_a_socket_and_no_thread(web, beginning):
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(web.connect()).sendall(beginning(web))
        assert web.seconds_to_answer() < 10


def test_a_sender_of_one_byte_at_a_time_is_answered_and_stops_nobody(web):
    body = json.dumps(interaction("T-slow")).encode()
    with web.connect() as slow:
        slow.sendall(web.head(f"Content-Length: {len(body)}"))
        for place in range(len(body)):
            slow.sendall(body[place : place + 1])
            if place == len(body) // 2:
                assert web.seconds_to_answer() < 10
        assert answer_of(slow)[0] == 201


def test_slow_readers_cost_a_socket_and_no_thread(web):
    with ExitStack() as stack:
        for _ in range(MANY):
            reader = stack.enter_context(web.connect())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(web.head(path="/openapi.json", method="GET") * 4)
        assert web.seconds_to_answer() < 10


def test_a_body_over_the_limit_is_refused_however_it_is_sent(web):
    lines = b"\n".join(json.dumps(interaction(f"T-{number}")).encode() for number in range(3_000))
    assert len(lines) > BODY_LIMIT
    ways = {
        "declared": web.head(f"Content-Length: {len(lines)}", path=f"{PUSH}/bulk") + lines,
        "chunked": web.head("Transfer-Encoding: chunked", path=f"{PUSH}/bulk") + chunked(lines),
        "small chunks": web.head("Transfer-Encoding: chunked", path=f"{PUSH}/bulk") + chunked(lines, 100),
        "far larger": web.head("Transfer-Encoding: chunked", path=f"{PUSH}/bulk") + chunked(lines * 30),
    }
    for way, sent in ways.items():
        status, problem = web.send(sent)
        assert (way, status, problem["code"]) == (way, 413, "too_large")


def test_nothing_of_a_body_over_the_limit_is_stored(web, provider):
    lines = b"\n".join(json.dumps(interaction(f"T-{number}")).encode() for number in range(3_000))
    web.send(
        web.head("Transfer-Encoding: chunked", path=f"{PUSH}/bulk").replace(b"/json", b"/x-ndjson"),
        chunked(lines),
    )
    body = json.dumps(interaction("T-tail")).encode()
    web.send(web.head("Transfer-Encoding: chunked"), chunked(body + b" " * 2 * BODY_LIMIT))
    with provider.session() as session:
        assert session.execute(text("select count(*) from interactions")).scalar() == 0


def test_a_chunked_body_within_the_limit_is_read(web):
    body = json.dumps(interaction("T-1")).encode()
    assert web.send(web.head("Transfer-Encoding: chunked"), chunked(body, 10))[0] == 201


def test_a_compressed_chunked_body_is_read(web):
    body = gzip.compress(json.dumps(interaction("T-1")).encode())
    head = web.head("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    assert web.send(head, chunked(body, 64))[0] == 201


def test_who_asks_first_is_told_before_sending(web):
    with web.connect() as sender:
        sender.sendall(web.head("Content-Length: 99999999", "Expect: 100-continue"))
        assert answer_of(sender)[0] == 413


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", 431),
        (b"secret\r\n\r\n", 400),
        (b"\x16\x03\x01 secret\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: secret\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: secret\r\n\r\n", 501),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /secret",
            400,
        ),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nsecret", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5_000, 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"b" * 100_000, 400),
    ],
)
def test_a_request_that_cannot_be_read_is_answered_with_a_problem(web, sent, status):
    answered, problem = web.send(sent)

    assert (answered, problem["status"]) == (status, status)
    assert "secret" not in json.dumps(problem)


def test_several_requests_on_one_connection_are_answered_in_order(web):
    with web.connect() as sender:
        sender.sendall(web.head(path="/healthz", method="GET") + web.head(path="/nowhere", method="GET"))
        received = b""
        while received.count(b"HTTP/1.1 ") < 2:
            received += some_of(sender)
    assert received.index(b"HTTP/1.1 200") < received.index(b"HTTP/1.1 404")


def test_a_request_that_does_not_come_is_given_up_with_408(processes, key):
    web = Web(processes, ("-c", HURRIED), key)
    for beginning in (half_header, half_body):
        assert web.send(beginning(web))[0] == 408


def test_a_request_that_has_begun_is_finished_before_the_server_ends(processes, key):
    web = Web(processes, ("-m", "infra.web"), key)
    lines = b"\n".join(json.dumps(interaction(f"T-{number}")).encode() for number in range(3_000))
    head = web.head(f"Content-Length: {len(lines)}", path=f"{PUSH}/bulk").replace(b"/json", b"/x-ndjson")
    with web.connect() as sender:
        sender.sendall(head + lines)
        time.sleep(0.2)
        web.process.process.send_signal(signal.SIGTERM)
        assert answer_of(sender)[0] == 200
    assert web.process.process.wait(timeout=PATIENCE) == 0
