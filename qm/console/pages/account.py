"""One's own account: name, language and time zone of the pages, password, sessions."""

from typing import Any
from uuid import UUID

from flask import Response, flash, g, request
from flask_babel import gettext, lazy_gettext, refresh
from marshmallow import Schema, fields

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.page_access import page
from qm.console.rendering import render
from tenants import oauth_grants, sign_in, users
from tenants.access import actor, session
from tenants.days import time_zones
from tenants.http.faults import Fault, Invalid
from tenants.models import User
from tenants.own_account_routes import count_guess
from tenants.schemas import UserChangeSchema

LANGUAGES = (("", lazy_gettext("as the browser asks for")), ("en", "English"), ("de", "Deutsch"))


class _PasswordForm(Schema):
    present = fields.String(load_default="")
    password = fields.String(load_default="")
    again = fields.String(load_default="")


def _own() -> User:
    user_id = actor().user_id
    if user_id is None:
        raise ValueError("a browser session belongs to a person")
    return users.load_user(session(), user_id)


def _shown(tried: Attempt, password_tried: Attempt) -> Any:
    user = _own()
    shown = render(
        "account/account.html",
        person=user,
        faults=tried.faults,
        password_faults=password_tried.faults,
        sessions=sign_in.sessions_of(session(), user),
        present=actor().credential_id,
        has_password=sign_in.has_password(session(), user),
        apps=oauth_grants.granted_apps(session(), user),
        languages=LANGUAGES,
        zones=sorted(time_zones()),
    )
    return shown, max(tried.status, password_tried.status)


@blueprint.route("/account", methods=["GET", "POST"])
@page("clients:read")
def account() -> Any:
    """Show one's own account, and change name, language and time zone."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = read_form(UserChangeSchema)
            profile = {name: body.get(name) for name in ("time_zone", "locale")}
            users.change_user(session(), _own(), name=body.get("name", ""), profile=profile)
        if not tried.failed:
            g.pop("person", None)
            refresh()
            flash(gettext("Saved."))
            return see("console.account")
    return _shown(tried, Attempt())


@blueprint.route("/account/password", methods=["POST"])
@page("clients:read")
def account_password() -> Any:
    """Set another password for who knows the present one; all other sessions end."""
    with attempt() as tried:
        form = read_form(_PasswordForm)
        count_guess()
        if form["password"] != form["again"]:
            raise Invalid([Fault("/again", "differs", gettext("This is not the same as above."))])
        user, keep = _own(), actor().credential_id
        sign_in.change_password(
            session(), user, present=form["present"], password=form["password"], keep=keep
        )
    if tried.failed:
        return _shown(Attempt(), tried)
    flash(gettext("Your password is changed; all your other sessions have ended."))
    return see("console.account")


@blueprint.route("/account/apps/<uuid:credential_id>", methods=["POST"])
@page("clients:read")
def account_app(credential_id: UUID) -> Response:
    """End what one granted to an app."""
    oauth_grants.end_grant(session(), _own(), credential_id)
    flash(gettext("It has ended."))
    return see("console.account")


@blueprint.route("/account/sessions/<uuid:credential_id>", methods=["POST"])
@page("clients:read")
def account_session(credential_id: UUID) -> Response:
    """End a browser session of one's own."""
    sign_in.end_session(session(), actor().user_id, credential_id)
    flash(gettext("It has ended."))
    return see("console.account")
