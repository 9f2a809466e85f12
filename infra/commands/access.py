"""Commands about providers, clients and keys."""

import uuid

import click
from sqlalchemy import select

from infra import database_schema
from infra.client_erasure import erase
from infra.commands.context import (
    json_option,
    open_services,
    operator_session,
    print_rows,
    required_tenant_option,
)
from infra.commands.people import person_named
from tenants import audit, clients, credentials, leavers
from tenants.http.faults import Fault, Invalid
from tenants.isolation import lookup, set_scope, transaction
from tenants.models import Client, Credential, Tenant
from tenants.roles import ROLES


@click.group()
def tenants() -> None:
    """Providers."""


@tenants.command(name="create")
@click.argument("name")
@click.option("--slug", help="Made from the name when left out.")
@json_option
def create_tenant(name: str, slug: str | None, *, as_json: bool) -> None:
    """Make a provider."""
    with open_services() as services:
        if services.settings.owner_url is not None:
            database_schema.upgrade(services.settings.owner_url)
        with operator_session(services) as session:
            tenant = clients.create_tenant(session, name=name, slug=slug)
    print_rows({"id": tenant.tenant_id, "slug": tenant.slug}, as_json=as_json)


@tenants.command(name="list")
@json_option
def list_tenants(*, as_json: bool) -> None:
    """List the providers of this server."""
    rows = []
    with open_services() as services:
        with transaction(services.engine) as session:
            ids = [row.tenant_id for row in lookup(session, "select tenant_id from qm_tenants()")]
        for tenant_id in ids:
            with transaction(services.engine) as session:
                set_scope(session, clients.tenant_scope(session, tenant_id))
                tenant = session.scalars(select(Tenant)).one()
                rows.append({"id": tenant.tenant_id, "slug": tenant.slug, "name": tenant.name})
    print_rows(rows, as_json=as_json)


def _anchor(_context: click.Context, _option: click.Parameter, value: str | None) -> audit.Anchor | None:
    if value is None:
        return None
    number, _, digest = value.partition(":")
    try:
        return audit.Anchor(int(number), bytes.fromhex(digest))
    except ValueError:
        raise click.BadParameter("It looks like 41:9f2c...") from None


@tenants.command(name="verify-audit")
@required_tenant_option
@click.option(
    "--anchor", callback=_anchor, metavar="N:DIGEST", help="An entry that must be there, as printed before."
)
def verify_audit(tenant: str, anchor: audit.Anchor | None) -> None:
    """Prove that nobody tampered with a provider's audit log."""
    with (
        open_services() as services,
        operator_session(services, tenant) as session,
        clients.every_client(session),
    ):
        broken = audit.verify(session, anchor)
        newest = audit.newest(session)
    if broken is not None:
        raise click.ClickException(f"the chain breaks at entry {broken}")
    click.echo("whole")
    click.echo(f"Keep this elsewhere, for --anchor: {newest}", err=True)


@click.group(name="clients")
def clients_group() -> None:
    """Client brands."""


@clients_group.command(name="create")
@required_tenant_option
@click.argument("name")
@click.option("--slug", help="Made from the name when left out.")
@json_option
def create_client(tenant: str, name: str, slug: str | None, *, as_json: bool) -> None:
    """Make a client brand."""
    with open_services() as services, operator_session(services, tenant) as session:
        client = clients.create_client(session, name=name, slug=slug)
    print_rows({"id": client.client_id, "slug": client.slug}, as_json=as_json)


@clients_group.command(name="list")
@required_tenant_option
@json_option
def list_clients(tenant: str, *, as_json: bool) -> None:
    """List a provider's clients."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = session.scalars(select(Client).order_by(Client.slug)).all()
    print_rows(
        [{"id": each.client_id, "slug": each.slug, "name": each.name} for each in found], as_json=as_json
    )


@clients_group.command(name="rename")
@required_tenant_option
@click.argument("client")
@click.argument("name")
def rename_client(tenant: str, client: str, name: str) -> None:
    """Give a client another name; its slug stays."""
    with open_services() as services, operator_session(services, tenant) as session:
        clients.change_client(session, clients.client_named(session, client), name=name)
    click.echo(f"renamed {client}")


@clients_group.command(name="remove")
@required_tenant_option
@click.argument("client")
@click.confirmation_option(prompt="Nobody will see this client any more. Go on?")
def remove_client(tenant: str, client: str) -> None:
    """Remove a client: nobody sees it or anything of it any more, and its slug is free again."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = leavers.remove_client(session, clients.client_named(session, client))
    click.echo(f"removed {client} ({found.client_id})")


@clients_group.command(name="erase")
@required_tenant_option
@click.argument("client_id", type=click.UUID)
@click.confirmation_option(prompt="All that is known of this client will be gone. Go on?")
def erase_client(tenant: str, client_id: uuid.UUID) -> None:
    """Erase the data of a removed client, given by its id; the audit log stays."""
    with open_services() as services:
        if services.settings.owner_url is None:
            raise Invalid([Fault("/QM_DATABASE_OWNER_URL", "required", "Only the owner may erase a client.")])
        with operator_session(services, tenant) as session:
            removed = clients.removed_client(session, client_id)
        rows = erase(services.settings.owner_url, removed)
        with operator_session(services, tenant) as session:
            audit.record(session, "client.erased", f"client:{client_id}", rows=rows)
    click.echo(f"erased {rows} rows of {client_id}")


@click.group()
def keys() -> None:
    """API keys and OAuth clients."""


@keys.command(name="create")
@required_tenant_option
@click.option("--scopes", help="As in 'interactions:write reports:read'; a person's role when left out.")
@click.option("--client", "bound", multiple=True, help="Bind to this client; may be given again.")
@click.option("--user", "email", help="The person it acts for.")
@click.option("--name", default="made on the command line", show_default=True)
@click.option("--test", "is_test", is_flag=True, help="Give it the prefix of test keys.")
@json_option
def create_key(
    tenant: str,
    scopes: str | None,
    bound: tuple[str, ...],
    email: str | None,
    name: str,
    *,
    is_test: bool,
    as_json: bool,
) -> None:
    """Make a key; it is shown this once."""
    with open_services() as services, operator_session(services, tenant) as session:
        named = [clients.client_named(session, wanted) for wanted in bound]
        user = None
        if email:
            user = person_named(session, email)
        if scopes is None and user is None:
            raise Invalid([Fault("/scopes", "required", "Give --scopes, or --user for a role's scopes.")])
        wanted = scopes.split() if scopes is not None else list(ROLES[user.role if user else ""])
        issued = credentials.issue_key(
            session, name=name, scopes=wanted, clients=named, user=user, live=not is_test
        )
    row = {
        "id": issued.credential.credential_id,
        "key": issued.key,
        "client_id": issued.client_id,
        "client_secret": issued.client_secret,
    }
    print_rows(row, as_json=as_json)


@keys.command(name="list")
@required_tenant_option
@json_option
def list_keys(tenant: str, *, as_json: bool) -> None:
    """List a provider's keys, without their secrets."""
    with open_services() as services, operator_session(services, tenant) as session:
        keys = select(Credential).where(Credential.kind == "key")
        found = session.scalars(keys.order_by(Credential.created_at)).all()
    rows = [
        {
            "id": each.credential_id,
            "name": each.name,
            "prefix": each.prefix,
            "scopes": each.scopes,
            "revoked_at": each.revoked_at,
        }
        for each in found
    ]
    print_rows(rows, as_json=as_json)


@keys.command(name="revoke")
@required_tenant_option
@click.argument("key_id", type=click.UUID)
def revoke_key(tenant: str, key_id: uuid.UUID) -> None:
    """Revoke a key and its tokens at once."""
    with open_services() as services, operator_session(services, tenant) as session:
        credentials.revoke(session, credential_id=key_id)
    click.echo(f"revoked {key_id}")
