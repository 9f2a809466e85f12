"""Each credential has a quota; it is counted in Redis, or in the process while Redis is away."""

import socket
import time
from dataclasses import replace

import pytest

from qm import jobs
from qm.app import create_app
from tenants.http.rate_limits import Limiter
from tests.conftest import Caller

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def limited(services):
    """Build an application with its own rule, and with Redis or without."""

    def build(rule, redis_url=None):
        settings = replace(services.settings, rate_limit=rule)
        if redis_url is not None:
            settings = replace(settings, redis_url=redis_url)
        return create_app(replace(services, settings=settings, redis=jobs.connect(settings.redis_url)))

    return build


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [401, 401, 429]), (1, [401, 401, 401])])
def test_addresses_that_proxies_tell_are_believed_only_of_the_proxies_that_are_set(
    services, proxies, statuses
):
    settings = replace(services.settings, rate_limit="2/hour", proxies=proxies, redis_url=NOBODY_LISTENS)
    app = create_app(replace(services, settings=settings, redis=jobs.connect(NOBODY_LISTENS)))
    callers = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]

    assert [app.test_client().get("/v1/me", headers=each).status_code for each in callers] == statuses


def test_behind_a_proxy_an_invented_address_counts_for_nobody_else(services):
    settings = replace(services.settings, rate_limit="2/hour", proxies=1, redis_url=NOBODY_LISTENS)
    app = create_app(replace(services, settings=settings, redis=jobs.connect(NOBODY_LISTENS)))
    callers = [{"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"} for number in range(3)]

    assert [app.test_client().get("/v1/me", headers=each).status_code for each in callers] == [401, 401, 429]


def me(app, key):
    return Caller(app.test_client(), key).get("/v1/me")


def test_rate_limit_headers_state_quota_and_remaining(limited, provider):
    app, key = limited("5/hour"), provider.key("clients:read").key
    first, second = me(app, key), me(app, key)

    assert first.headers["RateLimit-Policy"] == '"default";q=5;w=3600'
    assert first.headers["RateLimit"].startswith('"default";r=4;t=')
    assert second.headers["RateLimit"].startswith('"default";r=3;t=')
    assert "Retry-After" not in first.headers


def test_refused_and_invalid_requests_count_against_quota(limited, provider):
    app = limited("9/hour")
    caller = Caller(app.test_client(), provider.key("clients:write").key)

    answers = [caller.get("/v1/users"), caller.post("/v1/clients", json={})]

    assert [answer.status_code for answer in answers] == [403, 422]
    assert answers[0].headers["RateLimit"].startswith('"default";r=8;')
    assert caller.post("/v1/clients", json={"name": "X"}).headers["RateLimit"].startswith('"default";r=6;')


def test_request_over_quota_returns_429_with_retry_after(limited, provider):
    app, key = limited("2/hour"), provider.key("clients:read").key
    answers = [me(app, key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json["code"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert answers[2].headers["RateLimit"].startswith('"default";r=0;')


def test_each_credential_has_a_quota_of_its_own(limited, provider):
    app, one, other = limited("1/hour"), provider.key("clients:read").key, provider.key("clients:read").key

    assert [me(app, key).status_code for key in (one, other, one)] == [200, 200, 429]


def test_invalid_api_keys_count_against_ip_quota(limited):
    app = limited("2/hour", NOBODY_LISTENS)

    assert [me(app, f"qm_live_guess{n}").status_code for n in range(3)] == [401, 401, 429]


def test_unauthenticated_token_requests_count_against_ip_quota(limited):
    app = limited("2/hour", NOBODY_LISTENS)
    tries = [
        app.test_client().post("/oauth/token", data={"grant_type": "client_credentials"}) for _ in range(3)
    ]

    assert [answer.status_code for answer in tries] == [401, 401, 429]
    assert "Retry-After" in tries[2].headers


def test_invalid_key_from_same_ip_does_not_use_credential_quota(limited, provider):
    app, key = limited("1/hour", NOBODY_LISTENS), provider.key("clients:read").key
    me(app, "qm_live_guess")

    assert me(app, key).status_code == 200


def test_quota_is_counted_in_process_without_redis(limited, provider):
    app, key = limited("2/hour", NOBODY_LISTENS), provider.key("clients:read").key

    assert [me(app, key).status_code for _ in range(3)] == [200, 200, 429]


def test_without_redis_a_request_does_not_wait():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        limiter = Limiter(jobs.connect(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"), "1000/hour")
        began = time.monotonic()
        for _ in range(50):
            limiter.count("somebody", time.time())

    # Each request that is left without an answer waits for a second.
    assert time.monotonic() - began < 10


def test_two_limiters_share_count_through_redis(services):
    one, other = (Limiter(jobs.connect(services.settings.redis_url), "3/hour") for _ in range(2))
    who = f"test:{time.monotonic_ns()}"

    standings = [limiter.count(who, time.time()) for limiter in (one, other, one, other)]

    assert [shared_worker.allowed for shared_worker in standings] == [True, True, True, False]
    assert [shared_worker.remaining for shared_worker in standings] == [2, 1, 0, 0]
