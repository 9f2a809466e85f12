"""Endpoints of one's own account; the pages do the same at `/account`."""

from typing import Any
from uuid import UUID

from flask import Response

from tenants import own_account
from tenants.access import TooManyRequests, access_guard, actor, person, requires, session
from tenants.http.contract import Blueprint
from tenants.own_account_schemas import (
    AccountChangeSchema,
    AccountSchema,
    OwnPasswordSchema,
)
from tenants.schemas import SessionsSchema

blueprint = Blueprint("account", __name__, url_prefix="/v1", description="What people change of themselves")


@blueprint.route("/me/account")
@requires("clients:read")
@blueprint.response(200, AccountSchema)
def get_account() -> dict[str, Any]:
    """Read one's own name, language and time zone."""
    return own_account.account_of(session(), person())


@blueprint.route("/me/account", methods=["PATCH"])
@requires("clients:read")
@blueprint.arguments(AccountChangeSchema)
@blueprint.response(200, AccountSchema)
def change_account(body: dict[str, Any]) -> dict[str, Any]:
    """Change one's own name, language or time zone; not with the token of an app."""
    return own_account.change_account(session(), person(), body)


@blueprint.route("/me/password", methods=["PUT"])
@requires("clients:read")
@blueprint.arguments(OwnPasswordSchema)
@blueprint.response(204)
def change_password(body: dict[str, Any]) -> Response:
    """Set another password, knowing the present one; all browser sessions end."""
    own_account.change_own_password(session(), person(), **body, count_guess=count_guess)
    return Response(status=204)


@blueprint.route("/me/sessions")
@requires("clients:read")
@blueprint.response(200, SessionsSchema)
def list_own_sessions() -> dict[str, Any]:
    """List the browsers in which one is signed in."""
    return {"data": own_account.own_sessions(session(), person())}


@blueprint.route("/me/sessions/<uuid:credential_id>", methods=["DELETE"])
@requires("clients:read")
@blueprint.response(204)
def end_own_session(credential_id: UUID) -> Response:
    """Sign oneself out in one browser."""
    own_account.end_own_session(session(), person(), credential_id)
    return Response(status=204)


def count_guess() -> None:
    """Count a guess of the caller's present password.

    Raises
    ------
    TooManyRequests
        After ten in a quarter of an hour.
    """
    status = access_guard().sign_in_limiter.count(f"password:{actor().user_id}")
    if not status.allowed:
        raise TooManyRequests(status.headers())
