"""Which addresses events may be sent to: none inside our network, unless the operator names it (pure).

Names are resolved once, by whoever connects, and every address that a name has must be allowed: a name that
also leads inside is refused as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton
from urllib.parse import urlsplit

MAX_URL_LENGTH = 2000
HTTPS_PORT, HTTP_PORT = 443, 80
_MIN_FREE_PORT = 1024
_MAX_PORT = 65535
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Beside what `ipaddress` knows: 6to4 relays, IPv4-compatible addresses, all of NAT64 and what it may hide,
# site-local and discard-only addresses. Python's releases differ in them.
_NEVER = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
            *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10"),
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class UnsafeAddress(ValueError):
    """Nothing is sent to this address; says why, without naming what a name resolved to."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation allows: networks that are not public, and http without TLS."""

    networks: tuple[Network, ...] = ()
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An address to send to, taken apart: `authority` is the `Host` header field, `path` has the query."""

    secure: bool
    host: str
    port: int
    authority: str
    path: str


def target_of(url: str, rules: Rules) -> Target:
    """Return an address taken apart.

    Raises
    ------
    UnsafeAddress
        For what is no address of https (or http where that is allowed), has a user or a fragment, names a
        port of another service, or a literal address that is not allowed.
    """
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UnsafeAddress(f"An address has at most {MAX_URL_LENGTH} characters of ASCII and no spaces.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UnsafeAddress("This is no address such as https://example.com/qm-events.") from None
    if parts.scheme not in ({"https", "http"} if rules.plain_http else {"https"}):
        raise UnsafeAddress("Events are sent by https only.")
    if not host or "%" in host:
        raise UnsafeAddress("This is no address such as https://example.com/qm-events.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UnsafeAddress("The address has no user, no password and no fragment.")
    secure = parts.scheme == "https"
    usual = HTTPS_PORT if secure else HTTP_PORT
    port = usual if port is None else port
    if not rules.networks and port != usual and not _MIN_FREE_PORT <= port <= _MAX_PORT:
        raise UnsafeAddress(f"The port is {usual}, or one from {_MIN_FREE_PORT} on.")
    literal = _literal(host)
    if literal is not None:
        check_addresses([literal], rules)
    query = f"?{parts.query}" if parts.query else ""
    named = f"[{host}]" if ":" in host else host
    authority = named if port == usual else f"{named}:{port}"
    return Target(secure, host, port, authority, (parts.path or "/") + query)


def _literal(host: str) -> Address | None:
    """Return the address that a host is, also as 2130706433, 0x7f.1 or 10.0.0.1., as resolvers read it."""
    bare = host.removesuffix(".")
    try:
        return ip_address(bare)
    except ValueError:
        pass
    try:
        return IPv4Address(inet_aton(bare))
    except OSError:
        return None


def check_addresses(addresses: Sequence[Address], rules: Rules) -> None:
    """Raise UnsafeAddress unless there are addresses and each of them is allowed."""
    if not addresses or not all(is_allowed(each, rules) for each in addresses):
        raise UnsafeAddress("The address leads to a network that nothing is sent to.")


def is_allowed(address: Address, rules: Rules) -> bool:
    """Tell whether events may be sent to an address, however it is written or translated.

    Examples
    --------
    >>> is_allowed(ip_address("93.184.215.14"), Rules())
    True
    >>> is_allowed(ip_address("::ffff:10.0.0.1"), Rules())
    False
    >>> is_allowed(ip_address("10.0.0.1"), Rules((ip_network("10.0.0.0/24"),)))
    True
    """
    return all(
        is_public(each) or any(each in network for network in rules.networks) for each in _meant(address)
    )


def _meant(address: Address) -> Iterator[Address]:
    """Yield the address that is reached: of one that carries an IPv4 address, both, unless it is the same."""
    if not isinstance(address, IPv6Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, and to one machine.

    One of NAT64 is as public as the IPv4 address that it carries, which is asked about by itself.
    """
    return address in _NAT64 or (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address in network for network in _NEVER)
    )
