"""Commands that run QM: everything on one machine, or its parts."""

import dataclasses
import json
import os
import socket
import sys
import tempfile

import click

from infra import database, doctor, processes, runtime, supervisor
from infra.commands.opening import as_json
from infra.embedded import servers
from qm import logs
from qm.settings import SETTINGS, Settings, unknown_settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the web server; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(0, 64), help="Scoring workers.")
def up(port: int | None, workers: int | None) -> None:
    """Run everything on this machine in the foreground; one Ctrl-C ends it cleanly."""
    settings = _prepared(port)
    count = settings.workers if workers is None else workers
    address = address_of(settings)
    try:
        sys.exit(_supervise(settings, address, count))
    finally:
        servers.release(settings.data_dir)


def _supervise(settings: Settings, address: str, workers: int) -> int:
    environment = {**os.environ, "QM_PORT": str(settings.port)}
    with tempfile.TemporaryDirectory(prefix="qm-metrics-") as folder:
        parts = [processes.web(address, folder, environment), *processes.workers(workers, environment)]
        return supervisor.supervise(parts, on_ready=lambda: click.echo(f"ready {address}"))


def _prepared(port: int | None) -> Settings:
    """Start the servers, bring the schema forward where we own it, and settle on a port."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    settings = runtime.complete(settings)
    if settings.owner_url is not None:
        database.upgrade(settings.owner_url)
    wanted = settings.port if port is None else port
    return dataclasses.replace(settings, port=wanted or _free_port(settings.host))


def address_of(settings: Settings) -> str:
    """Return the address of the web server as seen from this machine."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the web server; 0 takes a free one.")
def serve(port: int | None) -> None:
    """Run the web server alone."""
    settings = _prepared(port)
    address = address_of(settings)
    environment = {**os.environ, "QM_PORT": str(settings.port)}
    with tempfile.TemporaryDirectory(prefix="qm-metrics-") as folder:
        parts = [processes.web(address, folder, environment)]
        sys.exit(supervisor.supervise(parts, on_ready=lambda: click.echo(f"ready {address}")))


@click.command()
@click.option("-n", "count", type=click.IntRange(1, 64), help="Scoring workers.")
def worker(count: int | None) -> None:
    """Run scoring workers and the schedule."""
    settings = runtime.read_settings()
    logs.configure(settings.log_level)
    runtime.complete(settings)
    parts = processes.workers(count or settings.workers or 1, dict(os.environ))
    sys.exit(supervisor.supervise(parts, on_ready=lambda: click.echo("ready")))


@click.command(name="doctor")
@as_json
def doctor_command(*, as_json: bool) -> None:
    """Say what is used, what is wrong, and how to mend it."""
    settings = runtime.read_settings()
    checks = doctor.examine(settings)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(check) for check in checks], default=str))
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.detail}")
            if not check.ok:
                click.echo(f"     {check.mend}")
        _show_settings(settings)
    for name in unknown_settings(os.environ):
        click.echo(f"{name} is set but is no setting of QM.", err=True)
    sys.exit(0 if all(check.ok for check in checks) else 1)


def _show_settings(settings: Settings) -> None:
    masked = settings.masked()
    click.echo("\nSettings")
    for setting in SETTINGS:
        default = "unset" if setting.default is None else setting.default
        click.echo(f"  {setting.name} = {masked[setting.name]}  (default {default})  {setting.meaning}")
