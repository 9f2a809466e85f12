"""Commands that load definitions, import interactions and retry failed ones."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy.orm import Session

from infra.commands.context import (
    json_option,
    only_tenant,
    open_services,
    operator_session,
    print_rows,
    tenant_option,
)
from qm.interactions import bulk
from qm.interactions.dead_interactions import retry_dead
from qm.interactions.importers.documents import FORMATS, numbered_documents
from qm.interactions.ndjson import MAX_LINES
from qm.services import Services
from scorecards.authoring.bundle_import import load_bundle
from tenants.clients import client_named
from tenants.models import Client

PARTLY_REJECTED = 3


@click.command()
@click.argument("client")
@click.argument("bundle", type=click.File("r", encoding="utf-8"))
@tenant_option
@click.option("--dry-run", is_flag=True, help="Say what would change; store nothing.")
def load(client: str, bundle: Any, tenant: str | None, *, dry_run: bool) -> None:
    """Load a bundle of definitions into a client: all of it, or nothing."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        report = load_bundle(session, client_named(session, client), text=bundle.read(), dry_run=dry_run)
    for change in report.definitions:
        parts = f" ({', '.join(change.parts)})" if change.parts else ""
        click.echo(f"{change.outcome:9}  {change.kind} {change.key}{parts}")
    for setting in report.settings:
        click.echo(f"setting    {setting.name}: {setting.before} -> {setting.after}")


@click.command(name="import")
@click.argument("client")
@click.argument("file", type=click.File("rb"))
@click.option("--format", "form", type=click.Choice(["ndjson", *sorted(FORMATS)]), default="ndjson")
@click.option("--rejects", type=click.Path(path_type=Path), help="Write what was refused to this file.")
@tenant_option
@json_option
def import_file(
    client: str, file: BinaryIO, form: str, rejects: Path | None, tenant: str | None, *, as_json: bool
) -> None:
    """Import interactions from a file, or from - for standard input."""
    total = dict.fromkeys(("created", "updated", "unchanged", "rejected"), 0)
    refused: list[dict[str, Any]] = []
    with open_services() as services:
        named = only_tenant(services, tenant)
        for first_line, body in _batches(file, form):
            with operator_session(services, named) as session:
                found = client_named(session, client)
                results = _import_batch(session, services, found, body, form)
            refused += [
                _refusal(entry, first_line) for entry in results["data"] if entry["status"] == "rejected"
            ]
            for status in total:
                total[status] += results[status]
    if rejects is not None:
        rejects.write_text("".join(json.dumps(entry) + "\n" for entry in refused), encoding="utf-8")
    for entry in refused[:20]:
        click.echo(f"line {entry['line']}: {'; '.join(e['detail'] for e in entry['errors'])}", err=True)
    print_rows(total, as_json=as_json)
    sys.exit(PARTLY_REJECTED if refused else 0)


def _batches(file: BinaryIO, form: str) -> Iterator[tuple[int, bytes]]:
    """Cut lines into batches of the largest bulk size; other formats are read at once."""
    if form != "ndjson":
        yield 0, file.read()
        return
    first, lines = 0, list[bytes]()
    for number, line in enumerate(file):
        lines.append(line)
        if len(lines) == MAX_LINES:
            yield first, b"".join(lines)
            first, lines = number + 1, []
    if lines:
        yield first, b"".join(lines)


def _import_batch(
    session: Session, services: Services, client: Client, body: bytes, form: str
) -> dict[str, Any]:
    if form == "ndjson":
        return bulk.store_lines(session, services.redis, client, body=body, media_type="application/x-ndjson")
    return bulk.import_documents(session, services.redis, client, numbered_documents(body), form=form)


def _refusal(entry: dict[str, Any], first: int) -> dict[str, Any]:
    errors = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in entry["errors"]]
    return {"line": first + entry["line"], "external_id": entry["external_id"], "errors": errors}


@click.command()
@click.argument("client")
@tenant_option
def retry(client: str, tenant: str | None) -> None:
    """Give interactions that were set aside as dead another round of attempts."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        count = retry_dead(session, services.redis, client_named(session, client))
    click.echo(f"retried {count}")
