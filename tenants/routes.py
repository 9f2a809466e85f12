"""Endpoints of the caller, clients, users, credentials and the audit log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify, make_response
from sqlalchemy import select

from tenants import clients, credentials, users
from tenants.access import Forbidden, actor, requires, session
from tenants.http import idempotency
from tenants.http.contract import Blueprint, PageArguments, check_match, linked, page_of, tag_of, tagged
from tenants.http.deferred_faults import FAULTS, FaultCollector
from tenants.http.faults import Fault, Invalid
from tenants.models import AuditEntry, Client, Credential, Tenant, User
from tenants.roles import ROLES
from tenants.schemas import (
    AuditPageSchema,
    ClientChangeSchema,
    ClientPageSchema,
    ClientSchema,
    CredentialPageSchema,
    CredentialSchema,
    IssuedCredentialSchema,
    MeSchema,
    NewClientSchema,
    NewCredentialSchema,
    NewUserSchema,
    UserPageSchema,
    UserSchema,
)

blueprint = Blueprint("tenants", __name__, url_prefix="/v1", description="Access and clients")


@blueprint.route("/me")
@requires("clients:read")
@blueprint.response(200, MeSchema)
def me() -> Any:
    """Who am I: tenant, scopes and clients of the credential."""
    who = actor()
    return {
        "tenant": session().scalars(select(Tenant)).one(),
        "credential_id": who.credential_id,
        "user_id": who.user_id,
        "name": who.name,
        "role": who.role,
        "scopes": sorted(who.scopes),
        "clients": session().scalars(select(Client).order_by(Client.slug)).all(),
    }


@blueprint.route("/clients")
@requires("clients:read")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, ClientPageSchema)
def list_clients(arguments: dict[str, Any]) -> Any:
    """List the clients the credential may see."""
    page = page_of(session(), select(Client), [Client.client_id], **arguments)
    return linked(page, page.data)


@blueprint.route("/clients", methods=["POST"])
@requires("clients:write")
@blueprint.arguments(NewClientSchema)
@blueprint.response(201, ClientSchema)
def create_client(body: dict[str, Any]) -> Any:
    """Make a client brand."""
    if actor().bound:
        raise Forbidden("clients:write", "A credential bound to clients cannot make others.")
    return clients.create_client(session(), **body)


@blueprint.route("/clients/<client>")
@requires("clients:read")
@blueprint.response(200, ClientSchema)
def get_client(client: Client) -> Response:
    """Read one client, with the entity tag that a change may name."""
    return _client_response(client)


@blueprint.route("/clients/<client>", methods=["PATCH"])
@requires("clients:write")
@blueprint.arguments(ClientChangeSchema)
@blueprint.response(200, ClientSchema)
def change_client(body: dict[str, Any], client: Client) -> Response:
    """Rename a client or change its settings; `If-Match` guards against overwriting another's change."""
    check_match(_tag(clients.load_client(session(), client)))
    return _client_response(clients.change_client(session(), client, **body))


def _client_response(client: Client) -> Response:
    return tagged(jsonify(ClientSchema().dump(client)), _tag(client))


def _tag(client: Client) -> str:
    return tag_of(client.client_id, client.revision)


@blueprint.route("/users")
@requires("admin")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, UserPageSchema)
def list_users(arguments: dict[str, Any]) -> Any:
    """List the provider's people."""
    page = page_of(session(), select(User), [User.user_id], **arguments)
    return linked(page, page.data)


@blueprint.route("/users", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewUserSchema)
@blueprint.response(201, UserSchema)
def create_user(body: dict[str, Any]) -> Any:
    """Make a person known."""
    faults = FaultCollector(body.pop(FAULTS))
    wanted = body.pop("clients", None)
    known = {name: body.get(name) for name in ("email", "name", "role")}
    with faults:
        _check_own_scopes(ROLES[body["role"]] if "role" in body else (), "/role")
    with faults:
        named = clients.clients_named(session(), wanted or ())
    with faults:
        users.check_user(**known, bound=None if wanted is None else bool(wanted))
    faults.raise_all()
    return users.create_user(session(), clients=named, **body)


@blueprint.route("/credentials")
@requires("admin")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, CredentialPageSchema)
def list_credentials(arguments: dict[str, Any]) -> Any:
    """List the credentials, without their secrets."""
    page = page_of(session(), select(Credential), [Credential.credential_id], **arguments)
    return linked(page, page.data)


@blueprint.route("/credentials", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewCredentialSchema)
@blueprint.response(201, IssuedCredentialSchema)
def create_credential(body: dict[str, Any]) -> Any:
    """Make a credential; this answer is the only one that shows its secrets."""
    faults = FaultCollector(body.pop(FAULTS))
    wanted, user_id = body.pop("clients", ()), body.pop("user", None)
    user = None
    with faults:
        _check_own_scopes(body.get("scopes", ()), "/scopes")
    with faults:
        named = clients.clients_named(session(), wanted)
    with faults:
        user = users.user_from_body(session(), user_id)
    with faults:
        credentials.check_credential(
            scopes=body.get("scopes"), user=user, bound=bool(wanted), expires_at=body.get("expires_at")
        )
    faults.raise_all()
    issued = credentials.issue_key(session(), clients=named, user=user, **body)
    idempotency.strip_secrets_once("key", "client_secret")
    secrets = {"key": issued.key, "client_id": issued.client_id, "client_secret": issued.client_secret}
    return make_response({**CredentialSchema().dump(issued.credential), **secrets}, 201)


def _check_own_scopes(scopes: Sequence[str], pointer: str) -> None:
    beyond = sorted(set(scopes) - actor().scopes)
    if beyond:
        raise Invalid([Fault(pointer, "beyond_own", f"You cannot give what you lack: {', '.join(beyond)}.")])


@blueprint.route("/credentials/<uuid:credential_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(200, CredentialSchema)
def revoke_credential(credential_id: UUID) -> Any:
    """Revoke a credential and its tokens, from the next request on."""
    return credentials.revoke(session(), credential_id=credential_id)


@blueprint.route("/audit")
@requires("admin")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, AuditPageSchema)
def list_audit(arguments: dict[str, Any]) -> Any:
    """Read the audit log, newest first."""
    page = page_of(session(), select(AuditEntry), [AuditEntry.number], descending=True, **arguments)
    return linked(page, page.data)
