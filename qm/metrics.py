"""Prometheus metrics, aggregated over the web server's processes."""

import os

from flask import Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from sqlalchemy.exc import SQLAlchemyError

from qm.services import services
from tenants.access import public
from tenants.isolation import lookup, transaction

REQUESTS = Counter("qm_requests_total", "Requests answered.", ("method", "endpoint", "status"))
SECONDS = Histogram(
    "qm_request_seconds",
    "Time to answer.",
    ("method", "endpoint"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
RECEIVED = Counter("qm_interactions_received_total", "Interactions taken in.", ("result",))

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, endpoint: str, status: int, seconds: float) -> None:
    """Record the metrics of one request."""
    known = method if method in _METHODS else "other"  # limits label values: callers may send any method
    REQUESTS.labels(known, endpoint, status).inc()
    SECONDS.labels(known, endpoint).observe(seconds)


def install(app: Flask) -> None:
    """Add `/metrics`, which holds no tenant's data."""
    app.add_url_rule("/metrics", "metrics", _metrics)


@public
def _metrics() -> Response:
    # The client library decides at import, by this variable, whether processes share their metrics.
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(
        generate_latest(registry) + generate_latest(_backlog_registry()), content_type=CONTENT_TYPE_LATEST
    )


def _backlog_registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    waiting = Gauge("qm_interactions_unscored", "Interactions not scored yet.", ("state",), registry=registry)
    trainings = Gauge("qm_trainings_under_way", "Trainings that wait or run.", ("state",), registry=registry)
    unread = Gauge("qm_models_unreadable", "Models in force that cannot be read.", registry=registry)
    try:
        with transaction(services().engine) as session:
            for row in lookup(
                session, "select state, sum(interactions) as interactions from qm_backlog() group by state"
            ):
                waiting.labels(row.state).set(float(row.interactions))
            for row in lookup(session, "select state, count(*) from qm_training_backlog() group by state"):
                trainings.labels(row.state).set(row.count)
            unread.set(len(lookup(session, "select from qm_models_at_fault()")))
    except SQLAlchemyError:
        for gauge in (waiting, trainings, unread):
            registry.unregister(gauge)
    return registry
