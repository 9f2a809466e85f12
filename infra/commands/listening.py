"""The command that brings a developer the events of webhooks, on a machine that nothing can reach."""

import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import click
import httpx

from qm.webhooks.events import EVENT_TYPES

_POLL_SECONDS = 1.0
_TIMEOUT_SECONDS = 30.0
_MAX_ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class _Server:
    """QM's API, as this command uses it."""

    http: httpx.Client

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Return the decoded answer; what the server refuses ends the command."""
        answer = self.http.request(method, path, **options)
        if answer.is_error:
            raise click.ClickException(f"{method} {path}: {answer.status_code} {_detail(answer)}")
        return answer.json() if answer.content else None


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase


@click.command()
@click.option("--forward-to", required=True, metavar="URL", help="Where to post each event, signed.")
@click.option("--event", "events", multiple=True, type=click.Choice(EVENT_TYPES), help="Only these events.")
@click.option("--client", "clients", multiple=True, metavar="C", help="Only events of these clients.")
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
@click.option(
    "--server", envvar="QM_URL", default="http://127.0.0.1:8000", help="Address of QM; else `QM_URL`."
)
def listen(
    forward_to: str, events: Sequence[str], clients: Sequence[str], count: int | None, server: str
) -> None:
    """Post events to an address of this machine as they happen, signed as webhooks are; Ctrl-C ends it."""
    with _interruptible(), _connected(server) as qm, _local() as local:
        body = {"kind": "listen", "description": f"qm listen on {socket.gethostname()}"[:200]}
        wanted = {"events": list(events or EVENT_TYPES), "clients": list(clients) or None}
        webhook = qm.call("POST", "/v1/webhooks", json={**body, **wanted})
        path = f"/v1/webhooks/{webhook['id']}"
        click.echo(f"listening; the signing secret is {webhook['secret']}", err=True)
        try:
            _forward(qm, local, path, forward_to, count)
        except KeyboardInterrupt:
            click.echo("ended", err=True)
        finally:
            qm.call("DELETE", path)


def _local() -> httpx.Client:
    # One connection for each event: servers of developers close what is idle, or restart.
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@contextmanager
def _connected(server: str) -> Iterator[_Server]:
    # Not as an option: other people of the machine see the command lines of all programs.
    key = os.environ.get("QM_KEY", "").strip()
    if not key:
        raise click.UsageError("Set QM_KEY to a key with the scope `admin`.")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=server, headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False
    ) as connection:
        try:
            yield _Server(connection)
        except httpx.TransportError as error:
            raise click.ClickException(f"{server} does not answer: {error}") from error
        except httpx.InvalidURL as error:
            raise click.ClickException(f"{server}: {error}") from error


def _forward(qm: _Server, local: httpx.Client, path: str, forward_to: str, count: int | None) -> None:
    """Fetch, post, and report until there were as many as wanted."""
    report: dict[str, Any] = {}
    done = 0
    while True:
        fetched = qm.call("POST", f"{path}/listen", json=report)
        outcomes = [_posted(local, forward_to, each) for each in fetched["data"]]
        report = {"token": fetched["token"], "outcomes": outcomes} if outcomes else {}
        done += len(outcomes)
        if count is not None and done >= count:
            qm.call("POST", f"{path}/listen", json=report)
            return
        if not outcomes:
            time.sleep(_POLL_SECONDS)


def _posted(local: httpx.Client, forward_to: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Post one event as it is, and print what became of it."""
    headers = {"Content-Type": "application/json", **event["headers"]}
    outcome: dict[str, Any] = {"event_id": event["id"]}
    try:
        answer = local.post(forward_to, content=event["body"], headers=headers, timeout=_TIMEOUT_SECONDS)
        outcome["status_code"] = answer.status_code
    except (httpx.TransportError, httpx.InvalidURL) as error:
        outcome["error"] = (str(error) or type(error).__name__)[:_MAX_ERROR_LENGTH]
    became = outcome.get("status_code", outcome.get("error"))
    click.echo(f"{event['type']}  {event['id']}  {became}")
    return outcome


@contextmanager
def _interruptible() -> Iterator[None]:
    """End on SIGTERM as on Ctrl-C, so that the endpoint is removed."""

    def end(_number: int, _frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
