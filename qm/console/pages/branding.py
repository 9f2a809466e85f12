"""How reports look: the form of the admin, and the style and logo that pages refer to."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from qm.branding.appearance import logo_of, read_branding, set_branding
from qm.branding.schemas import NewBrandingSchema
from qm.console.blueprint import blueprint
from qm.console.forms import attempt, load_values, see
from qm.console.page_access import page
from qm.console.rendering import render
from tenants.access import actor, session
from tenants.http.faults import NotFound
from tenants.models import utc_now

_STYLE = """\
.brand {{ background: {background}; color: {foreground}; padding: .75rem 1rem; border-radius: .5rem; }}
.brand img {{ display: block; max-height: 4rem; max-width: 100%; }}
.brand .brand-name {{ margin: 0; font-weight: 700; font-size: 1.25rem; }}
.hash {{ overflow-wrap: anywhere; }}
"""


@blueprint.route("/branding", methods=["GET", "POST"])
@page("admin")
def branding() -> Any:
    """Show and set name, logo and colours of reports."""
    with attempt() as tried:
        if request.method == "POST":
            _set()
            flash(gettext("Saved."))
            return see("console.branding")
    return render(
        "branding/branding.html",
        look=look(session(), url_for("console.branding_style"), url_for("console.branding_logo")),
        faults=tried.faults,
        typed=request.form if tried.failed else None,
    ), tried.status


@blueprint.route("/branding/style.css")
@page("reports:read")
def branding_style() -> Response:
    """Return the colours as a style sheet: pages may hold no style of their own."""
    return style_response(session())


@blueprint.route("/branding/logo")
@page("reports:read")
def branding_logo() -> Response:
    """Return the logo."""
    return logo_response(session())


def look(opened: Session, style: str, logo: str) -> dict[str, Any]:
    """Return how reports look, with the addresses of style and logo."""
    found = read_branding(opened)
    return {**found, "style": style, "logo": logo if found["logo_type"] else None}


def style_response(opened: Session) -> Response:
    """Return the style sheet of a provider's colours."""
    return Response(_STYLE.format(**read_branding(opened)), mimetype="text/css")


def logo_response(opened: Session) -> Response:
    """Return a provider's logo; raise `NotFound` where it has none."""
    found = logo_of(opened)
    if found is None:
        raise NotFound("logo")
    return Response(found[0], mimetype=found[1])


def _set() -> None:
    form = request.form
    typed = {name: form.get(name, "").strip().lower() for name in ("background", "foreground")}
    body = load_values(NewBrandingSchema, {"name": form.get("name", "").strip() or None, **typed})
    sent = request.files.get("logo")
    logo = sent.stream.read() if sent is not None and sent.filename else None
    keep_logo = logo is None and "on" not in form.getlist("without_logo")
    set_branding(session(), **body, logo=logo, keep_logo=keep_logo, author_id=actor().user_id, now=utc_now())
