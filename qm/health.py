"""Liveness and readiness endpoints."""

from flask import Flask, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from qm.services import services
from tenants.access import public
from tenants.isolation import transaction


def install(app: Flask) -> None:
    """Add `/healthz` and `/readyz`."""
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/readyz", "readyz", _readyz)


@public
def _healthz() -> Response:
    return jsonify({"status": "ok"})


@public
def _readyz() -> tuple[Response, int]:
    """Report readiness, which needs the database only: without Redis, scoring is delayed."""
    database, redis = _is_database_up(), _is_redis_up()
    status = "ok" if database and redis else "degraded" if database else "unavailable"
    found = {"status": status, "database": database, "redis": redis}
    return jsonify(found), 200 if database else 503


def _is_database_up() -> bool:
    try:
        with transaction(services().engine) as session:
            session.execute(text("select version_num from alembic_version"))
    except SQLAlchemyError:
        return False
    return True


def _is_redis_up() -> bool:
    try:
        services().redis.ping()
    except RedisError:
        return False
    return True
