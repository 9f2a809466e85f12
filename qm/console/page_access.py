"""The decorator of every page: browser session, scope, transaction, and a guard against forged forms."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, g, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from tenants.access import SESSION_SECRET, Unauthenticated, requires, session_secret

P = ParamSpec("P")
csrf = CSRFProtect()


class _CookieInterface(SecureCookieSessionInterface):
    """A signed cookie that is sent over TLS only wherever the page came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Tell whether the browser must not send it in clear."""
        return request.is_secure


def install_sessions(app: Flask, signing_key: bytes) -> None:
    """Keep browser sessions in a signed cookie, and check the forms of pages only."""
    app.secret_key = signing_key
    app.session_interface = _CookieInterface()
    app.config.update(
        SESSION_COOKIE_NAME="qm_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # our own Referrer-Policy sends no referrer
    )
    csrf.init_app(app)


def page(scope: str, *, snapshot: bool = True) -> Callable[[Callable[P, Any]], Callable[P, Response]]:
    """Require a browser session with `scope` for a page; everything else is as `tenants.access.requires`.

    A form is checked against forgery before anything else happens.
    """

    def decorate(view: Callable[P, Any]) -> Callable[P, Response]:
        guarded = requires(scope, snapshot=snapshot, kind="session")(view)

        @wraps(guarded)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
            if session_secret() is None:
                # Whoever signed out in another window is asked to sign in, not told of a forged form.
                raise Unauthenticated
            check_form()
            return guarded(*args, **kwargs)

        return checked

    return decorate


def check_form() -> None:
    """Raise `CSRFError` for a form that does not come from one of our own pages."""
    if request.method not in {"GET", "HEAD"}:
        try:
            csrf.protect()
        except CSRFError:
            g.token_refused = True
            raise


def remember(secret: str) -> None:
    """Let this browser carry a session from now on; what its cookie held before is forgotten."""
    cookie.clear()
    cookie[SESSION_SECRET] = secret
    generate_csrf()


def forget() -> None:
    """Let this browser carry no session any more."""
    cookie.clear()
