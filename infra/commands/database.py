"""Commands about the database: roles, schema, sums."""

import secrets
import sys

import click

from infra import database_schema, runtime
from infra.commands.context import (
    json_option,
    open_services,
    operator_session,
    print_rows,
    required_tenant_option,
)
from infra.postgres import database_roles
from qm.facts import rollups
from tenants.clients import client_named
from tenants.http.faults import Fault, Invalid


@click.command()
@click.option("--admin-url", help="Administrator of an external PostgreSQL; makes the roles there.")
@click.option("--database", "name", default="qm", show_default=True, help="Database to use or make.")
def init(admin_url: str | None, name: str) -> None:
    """Prepare the database: roles and schema. Prints the settings to use for an external server."""
    if admin_url is None:
        with open_services(may_begin=True) as services:
            status = database_schema.upgrade(_owner_url(services.settings.owner_url))
        click.echo(f"schema {status.present}")
        return
    if not admin_url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise click.BadParameter(
            "It looks like postgresql://postgres:PASSWORD@host:5432/postgres.", param_hint="--admin-url"
        )
    _refuse_beside_another(admin_url, name)
    is_new = not database_roles.has_schema(admin_url, name)
    owner_url, app_url = database_roles.create_roles(
        admin_url,
        owner_password=secrets.token_urlsafe(32),
        app_password=secrets.token_urlsafe(32),
        database=name,
    )
    database_schema.upgrade(owner_url)
    click.echo(f"QM_DATABASE_URL={app_url}")
    click.echo(f"QM_DATABASE_OWNER_URL={owner_url}")
    if is_new and not runtime.read_settings().secret_key:
        click.echo(f"QM_SECRET_KEY={secrets.token_urlsafe(48)}")
    else:
        click.echo("Keep the QM_SECRET_KEY that you have: another one would draw other samples.", err=True)


def _refuse_beside_another(admin_url: str, name: str) -> None:
    others = [each for each in database_roles.databases_in_use(admin_url) if each != name]
    if others:
        raise click.ClickException(
            f"This server holds an installation already, in the database {', '.join(others)}. Its roles "
            "are the server's, and another one would change their passwords. Nothing was done. "
            f"Use another server, or `--database {others[0]}` for new passwords; "
            "if it is not needed any more, drop that database."
        )


@click.group(name="db")
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema forward."""
    with open_services() as services:
        status = database_schema.upgrade(_owner_url(services.settings.owner_url))
    click.echo(f"schema {status.present}")


@db.command(name="status")
@json_option
def status_command(*, as_json: bool) -> None:
    """Say how far the schema is."""
    with open_services() as services:
        status = database_schema.status(services.settings.database_url or "")
    print_rows(
        {"present": status.present, "newest": status.newest, "current": status.current}, as_json=as_json
    )
    sys.exit(0 if status.current else 1)


@db.command()
@required_tenant_option
@click.argument("client")
@click.option("--mend", is_flag=True, help="Rebuild the sums from the facts where they differ.")
def check(tenant: str, client: str, *, mend: bool) -> None:
    """Prove that a client's daily sums equal the facts they are sums of."""
    with open_services() as services, operator_session(services, tenant) as session:
        found = client_named(session, client)
        drift = rollups.rollup_differences(session, found.client_id)
        for difference in drift:
            click.echo(str(difference), err=True)
        if drift and mend:
            click.echo(f"mended {rollups.rebuild_rollups(session, found.client_id)}")
    click.echo("equal" if not drift else "different")
    sys.exit(1 if drift and not mend else 0)


def _owner_url(url: str | None) -> str:
    if url is None:
        detail = "QM_DATABASE_OWNER_URL is needed to change an external database's schema."
        raise Invalid([Fault("/QM_DATABASE_OWNER_URL", "required", detail)])
    return url
