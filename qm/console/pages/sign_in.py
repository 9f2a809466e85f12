"""Signing in and out, and setting a password."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.console.blueprint import blueprint
from qm.console.page_access import check_form, forget, page, remember
from tenants import clients, sign_in
from tenants.access import TooManyRequests, access_guard, actor, count_address, public, session
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.isolation import attempt, lookup, transaction
from tenants.models import Tenant, User
from tenants.sign_in import end_session
from tenants.sso.configuration import identity_providers


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
def choose_provider() -> Any:
    """Ask which provider somebody belongs to, unless there is one only."""
    count_address()
    check_form()
    faults = []
    with transaction(access_guard().engine) as opened:
        if request.method == "POST":
            name = request.form.get("provider", "").strip()
            try:
                slug = clients.enter_tenant(opened, name).slug
                return _see(
                    url_for("console.sign_in_to", tenant=slug, to=own_address(request.form.get("to")))
                )
            except NotFound:
                faults = [Fault("/provider", "unknown", "There is no such provider here.")]
        found = lookup(opened, "select tenant_id from qm_tenants()")
        if len(found) == 1:
            only = clients.enter_tenant(opened, str(found[0].tenant_id))
            return _see(
                url_for("console.sign_in_to", tenant=only.slug, to=own_address(request.args.get("to")))
            )
        shown = {"faults": faults, "nobody": not found, "to": own_address(request.values.get("to"))}
        return render_template("sign_in/provider.html", **shown), 422 if faults else 200


@blueprint.route("/sign-in/<tenant>", methods=["GET", "POST"])
@public
def sign_in_to(tenant: str) -> Any:
    """Sign in with e-mail address and password."""
    count_address()
    check_form()
    with transaction(access_guard().engine) as opened:
        provider = clients.enter_tenant(opened, tenant)
        refused = False
        if request.method == "POST":
            email = request.form.get("email", "")
            _count_attempt(provider, email)
            secret = sign_in.sign_in(
                opened, email=email, password=request.form.get("password", ""), device=device_name()
            )
            if secret is not None:
                _keep_time_zone(opened, email)
                remember(secret)
                return _see(own_address(request.form.get("to")) or "/")
            refused = True
        shown: dict[str, Any] = {"tenant": provider, "refused": refused}
        shown["email"] = request.form.get("email", "")
        shown["providers"] = identity_providers(opened)
        shown["to"] = own_address(request.values.get("to"))
        return render_template("sign_in/sign_in.html", **shown), 422 if refused else 200


@blueprint.route("/sign-in/<tenant>/password/<token>", methods=["GET", "POST"])
@public
def set_password(tenant: str, token: str) -> Any:
    """Set a password with an invitation or a recovery link, which works once, and sign in."""
    count_address()
    check_form()
    with transaction(access_guard().engine) as opened:
        clients.enter_tenant(opened, tenant)
        try:
            person = sign_in.user_of_token(opened, token)
        except NotFound:
            return render_template("sign_in/link_over.html", tenant=tenant), HTTPStatus.NOT_FOUND
        faults: list[Fault] = []
        if request.method == "POST":
            try:
                with attempt(opened):
                    sign_in.set_password(opened, person, request.form.get("password", ""))
            except Invalid as error:
                faults = list(error.faults)
            else:
                secret = sign_in.begin_session(opened, person, device=device_name())
                _keep_time_zone(opened, person.email)
                remember(secret)
                return _see("/")
        page_shown = render_template("sign_in/set_password.html", person=person, faults=faults)
        return page_shown, 422 if faults else 200


@blueprint.route("/sign-out", methods=["POST"])
@page("clients:read")
def sign_out() -> Response:
    """End this browser session."""
    end_session(session(), actor().user_id, actor().credential_id)
    forget()
    return _see("/")


def _see(address: str) -> Response:
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer


def own_address(address: str | None) -> str | None:
    """Return an address of this server to go on to; None for any other."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    parts = urlsplit(address)
    return None if parts.netloc or parts.scheme or any(ord(letter) < 32 for letter in address) else address


def device_name() -> str:
    """Return what browser this is, as it says itself."""
    agent = request.user_agent.string
    browsers = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
    systems = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")
    found = (next((name for name in names if name in agent), "") for names in (browsers, systems))
    return " on ".join(filter(None, found)) or "browser"


def _count_attempt(provider: Tenant, email: str) -> None:
    who = f"sign-in:{provider.tenant_id}:{email.strip().lower()[:254]}"
    status = access_guard().sign_in_limiter.count(who)
    if not status.allowed:
        raise TooManyRequests(status.headers())


def _keep_time_zone(opened: Session, email: str) -> None:
    """Take the browser's time zone for somebody who has not chosen one."""
    user = opened.scalars(select(User).where(User.email == email.strip().lower())).one()
    user.time_zone = user.time_zone or request.form.get("time_zone", "")[:60] or None
