"""The decorator of every endpoint: authentication, authorization, row-level security and transaction.

`@requires("interactions:write")` reads the body, authenticates, counts against the rate limit, checks the
OAuth scope, opens the transaction with the caller's tenant scope, replays idempotent requests, and commits.
Nothing else in the application authenticates, opens a transaction for a request, or commits one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import structlog
from flask import Response, current_app, g, make_response, request
from flask import session as cookie
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import use_client_scope
from tenants.credentials import Actor, authenticate
from tenants.http import idempotency
from tenants.http.rate_limits import Limiter
from tenants.isolation import transaction
from tenants.roles import SCOPES

P = ParamSpec("P")
EXTENSION = "qm.access"


class Unauthenticated(Exception):
    """The credential is missing, unknown, expired or revoked; the caller cannot tell which."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        """Take further header fields of the response."""
        self.headers = {"WWW-Authenticate": 'Bearer realm="qm"', **(headers or {})}
        super().__init__("The credential is missing, unknown, expired or revoked.")


class Forbidden(Exception):
    """The credential is valid but lacks the scope, or is bound to clients where it must not be."""

    def __init__(self, scope: str, detail: str | None = None, *, others: Sequence[str] = ()) -> None:
        """Take the required scope, and others of which each would do as well."""
        self.headers = {"WWW-Authenticate": f'Bearer realm="qm", error="insufficient_scope", scope="{scope}"'}
        named = " or ".join(map(repr, (scope, *others)))
        super().__init__(detail or f"This needs the scope {named}.")


class NobodysCredential(Forbidden):
    """The credential has the scope, but this is done by people, and it was issued for nobody."""

    def __init__(self) -> None:
        """Set the message; no scope would help."""
        super().__init__("")
        self.headers = {}
        self.args = ("This is done by a person: use a key that was issued for one (`user`).",)


class TooManyRequests(Exception):
    """The rate limit of the caller is exceeded."""

    def __init__(self, headers: dict[str, str]) -> None:
        """Take `Retry-After` and the `RateLimit` header fields."""
        self.headers = headers
        super().__init__("Too many requests; see Retry-After.")


@dataclass(frozen=True, slots=True)
class AccessGuard:
    """The application's dependencies of the decorator: database and rate limiters."""

    engine: Engine
    limiter: Limiter
    sign_in_limiter: Limiter
    recovery_limiter: Limiter
    recovery_sender_limiter: Limiter
    secret_key: str = field(repr=False)
    address: str | None = None


def access_guard() -> AccessGuard:
    """Return the access guard of the running application."""
    guard: AccessGuard = current_app.extensions[EXTENSION]
    return guard


def public_address() -> str:
    """Return the address of this server as people type it: the setting, else that of this request."""
    return access_guard().address or request.url_root.rstrip("/")


def requires(
    *scopes: str, snapshot: bool = True, kind: str = "key"
) -> Callable[[Callable[P, Any]], Callable[P, Response]]:
    """Require one of `scopes` for a view; run it in one transaction under the caller's row-level security.

    What reads is shown one moment of the database, unless `snapshot` is false: lists in the order of change
    have to see what was committed since the transaction began (`tenants/http/changes.py`). Pages are opened
    by the credentials of the kind `session`, which browsers send as a cookie.
    """
    if not scopes or not SCOPES.keys() >= set(scopes):
        raise ValueError(f"{scopes} are not scopes")

    def decorate(view: Callable[P, Any]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.get_data(cache=True)  # a slow sender must not occupy a database connection
            # All that a reader is shown is of one moment, whatever is erased or scored meanwhile.
            one_moment = snapshot and request.method in {"GET", "HEAD"}
            with transaction(access_guard().engine, snapshot=one_moment) as session:
                try:
                    actor = _admit(session, scopes, kind)
                    if "client" in kwargs:
                        kwargs["client"] = use_client_scope(session, str(kwargs["client"]))
                    answer = idempotency.replayed(
                        session, actor.credential_id, lambda: make_response(view(*args, **kwargs))
                    )
                finally:
                    # Whoever used it after its end would begin a transaction that nobody ends.
                    g.pop("session", None)
            answer.headers.update(g.limits)
            return answer

        guarded.required_scopes, guarded.opened_by = scopes, kind  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: Callable[P, Any]) -> Callable[P, Any]:
    """Mark a view that needs no credential; a test lists these."""
    view.required_scopes = ()  # type: ignore[attr-defined]
    return view


def count_address() -> None:
    """Count a request without credential against the rate limit of its IP address."""
    status = access_guard().limiter.count(f"address:{request.remote_addr}")
    g.limits = status.headers()
    if not status.allowed:
        raise TooManyRequests(g.limits)


def _bearer_secret() -> str | None:
    method, _, secret = request.headers.get("Authorization", "").partition(" ")
    is_bearer = method.lower() == "bearer" and bool(secret.strip()) and secret.isascii()
    return secret.strip() if is_bearer else None


SESSION_SECRET = "secret"  # noqa: S105 - its name in the signed cookie


def session_secret() -> str | None:
    """Return the secret of the browser session that this request belongs to, if any."""
    return cookie.get(SESSION_SECRET)


_SECRETS: Mapping[str, Callable[[], str | None]] = {"key": _bearer_secret, "session": session_secret}


def _admit(session: Session, scopes: Sequence[str], kind: str) -> Actor:
    secret = _SECRETS[kind]()
    actor = authenticate(session, secret, kind) if secret else None
    caller = f"credential:{actor.credential_id}" if actor else f"address:{request.remote_addr}"
    status = access_guard().limiter.count(caller)
    g.limits = status.headers()
    if not status.allowed:
        raise TooManyRequests(g.limits)
    if actor is None:
        raise Unauthenticated(g.limits)
    if actor.scopes.isdisjoint(scopes):
        raise Forbidden(scopes[0], others=scopes[1:])
    g.session, g.actor = session, actor
    audit.act_as(session, actor.label)
    structlog.contextvars.bind_contextvars(
        tenant=str(actor.scope.tenant_id), credential=str(actor.credential_id)
    )
    return actor


def session() -> Session:
    """Return the database session of this request, with the caller's scope set."""
    opened: Session = g.session
    return opened


def actor() -> Actor:
    """Return the authenticated caller of this request."""
    caller: Actor = g.actor
    return caller


def person() -> Actor:
    """Return the caller of this request if the credential belongs to a user.

    Raises
    ------
    NobodysCredential
        When the credential belongs to a machine, which cannot review.
    """
    caller = actor()
    if caller.user_id is None:
        raise NobodysCredential
    return caller
