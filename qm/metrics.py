"""Prometheus metrics, aggregated over the web server's processes."""

import os
from collections.abc import Iterator, Mapping

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
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
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

_WEBHOOK_TOTALS = "select state, sum(deliveries) as total from qm_webhook_totals() group by state"
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


class _Attempts(Collector):
    """Attempts to deliver to webhooks: counted in the database, by processes that nobody scrapes."""

    def __init__(self, totals: Mapping[str, float]) -> None:
        """Take the totals by outcome."""
        self._totals = totals

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the one metric."""
        family = CounterMetricFamily("qm_webhook_attempts", "Attempts to deliver.", labels=("outcome",))
        for outcome in ("failed", "succeeded"):
            family.add_metric([outcome], self._totals.get(outcome, 0.0))
        yield family


def _backlog_registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    waiting = Gauge("qm_interactions_unscored", "Interactions not scored yet.", ("state",), registry=registry)
    trainings = Gauge("qm_trainings_under_way", "Trainings that wait or run.", ("state",), registry=registry)
    unread = Gauge("qm_models_unreadable", "Models in force that cannot be read.", registry=registry)
    undelivered = Gauge("qm_webhook_deliveries_pending", "Events not delivered yet.", registry=registry)
    try:
        with transaction(services().engine) as session:
            for row in lookup(
                session, "select state, sum(interactions) as interactions from qm_backlog() group by state"
            ):
                waiting.labels(row.state).set(float(row.interactions))
            for row in lookup(session, "select state, count(*) from qm_training_backlog() group by state"):
                trainings.labels(row.state).set(row.count)
            unread.set(len(lookup(session, "select from qm_models_at_fault()")))
            totals = {row.state: float(row.total) for row in lookup(session, _WEBHOOK_TOTALS)}
            registry.register(_Attempts(totals))
            undelivered.set(totals.get("pending", 0.0))
    except SQLAlchemyError:
        for gauge in (waiting, trainings, unread, undelivered):
            registry.unregister(gauge)
    return registry
