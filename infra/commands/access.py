"""Commands about providers, clients, people and keys."""

import uuid
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from infra import database_schema, ports
from infra.client_erasure import erase
from infra.commands.context import (
    json_option,
    open_services,
    operator_session,
    print_rows,
    required_tenant_option,
)
from qm.services import Services
from tenants import audit, clients, credentials, leavers, sign_in
from tenants import users as people
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.isolation import lookup, set_scope, transaction
from tenants.models import Client, Credential, Tenant, User
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


def _profile_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for what is known of a person beside who they are and what they may do."""
    for option in (
        click.option("--agent", help="External id of the agent that they are."),
        click.option("--capacity", "weekly_capacity", type=click.IntRange(0, 10_000), help="Reviews a week."),
        click.option("--team", help="Name of their team."),
        click.option("--skill", "skills", multiple=True, help="What they can judge; may be given again."),
        click.option("--language", "languages", multiple=True, help="As in en; may be given again."),
    ):
        command = option(command)
    return command


def _take_profile(options: dict[str, Any]) -> dict[str, Any]:
    """Take what was said of the profile out of options; what was not said stays as it is."""
    said = {name: options.pop(name) for name in ("languages", "skills", "team", "weekly_capacity", "agent")}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value not in {None, ()}
    }


@click.group()
def users() -> None:
    """People."""


@users.command(name="create")
@required_tenant_option
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
@click.option("--name", help="The address when left out.")
@click.option("--client", "bound", multiple=True, help="See only this client; may be given again.")
@_profile_options
@json_option
def create_user(
    tenant: str,
    email: str,
    role: str,
    name: str | None,
    bound: tuple[str, ...],
    *,
    as_json: bool,
    **profile: Any,
) -> None:
    """Make a person known."""
    given: dict[str, Any] = {"email": email, "name": name or email, "role": role}
    given["profile"] = _take_profile(profile)
    with open_services() as services, operator_session(services, tenant) as session:
        named = [clients.client_named(session, wanted) for wanted in bound]
        user = people.create_user(session, clients=named, **given)
    print_rows({"id": user.user_id, "email": user.email, "role": user.role}, as_json=as_json)


@users.command(name="invite")
@required_tenant_option
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
@click.option("--name", help="The address when left out.")
@click.option("--client", "bound", multiple=True, help="See only this client; may be given again.")
@_profile_options
@json_option
def invite_user(
    tenant: str,
    email: str,
    role: str,
    name: str | None,
    bound: tuple[str, ...],
    *,
    as_json: bool,
    **profile: Any,
) -> None:
    """Make a person known, and print the link by which they set a password."""
    given: dict[str, Any] = {"email": email, "name": name or email, "role": role}
    given["profile"] = _take_profile(profile)
    with open_services() as services, operator_session(services, tenant) as session:
        named = [clients.client_named(session, wanted) for wanted in bound]
        user = people.create_user(session, clients=named, **given)
        link = sign_in.password_link(session, user, _address(services), "invitation")
    row = {"id": user.user_id, "email": user.email, "role": user.role, "link": link["link"]}
    print_rows(row, as_json=as_json)


@users.command(name="password-link")
@required_tenant_option
@click.argument("email")
@json_option
def password_link(tenant: str, email: str, *, as_json: bool) -> None:
    """Print a link by which a person sets a password once."""
    with open_services() as services, operator_session(services, tenant) as session:
        link = sign_in.password_link(session, _person(session, email), _address(services))
    print_rows(dict(link), as_json=as_json)


def _address(services: Services) -> str:
    """Return the address of the pages: the setting, else where the web server of this machine listens."""
    settings = services.settings
    return settings.public_url or ports.address_of(settings.host, settings.port)


def _person(session: Session, email: str) -> User:
    user = session.scalars(select(User).where(User.email == email.lower())).one_or_none()
    if user is None:
        raise NotFound("person")
    return user


@users.command(name="change")
@required_tenant_option
@click.argument("person", metavar="EMAIL")
@click.option("--name", help="Another name.")
@click.option("--address", "email", help="Another address.")
@click.option("--role", type=click.Choice(sorted(ROLES)))
@click.option("--client", "bound", multiple=True, help="See only this client; may be given again.")
@click.option("--every-client", is_flag=True, help="See every client.")
@click.option("--disable/--enable", "disabled", default=None, help="Take everything away, or give it back.")
@_profile_options
def change_user(
    tenant: str, person: str, bound: tuple[str, ...], *, every_client: bool, **changes: Any
) -> None:
    """Change a person; what they hold of the queue and may no longer review returns to it."""
    with open_services() as services, operator_session(services, tenant) as session:
        named = [clients.client_named(session, wanted) for wanted in bound]
        limits = named if bound or every_client else None
        profile = _take_profile(changes)
        user = people.change_user(
            session, _person(session, person), clients=limits, profile=profile, **changes
        )
    click.echo(f"changed {user.email}")


@users.command(name="remove")
@required_tenant_option
@click.argument("email")
def remove_user(tenant: str, email: str) -> None:
    """Remove a person who leaves: keys, claims, name and address go; what they did stays."""
    with open_services() as services, operator_session(services, tenant) as session:
        leavers.remove_user(session, _person(session, email))
    click.echo(f"removed {email}")


@users.command(name="list")
@required_tenant_option
@json_option
def list_users(tenant: str, *, as_json: bool) -> None:
    """List a provider's people."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = session.scalars(select(User).order_by(User.email)).all()
    print_rows(
        [{"id": each.user_id, "email": each.email, "role": each.role} for each in found], as_json=as_json
    )


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
            user = _person(session, email)
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
