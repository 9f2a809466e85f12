"""What most commands share: options, services, a session in one provider's scope, and output."""

import json
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.orm import Session

from infra import runtime
from infra.embedded import installations, servers
from qm import logs
from qm.services import Services
from tenants import audit
from tenants.clients import enter_tenant
from tenants.http.faults import Fault, Invalid
from tenants.isolation import lookup, transaction

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
required_tenant_option = click.option(
    "--tenant", required=True, metavar="T", help="Slug or id of the provider."
)

tenant_option = click.option("--tenant", metavar="T", help="Needed when the server has several providers.")


def only_tenant(services: Services, named: str | None) -> str:
    """Return the named provider, or the only one there is.

    Raises
    ------
    Invalid
        When none is named and there is not exactly one.
    """
    if named is not None:
        return named
    with transaction(services.engine) as session:
        found = lookup(session, "select tenant_id from qm_tenants()")
    if len(found) != 1:
        raise Invalid(
            [Fault("/tenant", "required", f"Name one of the {len(found)} providers with --tenant.")]
        )
    return str(found[0].tenant_id)


@contextmanager
def open_services(*, may_begin: bool = False) -> Iterator[Services]:
    """Open the services for one short command, and release the embedded servers at its end.

    Only with `may_begin` it makes an installation where there is none.
    """
    settings = runtime.read_settings()
    if not may_begin and (settings.database_url is None or settings.redis_url is None):
        installations.must_be_made(settings.data_dir)
    logs.configure("warning" if settings.log_level == "info" else settings.log_level)
    services = runtime.build(runtime.complete(settings))
    try:
        yield services
    finally:
        services.engine.dispose()
        services.redis.close()
        servers.release(settings.data_dir)


@contextmanager
def operator_session(services: Services, tenant: str | None = None) -> Iterator[Session]:
    """Open a transaction as the operator, inside one provider when it is named."""
    with transaction(services.engine) as session:
        audit.act_as(session, f"operator:{_operator()}")
        if tenant is not None:
            enter_tenant(session, tenant)
        yield session


def _operator() -> str:
    """Return who runs this command, by the operating system; behind sudo, who called it."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def print_rows(rows: Sequence[dict[str, Any]] | dict[str, Any], *, as_json: bool) -> None:
    """Print one result or a list of them on stdout."""
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    several = [rows] if isinstance(rows, dict) else rows
    for row in several:
        click.echo("  ".join(f"{name}={_text(value)}" for name, value in row.items()))


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
