"""Errors of pages: the same problems as of the API, shown to a person."""

import json
from http import HTTPStatus

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from qm.console.unsent_forms import came_too_late
from qm.errors import MEDIA_TYPE

_API = ("/v1/", "/oauth/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/.well-known/")

_PLAINLY = {
    HTTPStatus.FORBIDDEN: (
        _("Not for your role"),
        _("Your role does not open this. An administrator can give you another."),
    ),
    HTTPStatus.NOT_FOUND: (
        _("Nothing is here"),
        _("The address is not complete, what stood here is gone, or it is not yours to see."),
    ),
}
"""Title and advice where the words of the API are for programs."""


def show_errors_as_pages(app: Flask) -> None:
    """Have what goes wrong on a page answered by a page, and whoever is not signed in sent to sign in."""
    app.after_request(_as_page)


def is_page() -> bool:
    """Whether this request is for a page: one of ours, or a browser's for an address that is nothing."""
    if request.endpoint is not None:
        return request.endpoint.startswith("console.")
    asks_for_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    return asks_for_page and not request.path.startswith(_API)


def _as_page(response: Response) -> Response:
    if response.mimetype != MEDIA_TYPE or not is_page():
        return response
    problem = json.loads(response.get_data())
    not_signed_in = response.status_code == HTTPStatus.UNAUTHORIZED
    if _is_typed_form() and (not_signed_in or g.get("token_refused")):
        return _unsent(response.status_code)
    if not_signed_in:
        return _to_sign_in()
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
        return _see(_page_above())
    title, advice = _PLAINLY.get(HTTPStatus(response.status_code), (problem["title"], problem["detail"]))
    page = render_template(
        "errors/problem.html", problem=problem, title=title, advice=advice, actor=None, entries=()
    )
    shown = make_response(page)
    shown.status_code = response.status_code
    for name in ("Retry-After", "Allow"):
        if name in response.headers:
            shown.headers[name] = response.headers[name]
    return shown


def _is_typed_form() -> bool:
    return request.method == "POST" and "HX-Request" not in request.headers


def _unsent(status: int) -> Response:
    shown = make_response(came_too_late())
    shown.status_code = status
    return shown


def _page_above() -> str:
    """Return the address of the page that a form belongs to, whose own address only takes what it sends."""
    adapter = current_app.url_map.bind(request.host)
    segments = request.path.split("/")
    for length in range(len(segments) - 1, 1, -1):
        address = "/".join(segments[:length])
        try:
            adapter.match(address, "GET")
        except HTTPException:
            continue
        return address
    return "/"


def _see(address: str) -> Response:
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    address = (
        url_for("console.sign_in", to=wanted) if wanted not in {None, "/"} else url_for("console.sign_in")
    )
    if request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    return _see(address)
