"""One decorator lets a request in: who asks, may they, and inside which walls the work happens.

`@requires("interactions:write")` reads the body, authenticates, counts against the rate limit, checks the
scope, opens the scoped transaction, answers repeated requests from memory, and commits. Nothing else in
the application authenticates, opens a transaction for a request, or commits one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

import structlog
from flask import Response, current_app, g, make_response, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import use_client_scope
from tenants.credentials import Actor, authenticate
from tenants.http import idempotency
from tenants.http.faults import NotFound
from tenants.http.rate_limits import Limiter
from tenants.isolation import transaction
from tenants.roles import SCOPES

P = ParamSpec("P")
EXTENSION = "qm.access"


class Unauthenticated(Exception):
    """No credential was shown, or it is unknown, expired or revoked: all look the same."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        """Keep the header fields that go with the answer."""
        self.headers = {"WWW-Authenticate": 'Bearer realm="qm"', **(headers or {})}
        super().__init__("The credential is missing, unknown, expired or revoked.")


class Forbidden(Exception):
    """The credential is good but does not carry the scope, or is bound where it must not be."""

    def __init__(self, scope: str, detail: str | None = None) -> None:
        """Name the scope that is missing."""
        self.headers = {"WWW-Authenticate": f'Bearer realm="qm", error="insufficient_scope", scope="{scope}"'}
        super().__init__(detail or f"This needs the scope {scope!r}.")


class TooManyRequests(Exception):
    """The credential's quota is used up for now."""

    def __init__(self, headers: dict[str, str]) -> None:
        """Keep `Retry-After` and the limits."""
        self.headers = headers
        super().__init__("Too many requests; see Retry-After.")


@dataclass(frozen=True, slots=True)
class AccessGuard:
    """What the decorator needs of the application: the database and the rate limiter."""

    engine: Engine
    limiter: Limiter


def access_guard() -> AccessGuard:
    """Return the gate of the running application."""
    found: AccessGuard = current_app.extensions[EXTENSION]
    return found


def requires(scope: str) -> Callable[[Callable[P, Any]], Callable[P, Response]]:
    """Let a view be entered only with `scope`, inside the caller's walls and one transaction."""
    if scope not in SCOPES:
        raise ValueError(f"{scope!r} is not a scope")

    def decorate(view: Callable[P, Any]) -> Callable[P, Response]:
        @wraps(view)
        def entered(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.get_data(cache=True)  # a slow sender must not hold a database connection
            with transaction(access_guard().engine) as session:
                actor = _admit(session, scope)
                if "client" in kwargs:
                    kwargs["client"] = use_client_scope(session, str(kwargs["client"]))
                answer = idempotency.replayed(
                    session, actor.credential_id, lambda: make_response(view(*args, **kwargs))
                )
            answer.headers.update(g.limits)
            return answer

        entered.required_scope = scope  # type: ignore[attr-defined]
        return entered

    return decorate


def public(view: Callable[P, Any]) -> Callable[P, Any]:
    """Mark a view that anybody may call; a test counts these."""
    view.required_scope = None  # type: ignore[attr-defined]
    return view


def count_address() -> None:
    """Count a request that needs no credential against its address."""
    standing = access_guard().limiter.count(f"address:{request.remote_addr}", time.time())
    g.limits = standing.headers()
    if not standing.allowed:
        raise TooManyRequests(g.limits)


def _admit(session: Session, scope: str) -> Actor:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    known = kind.lower() == "bearer" and bool(secret.strip()) and secret.isascii()
    actor = authenticate(session, secret.strip()) if known else None
    who = f"credential:{actor.credential_id}" if actor else f"address:{request.remote_addr}"
    standing = access_guard().limiter.count(who, time.time())
    g.limits = standing.headers()
    if not standing.allowed:
        raise TooManyRequests(g.limits)
    if actor is None:
        raise Unauthenticated(g.limits)
    if scope not in actor.scopes:
        raise Forbidden(scope)
    g.session, g.actor = session, actor
    audit.act_as(session, actor.label)
    structlog.contextvars.bind_contextvars(
        tenant=str(actor.scope.tenant_id), credential=str(actor.credential_id)
    )
    return actor


def session() -> Session:
    """Return the scoped transaction of this request."""
    opened: Session = g.session
    return opened


def actor() -> Actor:
    """Return who makes this request."""
    found: Actor = g.actor
    return found


def person() -> Actor:
    """Return who makes this request when a person stands behind the credential.

    Raises
    ------
    NotFound
        When the credential belongs to a machine: reviews are people's.
    """
    found = actor()
    if found.user_id is None:
        raise NotFound("person behind this credential")
    return found
