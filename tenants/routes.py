"""Endpoints of the caller, clients, users, credentials and the audit log."""

import hashlib
import json
from typing import Any
from uuid import UUID

from flask import Response, jsonify, make_response
from sqlalchemy import select

from tenants import access, audit, clients, credentials, key_requests, leavers, sign_in, user_requests, users
from tenants.access import Forbidden, actor, requires, session
from tenants.http import idempotency
from tenants.http.contract import (
    Blueprint,
    Page,
    PageArguments,
    check_match,
    linked,
    page_of,
    tag_of,
    tagged,
)
from tenants.http.deferred_faults import FAULTS, FaultCollector
from tenants.models import AuditEntry, Client, Credential, Tenant, User
from tenants.schemas import (
    AuditArguments,
    AuditChainSchema,
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
    PasswordLinkSchema,
    SessionsSchema,
    UserChangeSchema,
    UserListArguments,
    UserPageSchema,
    UserSchema,
)

blueprint = Blueprint(
    "tenants", __name__, url_prefix="/v1", description="Clients, people, credentials and the audit log"
)


@blueprint.route("/me")
@requires("clients:read")
@blueprint.response(200, MeSchema)
def get_me() -> Any:
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


@blueprint.route("/clients/<client>", methods=["DELETE"])
@requires("admin")
@blueprint.response(200, ClientSchema)
def remove_client(client: Client) -> Any:
    """Remove a client: nobody sees it or anything of it any more, and its slug is free again.

    Keys that were for this client alone are revoked. Its data stays in the database, out of everybody's
    sight, until the operator erases it with `qm clients erase`.
    """
    check_match(_tag(clients.load_client(session(), client)))
    return leavers.remove_client(session(), client)


@blueprint.route("/users")
@requires("admin")
@blueprint.arguments(UserListArguments, location="query")
@blueprint.response(200, UserPageSchema)
def list_users(arguments: dict[str, Any]) -> Any:
    """List the provider's people."""
    page = users.page_of_users(session(), **arguments)
    return linked(page, users.shown_people(session(), page.data))


@blueprint.route("/users", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewUserSchema)
@blueprint.response(201, UserSchema)
def create_user(body: dict[str, Any]) -> Any:
    """Make a person known."""
    made = user_requests.create_person(session(), actor(), body, FaultCollector(body.pop(FAULTS)))
    return users.shown_people(session(), [made])[0]


@blueprint.route("/users/<uuid:user_id>")
@requires("admin")
@blueprint.response(200, UserSchema)
def get_user(user_id: UUID) -> Response:
    """Read one person, with the entity tag that a change may name."""
    return _user_response(users.load_user(session(), user_id))


@blueprint.route("/users/<uuid:user_id>", methods=["PATCH"])
@requires("admin")
@blueprint.arguments(UserChangeSchema)
@blueprint.response(200, UserSchema)
def change_user(body: dict[str, Any], user_id: UUID) -> Response:
    """Change what is known of a person and what they may do, or disable them, from the next request on.

    What they hold of the queue and may no longer review returns to it. Who is disabled loses their keys for
    good; enabled again, they need new ones.
    """
    user = users.load_user(session(), user_id)
    check_match(_user_tag(user))
    return _user_response(user_requests.change_person(session(), actor(), user, body))


@blueprint.route("/users/<uuid:user_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(200, UserSchema)
def remove_user(user_id: UUID) -> Any:
    """Remove a person who leaves: keys, claims, name and address go; what they did stays, without a name."""
    user = users.load_user(session(), user_id)
    removed = user_requests.remove_person(session(), actor(), user)
    return users.shown_people(session(), [removed])[0]


def _user_response(user: User) -> Response:
    return tagged(jsonify(UserSchema().dump(users.shown_people(session(), [user])[0])), _user_tag(user))


def _user_tag(user: User) -> str:
    shown = json.dumps(UserSchema().dump(users.shown_people(session(), [user])[0]), sort_keys=True)
    return tag_of(user.user_id, hashlib.sha256(shown.encode()).hexdigest()[:16])


@blueprint.route("/users/<uuid:user_id>/password-link", methods=["POST"])
@requires("admin")
@blueprint.response(201, PasswordLinkSchema)
def create_password_link(user_id: UUID) -> Any:
    """Make a link by which a person sets a password once; an earlier one ends, the present password stays."""
    idempotency.strip_secrets_once("link")
    return sign_in.password_link(session(), users.load_user(session(), user_id), access.public_address())


@blueprint.route("/users/<uuid:user_id>/sessions")
@requires("admin")
@blueprint.response(200, SessionsSchema)
def list_sessions(user_id: UUID) -> Any:
    """List a person's browser sessions that have not ended, newest first."""
    return {"data": sign_in.sessions_of(session(), users.load_user(session(), user_id))}


@blueprint.route("/users/<uuid:user_id>/sessions/<uuid:credential_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(204)
def end_session(user_id: UUID, credential_id: UUID) -> Response:
    """End a browser session of a person."""
    sign_in.end_session(session(), users.load_user(session(), user_id).user_id, credential_id)
    return Response(status=204)


@blueprint.route("/credentials")
@requires("admin")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, CredentialPageSchema)
def list_credentials(arguments: dict[str, Any]) -> Any:
    """List the credentials, without their secrets; browser sessions are none of them."""
    keys = select(Credential).where(Credential.kind == "key")
    page = page_of(session(), keys, [Credential.credential_id], **arguments)
    return linked(page, page.data)


@blueprint.route("/credentials", methods=["POST"])
@requires("admin")
@blueprint.arguments(NewCredentialSchema)
@blueprint.response(201, IssuedCredentialSchema)
def create_credential(body: dict[str, Any]) -> Any:
    """Make a credential; this answer is the only one that shows its secrets."""
    issued = key_requests.create_key(session(), actor(), body, FaultCollector(body.pop(FAULTS)))
    idempotency.strip_secrets_once("key", "client_secret")
    secrets = {"key": issued.key, "client_id": issued.client_id, "client_secret": issued.client_secret}
    return make_response({**CredentialSchema().dump(issued.credential), **secrets}, 201)


@blueprint.route("/credentials/<uuid:credential_id>", methods=["DELETE"])
@requires("admin")
@blueprint.response(200, CredentialSchema)
def revoke_credential(credential_id: UUID) -> Any:
    """Revoke a credential and its tokens, from the next request on."""
    return credentials.revoke(session(), credential_id=credential_id)


@blueprint.route("/audit")
@requires("admin")
@blueprint.arguments(AuditArguments, location="query")
@blueprint.response(200, AuditPageSchema)
def list_audit(arguments: dict[str, Any]) -> Any:
    """Read the audit log, newest first."""
    paging = {name: arguments.pop(name) for name in ("limit", "cursor")}
    page = audit_page(arguments, **paging)
    return linked(page, page.data)


def audit_page(filters: dict[str, Any], *, limit: int, cursor: str | None) -> Page:
    """Return a page of the audit log, newest first."""
    statement = audit.select_entries(filters)
    with clients.every_client(session()):  # what was done to removed ones stays readable
        return page_of(session(), statement, [AuditEntry.number], descending=True, limit=limit, cursor=cursor)


@blueprint.route("/audit/chain")
@requires("admin")
@blueprint.response(200, AuditChainSchema)
def check_audit_chain() -> Any:
    """Check that no entry of the audit log was changed, taken out or put in; reads all of them."""
    return audit_chain()


def audit_chain() -> dict[str, Any]:
    """Return whether the chain is whole, and its newest entry."""
    with clients.every_client(session()):
        newest, broken_at = audit.newest(session()), audit.verify(session())
    return {"entries": newest.number, "digest": newest.digest.hex(), "broken_at": broken_at}
