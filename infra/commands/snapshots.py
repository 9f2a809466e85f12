"""`qm report`: prints a client's report, and with `verify` recomputes one that is frozen."""

import json
import sys
import uuid
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from infra.commands.context import json_option, only_tenant, open_services, operator_session, tenant_option
from infra.commands.reporting import report as print_report
from qm.snapshots.verification import (
    SnapshotVerification,
    load_stored,
    read_snapshot_file,
    verify_snapshot,
)
from tenants.models import Client

EXIT_DIFFERENT = 1
_PRINT = "print"
MAX_SHOWN = 40
"""So many differences are printed; with `--json` all of them."""


class ReportGroup(click.Group):
    """A group in which whatever is none of its commands is the client whose report is printed."""

    default = print_report

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands but the one that prints, which nobody has to name."""
        return [name for name in super().list_commands(ctx) if name != _PRINT]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that prints before what names no command."""
        named = not args or args[0] in {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if named else [_PRINT, *args])


@click.group(cls=ReportGroup)
def report() -> None:
    """Print a client's report, or recompute one that is frozen.

    `qm report CLIENT` prints; see `qm report CLIENT --help`.
    """


report.add_command(print_report, _PRINT)


@report.command()
@click.argument("snapshot")
@tenant_option
@json_option
def verify(snapshot: str, tenant: str | None, *, as_json: bool) -> None:
    """Recompute a frozen report, by its id or its file, figure by figure; exit status 1 when it differs."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        given = _given(snapshot)
        stored = load_stored(session, given[0])
        text, digest = given[1] or stored.content, given[2] or stored.content_hash
        client = session.scalars(select(Client).where(Client.client_id == stored.client_id)).one()
        key = services.sampling_key
        found = verify_snapshot(session, client, stored, text=text, given_hash=digest, key=key)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"holds": found.holds}, ensure_ascii=False))
    else:
        _print(found)
    sys.exit(0 if found.holds else EXIT_DIFFERENT)


def _given(snapshot: str) -> tuple[uuid.UUID, str | None, str | None]:
    """Return the id, and of a file its content and hash; `-` is standard input."""
    try:
        return uuid.UUID(snapshot), None, None
    except ValueError:
        data = sys.stdin.buffer.read() if snapshot == "-" else Path(snapshot).read_bytes()
        return read_snapshot_file(data)


def _print(found: SnapshotVerification) -> None:
    click.echo(f"snapshot {found.snapshot_id}")
    click.echo(f"hash {found.content_hash}  {'holds' if found.hash_holds else 'DOES NOT HOLD'}")
    click.echo(f"figures {found.figures}  differences {len(found.differences)}")
    for each in found.differences[:MAX_SHOWN]:
        click.echo(f"{each.path}  frozen {json.dumps(each.frozen)}  now {json.dumps(each.now)}")
    if len(found.differences) > MAX_SHOWN:
        click.echo(f"... and {len(found.differences) - MAX_SHOWN} more; --json prints all")
    for what, count in found.changed.items():
        click.echo(f"since then: {count} {what}")
    if found.differences and not found.changed:
        click.echo("since then: nothing has changed that would explain a difference")
