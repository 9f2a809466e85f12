"""One attempt, at a real receiver: what is sent, what is believed, and what is not waited for."""

import socket
import ssl
import threading
from ipaddress import ip_address, ip_network

import pytest

from qm.webhooks.addresses import Rules
from tests.webhook_receiver import certificate_for, receiving
from workers.deliveries import sending
from workers.deliveries.sending import NotDelivered, Sender

HERE = Rules((ip_network("127.0.0.0/8"),), plain_http=True)
NAME = "events.example.com"


def to_this_machine(*_):
    return [ip_address("127.0.0.1")]


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def test_what_is_sent_and_that_no_proxy_and_no_redirect_is_followed(monkeypatch, receiver):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    receiver.answers = [200, 302, 307, 410, b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n"]
    sender = Sender(HERE, to_this_machine)
    url = f"http://{NAME}:{receiver.port}/qm?a=b"

    statuses = [sender.post(url, {"webhook-id": str(number)}, b'{"a":1}') for number in range(5)]

    assert statuses == [200, 302, 307, 410, 202]
    headers, body = receiver.received[0]
    assert body == b'{"a":1}'
    assert headers == {
        "host": f"{NAME}:{receiver.port}",
        "content-type": "application/json",
        "content-length": "7",
        "user-agent": "QM-Webhooks",
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "0",
    }
    assert set(receiver.lines) == {"POST /qm?a=b HTTP/1.1"}
    assert len(receiver.received) == 5


def test_the_certificate_has_to_be_that_of_the_name_though_an_address_is_connected_to(tmp_path):
    shown, trusted = certificate_for(NAME, tmp_path)
    with receiving(shown) as receiver:
        url = f"https://{NAME}:{receiver.port}/"
        assert Sender(HERE, to_this_machine, lambda: trusted).post(url, {}, b"{}") == 204

        with pytest.raises(NotDelivered, match="certificate verify failed"):
            Sender(HERE, to_this_machine).post(url, {}, b"{}")
        with pytest.raises(NotDelivered, match="certificate verify failed"):
            Sender(HERE, to_this_machine, lambda: trusted).post(
                f"https://other.example.com:{receiver.port}/", {}, b"{}"
            )
        assert len(receiver.received) == 1
    assert sending.verifying_tls().verify_mode == ssl.CERT_REQUIRED
    assert sending.verifying_tls().check_hostname


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70_000, "no HTTP|too long"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "no HTTP"),
        (b"", "no HTTP|connection failed"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000, "too long"),
    ],
)
def test_answers_that_are_none_end_the_attempt(receiver, answer, why):
    receiver.answers = [answer]

    with pytest.raises(NotDelivered, match=why):
        Sender(HERE, to_this_machine).post(receiver.url, {}, b"{}")


def test_a_receiver_that_sends_byte_by_byte_is_given_up_at_the_deadline():
    """Each byte comes well before a time-out of its own would end: only a deadline for all ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hung_up = threading.Event()

        def drip():
            connection, _ = listener.accept()
            with connection:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000:
                        connection.send(bytes([letter]))
                        if hung_up.wait(0.02):
                            return
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(NotDelivered, match="too long"):
            Sender(HERE, to_this_machine, seconds=0.3).post(url, {}, b"{}")
        hung_up.set()
        thread.join()


def test_a_port_that_nobody_listens_at_and_a_name_that_nobody_has():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotDelivered, match="Connection refused"):
        Sender(HERE, to_this_machine).post(f"http://{NAME}:{port}/", {}, b"{}")
    with pytest.raises(NotDelivered, match="could not be resolved"):
        Sender(HERE).post("http://nobody.invalid/", {}, b"{}")
