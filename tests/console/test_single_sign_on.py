"""Signing in with a real OpenID Connect provider, run beside the tests."""

import json
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from infra import ports
from tenants.models import User
from tenants.sso.models import IdentityProvider
from tests.waiting import wait_until


@contextmanager
def running(*command):
    """Run an OpenID Connect provider; yield its address."""
    port = ports.free_port("127.0.0.1")
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def answers():
        try:
            return httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    try:
        wait_until(answers)
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def issuer():
    """The address of an OpenID Connect provider."""
    with running(sys.executable, "-W", "ignore", "-m", "oidc_provider_mock") as address:
        yield address


@pytest.fixture
def admin(provider):
    return provider.caller(user=provider.add_user("admin", email="admin@example.com"))


GROUPS = [
    {"group": "qm-leads", "role": "team_lead", "clients": []},
    {"group": "qm-reviewers", "role": "reviewer", "clients": ["northwind"]},
]


def body(issuer, **more):
    return {
        "name": "Brightline",
        "issuer": issuer,
        "client_id": "qm",
        "client_secret": "a secret of theirs",
        "groups": GROUPS,
        **more,
    }


@pytest.fixture
def connected(admin, issuer):
    made = admin.post("/v1/identity-providers", json=body(issuer))
    assert made.status_code == 201, made.json
    return made.json["id"]


@pytest.fixture
def sign_in(app, provider, issuer, connected):
    return signing_in(app, provider, issuer, connected)


def signing_in(app, provider, issuer, connected):
    """Return what signs somebody in at the provider with these claims, and comes back."""

    def go(sub, tamper=None, http=None, **claims):
        known = {"email": f"{sub}@example.com", "email_verified": True, "name": sub.title(), **claims}
        httpx.put(f"{issuer}/users/{sub}", json=known, trust_env=False).raise_for_status()
        http = http or app.test_client()
        sent = http.get(f"/sign-in/{provider.tenant.slug}/with/{connected}")
        assert sent.status_code == 303, sent.text
        back = httpx.post(sent.headers["Location"], data={"sub": sub}, trust_env=False).headers["Location"]
        parts = urlsplit(back)
        done = http.get(f"{parts.path}?{tamper(parts.query) if tamper else parts.query}")
        done.http = http
        return done

    return go


# The same provider, whose id tokens name no groups: they are told by its userinfo endpoint alone.
_LEAN = """
from oidc_provider_mock import _app
from oidc_provider_mock.__main__ import run
whole = _app.OpenIDCode.generate_user_info
def lean(self, user, scope):
    return {name: value for name, value in whole(self, user, scope).items() if name != "groups"}
_app.OpenIDCode.generate_user_info = lean
run()
"""


def test_groups_come_from_userinfo_where_the_id_token_has_none(app, provider, admin):
    with running(sys.executable, "-W", "ignore", "-c", _LEAN) as lean:
        made = admin.post("/v1/identity-providers", json=body(lean))
        go = signing_in(app, provider, lean, made.json["id"])

        assert go("ida", groups=["qm-reviewers"]).status_code == 303
        assert person(provider, "ida@example.com").role == "reviewer"
        assert go("ida", groups=["qm-leads"]).status_code == 303
        assert person(provider, "ida@example.com").role == "team_lead"
        assert go("ulf", groups=["others"]).status_code == 403
        assert person(provider, "ulf@example.com") is None


def person(provider, email):
    with provider.session() as session:
        return session.scalars(select(User).where(User.email == email)).one_or_none()


def test_what_is_asked_of_the_provider(app, provider, connected):
    sent = app.test_client().get(f"/sign-in/{provider.tenant.slug}/with/{connected}").headers["Location"]

    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["redirect_uri"] == "http://localhost/single-sign-on/callback"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}


def test_a_group_makes_somebody_known_and_decides_what_they_may_do_each_time(provider, sign_in, admin):
    first = sign_in("mia", groups=["staff", "qm-reviewers"])
    assert (first.status_code, first.headers["Location"]) == (303, "/")
    assert first.http.get("/").status_code == 200
    mia = person(provider, "mia@example.com")
    shown = admin.get(f"/v1/users/{mia.user_id}").json
    assert (shown["role"], shown["clients"], shown["name"]) == ("reviewer", ["northwind"], "Mia")

    sign_in("mia", groups=["qm-reviewers", "qm-leads"], email="another@example.com")
    shown = admin.get(f"/v1/users/{mia.user_id}").json
    assert (shown["role"], shown["clients"]) == ("team_lead", [])


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": ["staff"]},
        {"groups": "QM-REVIEWERS"},
        {"groups": 7},
        {"groups": {"qm-leads": True}},
        {"groups": ["qm-leads"], "email_verified": False},
        {"groups": ["qm-leads"], "email_verified": "true"},
        {"groups": ["qm-leads"], "email": "no address"},
    ],
)
def test_who_is_in_no_group_or_has_no_verified_address_stays_out(provider, sign_in, claims):
    refused = sign_in("eve", **claims)

    assert refused.status_code == 403
    assert "not signed in" in refused.text
    assert refused.http.get("/").status_code == 303
    assert person(provider, "eve@example.com") is None


def test_who_was_invited_by_their_verified_address_gets_in_without_a_group(provider, sign_in):
    provider.add_user("qm_manager", email="jo@example.com")

    unverified = sign_in("jo", email_verified=False)
    verified = sign_in("jo")
    assert (unverified.status_code, verified.status_code) == (403, 303)
    assert person(provider, "jo@example.com").role == "qm_manager"
    assert sign_in("mallory", email="jo@example.com").status_code == 403
    assert sign_in("jo", email="elsewhere@example.com").status_code == 303


def test_who_is_disabled_stays_out(provider, sign_in, admin):
    sign_in("kim", groups=["qm-leads"])
    admin.patch(f"/v1/users/{person(provider, 'kim@example.com').user_id}", json={"disabled": True})

    assert sign_in("kim", groups=["qm-leads"]).status_code == 403


def test_a_client_that_is_gone_does_not_widen_what_a_group_sees(provider, sign_in, admin):
    admin.delete("/v1/clients/northwind")

    assert sign_in("lee", groups=["qm-reviewers"]).status_code == 403
    assert person(provider, "lee@example.com") is None


@pytest.mark.parametrize(
    ("tamper", "status"),
    [
        (lambda query: re.sub("state=[^&]+", "state=x", query), 404),
        (lambda query: re.sub("&?state=[^&]+", "", query), 404),
        (lambda query: re.sub("code=[^&]+", "code=x", query), 502),
        (lambda query: re.sub("code=[^&]+", "error=access_denied", query), 502),
    ],
)
def test_an_answer_that_was_tampered_with_signs_nobody_in(sign_in, tamper, status):
    refused = sign_in("sam", tamper=tamper, groups=["qm-leads"])

    assert refused.status_code == status
    assert refused.http.get("/").status_code == 303


def test_an_answer_is_taken_once_and_in_the_browser_that_asked(app, provider, issuer, connected, sign_in):
    done = sign_in("ann", groups=["qm-leads"])

    assert app.test_client().get(done.request.full_path).status_code == 404
    assert done.http.get(done.request.full_path).status_code == 404


class _Nonsense(BaseHTTPRequestHandler):
    answer = b""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"issuer": "https://another.example"}',
        b"{" * 600_000,
        b'{"a": "' + b"x" * 600_000,
    ],
)
def test_a_provider_that_answers_nonsense_gets_a_clear_page(app, provider, admin, answer):
    server = HTTPServer(("127.0.0.1", 0), type("_This", (_Nonsense,), {"answer": answer}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = admin.post("/v1/identity-providers", json=body(f"http://127.0.0.1:{server.server_port}"))

    shown = app.test_client().get(f"/sign-in/{provider.tenant.slug}/with/{made.json['id']}")
    server.shutdown()
    server.server_close()

    assert shown.status_code == 502
    assert "nothing was changed" in shown.text
    if b"another.example" in answer:
        assert "It names itself &#39;https://another.example&#39;, but" in shown.text


class _Refusing(BaseHTTPRequestHandler):
    """A provider that answers a code with a status, as one does that knows another secret."""

    status = 401

    def do_GET(self):
        host = f"http://127.0.0.1:{self.server.server_port}"
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        metadata = {"issuer": host, **{name: host + path for name, path in places.items()}}
        self._answer(200, {"keys": []} if self.path == "/keys" else metadata)

    def do_POST(self):
        self._answer(self.status, {"error": "invalid_client" if self.status == 401 else "invalid_grant"})

    def _answer(self, status, what):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(what).encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "It refuses the client id or the client secret that are set up for it."),
        (400, "It does not exchange its code"),
        (503, "answers with status 503."),
    ],
)
def test_why_a_code_is_refused_is_told(app, provider, admin, status, told):
    server = HTTPServer(("127.0.0.1", 0), type("_This", (_Refusing,), {"status": status}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = admin.post("/v1/identity-providers", json=body(f"http://127.0.0.1:{server.server_port}"))
    http = app.test_client()

    sent = http.get(f"/sign-in/{provider.tenant.slug}/with/{made.json['id']}").headers["Location"]
    state = parse_qs(urlsplit(sent).query)["state"][0]
    shown = http.get(f"/single-sign-on/callback?state={state}&code=theirs")
    server.shutdown()
    server.server_close()

    assert shown.status_code == 502
    assert told in shown.text


def test_missing_groups_and_an_unverified_address_are_told_apart(sign_in):
    assert "the claim &#39;groups&#39; is missing" in sign_in("kim").text
    assert "No group of yours is let in here" in sign_in("kim", groups=["staff"]).text
    assert "no e-mail address of yours that it has verified" in sign_in("kim", email_verified=False).text


def test_while_a_provider_is_asked_no_connection_to_the_database_is_held(app, provider, admin, services):
    held = []

    class Slow(_Nonsense):
        def do_GET(self):
            held.append(services.engine.pool.checkedout())
            super().do_GET()

    server = HTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = admin.post("/v1/identity-providers", json=body(f"http://127.0.0.1:{server.server_port}"))
    app.test_client().get(f"/sign-in/{provider.tenant.slug}/with/{made.json['id']}")
    server.shutdown()
    server.server_close()

    assert set(held) == {0}


def test_a_provider_that_is_away_gets_a_clear_page(app, provider, admin):
    made = admin.post("/v1/identity-providers", json=body(f"http://127.0.0.1:{ports.free_port('127.0.0.1')}"))

    shown = app.test_client().get(f"/sign-in/{provider.tenant.slug}/with/{made.json['id']}")
    assert shown.status_code == 502
    assert "cannot be reached" in shown.text


def test_the_secret_is_stored_encrypted_and_never_shown(provider, admin, connected, services):
    with provider.session() as session:
        stored = session.scalars(select(IdentityProvider)).one().oidc_client_secret

    assert b"a secret of theirs" not in stored
    assert "secret" not in admin.get("/v1/identity-providers").text
    assert "a secret of theirs" not in admin.get("/v1/audit").text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issuer": "http://id.example.com"}, "/issuer"),
        ({"issuer": "ftp://id.example.com"}, "/issuer"),
        ({"issuer": "https://user:word@id.example.com"}, "/issuer"),
        ({"name": " "}, "/name"),
        ({"groups": [{"group": "a", "role": "boss"}]}, "/groups/0/role"),
        ({"groups": [{"group": "a", "role": "reviewer", "clients": ["nobody"]}]}, "/groups/0/clients/0"),
        ({"groups": [{"group": "a", "role": "client_stakeholder"}]}, "/groups/0/clients"),
        ({"groups": [{"group": "a", "role": "admin", "clients": ["northwind"]}]}, "/groups/0/clients"),
    ],
)
def test_faults_of_an_identity_provider_are_named(admin, connected, change, pointer):
    refused = admin.patch(f"/v1/identity-providers/{connected}", json=change)

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer


def test_an_identity_provider_of_another_tenant_is_none(app, provider, make_provider, connected):
    other = make_provider("theirs")

    assert app.test_client().get(f"/sign-in/{other.tenant.slug}/with/{connected}").status_code == 404
    assert other.caller().delete(f"/v1/identity-providers/{connected}").status_code == 404


def test_the_pages_of_single_sign_on(provider, visitor, issuer):
    admin = visitor("admin")
    form = {
        "name": "Bright",
        "issuer": issuer,
        "client_id": "qm",
        "client_secret": "s",
        "groups_claim": "groups",
    }

    bad = admin.post("/single-sign-on", {**form, "groups": "a = reviewer\nnonsense"})
    assert bad.status_code == 422
    assert "Line 2: Write" in bad.text
    assert admin.post("/single-sign-on", {**form, "groups": "a = reviewer: northwind"}).status_code == 303
    path = re.search(r"/single-sign-on/[0-9a-f-]{36}", admin.get("/single-sign-on").text).group()
    assert "a = reviewer: northwind" in admin.get(path).text
    assert admin.post(path, {**form, "client_secret": "", "name": "Brighter"}).status_code == 303
    assert "Continue with Brighter" in admin.get(f"/sign-in/{provider.tenant.slug}").text
    assert admin.post(f"{path}/remove").status_code == 303
    assert admin.get(path).status_code == 404


def test_signing_in_with_a_provider_in_a_browser(window, provider, issuer, connected):
    httpx.put(
        f"{issuer}/users/zoe",
        json={"email": "zoe@example.com", "email_verified": True, "groups": ["qm-leads"]},
        trust_env=False,
    )
    opened = window()
    page = opened.goto(f"/sign-in/{provider.tenant.slug}")
    assert opened.faults() == []
    page.get_by_role("link", name="Continue with Brightline").click()
    page.locator("input[name=sub]").first.fill("zoe")
    page.get_by_role(
        "button", name=re.compile("Authorize|Continue|Sign in|Log in", re.IGNORECASE)
    ).first.click()
    page.wait_for_url(f"{opened.address}/")
    assert page.get_by_role("button", name="Sign out").is_visible()
