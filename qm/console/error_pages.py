"""Errors of pages: the same problems as of the API, shown to a person."""

import json
from http import HTTPStatus

from flask import Flask, Response, make_response, redirect, render_template, request, url_for

from qm.errors import MEDIA_TYPE

_API = ("/v1/", "/oauth/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/.well-known/")


def show_errors_as_pages(app: Flask) -> None:
    """Have what goes wrong on a page answered by a page, and whoever is not signed in sent to sign in."""
    app.after_request(_as_page)


def is_page() -> bool:
    """Whether this is for a page: one of ours, or an address that is nothing and a browser asks for."""
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
    shown = make_response(render_template("errors/problem.html", problem=problem, actor=None, entries=()))
    shown.status_code = response.status_code
    for name in ("Retry-After", "Allow"):
        if name in response.headers:
            shown.headers[name] = response.headers[name]
    return shown


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    address = (
        url_for("console.sign_in", to=wanted) if wanted not in {None, "/"} else url_for("console.sign_in")
    )
    if request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    answer: Response = make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return answer
