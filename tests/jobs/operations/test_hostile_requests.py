"""A fuzzed run over every endpoint of a running server: no 500, no silent loss, no stall of other callers."""

import socket
import threading
import time
from contextlib import closing

import pytest

from tests.jobs.hostile_requests import Maker, endpoints
from tests.jobs.operations.test_web_server import Web, answer_of, some_of
from tests.jobs.worker_processes import WorkerProcesses

LIMIT = 300_000
MAX_WAIT = 20.0
"""Seconds that an honest caller may wait beside all this, on a busy machine."""
ALLOWED = {501}  # a transfer coding that is not understood


class HonestCaller:
    """Somebody who only wants to know whether the server lives, again and again."""

    def __init__(self, web):
        self._web, self._stop, self.longest, self.asked = web, threading.Event(), 0.0, 0
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _ask(self):
        while not self._stop.wait(0.05):
            began = time.monotonic()
            status, _ = self._web.send(self._web.head("Connection: close", path="/v1/me", method="GET"))
            assert status == 200
            self.longest = max(self.longest, time.monotonic() - began)
            self.asked += 1


def deliver(web, maker, hostile):
    """Send a request in one of many ways; return its answer, or None where it was not sent to its end."""
    way = maker.dice.choice(["declared", "declared", "chunked", "cut", "slow", "too short"])
    head, body = list(hostile.fields), hostile.body
    if way == "chunked":
        sent = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in maker.pieces(body)) + b"0\r\n\r\n"
        head.append("Transfer-Encoding: chunked")
    else:
        sent = body
        head.append(f"Content-Length: {len(body)}")
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=120)) as sender:
        plain = web.head(*head, path=hostile.endpoint.path, method=hostile.endpoint.method)
        sender.sendall(plain.replace(b"Content-Type: application/json\r\n", b"", 1))
        if way in {"cut", "too short"} and body:
            sender.sendall(sent[: len(sent) // 2])
            if way == "cut":
                return None
            sender.shutdown(socket.SHUT_WR)
            return read_rest(sender)
        try:
            for piece in [sent[:40], sent[40:80], sent[80:]] if way == "slow" else [sent]:
                sender.sendall(piece)
                if way == "slow":
                    time.sleep(0.01)
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered before the end, as where the body is beyond every measure
        return answer_of(sender, expects_body=hostile.endpoint.method != "HEAD")


def read_rest(sender):
    """Read until the end: what was not whole may be given up without an answer."""
    try:
        while some_of(sender):
            pass
    except (AssertionError, ConnectionResetError):
        return


def assert_withstood(web, app, provider, seed, rounds):
    maker = Maker(seed, LIMIT)
    targets = endpoints(app, {"client": "northwind", "key": "care", "name": "swagger-ui.css"})
    assert len(targets) > 70
    wrong = []
    with HonestCaller(web) as honest:
        for _ in range(rounds):
            for target in targets:
                hostile = maker.request(target)
                answer = deliver(web, maker, hostile)
                if answer is None:
                    continue
                status, told = answer
                if status >= 500 and status not in ALLOWED:
                    wrong.append((status, target, hostile.fields, hostile.body[:300], told))
                if status == 200 and hostile.lines is not None and len(told["data"]) != hostile.lines:
                    wrong.append(("lost", target, hostile.lines, len(told["data"])))
    assert wrong == []
    assert honest.asked > 10
    assert honest.longest < MAX_WAIT
    assert web.process.alive
    assert web.process.lines("unhandled") == []


@pytest.fixture
def web(services, data_dir, tmp_path, provider):
    processes = WorkerProcesses(data_dir, tmp_path)
    settings = {
        "QM_BODY_LIMIT": LIMIT,
        "QM_WEB_THREADS": 4,
        "QM_POOL_SIZE": 4,
        "QM_RATE_LIMIT": "1000000/minute",
    }
    yield Web(processes, ("-m", "infra.web"), provider.key().key, **settings)
    processes.end()


def test_no_hostile_request_breaks_or_stops_the_server(web, app, provider):
    assert_withstood(web, app, provider, seed=1, rounds=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
def test_no_hostile_request_breaks_or_stops_the_server_in_a_long_run(web, app, provider, seed):
    assert_withstood(web, app, provider, seed=seed, rounds=10)
