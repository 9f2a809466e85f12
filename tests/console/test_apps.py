"""Apps of others: authorization code with PKCE, and no more generous than RFC 9700."""

import base64
import hashlib
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, text

from tenants import oauth_apps
from tenants.models import AccessToken, AuthorizationCode, RefreshToken, utc_now
from tests.conftest import Caller

BACK = "http://127.0.0.1:9000/callback?of=qm"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def third_party(provider):
    with provider.session() as session:
        scopes = ["clients:read", "reports:read", "interactions:read"]
        return oauth_apps.create_app(session, name="Wallboard", redirect_uris=[BACK], scopes=scopes)


@pytest.fixture
def manager(visitor):
    return visitor("qm_manager")


def question(app, **changed):
    asked = {
        "response_type": "code",
        "client_id": str(app.credential_id),
        "redirect_uri": BACK,
        "scope": "clients:read reports:read",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in asked.items() if value is not None}


def answered(response):
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


@pytest.fixture
def exchange(provider, third_party):
    def send(**form):
        sent = {"client_id": str(third_party.credential_id), **form}
        return provider.http.post("/oauth/token", data=sent)

    return send


@pytest.fixture
def allowed(manager, third_party, exchange):
    """Let the app in; return what it has got for its code, and the code."""
    sent = answered(manager.post("/oauth/authorize", {**question(third_party), "deed": "allow"}))
    form = {"grant_type": "authorization_code", "code": sent["code"], "redirect_uri": BACK}
    got = exchange(**form, code_verifier=VERIFIER)
    assert got.status_code == 200, got.json
    return got.json | {"code": sent["code"]}


def me(provider, token):
    return Caller(provider.http, token).get("/v1/me")


def test_who_lets_an_app_in_gives_it_what_they_may_themselves(provider, manager, third_party, allowed):
    shown = manager.get("/oauth/authorize", query_string=question(third_party))
    assert "Wallboard" in shown.text
    assert "form-action 'self' http://127.0.0.1:9000" in shown.headers["Content-Security-Policy"]

    opened = me(provider, allowed["access_token"])
    assert opened.json["scopes"] == ["clients:read", "reports:read"]
    assert opened.json["user_id"] == str(manager.user.user_id)
    assert set(allowed) == {"access_token", "token_type", "expires_in", "scope", "refresh_token", "code"}


def test_scopes_beyond_the_role_are_left_out(visitor, provider, third_party, exchange):
    agent = visitor("agent")
    sent = answered(agent.post("/oauth/authorize", {**question(third_party), "deed": "allow"}))
    form = {"grant_type": "authorization_code", "code": sent["code"], "redirect_uri": BACK}

    assert sent["iss"] == "http://localhost"
    assert sent["of"] == "qm"
    assert exchange(**form, code_verifier=VERIFIER).json["scope"] == "clients:read"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "clients:write"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_a_wrong_question_goes_back_to_the_app(manager, third_party, changed, error):
    for send in (
        lambda form: manager.get("/oauth/authorize", query_string=form),
        lambda form: manager.post("/oauth/authorize", {**form, "deed": "allow"}),
    ):
        sent = answered(send(question(third_party, **changed)))
        assert (sent["error"], sent["state"]) == (error, "a state")


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": BACK + "&more"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"client_id": "00000000-0000-4000-8000-000000000000"},
        {"client_id": "x"},
        {"client_id": None},
    ],
)
def test_who_is_no_known_app_is_led_nowhere(manager, third_party, changed):
    asked = question(third_party, **changed)

    assert manager.get("/oauth/authorize", query_string=asked).status_code == 400
    assert manager.post("/oauth/authorize", {**asked, "deed": "allow"}).status_code == 400


def test_who_says_no_gives_nothing(manager, third_party):
    assert answered(manager.post("/oauth/authorize", question(third_party)))["error"] == "access_denied"


def test_an_app_of_another_provider_is_unknown(make_provider, visitor, third_party):
    stranger = visitor("qm_manager", of=make_provider("theirs"))

    assert stranger.get("/oauth/authorize", query_string=question(third_party)).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 50},
        {"code_verifier": CHALLENGE},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:9000/"},
        {"redirect_uri": ""},
        {"code": "x"},
        {"client_secret": "x"},
    ],
)
def test_a_code_is_worth_nothing_with_anything_else_wrong(manager, third_party, exchange, changed):
    sent = answered(manager.post("/oauth/authorize", {**question(third_party), "deed": "allow"}))
    form = {"grant_type": "authorization_code", "code": sent["code"], "redirect_uri": BACK}

    assert exchange(**{**form, "code_verifier": VERIFIER, **changed}).status_code in {400, 401}


def test_a_code_that_is_used_twice_ends_what_it_was_used_for(provider, exchange, allowed):
    form = {"grant_type": "authorization_code", "code": allowed["code"], "redirect_uri": BACK}

    assert me(provider, allowed["access_token"]).status_code == 200
    assert exchange(**form, code_verifier=VERIFIER).json["error"] == "invalid_grant"
    assert me(provider, allowed["access_token"]).status_code == 401


def test_a_code_lasts_a_minute(provider, manager, third_party, exchange):
    sent = answered(manager.post("/oauth/authorize", {**question(third_party), "deed": "allow"}))
    with provider.session() as session:
        code = session.scalars(select(AuthorizationCode)).one()
        assert code.expires_at - code.issued_at == timedelta(minutes=1)
        code.expires_at = utc_now()
    form = {"grant_type": "authorization_code", "code": sent["code"], "redirect_uri": BACK}

    assert exchange(**form, code_verifier=VERIFIER).json["error"] == "invalid_grant"


def test_refreshing_rotates_and_reuse_ends_the_family(provider, exchange, allowed):
    first = exchange(grant_type="refresh_token", refresh_token=allowed["refresh_token"]).json
    narrow = exchange(
        grant_type="refresh_token", refresh_token=first["refresh_token"], scope="clients:read"
    ).json
    assert me(provider, narrow["access_token"]).json["scopes"] == ["clients:read"]
    wide = {"refresh_token": narrow["refresh_token"], "scope": "interactions:read"}
    assert exchange(grant_type="refresh_token", **wide).json["error"] == "invalid_scope"

    again = exchange(grant_type="refresh_token", refresh_token=allowed["refresh_token"])

    assert again.json["error"] == "invalid_grant"
    for token in (allowed, first, narrow):
        assert me(provider, token["access_token"]).status_code == 401


def test_secrets_are_stored_as_digests(provider, allowed):
    with provider.session() as session:
        stored = [bytes(each.token_hash) for each in session.scalars(select(AccessToken))]
        stored += [bytes(each.token_hash) for each in session.scalars(select(RefreshToken))]
        codes = [bytes(each.code_hash) for each in session.scalars(select(AuthorizationCode))]
        log = str(session.execute(text("select details from audit_entries")).all())
    for name in ("access_token", "refresh_token", "code"):
        assert hashlib.sha256(allowed[name].encode()).digest() in stored + codes
        assert allowed[name] not in log


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_an_app_looks_at_and_revokes_its_own_tokens(provider, third_party, allowed, kind):
    form = {"client_id": str(third_party.credential_id), "token": allowed[kind]}
    looked = provider.http.post("/oauth/introspect", data=form).json
    assert (looked["active"], looked["client_id"]) == (True, form["client_id"])
    other = provider.key("clients:read")
    secret = {"client_id": other.client_id, "client_secret": other.client_secret, "token": allowed[kind]}
    assert provider.http.post("/oauth/introspect", data=secret).json == {"active": False}

    assert provider.http.post("/oauth/revoke", data=form).status_code == 200

    assert provider.http.post("/oauth/introspect", data=form).json == {"active": False}
    assert me(provider, allowed["access_token"]).status_code == 401


def ended_by_person(manager, admin, app):
    shown = manager.get("/account").text
    manager.post(re.search(r'action="(/account/apps/[^"]+)"', shown).group(1))


def ended_by_disabling(manager, admin, app):
    admin.patch(f"/v1/users/{manager.user.user_id}", json={"disabled": True})


def ended_by_removing_the_app(manager, admin, app):
    assert admin.delete(f"/v1/apps/{app.credential_id}").status_code == 204


def ended_by_another_role(manager, admin, app):
    admin.patch(f"/v1/users/{manager.user.user_id}", json={"role": "agent"})


@pytest.mark.parametrize("end", [ended_by_person, ended_by_disabling, ended_by_removing_the_app])
def test_what_was_granted_ends(provider, manager, third_party, exchange, allowed, end):
    admin = provider.caller(user=provider.add_user("admin"))
    end(manager, admin, third_party)

    assert me(provider, allowed["access_token"]).status_code == 401
    assert exchange(grant_type="refresh_token", refresh_token=allowed["refresh_token"]).status_code in {
        400,
        401,
    }


def test_a_lesser_role_lessens_what_was_granted(provider, manager, allowed, third_party):
    ended_by_another_role(manager, provider.caller(user=provider.add_user("admin")), third_party)

    assert me(provider, allowed["access_token"]).json["scopes"] == ["clients:read"]


def test_an_app_opens_nothing_itself(provider, third_party):
    form = {"grant_type": "client_credentials", "client_id": str(third_party.credential_id)}

    assert provider.http.post("/oauth/token", data=form).status_code in {400, 401}
    assert provider.http.post("/oauth/token", data={**form, "client_secret": ""}).status_code in {400, 401}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"redirect_uris": ["http://example.com/"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://example.com/#x"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://a.example/ https://b.example/"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://a.example;script-src *"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris/0"),
        ({"redirect_uris": []}, "/redirect_uris"),
        ({"scopes": ["admin"]}, "/scopes/0"),
        ({"scopes": []}, "/scopes"),
        ({"name": ""}, "/name"),
    ],
)
def test_faults_of_an_app_are_named(provider, body, pointer):
    admin = provider.caller(user=provider.add_user("admin"))
    good = {"name": "Wallboard", "redirect_uris": ["https://a.example/back"], "scopes": ["clients:read"]}
    assert admin.post("/v1/apps", json=good).status_code == 201

    refused = admin.post("/v1/apps", json={**good, **body})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer


def test_an_admin_registers_an_app_and_somebody_lets_it_in_in_a_browser(window, provider):
    admin = window(provider.add_user("admin"))
    page = admin.goto("/apps")
    assert admin.faults() == []
    page.get_by_label("Name").fill("Wallboard")
    page.get_by_label("Redirect addresses").fill(f"{admin.address}/healthz")
    page.get_by_label("See the clients").check()
    page.get_by_role("button", name="Register").click()
    client_id = page.locator("dd code").inner_text()
    theirs = window(provider.add_user("reviewer"))
    query = f"response_type=code&client_id={client_id}&redirect_uri={admin.address}/healthz"
    page = theirs.goto(f"/oauth/authorize?{query}&code_challenge={CHALLENGE}&code_challenge_method=S256")
    assert theirs.faults() == []
    page.get_by_role("button", name="Let it in").click()
    page.wait_for_url("**/healthz?code=*")
