"""HTTP requests that gunicorn cannot parse are answered with a problem document."""

import json
import socket

import pytest
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, LimitRequestLine

from infra.web import answer_unread


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LimitRequestLine(5000, 4094), 414),
        (LimitRequestHeaders("x"), 431),
        (InvalidRequestLine("GET secret"), 400),
    ],
)
def test_an_unreadable_request_is_answered_with_a_problem(error, status):
    here, there = socket.socketpair()
    with here, there:
        answer_unread(here, error)
        head, body = there.recv(65536).decode().split("\r\n\r\n")

    problem = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Type: application/problem+json" in head
    assert f"X-Request-Id: {problem['request_id']}" in head
    assert problem["status"] == status
    assert "secret" not in body


def test_answer_unread_ignores_closed_connection():
    here, there = socket.socketpair()
    there.close()
    with here:
        assert answer_unread(here, LimitRequestLine(5000, 4094)) is None
