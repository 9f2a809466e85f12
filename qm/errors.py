"""Error handlers: every exception becomes an RFC 9457 problem document, by one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, json
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as WerkzeugResponse

from tenants.access import Forbidden, TooManyRequests, Unauthenticated
from tenants.http.bodies import UnknownCoding
from tenants.http.contract import StaleVersion, UnsupportedMediaType
from tenants.http.faults import Conflict, Fault, Invalid, Malformed, NotFound, told

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
_KEPT_HEADERS = frozenset({"Allow", "Retry-After"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem type: HTTP status, stable code, title, and what the caller can do about it."""

    status: int
    code: str
    title: str
    remedy: str


# All problem codes of the API; docs/reference/errors.md lists them, and a test compares.
PROBLEMS: Mapping[str, Problem] = {
    problem.code: problem
    for problem in (
        Problem(400, "bad_request", "Bad request", "Mend the request as the detail says."),
        Problem(401, "unauthenticated", "Not authenticated", "Send a valid key or token as a bearer."),
        Problem(403, "forbidden", "Not allowed", "Use a credential that carries the scope."),
        Problem(404, "not_found", "Not found", "Check the address; what others own looks the same."),
        Problem(405, "method_not_allowed", "Method not allowed", "Use a method that Allow names."),
        Problem(406, "not_acceptable", "Not acceptable", "Ask for a format the endpoint offers."),
        Problem(408, "too_slow", "Request took too long", "Send the body faster or in parts."),
        Problem(409, "conflict", "Conflict", "Read the thing again and decide anew."),
        Problem(412, "stale_version", "Changed meanwhile", "Read the resource again and repeat the change."),
        Problem(413, "too_large", "Request too large", "Send fewer or smaller items at once."),
        Problem(415, "unsupported_media_type", "Unsupported media type", "Send a type the detail names."),
        Problem(422, "invalid", "Input is not valid", "Mend every place that `errors` names."),
        Problem(429, "too_many_requests", "Too many requests", "Wait as long as Retry-After says."),
        Problem(500, "internal", "Something broke on our side", "Tell the operator the request_id."),
        Problem(
            501, "not_installed", "Not installed here", "Have the operator install what the detail names."
        ),
        Problem(503, "unavailable", "Temporarily unavailable", "Try again in a moment."),
    )
}
_BY_STATUS = {problem.status: problem for problem in PROBLEMS.values()}
_DEFAULT_DETAILS: Mapping[str, str] = {
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "This address does not take this method; Allow names those it takes.",
}
_CODES: Mapping[type[Exception], str] = {
    Unauthenticated: "unauthenticated",
    Forbidden: "forbidden",
    NotFound: "not_found",
    Conflict: "conflict",
    IntegrityError: "conflict",
    StaleVersion: "stale_version",
    UnsupportedMediaType: "unsupported_media_type",
    UnknownCoding: "unsupported_media_type",
    Malformed: "bad_request",
    Invalid: "invalid",
    TooManyRequests: "too_many_requests",
    PoolTimeout: "unavailable",
    OperationalError: "unavailable",
}


def problem_response(
    problem: Problem,
    detail: str,
    *,
    code: str | None = None,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem response; `code` may be more specific than the problem's own."""
    body = problem_document(problem, detail, code=code, faults=faults, request_id=g.get("request_id", ""))
    return Response(json.dumps(body), status=problem.status, mimetype=MEDIA_TYPE, headers=dict(headers or {}))


def problem_document(
    problem: Problem, detail: str, *, request_id: str, code: str | None = None, faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """Return a problem document as RFC 9457 defines it."""
    body: dict[str, Any] = {
        "type": f"urn:qm:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "code": code or problem.code,
        "request_id": request_id,
    }
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail} for fault in faults
        ]
    return body


def problem_of_status(status: int, title: str) -> Problem:
    """Return the problem type of a status, or a generic one for other statuses."""
    return _BY_STATUS.get(status) or Problem(status, "http_error", title, "")


def install(app: Flask) -> None:
    """Register the error handlers."""
    for kind in _CODES:
        app.register_error_handler(kind, _handle_known)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(Exception, _handle_unknown)


def _handle_known(error: Exception) -> Response:
    code = next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)
    problem = PROBLEMS[code]
    if problem.status == 503:
        log.error("dependency_unavailable", error=type(error).__name__)
        return problem_response(problem, "The database does not answer.", headers={"Retry-After": "2"})
    if isinstance(error, Invalid):
        detail = f"{len(error.faults)} fault{'s' if len(error.faults) != 1 else ''} in the input."
        return problem_response(problem, detail, faults=told(error.faults))
    if isinstance(error, IntegrityError):
        # Two concurrent requests violated a constraint, and the database accepted only one of them.
        log.warning("conflict_in_database", error=type(error.orig).__name__)
        return problem_response(problem, "Another request changed the same thing just now.")
    finer = error.code if isinstance(error, Conflict) else None
    headers = {**g.get("limits", {}), **getattr(error, "headers", {})}
    return problem_response(problem, str(error), code=finer, headers=headers)


def _handle_http(error: HTTPException) -> WerkzeugResponse:
    status = error.code or 500
    problem = problem_of_status(status, error.name)
    if error.response is not None:
        return error.get_response()
    headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    return problem_response(problem, _detail(error, problem), headers=headers)


def _detail(error: HTTPException, problem: Problem) -> str:
    """Return the description given where the error was raised instead of werkzeug's default for browsers."""
    if error.description and error.description != type(error).description:
        return error.description
    if isinstance(error, RequestEntityTooLarge):
        return f"A request has at most {current_app.config['MAX_CONTENT_LENGTH']} bytes."
    return _DEFAULT_DETAILS.get(problem.code) or error.description or problem.title


def _handle_unknown(error: Exception) -> Response:
    log.error("unhandled", error=type(error).__name__, exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return problem_response(PROBLEMS["internal"], "The error is logged under the request_id.")
