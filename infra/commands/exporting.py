"""Commands that export raw rows, and verify the draws of an export."""

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any, BinaryIO, TextIO

import click
from sqlalchemy.orm import Session

from infra import runtime
from infra.commands.context import json_option, only_tenant, open_services, operator_session, tenant_option
from qm.export import formats, records
from qm.export.reading import read_export
from qm.export.selection import FORMATS, Selection, make_selection
from qm.export.tables import KINDS
from qm.sampling.dry_run import DEFAULT_WEEKS, MAX_WEEKS, dry_run_of_policy
from qm.sampling.schemas import DryRunSchema
from qm.snapshots.content import content_hash
from qm.snapshots.verification import read_snapshot_file
from scorecards.authoring.schema_errors import load
from scorecards.authoring.schemas import SamplingPolicySchema
from scorecards.authoring.yaml_documents import read_document
from scorecards.sampling.draw_keys import DrawKeys, revealed_keys
from scorecards.sampling.verification import Verification, verify
from tenants.clients import client_named
from tenants.http.faults import Fault, Invalid
from tenants.models import utc_now

EXIT_DIFFERENT = 1
_DAY = click.DateTime(["%Y-%m-%d"])
_KIND = click.Choice(list(KINDS))


@click.command()
@click.argument("client")
@click.option("--kind", "kinds", multiple=True, type=_KIND, help="Only this kind; may be given again.")
@click.option("--from", "first", type=_DAY, help="First day; left out: from the beginning.")
@click.option("--to", "last", type=_DAY, help="Last day, included; left out: to the end.")
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0])
@click.option("--output", type=click.File("wb"), default="-", help="Write to this file.")
@click.option("--cursor", help="Go on after the record with this cursor.")
@click.option("--limit", type=click.IntRange(1), help="Most records; left out: all.")
@click.option("--transcripts", is_flag=True, help="With the turns of interactions.")
@click.option("--bom", is_flag=True, help="Begin a CSV table with a byte order mark, for Excel.")
@tenant_option
def export(client: str, output: BinaryIO, tenant: str | None, *, bom: bool, **wanted: Any) -> None:
    """Export a client's raw rows, which its reports are computed from."""
    with open_services() as services:
        named = only_tenant(services, tenant)
        with operator_session(services, named) as session:
            selection = _selection(session, client, wanted)
            records.record_export(session, selection)
        # One snapshot for all kinds: what changes meanwhile is in none of them.
        snapshot = services.engine.execution_options(isolation_level="REPEATABLE READ")
        with operator_session(replace(services, engine=snapshot), named) as session:
            found = records.batches(lambda: nullcontext(session), selection)
            output.writelines(formats.written(selection, records.heading(session, selection), found, bom=bom))


def _selection(session: Session, client: str, wanted: dict[str, Any]) -> Selection:
    days = {name: None if wanted[name] is None else wanted[name].date() for name in ("first", "last")}
    return make_selection(client_named(session, client), **{**wanted, **days}, place="")


@click.group()
def sample() -> None:
    """What was drawn for review."""


@sample.command(name="verify")
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--snapshot",
    "snapshots",
    multiple=True,
    type=click.File("rb"),
    help="A frozen report with the keys of past months; may be given again.",
)
@json_option
def verify_sample(file: BinaryIO, snapshots: Sequence[BinaryIO], *, as_json: bool) -> None:
    """Recompute every draw of an export in NDJSON; exit status 1 when anything differs."""
    key: bytes | DrawKeys = _keys_of(snapshots) if snapshots else _installation_key()
    found = verify(read_export(file), key)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _print(found)
    sys.exit(EXIT_DIFFERENT if found.differences else 0)


def _installation_key() -> bytes:
    return runtime.derived_key(runtime.existing_secret_key(runtime.read_settings()), "sampling")


def _keys_of(snapshots: Sequence[BinaryIO]) -> DrawKeys:
    """Return the keys that frozen reports tell, on a machine that has no other.

    Raises
    ------
    Invalid
        When one does not fit its commitment, or was committed to too late.
    """
    told: list[Any] = []
    for file in snapshots:
        found = read_snapshot_file(file.read())
        if content_hash(found.content) != found.content_hash:
            detail = "The content of this frozen report does not have the hash that it is given with."
            raise Invalid([Fault("", "other_hash", detail)])
        told += json.loads(found.content).get("draws", [])
    keys, wrong = revealed_keys(told)
    if wrong:
        raise Invalid([Fault("", "bad_commitment", detail) for detail in wrong])
    return keys


@sample.command(name="dry-run")
@click.argument("client")
@click.option(
    "--policy",
    type=click.File(encoding="utf-8"),
    help="A sampling policy in YAML or JSON; left out: the one in force.",
)
@click.option("--weeks", type=click.IntRange(1, MAX_WEEKS), default=DEFAULT_WEEKS, help="Past whole weeks.")
@tenant_option
@json_option
def dry_run_sample(
    client: str, policy: TextIO | None, weeks: int, tenant: str | None, *, as_json: bool
) -> None:
    """Tell what a sampling policy would have drawn in past weeks, and how sure the number would be."""
    body = None if policy is None else _read_policy(policy.read())
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        named = client_named(session, client)
        found = DryRunSchema().dump(dry_run_of_policy(session, named, body, weeks=weeks, now=utc_now()))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        for each in value if isinstance(value, list) else [value]:
            click.echo(f"{name}  {_line(each)}")


def _read_policy(text: str) -> Any:
    body, faults = load(SamplingPolicySchema(), read_document(text).value)
    if faults:
        raise Invalid(faults)
    return body


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name}={_line(each)}" for name, each in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print(found: Verification) -> None:
    for name, value in asdict(found).items():
        if name != "differences":
            click.echo(f"{name} {value}")
    click.echo(f"differences {len(found.differences)}")
    for each in found.differences:
        click.echo(f"{each.interaction_id}  {each.code}  {each.detail}")
