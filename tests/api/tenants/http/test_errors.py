"""Whatever goes wrong, the answer is a problem document with a request id, and the log holds no secret."""

import io
import json
import logging
import re
from dataclasses import replace

import pytest
import structlog
from flask import abort
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from qm import logs
from qm.app import create_app
from qm.errors import PROBLEMS
from tenants.access import public
from tenants.isolation import transaction
from tests.whole_words import has_word

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def assert_problem(answer, status, code):
    """Assert status, code and shape of a problem document, and return its body."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert body["type"] == f"urn:qm:problem:{code}"
    assert (body["status"], body["request_id"]) == (status, answer.headers["X-Request-Id"])
    return body


@pytest.fixture
def caller(provider):
    return provider.caller()


@pytest.fixture(scope="module")
def breaking(services):
    """An application with endpoints that break in every way."""
    app = create_app(services)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.route("/broken")
    @public
    def _broken():
        secret = "qm_live_thesecretofsomebody"
        raise RuntimeError(secret)

    @app.route("/twice")
    @public
    def _twice():
        with transaction(services.engine) as session:
            session.execute(text("create temporary table x (y int)"))

    @app.route("/abort/<int:status>")
    @public
    def _abort(status):
        abort(status)

    @app.route("/clash")
    @public
    def _clash():
        raise IntegrityError("insert", {"email": "ada@example.com"}, Exception("duplicate ada@example.com"))

    return app


@pytest.fixture
def broken(breaking):
    return breaking.test_client()


def test_an_unknown_address_is_not_found(anonymous_caller):
    assert_problem(anonymous_caller.get("/nowhere"), 404, "not_found")


def test_an_address_with_a_slash_too_many_is_not_found(anonymous_caller):
    assert_problem(anonymous_caller.get("/v1/me/"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("delete", "/v1/me", {"GET", "HEAD", "OPTIONS"}),
        ("put", "/v1/clients", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("get", "/oauth/token", {"OPTIONS", "POST"}),
    ],
)
def test_wrong_method_returns_405_with_allow_header(anonymous_caller, method, path, allowed):
    answer = getattr(anonymous_caller, method)(path)

    assert_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", None])
def test_a_wrong_media_type_is_named(caller, kind):
    answer = caller.post("/v1/clients", data=b'{"name": "A"}', content_type=kind)

    assert "application/json" in assert_problem(answer, 415, "unsupported_media_type")["detail"]


def test_content_type_with_charset_is_accepted(caller):
    answer = caller.post("/v1/clients", data=b'{"name": "A"}', content_type="application/json; charset=utf-8")

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nope",
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"name": "A"} x',
        b"\x00",
        b"'name'",
    ],
)
def test_a_body_that_is_no_json_returns_400(caller, body):
    answer = caller.post("/v1/clients", data=body, content_type="application/json")

    assert assert_problem(answer, 400, "bad_request")["errors"][0]["pointer"] == ""


def test_validation_reports_all_errors_with_pointer_code_and_detail(caller):
    answer = caller.post("/v1/users", json={"email": "x", "role": "king", "age": 3})

    faults = assert_problem(answer, 422, "invalid")["errors"]
    assert {fault["pointer"] for fault in faults} == {"/email", "/name", "/role", "/age"}
    assert all(fault.keys() == {"pointer", "code", "detail"} for fault in faults)


def test_a_body_beyond_the_limit_is_too_large(services, provider):
    app = create_app(replace(services, settings=replace(services.settings, body_limit=1024)))
    headers = {"Authorization": f"Bearer {provider.key().key}"}

    answer = app.test_client().post("/v1/clients", json={"name": "x" * 2000}, headers=headers)

    assert_problem(answer, 413, "too_large")


def test_unhandled_exception_returns_500_without_details(broken):
    answer = broken.get("/broken", headers={"X-Request-Id": "mine-1"})

    body = assert_problem(answer, 500, "internal")
    assert body["request_id"] == "mine-1"
    assert "secret" not in answer.text


def test_database_permission_error_returns_500_without_details(broken):
    answer = broken.get("/twice")

    assert_problem(answer, 500, "internal")
    assert "temporary" not in answer.text


def test_integrity_error_returns_409_without_details(broken):
    answer = broken.get("/clash")

    assert_problem(answer, 409, "conflict")
    assert not has_word(answer.text, "ada")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 408, 409, 412, 413, 415, 422, 429, 500, 503])
def test_aborted_status_maps_to_problem_document(broken, status):
    answer = broken.get(f"/abort/{status}")

    assert answer.json["code"] in PROBLEMS
    assert_problem(answer, status, answer.json["code"])


def test_a_status_outside_the_catalogue_is_a_problem_document_too(broken):
    assert_problem(broken.get("/abort/418"), 418, "http_error")


def test_problem_catalogue_remedies_are_sentences_and_codes_match():
    assert all(problem.remedy.endswith(".") for problem in PROBLEMS.values())
    assert all(code == problem.code for code, problem in PROBLEMS.items())


@pytest.mark.parametrize("given", ["abc", "A-1._z", "x" * 128])
def test_a_given_request_id_comes_back(anonymous_caller, given):
    answer = anonymous_caller.get("/v1/me", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == answer.json["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "<script>", "é", "a\tb", '"'])
def test_a_request_id_of_the_wrong_shape_is_replaced(anonymous_caller, given):
    answer = anonymous_caller.get("/v1/me", headers={"X-Request-Id": given})

    assert UUID7.fullmatch(answer.headers["X-Request-Id"])


def test_every_answer_carries_the_security_headers(anonymous_caller):
    for path in ("/v1/me", "/healthz", "/nowhere", "/docs"):
        headers = anonymous_caller.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/v1/clients/%00", "/v1/interactions/%00", "/%00", "/v1/clients?cursor=%00&limit=%00"]
)
def test_nul_in_an_address_is_no_crash(caller, path):
    assert caller.get(path).status_code in {404, 422}


@pytest.fixture
def log():
    """Let the application log as in production, and return the lines."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure("info")
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_request_log_has_trace_request_id_tenant_and_endpoint(log, provider):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    caller = provider.caller("clients:read")
    caller.get("/v1/me", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-Id": "mine-2"})

    line = next(line for line in log() if line["event"] == "request")
    assert (line["trace"], line["request"]) == (trace, "mine-2")
    assert line["tenant"] == str(provider.tenant.tenant_id)
    assert (line["endpoint"], line["status"]) == ("tenants.get_me", 200)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
def test_malformed_traceparent_is_replaced_by_request_id(log, anonymous_caller, given):
    answer = anonymous_caller.get("/healthz", headers={"traceparent": given})

    line = next(line for line in log() if line["event"] == "request")
    assert line["trace"] == answer.headers["X-Request-Id"].replace("-", "")


def test_log_context_does_not_leak_into_next_request(log, provider, anonymous_caller):
    provider.caller("clients:read").get("/v1/me")
    anonymous_caller.get("/healthz")

    assert "tenant" not in log()[-1]
    assert "credential" not in log()[-1]


def test_a_crash_is_logged_with_its_traceback_and_without_the_secret(log, broken):
    broken.get("/broken", headers={"X-Request-Id": "mine-3"})

    line = next(line for line in log() if line["event"] == "unhandled")
    assert line["request"] == "mine-3"
    assert "RuntimeError" in line["exception"]
    assert "thesecretofsomebody" not in json.dumps(line)


def test_what_was_said_is_in_no_log_whether_it_is_taken_or_refused(log, provider):
    push, said = "/v1/clients/northwind/interactions", "the kettle called Zeugma"
    turns = [{"speaker": "customer", "text": said}]
    good = {"external_id": "T-1", "channel": "chat", "started_at": "2026-11-02T09:00:00Z", "turns": turns}
    bad = {**good, "turns": [{"speaker": said, "text": said, said: said}], "channel": said}
    caller = provider.caller()

    statuses = [caller.post(push, json=body).status_code for body in (good, bad)]
    lines = f"{json.dumps(good)}\n{json.dumps(bad)}\n{{{said}"
    caller.post(f"{push}/bulk", data=lines, headers={"Content-Type": "application/x-ndjson"})

    assert statuses == [201, 422]
    assert "Zeugma" not in json.dumps(log())


def test_token_issue_and_use_log_no_secret(log, provider):
    issued = provider.key()
    form = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.client_secret,
    }
    token = provider.http.post("/oauth/token", data=form).json["access_token"]
    provider.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    provider.http.get(f"/nowhere/{issued.key}?key={issued.key}")

    written = json.dumps(log())
    assert written.count("request") >= 3
    assert not [secret for secret in (issued.key, issued.client_secret, token) if secret in written]


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("qm_live_" + "a" * 43, "aaaa"),
        ("qm_test_" + "a" * 43, "aaaa"),
        ("qm_secret_" + "b-_" * 14, "b-_"),
        ("qm_token_" + "a" * 43, "aaaa"),
        ("Bearer abcdef", "abcdef"),
        ("authorization: bearer abcdef", "abcdef"),
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "QWxhZGRp"),
        ("postgresql+psycopg://user:hunter2@host/db", "hunter2"),
        ("redis://:hunter2@host:6379/0", "hunter2"),
    ],
)
@pytest.mark.parametrize(
    "wrap", [str, lambda text: {"a": [text]}, lambda text: {text: 1}, lambda text: (text,), RuntimeError]
)
def test_secrets_are_masked_however_they_are_logged(written, secret, wrap):
    masked = logs.mask(None, "info", {"event": f"before {written} after", "value": wrap(written)})

    assert secret not in repr(masked)
    assert masked["event"].startswith("before ")


def test_masking_leaves_harmless_values_as_they_are():
    event = {"event": "basic authentication failed", "status": 200, "share": 0.5, "ok": True, "none": None}

    assert logs.mask(None, "info", dict(event)) == event


def test_database_errors_hide_statement_parameters(services):
    with pytest.raises(Exception, match="hidden") as raised, transaction(services.engine) as session:
        session.execute(text("select cast(:words as int)"), {"words": "a customer's words"})

    assert "[parameters: {" not in str(raised.value)


def test_app_registers_http_exception_handler(app):
    assert HTTPException in app.error_handler_spec[None][None]


def test_unknown_url_has_fixed_404_detail(caller):
    body = assert_problem(caller.get("/v1/nothing-here"), 404, "not_found")

    assert body["detail"] == "There is nothing at this address."


def test_413_detail_states_body_limit(services):
    app = create_app(replace(services, settings=replace(services.settings, body_limit=2048)))
    body = assert_problem(app.test_client().post("/v1/clients", data=b"x" * 4096), 413, "too_large")

    assert body["detail"] == "A request has at most 2048 bytes."
