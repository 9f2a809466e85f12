"""One attempt to deliver: resolve once, refuse what is not public, connect to just that address.

Nothing of the environment is used: no proxies, no redirects, no cookies. The whole attempt has one deadline,
and of the answer only its status is read, within a bound.
"""

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolverTimeout
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Protocol

import h11

from qm.webhooks.addresses import Address, Rules, Target, UnsafeAddress, check_addresses, target_of

ATTEMPT_SECONDS = 15.0
"""From the look-up of the name to the status line, at most."""
MAX_HEAD_BYTES = 16 * 1024
_RESOLVE_SECONDS = 5.0
_CHUNK_BYTES = 4096
_USER_AGENT = "QM-Webhooks"

Resolver = Callable[[str, int], Sequence[Address]]


class NotDelivered(Exception):
    """No status came back; says why, in words that hold nothing of the network behind the name."""


class Connection(Protocol):
    """A socket, encrypted or not."""

    def settimeout(self, value: float | None, /) -> None:
        """Bound the next operation."""

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""

    def recv(self, size: int, /) -> bytes:
        """Receive what is there."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the attempt has to be over, on the monotonic clock."""

    at: float

    def left(self) -> float:
        """Return how many seconds are left; raise NotDelivered when none are."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise NotDelivered("It took too long.")
        return left


def resolve(host: str, port: int) -> Sequence[Address]:
    """Return every address of a name, from one look-up."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise NotDelivered("The name could not be resolved.") from None
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


@cache
def verifying_tls() -> ssl.SSLContext:
    """Return what certificates are checked against: the system's authorities, or those of `SSL_CERT_FILE`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def _resolvers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=32, thread_name_prefix="resolver")


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one event at a time; may be used by several threads."""

    rules: Rules
    resolver: Resolver = resolve
    tls: Callable[[], ssl.SSLContext] = field(default=verifying_tls)
    seconds: float = ATTEMPT_SECONDS

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post a body, and return the status that the receiver answered.

        Raises
        ------
        NotDelivered
            When there was no answer in time, or the address is none that anything is sent to.
        """
        deadline = Deadline(time.monotonic() + self.seconds)
        try:
            target = target_of(url, self.rules)
            addresses = self._resolved(target, deadline)
            check_addresses(addresses, self.rules)
        except UnsafeAddress as error:
            raise NotDelivered(str(error)) from None
        try:
            with self._connected(target, addresses, deadline) as connection:
                return _exchange(connection, target, headers, body, deadline)
        except ssl.SSLError as error:
            reason = (error.reason or "unknown").lower().replace("_", " ")
            raise NotDelivered(f"TLS failed: {reason}.") from None
        except TimeoutError:
            raise NotDelivered("It took too long.") from None
        except h11.RemoteProtocolError:
            raise NotDelivered("The answer was no HTTP.") from None
        except OSError as error:
            raise NotDelivered(f"The connection failed: {error.strerror or type(error).__name__}.") from None

    def _resolved(self, target: Target, deadline: Deadline) -> Sequence[Address]:
        # The system's resolver has no deadline of its own.
        asked = _resolvers().submit(self.resolver, target.host, target.port)
        try:
            return asked.result(timeout=min(_RESOLVE_SECONDS, deadline.left()))
        except ResolverTimeout:
            asked.cancel()
            raise NotDelivered("The name could not be resolved in time.") from None

    def _connected(
        self, target: Target, addresses: Sequence[Address], deadline: Deadline
    ) -> socket.socket | ssl.SSLSocket:
        """Connect to one of just these addresses; the certificate has to be that of the name."""
        failure: OSError = OSError("no address")
        for address in addresses:
            try:
                plain = socket.create_connection((str(address), target.port), timeout=deadline.left())
            except OSError as error:
                failure = error
                continue
            if not target.secure:
                return plain
            try:
                plain.settimeout(deadline.left())
                return self.tls().wrap_socket(plain, server_hostname=target.host)
            except BaseException:
                plain.close()
                raise
        raise failure


def _exchange(
    connection: Connection, target: Target, headers: Mapping[str, str], body: bytes, deadline: Deadline
) -> int:
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    fields = {
        "Host": target.authority,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": _USER_AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    request = h11.Request(method="POST", target=target.path, headers=list(fields.items()))
    sent = [protocol.send(each) or b"" for each in (request, h11.Data(data=body), h11.EndOfMessage())]
    connection.settimeout(deadline.left())
    connection.sendall(b"".join(sent))
    received = 0
    while True:
        event = protocol.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            if received > MAX_HEAD_BYTES:
                raise NotDelivered("The answer was too long.")
            connection.settimeout(deadline.left())
            chunk = connection.recv(_CHUNK_BYTES)
            received += len(chunk)
            protocol.receive_data(chunk)
        elif not isinstance(event, h11.InformationalResponse):
            raise NotDelivered("The answer was no HTTP.")
