"""Where the web server listens: whether it can, and how it is reached from this machine."""

import socket


def address_of(host: str, port: int) -> str:
    """Return the address of the web server as seen from this machine.

    Examples
    --------
    >>> address_of("0.0.0.0", 8000), address_of("::1", 80)
    ('http://127.0.0.1:8000', 'http://[::1]:80')
    """
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared
    return f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"


def bind_error(host: str, port: int) -> OSError | None:
    """Return the error of trying to listen there, or None when it is possible."""
    try:
        with _probe(host) as probe:
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def free_port(host: str) -> int:
    """Return a port that nobody listens on."""
    with _probe(host) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _probe(host: str) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
