"""A repeated POST with the same key is done once and answered alike."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.conftest import Caller


def make(caller, key, name="Fabrikam", **headers):
    return caller.post("/v1/clients", json={"name": name}, headers={"Idempotency-Key": key, **headers})


def stored(provider, question="select count(*) from idempotency_keys"):
    with provider.session() as session:
        return session.scalar(text(question))


@pytest.fixture
def caller(provider):
    return provider.caller("clients:read", "clients:write")


def test_a_repeated_request_gets_the_first_answer(caller):
    first, second = make(caller, "k-1"), make(caller, "k-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_repeated_request_is_executed_and_audited_once(provider, caller):
    make(caller, "k-1")
    before = stored(provider, "select count(*) from audit_entries")
    make(caller, "k-1")

    assert stored(provider, "select count(*) from audit_entries") == before
    assert stored(provider, "select count(*) from clients where slug = 'fabrikam'") == 1


def test_the_same_key_with_another_body_is_refused(caller):
    make(caller, "k-1")
    answer = make(caller, "k-1", name="Other")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "key_reused"
    assert caller.get("/v1/clients/other").status_code == 404


def test_the_same_key_at_another_address_is_refused(provider):
    caller = provider.caller()
    make(caller, "k-1")
    answer = caller.post("/v1/users", json={"name": "Fabrikam"}, headers={"Idempotency-Key": "k-1"})

    assert answer.json["errors"][0]["code"] == "key_reused"


def test_a_failed_request_leaves_no_key(provider, caller):
    assert make(caller, "k-1", name="Northwind").status_code == 409
    assert make(caller, "k-1", name="").status_code == 422
    assert stored(provider) == 0

    assert make(caller, "k-1").status_code == 201


def test_a_refused_caller_leaves_no_key(provider):
    make(provider.caller("clients:read"), "k-1")
    make(provider.caller("clients:write", bound_to=("northwind",)), "k-1")

    assert stored(provider) == 0


def test_idempotency_keys_are_scoped_to_credential(provider):
    one, other = provider.caller("clients:write"), provider.caller("clients:write")

    answers = [make(one, "k-1", name="One"), make(other, "k-1", name="Other")]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_revoked_credential_gets_401_instead_of_replay(provider):
    issued = provider.key("clients:write")
    caller = Caller(provider.http, issued.key)
    make(caller, "k-1")
    with provider.session() as session:
        session.execute(text("update credentials set revoked_at = now()"))

    assert make(caller, "k-1").status_code == 401


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ".encode().decode("latin-1"), "tab\tbed", "\x7f"])
def test_a_key_of_the_wrong_shape_is_refused(provider, caller, key):
    answer = make(caller, key)

    assert answer.status_code == 422
    assert answer.json["errors"][0] == {
        "pointer": "/headers/Idempotency-Key",
        "code": "bad_key",
        "detail": "The key has 1 to 255 printable ASCII characters.",
    }
    assert stored(provider) == 0


def test_the_longest_key_is_taken(caller):
    assert make(caller, "x" * 255).status_code == 201


def test_concurrent_requests_with_same_key_are_executed_once(provider, caller, app):
    start = threading.Barrier(6)

    def push(_):
        mine = Caller(app.test_client(), caller.key)
        start.wait()
        return make(mine, "k-1")

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(push, range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 5


def test_idempotency_key_expires_after_a_day(provider, caller):
    make(caller, "k-1")
    with provider.session() as session:
        session.execute(text("update idempotency_keys set created_at = created_at - interval '25 hours'"))

    assert make(caller, "k-1", name="Other").status_code == 201


def test_expired_keys_of_all_credentials_are_deleted(provider, caller):
    make(provider.caller("clients:write"), "old", name="Old")
    with provider.session() as session:
        session.execute(text("update idempotency_keys set created_at = created_at - interval '25 hours'"))
    make(caller, "new")

    assert stored(provider, "select string_agg(key, ' ') from idempotency_keys") == "new"


def test_replayed_credential_response_omits_secrets(provider):
    caller, body = provider.caller("admin", "clients:read"), {"name": "k", "scopes": ["clients:read"]}
    first, second = (
        caller.post("/v1/credentials", json=body, headers={"Idempotency-Key": "k-1"}) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (201, 201)
    assert set(first.json) - set(second.json) == {"key", "client_secret"}
    assert first.json["id"] == second.json["id"]
    remembered = bytes(stored(provider, "select body from idempotency_keys")).decode()
    assert first.json["key"] not in remembered
    assert first.json["client_secret"] not in remembered


@pytest.mark.parametrize("method", ["get", "patch"])
def test_idempotency_key_is_ignored_for_get_and_patch(provider, caller, method):
    options = {} if method == "get" else {"json": {"name": "New"}}
    for _ in range(2):
        answer = getattr(caller, method)(
            "/v1/clients/northwind", headers={"Idempotency-Key": "k-1"}, **options
        )
        assert "Idempotent-Replayed" not in answer.headers

    assert stored(provider) == 0
