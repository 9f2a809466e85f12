"""Health probes and metrics, with database and Redis reachable or not."""

import re
from dataclasses import replace

import pytest

from qm import jobs
from qm.app import create_app
from tenants.isolation import make_engine

NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def without(services):
    """Build an application that cannot reach the database, or Redis, or neither."""
    engines = []

    def build(*, database=True, redis=True):
        changed = services
        if not database:
            engines.append(make_engine("postgresql+psycopg://qm_app:x@127.0.0.1:1/qm?connect_timeout=2"))
            changed = replace(changed, engine=engines[-1])
        if not redis:
            settings = replace(services.settings, redis_url=NO_REDIS)
            changed = replace(changed, settings=settings, redis=jobs.connect(NO_REDIS))
        app = create_app(changed)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        return app.test_client()

    yield build
    for engine in engines:
        engine.dispose()


def test_healthz_is_ok_without_database_and_redis(without):
    answer = without(database=False, redis=False).get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("database", "redis", "status", "word"),
    [(True, True, 200, "ok"), (True, False, 200, "degraded"), (False, True, 503, "unavailable")],
)
def test_readyz_is_503_without_database_and_degraded_without_redis(without, database, redis, status, word):
    answer = without(database=database, redis=redis).get("/readyz")

    assert answer.status_code == status
    assert answer.json == {"status": word, "database": database, "redis": redis}


def test_request_without_database_returns_503_with_retry_after(without, provider):
    headers = {"Authorization": "Bearer qm_live_x"}
    answer = without(database=False).get("/v1/me", headers=headers)

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert "127.0.0.1" not in answer.text


def test_token_request_without_database_returns_503(without):
    form = {"grant_type": "client_credentials", "client_id": "0190b2a5-0000-7000-8000-000000000000"}
    answer = without(database=False).post("/oauth/token", data=form | {"client_secret": "x"})

    assert answer.status_code == 503


def test_push_succeeds_without_redis(without, provider):
    key = provider.key("interactions:write").key
    turns = [{"at": "2026-01-05T10:00:00Z", "speaker": "customer", "text": "Where is my order?"}]
    body = {"external_id": "T-1", "channel": "chat", "started_at": "2026-01-05T10:00:00Z", "turns": turns}

    answer = without(redis=False).post(
        "/v1/clients/northwind/interactions", json=body, headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 201, answer.json


def test_metrics_are_plain_prometheus_text(anonymous_caller):
    anonymous_caller.get("/healthz")
    answer = anonymous_caller.get("/metrics")

    assert answer.content_type.startswith("text/plain")
    assert 'qm_requests_total{endpoint="healthz",method="GET",status="200"}' in answer.text
    assert "# TYPE qm_interactions_unscored gauge" in answer.text


def test_metrics_come_without_the_database_too(without):
    answer = without(database=False).get("/metrics")

    assert answer.status_code == 200
    assert "qm_requests_total" in answer.text


def test_metrics_name_no_provider_client_or_person(provider, anonymous_caller):
    provider.caller("clients:read").get("/v1/clients/northwind")
    answer = anonymous_caller.get("/metrics").text

    assert str(provider.tenant.tenant_id) not in answer
    assert provider.tenant.slug not in answer
    assert "northwind" not in answer


def test_unknown_methods_and_urls_create_no_metric_series(anonymous_caller):
    for number in range(3):
        anonymous_caller.http.open(f"/nowhere/{number}", method=f"MADEUP{number}")
    answer = anonymous_caller.get("/metrics").text

    assert "MADEUP" not in answer
    assert "nowhere" not in answer
    assert 'method="other"' in answer


def test_the_address_that_up_prints_leads_to_a_page_with_links_that_lead_somewhere(anonymous_caller):
    page = anonymous_caller.get("/", follow_redirects=True)

    assert (page.status_code, page.mimetype) == (200, "text/html")
    links = re.findall(r'href="([^"]+)"', page.text)
    assert "/docs" in links
    for link in links:
        with anonymous_caller.get(link, follow_redirects=True) as answer:
            assert answer.status_code == 200, link
