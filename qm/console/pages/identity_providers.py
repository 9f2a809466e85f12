"""Where people sign in: identity providers, and what their groups come to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, see
from qm.console.page_access import page
from qm.console.rendering import render
from tenants.access import access_guard, public_address, session
from tenants.http.faults import Fault, Invalid
from tenants.roles import ROLES
from tenants.sso import configuration
from tenants.sso.models import IdentityProvider


@blueprint.route("/single-sign-on", methods=["GET", "POST"])
@page("admin")
def single_sign_on() -> Any:
    """Show where people may sign in, and add an identity provider."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            configuration.save_identity_provider(session(), access_guard().secret_key, _body())
        if not tried.failed:
            flash(gettext("Added: the sign-in page offers it now."))
            return see("console.single_sign_on")
    shown = _shown("sso/list.html", tried, providers=configuration.identity_providers(session()))
    return shown, tried.status


@blueprint.route("/single-sign-on/<uuid:identity_provider_id>", methods=["GET", "POST"])
@page("admin")
def single_sign_on_provider(identity_provider_id: UUID) -> Any:
    """Change an identity provider."""
    provider = configuration.load_identity_provider(session(), identity_provider_id)
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            configuration.save_identity_provider(session(), access_guard().secret_key, _body(), provider)
        if not tried.failed:
            flash(gettext("Saved."))
            return see("console.single_sign_on")
    return _shown("sso/provider.html", tried, identity=provider, lines=_lines(provider)), tried.status


@blueprint.route("/single-sign-on/<uuid:identity_provider_id>/remove", methods=["POST"])
@page("admin")
def single_sign_on_remove(identity_provider_id: UUID) -> Response:
    """Remove an identity provider."""
    provider = configuration.load_identity_provider(session(), identity_provider_id)
    configuration.remove_identity_provider(session(), provider)
    flash(gettext("Removed: nobody signs in with it any more."))
    return see("console.single_sign_on")


def _shown(template: str, tried: Attempt, **more: Any) -> str:
    return render(
        template,
        faults=[_of_line(fault) for fault in tried.faults],
        typed=request.form if tried.failed else None,
        callback=f"{public_address()}{url_for('console.single_sign_on_callback')}",
        **more,
    )


def _body() -> dict[str, Any]:
    form = request.form
    names = ("name", "issuer", "client_id", "client_secret", "groups_claim")
    body: dict[str, Any] = {name: form.get(name, "").strip() for name in names}
    if not body["client_secret"]:
        del body["client_secret"]
    missing = [name for name in ("name", "issuer", "client_id", "groups_claim") if not body[name]]
    faults = [Fault(f"/{name}", "required", gettext("This is needed.")) for name in missing]
    try:
        groups = read_groups(form.get("groups", ""))
    except Invalid as error:
        faults += error.faults
    if faults:
        raise Invalid(faults)
    return {**body, "groups": groups}


def read_groups(text: str) -> Sequence[Mapping[str, Any]]:
    """Read a mapping written as lines such as `qm-reviewers = reviewer: northwind, contoso`.

    Raises
    ------
    Invalid
        With a fault for each line that is none.

    Examples
    --------
    >>> read_groups("cn=a,dc=b = reviewer: northwind, contoso")
    [{'group': 'cn=a,dc=b', 'role': 'reviewer', 'clients': ['northwind', 'contoso']}]
    """
    groups: list[Mapping[str, Any]] = []
    faults: list[Fault] = []
    for line in filter(str.strip, text.splitlines()):
        group, _, rest = line.rpartition("=")
        role, _, named = rest.partition(":")
        clients = [each.strip() for each in named.split(",") if each.strip()]
        if not group.strip() or role.strip() not in ROLES:
            detail = f"Write: group = role: client, client. Roles are: {', '.join(sorted(ROLES))}."
            faults.append(Fault(f"/groups/{len(groups) + len(faults)}", "bad_line", detail))
            continue
        groups.append({"group": group.strip(), "role": role.strip(), "clients": clients})
    if faults:
        raise Invalid(faults)
    return groups


def _of_line(fault: Fault) -> Fault:
    _, _, rest = fault.pointer.partition("/groups/")
    line = rest.partition("/")[0]
    return (
        fault
        if not line
        else Fault(
            "/groups", fault.code, gettext("Line %(n)s: %(detail)s", n=int(line) + 1, detail=fault.detail)
        )
    )


def _lines(provider: IdentityProvider) -> str:
    return "\n".join(
        f"{entry['group']} = {entry['role']}"
        + (f": {', '.join(entry['clients'])}" if entry["clients"] else "")
        for entry in provider.groups
    )
