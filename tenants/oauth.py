"""OAuth 2.0 with Authlib: client credentials for machines, codes with PKCE and refresh tokens for apps.

Tokens are valid for minutes, only their digests are stored, a token never has more scopes than its
credential, and an unknown, revoked or expired credential gets the same response as a wrong secret. Parameters
are read from the form only, because URLs end up in logs.
"""

import hmac
import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request, grants
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import list_to_scope, scope_to_list
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, g, jsonify, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import access, audit, oauth_grants
from tenants.clients import tenant_scope
from tenants.credentials import actor_label, hashed, is_ended, issue_token, revoke
from tenants.isolation import lookup, set_scope, transaction
from tenants.models import AccessToken, Credential, RefreshToken, User, utc_now
from tenants.roles import SCOPES

EXTENSION = "qm.oauth"
_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
_APP_GRANTS = ("authorization_code", "refresh_token")


_AnyToken = AccessToken | RefreshToken


class OAuthClient(ClientMixin):  # type: ignore[misc]
    """A credential as an Authlib client."""

    def __init__(self, credential: Credential) -> None:
        """Wrap a credential of the current tenant."""
        self.credential = credential

    def get_client_id(self) -> str:
        """Return the client id."""
        return str(self.credential.credential_id)

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the requested scopes that the credential has; all of its scopes when none is requested."""
        wanted = scope_to_list(scope) if scope else self.credential.scopes
        allowed: str = list_to_scope([name for name in wanted if name in self.credential.scopes])
        return allowed

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare the secret in constant time."""
        return hmac.compare_digest(hashed(client_secret), self.credential.secret_hash)

    @property
    def is_app(self) -> bool:
        """Whether it is a third-party app: a public client, which has no secret."""
        return self.credential.kind == "app"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Accept a secret in the Authorization header or the form, and from apps none."""
        return method == "none" if self.is_app else method in _AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """Accept client credentials from machines, codes and refresh tokens from apps."""
        return grant_type in (_APP_GRANTS if self.is_app else ("client_credentials",))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Accept what is registered, letter for letter."""
        return redirect_uri in self.credential.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Accept codes, and only for apps."""
        return self.is_app and response_type == "code"


class _ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = _AUTH_METHODS

    def validate_requested_scope(self) -> None:
        """Refuse unknown scopes, and a request that would yield a token without any."""
        super().validate_requested_scope()
        if not self.request.client.get_allowed_scope(self.request.payload.scope):
            raise InvalidScopeError


class _Code(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def query_authorization_code(self, code: str, client: OAuthClient) -> oauth_grants.Grant | None:
        return oauth_grants.grant_of_code(g.session, client.credential, code)

    def authenticate_user(self, authorization_code: oauth_grants.Grant) -> User:
        return authorization_code.user

    def delete_authorization_code(self, authorization_code: oauth_grants.Grant) -> None:
        """Keep it, marked as used: whoever uses it again ends what it was used for."""


class _Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> oauth_grants.Grant | None:
        return oauth_grants.grant_of_refresh(g.session, self.request.client.credential, refresh_token)

    def authenticate_user(self, refresh_token: oauth_grants.Grant) -> User:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: oauth_grants.Grant) -> None:
        """Nothing is left to do: it was marked as used when it was found."""


class _Request(OAuth2Request):  # type: ignore[misc]
    @property
    def form(self) -> Any:
        """The form, where some grants look."""
        return self.payload.data


class _Server(AuthorizationServer):  # type: ignore[misc]
    def create_oauth2_request(self, _: Any) -> OAuth2Request:
        """Read the form only; the URL is always https, as TLS may end at a proxy."""
        uri = f"https://localhost{request.path}"
        oauth_request = _Request(request.method, uri, headers=request.headers)
        oauth_request.payload = BasicOAuth2Payload(request.form.to_dict())
        return oauth_request


class OAuthServer:
    """The token endpoints over Authlib's server; each request is one transaction."""

    def __init__(self, app: Flask, *, token_seconds: int) -> None:
        """Register the grants; tokens are valid for `token_seconds`."""
        self._seconds = token_seconds
        app.config["OAUTH2_SCOPES_SUPPORTED"] = list(SCOPES)
        self._server = _Server(app, query_client=self._load_client, save_token=self._save_token)
        for method in _AUTH_METHODS:
            self._server.register_client_auth_method(method, lambda *_: self._calling_client())
        for grant in ("client_credentials", *_APP_GRANTS):
            self._server.register_token_generator(grant, self._new_token)
        self._server.register_grant(_ClientCredentials)
        self._server.register_grant(_Code, [CodeChallenge(required=True)])
        self._server.register_grant(_Refresh)

    def token(self) -> Response:
        """Respond to a token request."""
        if "grant_type" not in request.form or not _is_well_formed():
            return _error_response("invalid_request", 400)
        with transaction(access.access_guard().engine) as session:
            g.session = session
            answer: Response = self._server.create_token_response()
        if answer.status_code == 401:
            answer = _error_response("invalid_client", 401)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _load_client(self, client_id: str) -> OAuthClient | None:
        try:
            wanted = UUID(client_id)
        except ValueError:
            return None
        rows = lookup(g.session, "select tenant_id from qm_locate_oauth_client(:wanted)", wanted=wanted)
        if not rows:
            return None
        set_scope(g.session, tenant_scope(g.session, rows[0].tenant_id))
        found = select(Credential).where(
            Credential.credential_id == wanted, Credential.kind.in_(("key", "app"))
        )
        credential = g.session.scalars(found).one_or_none()
        if credential is None:
            return None
        user = g.session.scalars(select(User).where(User.user_id == credential.user_id)).one_or_none()
        return None if is_ended(credential, user, utc_now()) else OAuthClient(credential)

    def _new_token(self, client: OAuthClient, scope: str, **_: Any) -> dict[str, Any]:
        renewed = {"refresh_token": f"qm_refresh_{secrets.token_urlsafe(32)}"} if client.is_app else {}
        return {
            **renewed,
            "token_type": "Bearer",
            "access_token": f"qm_token_{secrets.token_urlsafe(32)}",
            "expires_in": self._seconds,
            "scope": client.get_allowed_scope(scope),
        }

    def _save_token(self, token: dict[str, Any], oauth_request: Any) -> None:
        credential, scopes = oauth_request.client.credential, scope_to_list(token["scope"]) or []
        if oauth_request.client.is_app:
            credential = oauth_grants.store_tokens(
                g.session,
                credential,
                oauth_request.refresh_token or oauth_request.authorization_code,
                scopes=scopes,
                token=token["access_token"],
                refresh_token=token["refresh_token"],
                seconds=self._seconds,
            )
        else:
            issue_token(
                g.session,
                credential=credential,
                scopes=scopes,
                token=token["access_token"],
                seconds=self._seconds,
            )
        audit.act_as(g.session, actor_label(credential.credential_id, credential.user_id))
        subject = f"credential:{credential.credential_id}"
        audit.record(g.session, "token.issued", subject, scope=token["scope"])

    def revoke(self) -> Response:
        """Revoke a token of the calling client; an unknown token gets the same response (RFC 7009)."""
        return self._with_token(lambda token: {} if token is None else self._revoke_token(token))

    def introspect(self) -> Response:
        """Return the state of a token of the calling client (RFC 7662)."""
        return self._with_token(self._introspection)

    def _with_token(self, answer: Callable[[_AnyToken | None], dict[str, Any]]) -> Response:
        if not _is_well_formed():
            return _error_response("invalid_request", 400)
        with transaction(access.access_guard().engine) as session:
            g.session = session
            client = self._calling_client()
            if client is None:
                return _error_response("invalid_client", 401)
            if not request.form.get("token"):
                return _error_response("invalid_request", 400)
            token = _token_of(session, client, request.form["token"])
            audit.act_as(session, actor_label(client.credential.credential_id, client.credential.user_id))
            return jsonify(answer(token))

    def _calling_client(self) -> OAuthClient | None:
        basic = request.authorization
        has_basic = basic is not None and basic.type == "basic"
        client_id = basic.username if basic and has_basic else request.form.get("client_id")
        secret = basic.password if basic and has_basic else request.form.get("client_secret")
        client = self._load_client(client_id or "")
        if client is not None and client.is_app:
            return client if secret is None else None
        return client if client and client.check_client_secret(secret or "") else None

    def _revoke_token(self, token: _AnyToken) -> dict[str, Any]:
        if isinstance(token, RefreshToken):
            revoke(g.session, credential_id=token.credential_id)
            return {}
        g.session.execute(delete(AccessToken).where(AccessToken.token_hash == token.token_hash))
        audit.record(g.session, "token.revoked", f"credential:{token.credential_id}")
        return {}

    def _introspection(self, token: _AnyToken | None) -> dict[str, Any]:
        if token is None or token.expires_at <= utc_now():
            return {"active": False}
        owner = g.session.scalars(
            select(Credential).where(Credential.credential_id == token.credential_id)
        ).one()
        user = g.session.scalars(select(User).where(User.user_id == owner.user_id)).one_or_none()
        over = token.used_at if isinstance(token, RefreshToken) else token.revoked_at
        if over or is_ended(owner, user, utc_now()):
            return {"active": False}
        return {
            "active": True,
            "scope": " ".join(token.scopes),
            "client_id": str(owner.app_id or owner.credential_id),
            "token_type": "refresh_token" if isinstance(token, RefreshToken) else "Bearer",
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }


def _token_of(session: Session, client: OAuthClient, secret: str) -> _AnyToken | None:
    """Return a token of the calling client, or of what people granted to it."""
    own = client.credential.credential_id
    statement = (
        select(AccessToken)
        .join(Credential, Credential.credential_id == AccessToken.credential_id)
        .where(AccessToken.token_hash == hashed(secret))
        .where((Credential.credential_id == own) | (Credential.app_id == own))
    )
    found = session.scalars(statement).one_or_none()
    return found or oauth_grants.refresh_token_of(session, client.credential, secret)


def install(app: Flask, *, token_seconds: int) -> None:
    """Add the token endpoints and their metadata document."""
    server = OAuthServer(app, token_seconds=token_seconds)
    app.extensions[EXTENSION] = server
    for path, view in (("token", server.token), ("revoke", server.revoke), ("introspect", server.introspect)):
        rule = f"/oauth/{path}"
        app.add_url_rule(rule, f"oauth_{path}", access.public(_rate_limited(view)), methods=["POST"])
    app.add_url_rule("/.well-known/oauth-authorization-server", "oauth_metadata", _metadata)


def _is_well_formed() -> bool:
    """Tell whether parameters come in the body and once, and the client in one way (RFC 6749, 2.3, 3.2)."""
    if request.args or any(len(values) > 1 for values in request.form.listvalues()):
        return False
    if "Authorization" not in request.headers:
        return True
    named = request.form.get("client_id")
    by_header = request.authorization.username if request.authorization else None
    return not request.form.get("client_secret") and (not named or named == by_header)


def _error_response(error: str, status: int) -> Response:
    """Return an error response of RFC 6749."""
    response = jsonify({"error": error})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="qm"'
    return response


def _rate_limited(view: Callable[[], Response]) -> Callable[[], Response]:
    def counted() -> Response:
        access.count_address()
        answer = view()
        answer.headers.update(g.limits)
        return answer

    return counted


@access.public
def _metadata() -> Response:
    root = access.public_address()
    methods = [*_AUTH_METHODS, "none"]
    return jsonify(
        {
            "issuer": root,
            "authorization_endpoint": f"{root}/oauth/authorize",
            "token_endpoint": f"{root}/oauth/token",
            "revocation_endpoint": f"{root}/oauth/revoke",
            "introspection_endpoint": f"{root}/oauth/introspect",
            "grant_types_supported": ["client_credentials", *_APP_GRANTS],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
            "scopes_supported": list(SCOPES),
        }
    )
