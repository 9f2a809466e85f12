"""Commands about identity providers."""

import json
import uuid
from pathlib import Path
from typing import Any

import click

from infra.commands.context import (
    json_option,
    open_services,
    operator_session,
    print_rows,
    required_tenant_option,
)
from tenants.http.faults import Fault, Invalid
from tenants.sso import configuration
from tenants.sso.schemas import NewIdentityProviderSchema


@click.group(name="identity-providers")
def identity_providers() -> None:
    """Where people sign in with OpenID Connect."""


@identity_providers.command(name="add")
@required_tenant_option
@click.argument("name")
@click.option("--issuer", required=True, help="As in https://id.example.com.")
@click.option("--client-id", required=True, help="Under which QM is registered there.")
@click.option(
    "--secret-file",
    required=True,
    type=click.File(encoding="utf-8"),
    help="Where its secret stands; - for standard input.",
)
@click.option("--groups-claim", default="groups", show_default=True, help="The claim that lists groups.")
@click.option(
    "--groups",
    "groups_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with the groups, as the API has them.",
)
@json_option
def add_identity_provider(
    tenant: str, name: str, secret_file: Any, groups_file: Path | None, *, as_json: bool, **given: str
) -> None:
    """Let people sign in with an identity provider; its secret is stored encrypted."""
    body = {"name": name, "client_secret": secret_file.read().strip(), **given}
    if groups_file is not None:
        body["groups"] = _groups_of(groups_file)
    messages = NewIdentityProviderSchema().validate(body)
    if messages:
        raise Invalid([Fault(f"/{place}", "invalid", str(said)) for place, said in messages.items()])
    with open_services() as services, operator_session(services, tenant) as session:
        body = NewIdentityProviderSchema().load(body)
        made = configuration.save_identity_provider(session, services.settings.secret_key or "", body)
    print_rows({"id": made.identity_provider_id, "name": made.name, "issuer": made.issuer}, as_json=as_json)


def _groups_of(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid([Fault("/groups", "not_json", f"{file} is not JSON.")]) from error


@identity_providers.command(name="list")
@required_tenant_option
@json_option
def list_identity_providers(tenant: str, *, as_json: bool) -> None:
    """List where people may sign in."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = configuration.identity_providers(session)
    rows = [{"id": each.identity_provider_id, "name": each.name, "issuer": each.issuer} for each in found]
    print_rows(rows, as_json=as_json)


@identity_providers.command(name="remove")
@required_tenant_option
@click.argument("identity_provider_id", type=click.UUID)
def remove_identity_provider(tenant: str, identity_provider_id: uuid.UUID) -> None:
    """Remove an identity provider; who signed in with it needs a password."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = configuration.load_identity_provider(session, identity_provider_id)
        configuration.remove_identity_provider(session, found)
    click.echo(f"removed {identity_provider_id}")
