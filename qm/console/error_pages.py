"""Errors of pages: the same problems as of the API, shown to a person."""

import json
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext

from qm.errors import MEDIA_TYPE

_NEEDS_SCOPE = "This needs the scope"
_TITLES = {403: lazy_gettext("Not allowed"), 404: lazy_gettext("Not found")}
_API = ("/v1/", "/oauth/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/.well-known/")


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
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return _to_sign_in()
    _say_plainly(problem, response.status_code)
    shown = make_response(render_template("errors/problem.html", problem=problem, actor=None, entries=()))
    shown.status_code = response.status_code
    for name in ("Retry-After", "Allow"):
        if name in response.headers:
            shown.headers[name] = response.headers[name]
    return shown


def _say_plainly(problem: dict[str, Any], status: int) -> None:
    """Say what the API says to a machine as one says it to a person."""
    problem["title"] = str(_TITLES.get(status, problem["title"]))
    if str(problem.get("detail", "")).startswith(_NEEDS_SCOPE):
        problem["detail"] = gettext("This page is not for your role. Ask an administrator if it should be.")


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    address = (
        url_for("console.sign_in", to=wanted) if wanted not in {None, "/"} else url_for("console.sign_in")
    )
    if request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer
