"""Forms that came too late: what was typed goes on waiting in the page until it can be sent."""

from flask import render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from tenants.http.bodies import UnknownCoding
from tenants.http.faults import Malformed

MAX_KEPT = 256 * 1024
"""Characters of a form that are kept; more is told as lost."""
_NEVER_KEPT = frozenset({"csrf_token", "password", "present", "again", "client_secret"})


def _readable() -> tuple[MultiDict[str, str], bool]:
    """Return what was typed and whether there were files; nothing of a body that cannot be read."""
    try:
        return request.form, bool(request.files)
    except (HTTPException, Malformed, UnknownCoding):
        return MultiDict(), False


def came_too_late() -> str:
    """Return the page for a form whose sign-in has ended, or that was opened before it.

    What was typed stands in it to be sent again, but only where the browser says that the form came from a
    page of ours: a form that somebody else's page sent must not be offered to the person as their own.
    """
    form, files = _readable()
    fields = [(name, value) for name, value in form.items(multi=True) if name not in _NEVER_KEPT]
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    size = sum(len(name) + len(value) for name, value in fields)
    return render_template(
        "errors/unsent.html",
        fields=fields if ours and size <= MAX_KEPT else [],
        retyped=any(form.get(name) for name in _NEVER_KEPT - {"csrf_token"}) or files,
        address=request.full_path.rstrip("?"),
        actor=None,
        entries=(),
    )
