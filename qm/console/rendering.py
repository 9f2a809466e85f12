"""Rendering of pages: the frame around each, the reader's language and time zone, and static files."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import (
    Flask,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask import session as cookie
from flask_babel import Babel, get_locale, get_timezone
from sqlalchemy import select

from qm.console.navigation import entries_for
from tenants.access import public
from tenants.models import Tenant, User
from tenants.schemas import PAGE_LANGUAGES

LOCALES = PAGE_LANGUAGES
_STATIC = Path(__file__).parent / "static"


def render(template: str, **shown: Any) -> str:
    """Render a page for whoever is signed in."""
    actor = g.get("actor")
    frame: dict[str, Any] = {"actor": actor, "entries": entries_for(actor) if actor else ()}
    if actor is not None:
        frame["provider"] = g.session.scalars(select(Tenant)).one()
    return render_template(template, **frame, **shown)


def see(address: str) -> Response:
    """Send the browser on to another page."""
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer


def _person() -> User | None:
    """Return the person who is signed in; looked up once a request, while its transaction is open.

    An error is rendered after the transaction: a look-up then would open another, which nobody ends.
    """
    if "person" not in g:
        actor = g.get("actor") if "session" in g and g.session.in_transaction() else None
        wanted = select(User).where(User.user_id == actor.user_id) if actor else None
        g.person = None if wanted is None else g.session.scalars(wanted).one_or_none()
    found: User | None = g.person
    return found


def _locale() -> str:
    """Return the person's language; their browser keeps it for errors, which open no transaction."""
    person = _person()
    if person is None:
        chosen = cookie.get("locale")
    else:
        chosen = person.locale
        if cookie.get("locale") != chosen:
            cookie["locale"] = chosen
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or LOCALES[0]


def _time_zone() -> str:
    person = _person()
    name = (person and person.time_zone) or "UTC"
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


@cache
def _version(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a file of ours, which changes with what is in it."""
    return url_for("static_file", name=name, v=_version(name))


@public
def _static_file(name: str) -> Response:
    answer = send_from_directory(_STATIC, name)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def install_rendering(app: Flask) -> None:
    """Let templates be rendered in the reader's language and zone, and serve what they refer to."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=_locale, timezone_selector=_time_zone)
    app.jinja_env.globals.update(static_url=static_url, get_locale=get_locale, get_timezone=get_timezone)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/static/<path:name>", "static_file", _static_file)
