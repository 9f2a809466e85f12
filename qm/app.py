"""The Flask application: blueprints, OpenAPI, error handlers, request ids, security headers."""

import re
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_compress import Compress
from uuid_utils.compat import uuid7
from werkzeug.middleware.proxy_fix import ProxyFix

from qm import errors, health, mail, metrics
from qm.branding import routes as branding
from qm.browsing import routes as browsing
from qm.calibration import routes as calibrations
from qm.coaching import routes as coaching
from qm.console.installation import install_console
from qm.corrective_actions import routes as corrective_actions
from qm.disputes import routes as disputes
from qm.export import routes as export
from qm.interactions import routes as interactions
from qm.kudos import routes as kudos
from qm.language_library import routes as language_library
from qm.learning import gate_routes as gates
from qm.learning import routes as models
from qm.openapi.api import install as install_openapi
from qm.openapi.pages import install_pages
from qm.privacy import routes as privacy
from qm.recognition import routes as recognition
from qm.reports import routes as reports
from qm.reports import service_routes as service_reports
from qm.reviewer_quality import routes as reviewer_quality
from qm.reviews import routes as reviews
from qm.sampling import routes as sampling
from qm.saved_views import routes as saved_views
from qm.services import EXTENSION, Services
from qm.snapshots import routes as snapshots
from qm.webhooks import routes as webhooks
from qm.what_if import routes as what_if
from scorecards.authoring import routes as definitions
from tenants import access, oauth
from tenants import oauth_app_routes as apps
from tenants import own_account_routes as own_account
from tenants import routes as tenants
from tenants.http.bodies import BoundedRequest
from tenants.http.paths import AnyTextConverter
from tenants.http.rate_limits import RECOVERY_LIMIT, RECOVERY_SENDER_LIMIT, SIGN_IN_LIMIT, Limiter
from tenants.sso import routes as sso

log = structlog.get_logger(__name__)

# Packages with routes of the same resource share its blueprint.
_ROUTE_MODULES = (
    tenants,
    own_account,
    definitions,
    sampling,
    what_if,
    interactions,
    browsing,
    privacy,
    reviews,
    calibrations,
    disputes,
    reviewer_quality,
    recognition,
    coaching,
    kudos,
    language_library,
    reports,
    service_reports,
    corrective_actions,
    snapshots,
    branding,
    export,
    models,
    gates,
    saved_views,
    sso,
    apps,
    webhooks,
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(services: Services) -> Flask:
    """Build the application with its services; nothing connects until the first request."""
    app = Flask("qm", static_folder=None)
    app.request_class = BoundedRequest
    app.config.update(MAX_CONTENT_LENGTH=services.settings.body_limit, COMPRESS_MIN_SIZE=1024)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = True
    # With it, the address of the external id "/7" would be redirected to the one of "7".
    app.url_map.merge_slashes = False
    app.url_map.converters["text"] = AnyTextConverter
    app.extensions[EXTENSION] = services
    app.extensions[access.EXTENSION] = access.AccessGuard(
        services.engine,
        Limiter(services.redis, services.settings.rate_limit),
        Limiter(services.redis, SIGN_IN_LIMIT),
        Limiter(services.redis, RECOVERY_LIMIT),
        Limiter(services.redis, RECOVERY_SENDER_LIMIT),
        services.settings.secret_key or "",
        services.settings.public_url,
    )
    app.extensions[mail.EXTENSION] = mail.Mailer(services.settings)
    oauth.install(app, token_seconds=services.settings.token_seconds)
    api = install_openapi(app)
    for blueprint in dict.fromkeys(room.blueprint for room in _ROUTE_MODULES):
        api.register_blueprint(blueprint)
    install_pages(app, api)
    install_console(app, services.settings.secret_key or "")
    health.install(app)
    metrics.install(app)
    errors.install(app)
    app.before_request(_before_request)
    app.after_request(_after_request)
    Compress(app)
    hops = services.settings.proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _before_request() -> None:
    request_id = request.headers.get("X-Request-Id", "")
    g.request_id = request_id if _REQUEST_ID.fullmatch(request_id) else str(uuid7())
    g.began = time.perf_counter()
    trace = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        request=g.request_id, trace=trace.group(1) if trace else g.request_id.replace("-", "")
    )


def _after_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    seconds = time.perf_counter() - g.began
    endpoint = request.endpoint or "none"
    metrics.observe(request.method, endpoint, response.status_code, seconds)
    facts: dict[str, Any] = {"status": response.status_code, "milliseconds": round(seconds * 1000, 1)}
    log.info("request", method=request.method, endpoint=endpoint, **facts)
    return response
