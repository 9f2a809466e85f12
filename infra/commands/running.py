"""Commands that run QM: everything on one machine, or its parts."""

import dataclasses
import json
import os
import shlex
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from infra import database_schema, doctor, ports, process_commands, runtime, supervisor
from infra.commands.context import json_option
from infra.embedded import installations, servers
from qm import logs
from qm.settings import SETTINGS, Settings, unknown_settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the web server; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(0, 64), help="Scoring workers.")
def up(port: int | None, workers: int | None) -> None:
    """Run everything on this machine in the foreground; one Ctrl-C ends it cleanly."""
    settings = _prepare(port, may_begin=True)
    count = settings.workers if workers is None else workers
    address = ports.address_of(settings.host, settings.port)
    try:
        sys.exit(_supervise(settings, address, count))
    finally:
        servers.release(settings.data_dir)


def _supervise(settings: Settings, address: str, workers: int) -> int:
    environment = {**os.environ, "QM_PORT": str(settings.port)}
    with tempfile.TemporaryDirectory(prefix="qm-metrics-") as folder:
        commands = [
            process_commands.web(address, folder, environment),
            *process_commands.workers(workers, environment),
        ]
        return supervisor.supervise(commands, on_ready=partial(_announce, address, settings.data_dir))


def _settings(*, may_begin: bool) -> Settings:
    settings = runtime.read_settings()
    if not may_begin and (settings.database_url is None or settings.redis_url is None):
        installations.must_be_made(settings.data_dir)
    return settings


def _prepare(port: int | None, *, may_begin: bool) -> Settings:
    """Start the servers, upgrade the schema where we own it, and choose a port."""
    settings = _settings(may_begin=may_begin)
    logs.configure(settings.log_level)
    wanted = settings.port if port is None else port
    error = ports.bind_error(settings.host, wanted)
    if error is not None:
        listen_address = f"{settings.host}:{wanted}"
        raise click.ClickException(
            f"{listen_address}: {error.strerror}. Choose with --port, QM_PORT and QM_HOST."
        )
    settings = runtime.complete(settings)
    if settings.owner_url is not None:
        database_schema.upgrade(settings.owner_url)
    return dataclasses.replace(settings, port=wanted or ports.free_port(settings.host))


def _announce(address: str, data_dir: Path) -> None:
    click.echo(f"ready {address}")
    if installations.is_made(data_dir):
        needed = f"QM_DATA_DIR={shlex.quote(str(data_dir.resolve()))} QM_PORT={address.rpartition(':')[2]}"
        click.echo(f"data in {data_dir.resolve()}; in another terminal, first: export {needed}")
    if not process_commands.is_healthy(f"{address}/readyz"):
        click.echo("The database does not answer yet; `qm doctor` says more.", err=True)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the web server; 0 takes a free one.")
def serve(port: int | None) -> None:
    """Run the web server alone."""
    settings = _prepare(port, may_begin=False)
    address = ports.address_of(settings.host, settings.port)
    environment = {**os.environ, "QM_PORT": str(settings.port)}
    with tempfile.TemporaryDirectory(prefix="qm-metrics-") as folder:
        commands = [process_commands.web(address, folder, environment)]
        sys.exit(supervisor.supervise(commands, on_ready=partial(_announce, address, settings.data_dir)))


@click.command()
@click.option("-n", "count", type=click.IntRange(1, 64), help="Scoring workers.")
def worker(count: int | None) -> None:
    """Run scoring workers, the learner, the deliverer of webhooks and the schedule."""
    settings = _settings(may_begin=False)
    logs.configure(settings.log_level)
    runtime.complete(settings)
    commands = process_commands.workers(count or settings.workers or 1, dict(os.environ))
    sys.exit(supervisor.supervise(commands, on_ready=lambda: click.echo("ready")))


@click.command(name="doctor")
@json_option
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
        click.echo(f"  {setting.name} = {masked[setting.name]}  (default {default})  {setting.description}")
