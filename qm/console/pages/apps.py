"""Third-party apps: registered by an admin, let in by whoever is signed in."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, flash, make_response, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.page_access import page
from qm.console.rendering import render
from tenants import oauth_apps, oauth_grants, users
from tenants.access import actor, public_address, session
from tenants.http.faults import NotFound
from tenants.models import Credential
from tenants.oauth_app_routes import GRANTABLE, NewAppSchema
from tenants.user_requests import check_own_scopes

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ONCE = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


@blueprint.route("/apps", methods=["GET", "POST"])
@page("admin")
def apps() -> Any:
    """Show the apps, and register one."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = read_form(NewAppSchema)
            check_own_scopes(actor(), body["scopes"], "/scopes")
            made = oauth_apps.create_app(session(), **body)
        if not tried.failed:
            flash(
                gettext(
                    "%(name)s is registered; its client_id is %(id)s.", name=made.name, id=made.credential_id
                )
            )
            return see("console.apps")
    shown = render(
        "oauth/apps.html",
        apps=oauth_apps.registered_apps(session()),
        faults=tried.faults,
        typed=request.form,
        grantable=GRANTABLE,
        address=public_address(),
    )
    return shown, tried.status


@blueprint.route("/apps/<uuid:credential_id>/remove", methods=["POST"])
@page("admin")
def apps_remove(credential_id: UUID) -> Response:
    """Remove an app; all that people granted to it ends at once."""
    oauth_apps.remove_app(session(), oauth_apps.load_app(session(), credential_id))
    flash(gettext("Removed: it has lost all access."))
    return see("console.apps")


@dataclass(frozen=True, slots=True)
class _Asked:
    """An authorization request whose app and redirect address are known; `error` is what else is wrong."""

    app: Credential
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    challenge: str
    error: str | None


@blueprint.route("/oauth/authorize", methods=["GET", "POST"])
@page("clients:read")
def oauth_authorize() -> Any:
    """Ask whoever is signed in whether an app may act for them, and send it a code."""
    asked = _read()
    if asked.error is not None:
        return _back(asked, error=asked.error)
    granted = [scope for scope in asked.scopes if scope in actor().scopes]
    if not granted:
        return _back(asked, error="invalid_scope")
    if request.method == "POST":
        if request.form.get("deed") != "allow":
            return _back(asked, error="access_denied")
        user = users.load_user(session(), actor().user_id or UUID(int=0))
        details: dict[str, Any] = {
            "scopes": granted,
            "redirect_uri": asked.redirect_uri,
            "challenge": asked.challenge,
        }
        return _back(asked, code=oauth_grants.issue_code(session(), asked.app, user, **details))
    origin = oauth_apps.origin_of(asked.redirect_uri)
    fields = {name: request.args[name] for name in _ONCE if name in request.args}
    shown = make_response(
        render("oauth/consent.html", app=asked.app, granted=granted, fields=fields, origin=origin)
    )
    # The answer to the form leads to the app: browsers hold redirects to the same policy as the form.
    shown.headers["Content-Security-Policy"] = (
        f"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' {origin}"
    )
    return shown


def _read() -> _Asked:
    """Read the request (RFC 6749, 4.1.1; RFC 7636): who names no known app and address is led nowhere."""
    sent = request.args if request.method == "GET" else request.form
    if any(len(sent.getlist(name)) > 1 for name in _ONCE):
        raise BadRequest(gettext("A parameter is given twice."))
    try:
        app = oauth_apps.load_app(session(), UUID(sent.get("client_id", "")))
    except (ValueError, NotFound):
        raise BadRequest(gettext("No such app is registered here.")) from None
    redirect_uri = sent.get("redirect_uri", "")
    if redirect_uri not in app.redirect_uris:
        raise BadRequest(gettext("This app is not registered with this redirect address."))
    scopes = tuple(dict.fromkeys(sent.get("scope", "").split())) or tuple(app.scopes)
    challenge = sent.get("code_challenge", "")
    error = None
    if sent.get("response_type") != "code":
        error = "unsupported_response_type"
    elif sent.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        error = "invalid_request"
    elif not set(scopes) <= set(app.scopes):
        error = "invalid_scope"
    return _Asked(app, redirect_uri, sent.get("state"), scopes, challenge, error)


def _back(asked: _Asked, **said: str) -> Response:
    """Send the browser back to the app; `iss` says who answers (RFC 9207)."""
    state = {} if asked.state is None else {"state": asked.state}
    query = urlencode({**said, **state, "iss": public_address()})
    joined = "&" if "?" in asked.redirect_uri else "?"
    answer: Response = make_response(redirect(f"{asked.redirect_uri}{joined}{query}", 303))
    return answer
