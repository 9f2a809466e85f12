"""Commands about people."""

from collections.abc import Callable, Sequence
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from infra import ports
from infra.commands.context import (
    json_option,
    open_services,
    operator_session,
    print_rows,
    required_tenant_option,
)
from qm.services import Services
from tenants import clients, leavers, sign_in
from tenants import users as people
from tenants.http.faults import NotFound
from tenants.models import User
from tenants.roles import ROLES


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


def _new_person_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and the options by which somebody is made known."""
    for option in (
        _profile_options,
        click.option("--client", "bound", multiple=True, help="See only this client; may be given again."),
        click.option("--name", help="The address when left out."),
        click.option("--role", required=True, type=click.Choice(sorted(ROLES))),
        click.argument("email"),
    ):
        command = option(command)
    return command


def _make_known(
    session: Session, *, email: str, name: str | None, bound: Sequence[str], **given: Any
) -> User:
    profile = _take_profile(given)
    named = [clients.client_named(session, wanted) for wanted in bound]
    return people.create_user(
        session, email=email, name=name or email, clients=named, profile=profile, **given
    )


@users.command(name="create")
@required_tenant_option
@_new_person_options
@json_option
def create_user(tenant: str, *, as_json: bool, **given: Any) -> None:
    """Make a person known."""
    with open_services() as services, operator_session(services, tenant) as session:
        user = _make_known(session, **given)
    print_rows({"id": user.user_id, "email": user.email, "role": user.role}, as_json=as_json)


@users.command(name="invite")
@required_tenant_option
@_new_person_options
@json_option
def invite_user(tenant: str, *, as_json: bool, **given: Any) -> None:
    """Make a person known, and print the link by which they set a password."""
    with open_services() as services, operator_session(services, tenant) as session:
        user = _make_known(session, **given)
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
        link = sign_in.password_link(session, person_named(session, email), _address(services))
    print_rows(dict(link), as_json=as_json)


def _address(services: Services) -> str:
    """Return the address of the pages: the setting, else where the web server of this machine listens."""
    settings = services.settings
    return settings.public_url or ports.address_of(settings.host, settings.port)


def person_named(session: Session, email: str) -> User:
    """Return the person with this address; raise NotFound for anybody else."""
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
            session, person_named(session, person), clients=limits, profile=profile, **changes
        )
    click.echo(f"changed {user.email}")


@users.command(name="remove")
@required_tenant_option
@click.argument("email")
def remove_user(tenant: str, email: str) -> None:
    """Remove a person who leaves: keys, claims, name and address go; what they did stays."""
    with open_services() as services, operator_session(services, tenant) as session:
        leavers.remove_user(session, person_named(session, email))
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
